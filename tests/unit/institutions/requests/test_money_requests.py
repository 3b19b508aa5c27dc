"""Money requests within a home and across homes: paid once, declined, cancelled, expired, and never without end."""

import asyncio
from collections.abc import Callable

import pytest
import sqlalchemy as sa

from tests.builders import INSTITUTIONS
from tests.institution_people import refusal
from tests.institution_world import home_url
from tests.wallets_at_home import Residents
from tongbao.errors import BusyError, NetworkError
from tongbao.institutions.events.event_log import read_events
from tongbao.institutions.requests.asking import Asking
from tongbao.institutions.requests.inbox import FROM_ONE_MAX
from tongbao.protocol.money_request import (
    HomeMoneyRequest,
    MoneyRequest,
    MoneyRequestDelivery,
    MoneyRequestNews,
    MoneyRequestState,
)
from tongbao.protocol.order import OrderAmendment
from tongbao.wallets import Wallet

across_and_within = pytest.mark.parametrize("home", [1, 2], ids=["within a home", "across homes"])


async def asked(bob: Wallet, alice: Wallet, amount_fen: int = 300, *, number: str = "1") -> MoneyRequest:
    """Bob asks alice for money."""
    return await bob.money_requests.ask(
        str(alice.address), amount_fen, request_number=number, description="lunch", expires_in_s=3_600
    )


async def kinds_told(residents: Residents, wallet: Wallet) -> list[str]:
    """The kinds of the events that the wallet's holder is told of."""
    told = await residents.world.stores[1].read(
        lambda connection: read_events(connection, wallet.wallet_id, after=0, count=50)
    )
    return [each.kind.value for each in told]


async def found_by(alice: Wallet) -> MoneyRequest:
    """The newest request that alice finds."""
    return (await alice.money_requests.received()).requests[0]


@across_and_within
async def test_whoever_is_asked_finds_the_request_and_pays_it(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)
    received = await found_by(alice)

    payment = await alice.money_requests.accept(received)

    await residents.world.catch_up()
    await bob.sync()
    assert (received.requester_name, received.amount_fen, received.description) == ("bob", 300, "lunch")
    assert (payment.amount_fen, alice.balance_fen, bob.balance_fen) == (300, 700, 300)
    assert (await found_by(alice)).state is MoneyRequestState.PAID
    assert (await bob.money_requests.named(sent.request_id)).state is MoneyRequestState.PAID


@across_and_within
async def test_what_somebody_was_asked_for_cannot_be_made_more_behind_his_back(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)

    refused = await refusal(bob.sales.amend_order(sent.request_id, OrderAmendment(amount_fen=900)))
    payment = await alice.money_requests.accept(await found_by(alice))

    assert (refused, payment.amount_fen, alice.balance_fen) == ("ORDER_RESERVED", 300, 700)


@across_and_within
async def test_a_request_that_is_accepted_twice_is_paid_once(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    await asked(bob, alice)
    received = await found_by(alice)

    payments = [await alice.money_requests.accept(received) for _ in range(2)]

    assert payments[0].transaction_id == payments[1].transaction_id
    assert alice.balance_fen == 700


@across_and_within
async def test_a_request_that_is_declined_is_told_to_the_requester_and_can_be_paid_no_more(
    residents: Residents, home: int
) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)
    received = await found_by(alice)

    declined = await alice.money_requests.decline(received, reason="paid in cash")

    told = await residents.world.eventually(
        lambda: bob.money_requests.named(sent.request_id), lambda each: each.state is not MoneyRequestState.OPEN
    )
    assert (declined.state, told.state, told.reason) == ("declined", "declined", "paid in cash")
    assert await refusal(alice.money_requests.accept(declined)) == "REQUEST_CLOSED"
    assert await refusal(alice.pay_order(await alice.order(received.link))) == "ORDER_CANCELLED"


@across_and_within
async def test_a_request_that_is_cancelled_can_be_paid_no_more(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)
    received = await found_by(alice)

    cancelled = await bob.money_requests.cancel(sent)

    told = await residents.world.eventually(
        lambda: found_by(alice), lambda each: each.state is not MoneyRequestState.OPEN
    )
    assert (cancelled.state, told.state) == ("cancelled", "cancelled")
    assert await refusal(alice.money_requests.accept(received)) == "ORDER_CANCELLED"
    assert await refusal(alice.money_requests.decline(received)) == "REQUEST_CLOSED"
    assert alice.balance_fen == 1_000


@across_and_within
async def test_a_request_whose_order_is_cancelled_is_cancelled(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)

    await bob.sales.cancel_order(sent.request_id)

    found = [await each.money_requests.named(sent.request_id) for each in (alice, bob)]
    assert [each.state for each in found] == [MoneyRequestState.CANCELLED] * 2


