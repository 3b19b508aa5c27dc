"""Recalls: what was paid to the wrong person comes back if that person agrees, once, and nothing else does."""

import asyncio

import pytest
import sqlalchemy as sa

from tests.institution_people import refusal
from tests.wallets_at_home import Residents
from tongbao.errors import NetworkError, RefusedError, RequestError
from tongbao.institutions.requests.inbox import FROM_ONE_MAX
from tongbao.protocol.money_request import HomeMoneyRequest, MoneyRequest, MoneyRequestDelivery, MoneyRequestState
from tongbao.wallets import Wallet, WalletPayment

across_and_within = pytest.mark.parametrize("home", [1, 2], ids=["within a home", "across homes"])
DAY_MS = 86_400_000


async def mistaken(residents: Residents, *, home: int) -> tuple[Wallet, Wallet, WalletPayment]:
    """Alice has paid bob, and not whom she meant."""
    alice, bob = await residents.open("alice", 1_000), await residents.open("bob", home=home)
    paid = await alice.pay_person(str(bob.address), 300)
    await residents.world.catch_up()
    await bob.sync()
    return alice, bob, paid


async def found_by(wallet: Wallet) -> MoneyRequest:
    return (await wallet.money_requests.received()).requests[0]


@across_and_within
async def test_a_payee_who_agrees_gives_back_just_what_came(residents: Residents, home: int) -> None:
    alice, bob, paid = await mistaken(residents, home=home)
    asked = await alice.money_requests.recall(paid, reason="a digit was wrong")
    found = await found_by(bob)

    await bob.money_requests.accept(found)

    await residents.world.catch_up()
    await alice.sync()
    assert (found.recall_of, found.amount_fen, found.description) == (paid.transaction_id, 300, "a digit was wrong")
    assert (alice.balance_fen, bob.balance_fen) == (1_000, 0)
    assert asked.recall_of == paid.transaction_id
    assert (await alice.money_requests.named(asked.request_id)).state is MoneyRequestState.PAID


@across_and_within
async def test_a_payee_who_declines_is_not_asked_again(residents: Residents, home: int) -> None:
    alice, bob, paid = await mistaken(residents, home=home)
    await alice.money_requests.recall(paid)
    await bob.money_requests.decline(await found_by(bob), reason="it is mine")
    await bob.money_requests.received()
    await residents.world.catch_up()

    again = await alice.money_requests.recall(paid, reason="please")

    [only] = (await bob.money_requests.received()).requests
    assert (only.state, bob.balance_fen) == (MoneyRequestState.DECLINED, 300)
    assert again.request_id == only.request_id


@across_and_within
async def test_a_recall_lapses_after_a_week(residents: Residents, home: int) -> None:
    alice, bob, paid = await mistaken(residents, home=home)
    asked = await alice.money_requests.recall(paid)

    await residents.world.pass_time(7 * DAY_MS + 1)

    assert (await found_by(bob)).state is MoneyRequestState.EXPIRED
    assert (await alice.money_requests.named(asked.request_id)).state is MoneyRequestState.EXPIRED
    with pytest.raises(RefusedError):
        await bob.money_requests.accept(await found_by(bob))


@across_and_within
async def test_a_recall_that_was_taken_back_is_paid_by_nobody(residents: Residents, home: int) -> None:
    alice, bob, paid = await mistaken(residents, home=home)
    asked = await alice.money_requests.recall(paid)

    await alice.money_requests.cancel(asked)

    with pytest.raises(RequestError):
        await bob.money_requests.accept((await found_by(bob)).model_copy(update={"state": MoneyRequestState.OPEN}))
    assert bob.balance_fen == 300


async def test_what_was_paid_to_a_shop_is_not_recalled(residents: Residents) -> None:
    alice, shop = await residents.open("alice", 1_000), await residents.open("shop")
    await shop.sales.register("Tea")
    paid = await alice.pay_order(await shop.sales.create_order(300, "1"))

    assert await refusal(alice.money_requests.recall(paid)) == "RECALL_REFUSED"


async def test_nobody_recalls_the_payment_of_another(residents: Residents) -> None:
    _, bob, paid = await mistaken(residents, home=1)

    assert await refusal(bob.money_requests.recall(paid)) == "NOT_FOUND"


async def test_after_a_quarter_it_is_too_late(residents: Residents) -> None:
    alice, _, paid = await mistaken(residents, home=1)
    await residents.world.pass_time(90 * DAY_MS + 1)

    assert await refusal(alice.money_requests.recall(paid)) == "RECALL_REFUSED"


@pytest.mark.parametrize("changes", [{"recall_of": bytes(32)}, {"amount_fen": 301}])
async def test_a_home_passes_on_no_recall_of_what_its_wallet_has_not_received(
    residents: Residents, changes: dict[str, object]
) -> None:
    alice, bob, paid = await mistaken(residents, home=2)
    world = residents.world
    claimed = HomeMoneyRequest(
        request_id="0" * 32,
        requester_home=1,
        requester_wallet_id=alice.wallet_id,
        requester_name="alice",
        address=str(bob.address),
        amount_fen=paid.amount_fen,
        description="",
        expires_at_ms=world.now_ms + DAY_MS,
        recall_of=paid.transaction_id,
    ).model_copy(update=changes)
    home = world.homes[1]._parts.neighbours.client(2)

    brought = home.post("/v1/money-requests/deliveries", claimed, MoneyRequestDelivery, idempotency_key="claimed")

    assert await refusal(brought) == "RECALL_UNKNOWN"
    assert (await bob.money_requests.received()).requests == []


async def test_a_recall_that_did_not_arrive_arrives_when_it_is_asked_again(residents: Residents) -> None:
    alice, bob, paid = await mistaken(residents, home=2)
    network = residents.world.network
    network.troubled, network.lose_requests = "deliveries", 10
    asking = asyncio.ensure_future(alice.money_requests.recall(paid, reason="a digit was wrong"))
    while not asking.done():
        await residents.world.clock.advance(10_000)
        await asyncio.sleep(0.01)
    with pytest.raises(NetworkError):
        asking.result()
    network.lose_requests = 0

    await alice.money_requests.recall(paid, reason="please")

    [found] = (await bob.money_requests.received()).requests
    assert (found.recall_of, found.description) == (paid.transaction_id, "a digit was wrong")


@across_and_within
async def test_a_recall_that_was_refused_for_now_is_asked_again(residents: Residents, home: int) -> None:
    alice, bob, paid = await mistaken(residents, home=home)
    for number in range(FROM_ONE_MAX):
        await alice.money_requests.ask(str(bob.address), 1, request_number=str(number))
    refused = await refusal(alice.money_requests.recall(paid, reason="a digit was wrong"))

    await bob.money_requests.decline(await found_by(bob))
    await alice.money_requests.recall(paid, reason="please")

    found = await found_by(bob)
    assert (refused, found.recall_of, found.state) == ("REQUESTS_TOO_MANY", paid.transaction_id, MoneyRequestState.OPEN)


async def test_a_recall_of_what_never_came_is_refused_for_good(residents: Residents) -> None:
    alice, _, paid = await mistaken(residents, home=2)
    world = residents.world
    await world.stores[2].write(lambda connection: connection.execute(sa.text("DELETE FROM history")).rowcount)
    refused = await refusal(alice.money_requests.recall(paid))

    again = await alice.money_requests.recall(paid)

    assert (refused, again.state, again.reason) == ("RECALL_UNKNOWN", MoneyRequestState.CANCELLED, "RECALL_UNKNOWN")
