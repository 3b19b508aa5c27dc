"""A day's totals agree with the ledger, and whatever disturbs one of the records is named."""

from datetime import date

import pytest

from tests.institution_people import Holder, refusal
from tests.unit.institutions.orders.test_tills import LEFT, RIGHT, TillDesk
from tongbao.protocol.order import Order
from tongbao.protocol.payment import Payee
from tongbao.protocol.settlement_report import SettlementReport, report_csv

DAY_MS = 86_400_000


async def report(shop: Holder, **query: str | int) -> SettlementReport:
    return await shop.client.get("/v1/settlement-report", SettlementReport, query=query, headers=await shop.headers())


async def refund(shop: Holder, order: Order, amount_fen: int) -> None:
    await shop.pay(await shop.prepare(Payee(refund_of=order.order_id), amount_fen=amount_fen))


async def sabotage(shop: Holder, statement: str) -> None:
    """Change a record behind the institution's back."""
    await shop.world.stores[shop.home].write(lambda connection: connection.exec_driver_sql(statement).rowcount)


async def a_day_at_two_tills(shop: Holder, payer: Holder) -> list[Order]:
    """100 with a tip of 10 on the left, 200 on the right, 50 by the shop itself; 30 go back to the left."""
    left, right = TillDesk(shop, LEFT), TillDesk(shop, RIGHT)
    await left.open("left")
    await right.open("right")
    orders = [await left.order(100), await right.order(200), await shop.order(50, tip_fen_max=10)]
    for order in orders[:2]:
        await payer.pay_order(order)
    await payer.pay_order(orders[2], tip_fen=10)
    await refund(shop, orders[0], 30)
    return orders


async def test_a_day_is_added_up_by_till_and_agrees_with_the_ledger(shop: Holder, payer: Holder) -> None:
    orders = await a_day_at_two_tills(shop, payer)

    found = await report(shop)

    assert [(each.till_name, each.payments, each.amount_fen, each.tips_fen) for each in found.tills] == [
        ("", 1, 50, 10),
        ("left", 1, 100, 0),
        ("right", 1, 200, 0),
    ]
    assert [(each.refunds, each.refunded_fen, each.net_fen) for each in found.tills] == [
        (0, 0, 60),
        (1, 30, 70),
        (0, 0, 200),
    ]
    total = found.total
    assert (total.payments, total.amount_fen, total.tips_fen, total.refunded_fen) == (3, 350, 10, 30)
    assert (found.ledger_fen, total.net_fen, found.reconciled, found.breaks) == (330, 330, True, [])
    assert (await shop.account()).balance_fen == total.net_fen
    assert [(line.kind, line.order_id, line.amount_fen, line.tip_fen) for line in found.lines] == [
        ("payment", orders[0].order_id, 100, 0),
        ("payment", orders[1].order_id, 200, 0),
        ("payment", orders[2].order_id, 50, 10),
        ("refund", orders[0].order_id, -30, 0),
    ]


async def test_lines_go_on_from_page_to_page_and_totals_stay(shop: Holder, payer: Holder) -> None:
    await a_day_at_two_tills(shop, payer)
    whole = await report(shop)

    first = await report(shop, limit=3)
    second = await report(shop, limit=3, after=first.next)

    assert first.lines + second.lines == whole.lines
    assert (first.total, second.total, second.next) == (whole.total, whole.total, "")


async def test_a_day_ends_and_another_begins(shop: Holder, payer: Holder) -> None:
    today = (await report(shop)).day
    await payer.pay_order(await shop.order(100))
    await shop.world.catch_up()
    await shop.world.pass_time(DAY_MS)

    tomorrow, yesterday = await report(shop), await report(shop, day=today)

    assert (date.fromisoformat(tomorrow.day) - date.fromisoformat(today)).days == 1
    assert (tomorrow.total.payments, yesterday.total.payments) == (0, 1)
    assert tomorrow.from_ms == yesterday.until_ms == yesterday.from_ms + DAY_MS
    assert yesterday.reconciled


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE orders SET amount_fen = 101", "worth something else"),
        ("UPDATE orders SET paid_coin_id = x'00'", "no coin on the order's lock"),
        ("UPDATE orders SET paid_transaction_id = zeroblob(32)", "no coin on the order's lock"),
        ("UPDATE coins SET value = 99", "worth something else"),
        ("UPDATE coins SET lock_id = x'00'", "no coin on the order's lock"),
        ("DELETE FROM history", "history has another amount"),
        ("UPDATE history SET amount_fen = 99 WHERE kind = 'received'", "history has another amount"),
        ("UPDATE payments SET amount_fen = 29 WHERE kind = 'refund'", "returns something else"),
        ("UPDATE orders SET refunded_fen = 29", "counts another sum as refunded"),
    ],
)
async def test_a_record_that_was_changed_is_a_break(shop: Holder, payer: Holder, statement: str, reason: str) -> None:
    order = await shop.order(100)
    await payer.pay_order(order)
    await refund(shop, order, 30)
    before = await report(shop)

    await sabotage(shop, statement)

    found = await report(shop)
    assert (before.reconciled, found.reconciled) == (True, False)
    assert any(reason in each.reason and each.order_id == order.order_id for each in found.breaks), found.breaks


async def test_a_payment_that_its_order_forgot_is_a_break(shop: Holder) -> None:
    payer = await Holder.open(shop.world, 101)
    await payer.fund(500)
    order = await shop.order(100)
    await payer.pay_order(order)

    await sabotage(shop, "UPDATE orders SET paid_ms = NULL, paid_transaction_id = NULL")

    found = await report(shop)
    assert (found.total.net_fen, found.ledger_fen, found.reconciled) == (0, 100, False)
    assert [each.order_id for each in found.breaks] == [order.order_id]


async def test_money_for_no_order_is_no_takings(shop: Holder, payer: Holder) -> None:
    address = (await shop.account()).address

    await payer.pay(await payer.prepare(Payee(address=address), amount_fen=70))

    found = await report(shop)
    assert (found.total.payments, found.ledger_fen, found.reconciled) == (0, 0, True)


@pytest.mark.parametrize("query", [{"day": "2021-02-30"}, {"day": "1969-12-31"}, {"after": "1-2"}, {"after": "a-b-c"}])
async def test_what_is_no_day_or_cursor_is_told_so(shop: Holder, query: dict[str, str | int]) -> None:
    assert await refusal(report(shop, **query)) == "INVALID_FIELD"


async def test_who_is_no_merchant_has_no_report(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)

    assert await refusal(report(alice)) == "FORBIDDEN"


async def test_the_lines_are_a_table_for_spreadsheets(shop: Holder, payer: Holder) -> None:
    order = await shop.order(100, '=1+1,"x"')
    await payer.pay_order(order)

    header, line, end = report_csv((await report(shop)).lines).split("\r\n")

    assert header == "kind,time_ms,order_number,order_id,till_id,amount_fen,tip_fen,transaction_id"
    assert line.startswith("payment,")
    assert '"\'=1+1,""x"""' in line
    assert line.split(",")[-3:-1] == ["100", "0"]
    assert end == ""