async def test_a_payer_elsewhere_is_told_of_a_request_whose_order_was_cancelled_before(residents: Residents) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=2)
    sent = await asked(bob, alice)
    await bob.sales.cancel_order(sent.request_id)

    cancelled = await bob.money_requests.cancel(sent)

    told = await residents.world.eventually(
        lambda: found_by(alice), lambda each: each.state is not MoneyRequestState.OPEN
    )
    assert (cancelled.state, told.state) == ("cancelled", "cancelled")


@across_and_within
async def test_a_request_expires(residents: Residents, home: int) -> None:
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    sent = await asked(bob, alice)

    await residents.world.pass_time(3_600_001)

    received = await found_by(alice)
    states = {received.state, (await bob.money_requests.named(sent.request_id)).state}
    assert states == {MoneyRequestState.EXPIRED}
    assert await refusal(alice.money_requests.accept(received)) == "REQUEST_CLOSED"


async def test_the_same_number_is_the_same_request_and_with_other_content_a_conflict(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    carol = await residents.open("carol")
    first = await asked(bob, alice)

    again = await asked(bob, alice)

    assert again.request_id == first.request_id
    assert len((await alice.money_requests.received()).requests) == 1
    assert await refusal(asked(bob, alice, 301)) == "CONFLICT"
    assert await refusal(asked(bob, carol)) == "CONFLICT"


async def test_a_merchant_asks_for_an_order_that_it_has_made(residents: Residents) -> None:
    alice, shop = await residents.open("alice", 1_000), await residents.shop("Tea")
    order = await shop.sales.create_order(300, "tea-1", description="lunch", expires_in_s=3_600)

    sent = await asked(shop, alice, number="tea-1")

    await alice.money_requests.accept(await found_by(alice))
    assert (sent.request_id, sent.requester_name) == (order.order_id, "Tea")
    assert (await shop.sales.order(order.order_id)).state == "paid"


async def test_who_is_no_merchant_still_takes_no_orders(residents: Residents) -> None:
    bob = await residents.open("bob")

    assert await refusal(bob.sales.create_order(5, "1")) == "FORBIDDEN"


async def test_a_request_that_the_payers_home_refuses_is_closed(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    stranger = residents.wallet("stranger")

    refused = await refusal(asked(bob, stranger))

    closed = (await bob.money_requests.sent()).requests[0]
    assert (refused, closed.state, closed.reason) == ("WALLET_UNKNOWN", "cancelled", "WALLET_UNKNOWN")
    assert (await alice.money_requests.received()).requests == []


async def test_a_request_that_did_not_arrive_arrives_when_it_is_repeated(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    network = residents.world.network
    network.troubled, network.lose_requests = "deliveries", 10
    asking = asyncio.ensure_future(asked(bob, alice))
    while not asking.done():
        await residents.world.clock.advance(10_000)
        await asyncio.sleep(0.01)
    with pytest.raises(NetworkError):
        asking.result()
    network.lose_requests = 0

    await asked(bob, alice)

    assert len((await alice.money_requests.received()).requests) == 1


@pytest.mark.parametrize("ended", [MoneyRequestState.CANCELLED, MoneyRequestState.DECLINED])
async def test_a_request_that_ends_while_its_delivery_is_repeated_stays_ended(
    residents: Residents, ended: MoneyRequestState
) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    network = residents.world.network
    network.troubled, network.lose_answers = "deliveries", 1
    asking = asyncio.ensure_future(asked(bob, alice))
    await residents.world.until(lambda: network.lose_answers == 0)
    [sent] = (await bob.money_requests.sent()).requests
    if ended is MoneyRequestState.CANCELLED:
        await bob.money_requests.cancel(sent)
    else:
        await alice.money_requests.decline(await found_by(alice))
        await residents.world.eventually(
            lambda: bob.money_requests.named(sent.request_id), lambda each: each.state is ended
        )

    while not asking.done():
        await residents.world.clock.advance(10_000)
        await asyncio.sleep(0.01)

    assert asking.result().state is ended
    assert (await residents.world.eventually(lambda: found_by(alice), lambda each: each.state is ended)).state is ended


async def test_news_that_did_not_arrive_are_told_when_one_of_the_two_looks_again(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    sent, network = await asked(bob, alice), residents.world.network
    network.troubled, network.lose_requests = "news", 1
    await alice.money_requests.decline(await found_by(alice))
    await residents.world.until(lambda: network.lose_requests == 0)

    before = await bob.money_requests.named(sent.request_id)
    await found_by(alice)

    await residents.world.eventually(
        lambda: bob.money_requests.named(sent.request_id), lambda each: each.state is MoneyRequestState.DECLINED
    )
    assert before.state is MoneyRequestState.OPEN


async def test_an_institution_that_is_too_busy_to_tell_news_goes_on_and_tells_them_later(
    residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    sent = await asked(bob, alice)
    store, spawn = residents.world.stores[1], residents.world._spawns[1]
    real, refused = store.read, 0

    async def read(operation: Callable[[sa.Connection], object]) -> object:
        nonlocal refused
        if getattr(operation, "__name__", "") == "_untold":
            refused += 1
            raise BusyError("too much waits for the database")
        return await real(operation)

    with monkeypatch.context() as busy:
        busy.setattr(store, "read", read)
        await alice.money_requests.decline(await found_by(alice))
        await residents.world.until(lambda: refused > 0)
    await found_by(alice)

    await residents.world.eventually(
        lambda: bob.money_requests.named(sent.request_id), lambda each: each.state is MoneyRequestState.DECLINED
    )
    assert spawn.failures == []


async def test_nobody_asks_without_end(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob", home=2)
    for number in range(FROM_ONE_MAX):
        await asked(bob, alice, number=str(number))

    refused = await refusal(asked(bob, alice, number="louder"))
    await alice.money_requests.decline(await found_by(alice))
    after_an_answer = await refusal(asked(bob, alice, number="again"))

    assert (refused, after_an_answer) == ("REQUESTS_TOO_MANY", "")


async def test_nobody_asks_himself_or_a_home_that_nobody_knows(residents: Residents) -> None:
    bob = await residents.open("bob")
    elsewhere = residents.wallet("elsewhere", home=9)

    refused = [await refusal(asked(bob, bob)), await refusal(asked(bob, elsewhere))]

    assert refused == ["INVALID_FIELD", "NOT_FOUND"]


async def test_others_see_nothing_of_a_request(residents: Residents) -> None:
    alice, bob, eve = await residents.open("alice"), await residents.open("bob"), await residents.open("eve")
    sent = await asked(bob, alice)

    refused = [
        await refusal(eve.money_requests.find(sent.request_id, home=1)),
        await refusal(eve.money_requests.decline(sent)),
        await refusal(eve.money_requests.cancel(sent)),
        await refusal(alice.money_requests.cancel(sent)),
        await refusal(bob.money_requests.decline(sent)),
        await refusal(eve.money_requests.find("nothing", home=1)),
    ]

    assert refused == ["NOT_FOUND"] * 6


async def test_a_home_brings_its_own_requests_and_tells_its_own_news_alone(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob")
    sent = await asked(bob, alice)
    other = residents.world.client(home_url(1), "home:2", INSTITUTIONS[2])
    forged = HomeMoneyRequest(
        request_id="0" * 32,
        requester_home=1,
        requester_wallet_id=bob.wallet_id,
        requester_name="bob",
        address=str(alice.address),
        amount_fen=1,
        description="",
        expires_at_ms=residents.world.now_ms + 1_000,
    )
    news = MoneyRequestNews(teller_home=2, request_home=1, request_id=sent.request_id, state=MoneyRequestState.DECLINED)
    cancelled = news.model_copy(update={"state": MoneyRequestState.CANCELLED})

    refused = [
        await refusal(other.post(f"/v1/money-requests/{path}", message, MoneyRequestDelivery, idempotency_key=key))
        for path, message, key in (("deliveries", forged, "a"), ("news", news, "b"), ("news", cancelled, "c"))
    ]

    assert refused == ["FORBIDDEN", "NOT_FOUND", "INVALID_FIELD"]
    assert (await found_by(alice)).state is MoneyRequestState.OPEN


async def test_both_are_told_by_an_event(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob")
    await asked(bob, alice)
    await alice.money_requests.decline(await found_by(alice))

    kinds = [await kinds_told(residents, wallet) for wallet in (alice, bob)]

    assert kinds == [["money_request.received"], ["order.created", "order.cancelled", "money_request.declined"]]


async def test_requests_are_listed_newest_first_page_by_page(residents: Residents) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob")
    for number in range(3):
        await asked(bob, alice, 100 + number, number=str(number))

    listed = []
    for side in (alice.money_requests.received, bob.money_requests.sent):
        first = await side(limit=2)
        second = await side(after=first.next, limit=2)
        listed.append([each.amount_fen for each in first.requests + second.requests])

    assert listed == [[102, 101, 100]] * 2


async def test_within_a_home_a_request_is_declined_on_both_sides_or_on_none(
    residents: Residents, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = await residents.open("alice"), await residents.open("bob")
    sent = await asked(bob, alice)

    def fail(*_: object, **__: object) -> None:
        raise BusyError("the database had enough")

    with monkeypatch.context() as failing:
        failing.setattr(Asking, "declined", fail)
        with pytest.raises(BusyError):
            await residents.world.homes[1].money_requests.decline(alice.wallet_id, 1, sent.request_id, "no")

    sides = [await each.money_requests.named(sent.request_id) for each in (alice, bob)]
    assert [each.state for each in sides] == [MoneyRequestState.OPEN] * 2
