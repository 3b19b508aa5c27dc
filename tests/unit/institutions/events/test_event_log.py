import pytest

from tests.institution_database import database_of_alice
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld
from tongbao.institutions.events.event_log import Event, last_number, read_events, tell
from tongbao.protocol.event import EventData, EventKind, EventMessage
from tongbao.protocol.order import Order
from tongbao.protocol.payment import Payee

ALICE, BOB = b"a" * 16, b"b" * 16


def _event(wallet_id: bytes, amount_fen: int) -> Event:
    return Event(wallet_id, EventKind.PAYMENT_RECEIVED, "", {"amount_fen": amount_fen}, time_ms=amount_fen)


async def _told(holder: Holder, *, after: int = 0) -> list[EventMessage]:
    store = holder.world.stores[holder.home]
    return await store.read(lambda connection: read_events(connection, holder.wallet_id, after=after, count=100))


def _kinds(told: list[EventMessage]) -> list[str]:
    return [each.kind.value for each in told]


def test_events_are_numbered_as_they_are_told_and_read_by_wallet_from_any_place() -> None:
    with database_of_alice(ALICE) as connection:
        tell(connection, [_event(ALICE, 1), _event(BOB, 2), _event(ALICE, 3)])
        tell(connection, [_event(ALICE, 4)])

        everything = read_events(connection, ALICE, after=0, count=10)
        later = read_events(connection, ALICE, after=1, count=1)
        newest = last_number(connection)

    assert [(each.event_id, each.data) for each in everything] == [
        ("1", {"amount_fen": 1}),
        ("3", {"amount_fen": 3}),
        ("4", {"amount_fen": 4}),
    ]
    assert [each.event_id for each in later] == ["3"]
    assert newest == 4


def test_a_log_in_which_nothing_stands_ends_at_zero() -> None:
    with database_of_alice(ALICE) as connection:
        assert last_number(connection) == 0


def test_data_is_kept_letter_by_letter() -> None:
    data: EventData = {"order_number": '茶 "1"\n', "amount_fen": 2**63 - 1, "transaction_id": None}

    with database_of_alice(ALICE) as connection:
        tell(connection, [Event(ALICE, EventKind.ORDER_PAID, "17", data, 5)])
        [told] = read_events(connection, ALICE, after=0, count=10)

    assert (told.data, told.subject, told.time_ms, told.wallet_id) == (data, "17", 5, ALICE)


async def test_a_purchase_is_told_to_the_shop_and_to_the_payer(rich: InstitutionWorld, shop: Holder) -> None:
    payer = await Holder.open(rich, 101)
    await payer.fund(500)
    order = await shop.order(300, "17")

    payment = await payer.pay_order(order)

    of_shop, of_payer = await _told(shop), await _told(payer)
    assert _kinds(of_shop) == ["order.created", "order.paid"]
    assert {each.subject for each in of_shop} == {order.order_id}
    assert payment.transaction_id is not None
    assert of_shop[1].data == {
        "amount_fen": 300,
        "tip_fen": 0,
        "counterparty": "17",
        "transaction_id": payment.transaction_id.hex(),
        "order_id": order.order_id,
        "order_number": "17",
    }
    assert _kinds(of_payer) == ["exchange.settled", "payment.settled"]
    assert of_payer[1].data["amount_fen"] == 300


async def test_a_purchase_and_a_refund_across_institutions_are_told_on_both_sides(
    rich: InstitutionWorld, shop: Holder
) -> None:
    await rich.fill_vault(10_000, home=2)
    payer = await Holder.open(rich, 102, home=2)
    await payer.fund(500)
    order = await shop.order(300, "17")

    await payer.pay_order(order)
    await rich.catch_up()
    await shop.pay(await shop.prepare(Payee(refund_of=order.order_id), amount_fen=100))
    await rich.catch_up()

    of_shop, of_payer = await _told(shop), await _told(payer)
    assert _kinds(of_shop) == ["order.created", "order.paid", "refund.settled"]
    assert of_shop[2].subject == order.order_id
    assert (of_shop[2].data["amount_fen"], of_shop[2].data["order_number"]) == (100, "17")
    assert _kinds(of_payer) == ["exchange.settled", "payment.settled", "refund.received"]
    assert of_payer[2].subject == ""


async def test_an_order_that_is_made_twice_is_told_once(shop: Holder) -> None:
    made: list[Order] = [await shop.order(300, "17"), await shop.order(300, "17")]

    assert made[0] == made[1]
    assert _kinds(await _told(shop)) == ["order.created"]


async def test_what_is_refused_is_not_told(shop: Holder) -> None:
    await shop.order(300, "17")

    code = await refusal(shop.order(301, "17"))

    assert code == "CONFLICT"
    assert _kinds(await _told(shop)) == ["order.created"]


@pytest.mark.parametrize("home", [1, 2])
async def test_what_a_person_is_paid_is_told_to_both(rich: InstitutionWorld, home: int) -> None:
    payer, payee = await Holder.open(rich, 101), await Holder.open(rich, 102, home=home)
    await payer.fund(500)
    address = (await payee.account()).address

    await payer.pay(await payer.prepare(Payee(address=address), amount_fen=200))
    await rich.catch_up()

    assert _kinds(await _told(payee)) == ["payment.received"]
    assert _kinds(await _told(payer)) == ["exchange.settled", "payment.settled"]
