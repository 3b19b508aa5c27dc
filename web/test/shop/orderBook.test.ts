import type { OrderDesk, OrderPage, OrderSearch, ShopOrder } from "@tongbao/client";
import { expect, test } from "vitest";
import { OrderBook } from "../../src/shop/model/orderBook.svelte";

interface Question {
  readonly search: OrderSearch;
  answer(ids: string, next?: string): Promise<void>;
}

/** A desk whose answers come when the test gives them. */
function slowDesk(): { book: OrderBook; asked: Question[] } {
  const asked: Question[] = [];
  const orders = (search: OrderSearch): Promise<OrderPage> =>
    new Promise((resolve) => {
      asked.push({
        search,
        async answer(ids, next = "") {
          resolve({ orders: ids.split(" ").map((order_id) => ({ order_id }) as ShopOrder), next });
          await new Promise((done) => setTimeout(done));
        },
      });
    });
  return { book: new OrderBook({ orders } as unknown as OrderDesk), asked };
}

function shown(book: OrderBook): string | undefined {
  return book.orders?.map((each) => each.order_id).join(" ");
}

test("a filter that is chosen while a look is on its way is asked for at once afterwards", async () => {
  const { book, asked } = slowDesk();
  void book.look();
  void book.show("paid");

  await asked[0]?.answer("b a");
  await asked[1]?.answer("a");

  expect([asked.map((each) => each.search.state), shown(book)]).toEqual([[undefined, "paid"], "a"]);
});

test("older orders that come after another filter was chosen are not shown under it", async () => {
  const { book, asked } = slowDesk();
  void book.look();
  await asked[0]?.answer("d c", "older than c");
  void book.showOlder();
  void book.show("paid");
  await asked[2]?.answer("c", "paid and older than c");

  await asked[1]?.answer("b a", "older than a");

  expect([shown(book), book.next]).toEqual(["c", "paid and older than c"]);
});
