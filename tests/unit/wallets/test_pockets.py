"""Pockets between two real institutions: filled, found on another machine, taken by the one or by the other."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import Any

import pytest

from tests.institution_town import Town, demand_agreement, open_town
from tongbao.errors import NetworkError, PeerError, RequestError
from tongbao.institutions.customers.closing import CLOSING_MS
from tongbao.protocol.payee import PayeeName
from tongbao.protocol.pocket import PocketParty, PocketState
from tongbao.protocol.reconciliation import Reconciliation
from tongbao.wallets import Wallet
from tongbao.wallets.moving import Moving
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish

DAY_MS = 86_400_000


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as town:
        yield town


async def a_day_on(wallet: Wallet) -> int:
    return (await wallet.account()).time_ms + DAY_MS


async def give(giver: Wallet, payee: Wallet, amount_fen: int = 600, *, request_id: str = "gift") -> OwnPocket:
    """A gift that comes back after a day."""
    wish = PocketWish(address=str(payee.address), amount_fen=amount_fen, later_from_ms=await a_day_on(giver))
    return await giver.pockets.put(wish, request_id=request_id)


async def save(saver: Wallet, heir: Wallet, amount_fen: int = 600) -> OwnPocket:
    """Savings that the heir may take after a day."""
    later_from_ms = await a_day_on(saver)
    wish = PocketWish(address=str(heir.address), amount_fen=amount_fen, later_from_ms=later_from_ms, savings=True)
    return await saver.pockets.put(wish, request_id="savings")


async def received(wallet: Wallet, *, count: int = 1) -> OwnPocket:
    """The latest pocket that was made for the wallet, once its home has heard of all."""
    for _ in range(200):
        found = [each for each in await wallet.pockets.all() if each.party is PocketParty.OTHER]
        if len(found) >= count:
            return found[0]
        await asyncio.sleep(0.01)
    raise AssertionError("the pocket does not arrive")


async def refusal(work: Awaitable[object]) -> str:
    """The code of what is raised, or "" for nothing."""
    try:
        await work
    except RequestError as error:
        return error.code
    return ""


@pytest.mark.parametrize("home", [1, 2])
async def test_a_gift_is_taken_by_whom_it_is_for_here_and_at_another_home(town: Town, home: int) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=home)

    given = await give(alice, bob)
    waiting = await received(bob)
    taken = await bob.pockets.take(1, given.pocket_id)

    assert (given.told.state, waiting.told.state, waiting.opens_at_ms) == (PocketState.FILLED, PocketState.FILLED, 0)
    assert (taken.told.state, taken.told.taken_by) == (PocketState.TAKEN, PocketParty.OTHER)
    assert (alice.balance_fen, bob.balance_fen) == (400, 600)
    await demand_agreement(town, alice, bob)
    assert await alice.pockets.all() == await bob.pockets.all() == []


async def test_money_in_a_pocket_stands_apart_from_the_balance(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)

    await give(alice, bob)

    assert (alice.balance_fen, (await alice.account()).balance_fen, await alice.pockets.aside_fen()) == (400, 400, 600)
    assert (await bob.account()).balance_fen == 0


async def test_the_giver_takes_back_from_the_time_on_and_no_moment_before(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    given = await give(alice, bob)

    early = await refusal(alice.pockets.take(1, given.pocket_id))
    await town.world.pass_time(DAY_MS)
    back = await alice.pockets.take(1, given.pocket_id)
    late = await refusal(bob.pockets.take(1, given.pocket_id))

    assert (early, late) == ("POCKET_NOT_YET_OPEN", "POCKET_TAKEN")
    assert (back.told.taken_by, alice.balance_fen, bob.balance_fen) == (PocketParty.MAKER, 1_000, 0)
    await demand_agreement(town, alice, bob)


async def test_savings_stay_the_savers_and_open_for_the_heir_later(town: Town) -> None:
    alice, heir = await town.open("alice", 1_000), await town.open("heir", home=2)
    saved = await save(alice, heir)

    early = await refusal(heir.pockets.take(1, (await received(heir)).pocket_id))
    await town.world.pass_time(DAY_MS)
    await heir.pockets.take(1, saved.pocket_id)

    assert early == "POCKET_NOT_YET_OPEN"
    assert (alice.balance_fen, heir.balance_fen) == (400, 600)


async def test_the_saver_takes_savings_out_at_any_time(town: Town) -> None:
    alice, heir = await town.open("alice", 1_000), await town.open("heir", home=2)
    saved = await save(alice, heir)

    await alice.pockets.take(1, saved.pocket_id)

    assert alice.balance_fen == 1_000
    assert await refusal(heir.pockets.take(1, saved.pocket_id)) == "POCKET_TAKEN"


async def test_of_two_who_take_at_once_one_has_it_and_the_other_is_told_so(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob")
    given = await give(alice, bob)
    await received(bob)
    await town.world.pass_time(DAY_MS)

    ends = await asyncio.gather(
        refusal(alice.pockets.take(1, given.pocket_id)), refusal(bob.pockets.take(1, given.pocket_id))
    )

    assert sorted(ends) == ["", "POCKET_TAKEN"]
    await demand_agreement(town, alice, bob)
    assert {alice.balance_fen, bob.balance_fen} in ({1_000, 0}, {400, 600})


async def test_taken_once_it_stays_taken_however_often_it_is_asked_for(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    given = await give(alice, bob)
    await received(bob)

    again = [await bob.pockets.take(1, given.pocket_id) for _ in range(3)]

    assert {each.told.transaction_id for each in again} == {again[0].told.transaction_id}
    assert bob.balance_fen == 600


async def test_the_phrase_alone_finds_pockets_made_and_received_on_another_machine(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    given = await give(alice, bob)
    saved = await save(alice, bob, 300)
    await received(bob)

    await town.move_out()
    alice, bob = await town.recovered("alice"), await town.recovered("bob", home=2)

    assert (alice.balance_fen, await alice.pockets.aside_fen()) == (100, 900)
    assert {each.pocket_id for each in await alice.pockets.all()} == {given.pocket_id, saved.pocket_id}
    await bob.pockets.take(1, given.pocket_id)
    await alice.pockets.take(1, saved.pocket_id)
    assert (alice.balance_fen, bob.balance_fen) == (400, 600)


async def test_a_machine_lost_before_the_answer_gives_the_money_once(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob")
    town.cut_off("/v1/payments")
    with pytest.raises(NetworkError):
        await give(alice, bob)
    town.restore()

    await town.move_out()
    alice, bob = await town.recovered("alice"), await town.recovered("bob")

    (given,) = await alice.pockets.all()
    assert (given.told.state, alice.balance_fen, await alice.pockets.aside_fen()) == (PocketState.FILLED, 400, 600)
    await bob.pockets.take(1, (await received(bob)).pocket_id)
    assert bob.balance_fen == 600


async def test_a_machine_lost_while_it_takes_has_the_money_on_the_next(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000, home=2), await town.open("bob")
    given = await give(alice, bob)
    await received(bob)
    town.cut_off("/takings")
    with pytest.raises(NetworkError):
        await bob.pockets.take(2, given.pocket_id)
    town.restore()

    await town.move_out()
    bob = await town.recovered("bob")
    taken = await bob.pockets.take(2, given.pocket_id)

    assert (taken.told.taken_by, bob.balance_fen) == (PocketParty.OTHER, 600)


async def test_the_same_request_fills_one_pocket_once(town: Town) -> None:
    alice, bob = await town.open("alice", 2_000), await town.open("bob", home=2)
    wish = PocketWish(address=str(bob.address), amount_fen=600, later_from_ms=await a_day_on(alice))

    first, again = [await alice.pockets.put(wish, request_id="rent") for _ in range(2)]
    other = PocketWish(address=str(bob.address), amount_fen=600, later_from_ms=wish.later_from_ms + 1)

    assert first.pocket_id == again.pocket_id
    assert await refusal(alice.pockets.put(other, request_id="rent")) == "REQUEST_REUSED"
    assert (alice.balance_fen, await alice.pockets.aside_fen()) == (1_400, 600)


async def test_what_a_pocket_is_for_both_read_and_no_home_does(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    wish = PocketWish(
        address=str(bob.address), amount_fen=600, later_from_ms=await a_day_on(alice), purpose="学费 for the autumn"
    )
    given = await alice.pockets.put(wish)
    waiting = await received(bob)

    assert [each.words.purpose for each in (given, waiting) if each.words] == ["学费 for the autumn"] * 2
    assert "学费".encode() not in given.told.sealed + waiting.told.sealed


async def test_wishes_that_cannot_be_are_refused_before_anything_is_paid(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    later = await a_day_on(alice)
    good: dict[str, Any] = {"address": str(bob.address), "amount_fen": 600, "later_from_ms": later}
    wishes: list[dict[str, Any]] = [
        {"amount_fen": 0},
        {"address": str(alice.address)},
        {"later_from_ms": 1},
        {"homes": (1,)},
        {"purpose": "x" * 281},
        {"amount_fen": 1_001},
    ]

    refused = [await refusal(alice.pockets.put(PocketWish(**{**good, **wish}))) for wish in wishes]

    assert refused == ["INVALID_FIELD"] * 5 + ["COINS_INSUFFICIENT"]
    assert (alice.balance_fen, await alice.pockets.aside_fen()) == (1_000, 0)


async def test_whoever_moves_takes_pockets_along_and_money_for_some_homes_goes_to_no_other(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob")
    later = await a_day_on(alice)
    bound = PocketWish(address=str(bob.address), amount_fen=600, later_from_ms=later, homes=(1,))
    free = PocketWish(address=str(bob.address), amount_fen=300, later_from_ms=later)
    given = [await alice.pockets.put(wish) for wish in (bound, free)]
    await received(bob, count=2)
    here, there = town.store, await town.another_machine()
    town.store = there
    away = town.wallet("bob", home=2)

    await Moving(bob, away, first_lock=200).go_on()
    refused = await refusal(away.pockets.take(1, given[0].pocket_id))
    await away.pockets.take(1, given[1].pocket_id)

    assert (refused, away.balance_fen) == ("POCKET_RESTRICTED", 300)
    assert [each.pocket_id for each in await away.pockets.all()] == [given[0].pocket_id]
    town.store = here
    await there.close()


async def test_a_home_that_names_another_key_gets_no_money_sealed_for_it(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    mallory = await town.open("mallory", home=2)
    check = alice.payees.check

    async def bent(address: str, *, name: str = "") -> PayeeName:
        found = await check(address, name=name)
        return found.model_copy(update={"main_key": mallory.keys.main_key.key})

    alice.payees.check = bent  # type: ignore[method-assign]
    with pytest.raises(PeerError, match="not the address's"):
        await give(alice, bob)


async def test_a_wallet_with_money_in_a_pocket_is_not_closed(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob")
    given = await give(alice, bob)

    refused = await refusal(alice.closing.ask())
    await received(bob)
    await bob.pockets.take(1, given.pocket_id)
    account = await alice.closing.ask()
    await town.world.pass_time(CLOSING_MS)

    assert (refused, account.state) == ("POCKETS_OPEN", "closing")


async def test_events_and_statement_tell_of_pockets(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    given = await give(alice, bob)
    await received(bob)
    await bob.pockets.take(1, given.pocket_id)

    made = [each.kind.value for each in (await alice.events.page()).events]
    got = [each.kind.value for each in (await bob.events.page()).events]
    past = [(each.kind, each.amount_fen) for each in (await alice.history()).entries]

    assert made[-2:] == ["pocket.filled", "pocket.taken"]
    assert "pocket.received" in got
    assert past[0] == ("pocket", -600)


async def test_homes_reconcile_while_money_lies_in_pockets(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    await give(alice, bob)

    told = await town.world.teller(1).get("/v1/bank/reconciliation", Reconciliation)
    lines = {each.name: (each.books_fen, each.other_fen) for each in told.lines}

    assert lines["pockets"] == (600, 600)
    assert lines["wallets"] == (400, 400)


async def test_a_home_that_was_down_hears_of_the_pocket_when_it_is_back(town: Town) -> None:
    alice, bob = await town.open("alice", 1_000), await town.open("bob", home=2)
    network = town.world.network
    network.troubled, network.before = (
        "//home2/",
        lambda url: setattr(network, "lose_requests", 1 if url.endswith("/deliveries") else 0),
    )
    given = await give(alice, bob)
    assert given.told.state is PocketState.FILLED

    network.before, network.lose_requests = (lambda _url: None), 0
    await alice.pockets.all()

    assert (await received(bob)).pocket_id == given.pocket_id
