import asyncio

from tests.institution_people import Holder, refusal
from tongbao.institutions.premises import PREPARATION_MS
from tongbao.protocol.order import Order, OrderState
from tongbao.protocol.payment import Payee
from tongbao.protocol.wallet import WalletCoin

BOB = 103


async def paid_order(shop: Holder, payer: Holder, amount_fen: int = 300) -> Order:
    order = await shop.order(amount_fen, f"{amount_fen}")
    await payer.pay_order(order)
    return order


async def refund(shop: Holder, order: Order, amount_fen: int | None, coins: list[WalletCoin] | None = None) -> str:
    """SETTLED, or the code of what refuses it."""
    chosen = await shop.coins() if coins is None else coins
    payee = Payee(refund_of=order.order_id)
    anchor = chosen[0].coin.coin_id
    refused = await refusal(shop.prepare(payee, amount_fen=amount_fen, anchor=anchor))
    if refused:
        return refused
    preparation = await shop.prepare(payee, amount_fen=amount_fen, anchor=anchor)
    return (await shop.pay(preparation, chosen)).status


async def test_a_part_goes_back_to_whoever_paid(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)

    answer = await refund(shop, order, 100)

    found = await shop.see(order)
    assert (answer, found.refunded_fen, found.state) == ("SETTLED", 100, OrderState.PAID)
    assert ((await payer.account()).balance_fen, (await shop.account()).balance_fen) == (300, 200)
    back = (await payer.history()).entries[0]
    assert (back.kind, back.amount_fen) == ("refund", 100)
    assert back.counterparty.startswith("refund from Tea")
    gone = (await shop.history()).entries[0]
    assert (gone.kind, gone.amount_fen, gone.counterparty) == ("refund", -100, "refund of 300")


async def test_refunds_end_where_the_payment_does(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)
    answers = [await refund(shop, order, 200), await refund(shop, order, 101), await refund(shop, order, 100)]

    more = await refund(shop, order, 1) if await shop.coins() else await refund_from_other_money(shop, order)

    assert (answers, more) == (["SETTLED", "REFUND_TOO_MUCH", "SETTLED"], "REFUND_TOO_MUCH")
    assert (await shop.see(order)).state is OrderState.REFUNDED


async def refund_from_other_money(shop: Holder, order: Order) -> str:
    coins = await shop.fund(100)
    return await refund(shop, order, 1, coins)


async def test_without_an_amount_all_that_is_left_goes_back(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)
    await refund(shop, order, 100)

    await refund(shop, order, None)

    assert (await shop.see(order)).state is OrderState.REFUNDED
    assert (await payer.account()).balance_fen == 500


async def test_refunds_prepared_at_once_do_not_exceed_the_payment_together(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)
    coins = await shop.fund(*[150] * 4)

    refused = await asyncio.gather(
        *[
            refusal(shop.prepare(Payee(refund_of=order.order_id), amount_fen=150, anchor=coin.coin.coin_id))
            for coin in coins
        ]
    )

    assert sorted(refused) == ["", "", "REFUND_TOO_MUCH", "REFUND_TOO_MUCH"]


async def test_a_refund_that_is_never_signed_holds_its_part_until_it_expires(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)
    (first,), (second,) = await shop.fund(300), await shop.fund(300)
    await shop.prepare(Payee(refund_of=order.order_id), amount_fen=300, anchor=first.coin.coin_id)
    held = await refund(shop, order, 300, [second])

    await shop.world.pass_time(PREPARATION_MS + 1)

    assert (held, await refund(shop, order, 300, [second])) == ("REFUND_TOO_MUCH", "SETTLED")


async def test_an_unpaid_order_is_not_refunded(shop: Holder) -> None:
    order = await shop.order(300)
    await shop.fund(300)

    assert await refund(shop, order, 1) == "ORDER_UNPAID"


async def test_an_order_of_another_shop_is_not_refunded(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)
    other = await Holder.open(shop.world, BOB)
    await other.fund(300)

    assert await refund(other, order, 1) == "NOT_FOUND"


async def test_asked_again_with_the_same_anchor_the_answer_is_the_same(shop: Holder, payer: Holder) -> None:
    order = await paid_order(shop, payer)

    first, again = [await shop.prepare(Payee(refund_of=order.order_id), amount_fen=100) for _ in range(2)]

    assert first == again
