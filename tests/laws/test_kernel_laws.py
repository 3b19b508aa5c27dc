"""The laws of money, held against histories of transactions that are one lie away from settling."""

import random
from collections.abc import Iterable, Sequence

import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from tests.builders import ALICE, BOB, CAROL, DOMAIN, GENESIS, coin, redeem, spend_of, submission, transfer
from tests.kernel_builders import SETTLED, Ledger
from tests.laws.kernel_histories import EXPIRY_MS, KINDS, LIES, NOW_MS, PLANS, Step, Told, World
from tongbao.coin import Kind, Submission, Transaction
from tongbao.kernel import BatchInvalidError, ReferenceKernel, Status
from tongbao.kernel.judge import first_late_control
from tongbao.kernel.state import State


def lived(plan: Sequence[Step]) -> World:
    """A world that lived through the plan."""
    world = World().live_through(plan)
    for told in world.told:
        event(told.status.name)
    return world


def books_of(state: State) -> dict[tuple[int, int], int]:
    """What totals say must be unspent, by asset and home."""
    return {where: totals.unspent for where, totals in state.totals.items() if totals.unspent}


# --- value ------------------------------------------------------------------------------------------------------------


@given(plan=PLANS)
def test_unspent_is_issued_less_redeemed_per_asset_and_with_flows_per_home(plan: list[Step]) -> None:
    world = World()

    for step in plan:
        event(world.tell(step).status.name)

        state = world.kernel.state
        counted = state.unspent_by_asset_and_home()
        assert counted == books_of(state)
        for asset in {asset for asset, _ in state.totals}:
            totals = [each for (of_asset, _), each in state.totals.items() if of_asset == asset]
            unspent = sum(value for (of_asset, _), value in counted.items() if of_asset == asset)
            assert unspent == sum(each.issued - each.redeemed for each in totals)
            assert sum(each.inflow for each in totals) == sum(each.outflow for each in totals)


@given(plan=PLANS)
def test_what_settles_takes_as_much_as_it_gives(plan: list[Step]) -> None:
    world = World()

    for step in plan:
        before = sum(value for _, _, value in world.kernel.state.unspent.values())
        told = world.tell(step)
        after = sum(value for _, _, value in world.kernel.state.unspent.values())

        body = told.transaction.body
        made, ended = sum(each.value for each in body.outputs), sum(each.coin.value for each in body.inputs)
        expected = {Kind.ISSUE: made, Kind.REDEEM: -ended}.get(body.kind, 0)
        assert after - before == (expected if told.status == SETTLED else 0)


@given(plan=PLANS)
def test_a_coin_is_made_once_and_spent_once_and_not_before_it_was_made(plan: list[Step]) -> None:
    world = lived(plan)
    replayed = ReferenceKernel(GENESIS)
    made: set[bytes] = set()
    spent: set[bytes] = set()

    for batch in world.ledger.batches:
        for applied in replayed.apply(batch).transactions:
            ended, new = set(applied.spent), {coin_id for coin_id, _, _ in applied.created}
            assert ended <= made - spent
            assert not new & made
            made |= new
            spent |= ended

    assert made - spent == set(replayed.state.unspent)


# --- refusals ---------------------------------------------------------------------------------------------------------


@given(plan=PLANS)
def test_only_what_settles_changes_anything(plan: list[Step]) -> None:
    world = World()

    for step in plan:
        before = world.kernel.state_digest()
        told = world.tell(step)
        event(told.status.name)

        assert (world.kernel.state_digest() != before) == (told.status == SETTLED)


@given(plan=PLANS)
def test_what_judge_refuses_no_batch_may_carry(plan: list[Step]) -> None:
    world = lived(plan)
    refused = [told for told in world.told if told.status.is_judged]
    assume(refused)
    before = world.ledger.kernel.snapshot()

    for told in refused:
        with pytest.raises(BatchInvalidError):
            world.ledger.apply(world.ledger.next_batch([told.submission], time_ms=NOW_MS))

    assert world.ledger.kernel.snapshot() == before


# --- replay -----------------------------------------------------------------------------------------------------------


@given(plan=PLANS)
def test_a_transaction_that_settled_never_settles_again(plan: list[Step]) -> None:
    world = lived(plan)
    settled = [told.submission for told in world.told if told.status == SETTLED]
    before = world.kernel.state_digest()

    found = [status for again in settled for status in world.ledger.submit(again, time_ms=NOW_MS)]

    for status in found:
        event(f"again: {status.name}")
    assert SETTLED not in found
    assert world.kernel.state_digest() == before


@given(plan=PLANS)
def test_a_batch_is_applied_once(plan: list[Step]) -> None:
    world = lived(plan)
    before = world.ledger.kernel.snapshot()

    for batch in world.ledger.batches:
        with pytest.raises(BatchInvalidError, match="does not follow"):
            world.ledger.kernel.apply(batch)

    assert world.ledger.kernel.snapshot() == before


@given(plan=PLANS, place=st.integers(0, 100))
def test_replaying_gives_the_same_memory_from_genesis_and_from_any_snapshot(plan: list[Step], place: int) -> None:
    ledger = lived(plan).ledger
    place %= len(ledger.batches) + 1
    replayed = ReferenceKernel(GENESIS)
    for batch in ledger.batches[:place]:
        replayed.apply(batch)

    restored = ReferenceKernel.from_snapshot(GENESIS, replayed.snapshot())
    for batch in ledger.batches[place:]:
        assert replayed.apply(batch) == restored.apply(batch)

    assert replayed.snapshot() == restored.snapshot() == ledger.kernel.snapshot()
    assert replayed.state_digest() == restored.state_digest() == ledger.kernel.state_digest()


@given(plan=PLANS)
def test_judging_again_gives_what_was_judged(plan: list[Step]) -> None:
    ledger = lived(plan).ledger
    believing, judging = ReferenceKernel(GENESIS), ReferenceKernel(GENESIS)

    for batch in ledger.batches:
        assert believing.apply(batch, judged_by=1) == judging.apply(batch)

    assert believing.snapshot() == judging.snapshot()


# --- batching and order -----------------------------------------------------------------------------------------------


@given(plan=PLANS, cuts=st.sets(st.integers(1, 12)), joined=st.booleans())
def test_the_same_transactions_in_other_batches_give_the_same_digest(
    plan: list[Step],
    cuts: set[int],
    joined: bool,  # noqa: FBT001 - drawn
) -> None:
    world = lived(plan)
    again = World().ledger

    found = [
        status
        for group in batched(world.journaled, cuts)
        for status in again.submit(*(merged(group) if joined else [told.submission for told in group]), time_ms=NOW_MS)
    ]

    assert found == [told.status for told in world.journaled]
    assert again.kernel.state_digest() == world.kernel.state_digest()


def batched(told: Sequence[Told], cuts: set[int]) -> list[list[Told]]:
    """The transactions in batches that end at the cuts, and where control would come after money."""
    groups: list[list[Told]] = []
    for place, each in enumerate(told):
        kinds = [one.transaction.body.kind for one in groups[-1]] if groups else []
        if not groups or place in cuts or first_late_control([*kinds, each.transaction.body.kind]) is not None:
            groups.append([])
        groups[-1].append(each)
    event(f"{len(groups)} batches of {len(told)}")
    return groups


def merged(told: Sequence[Told]) -> list[Submission]:
    """One submission for each run of transactions that the same home endorsed by the same key."""
    runs: list[list[Told]] = []
    for each in told:
        if runs and endorser(runs[-1][0]) == endorser(each):
            runs[-1].append(each)
        else:
            runs.append([each])
    return [
        submission([each.transaction for each in run], home=run[0].submission.home, key=key_number(run[0]))
        for run in runs
    ]


def endorser(told: Told) -> tuple[int, bytes]:
    return told.submission.home, told.submission.key.key


def key_number(told: Told) -> int | None:
    """The number of the key that endorsed, where it is not the home's own."""
    usual = submission([told.transaction], home=told.submission.home).key
    return None if told.submission.key == usual else 13


@given(order=st.permutations(range(8)), kinds=st.lists(st.sampled_from(["local", "redeem"]), min_size=8, max_size=8))
def test_transactions_that_touch_different_coins_may_come_in_any_order(order: list[int], kinds: list[str]) -> None:
    straight, shuffled = Ledger(), Ledger()
    made: list[Transaction] = []
    for ledger in (straight, shuffled):
        funds = ledger.fund(*range(1, 9), owner=ALICE)
        spends = [spend_of(funds, place, owner=ALICE, salt=place) for place in range(8)]
        made = [
            redeem([each], expiry_ms=EXPIRY_MS)
            if kind == "redeem"
            else transfer([each], [coin(each.input.coin.value, owner=CAROL if place % 2 else BOB)], expiry_ms=EXPIRY_MS)
            for place, (each, kind) in enumerate(zip(spends, kinds, strict=True))
        ]

    found = straight.settle(*made), shuffled.settle(*[made[place] for place in order])

    assert found == ([SETTLED] * 8, [SETTLED] * 8)
    assert straight.kernel.state_digest() == shuffled.kernel.state_digest()


@given(plan=PLANS, seed=st.integers(0, 2**32))
def test_independent_transactions_of_a_history_may_come_in_any_order(plan: list[Step], seed: int) -> None:
    world, again = World(), World()
    before = dict(world.kernel.state.unspent)
    told = list(_independent(lived(plan).journaled, before))
    assume(len(told) > 1)
    event(f"{len(told)} independent")
    shuffled = random.Random(seed).sample(told, len(told))

    first = [world.ledger.submit(each.submission, time_ms=NOW_MS) for each in told]
    second = {id(each): again.ledger.submit(each.submission, time_ms=NOW_MS) for each in shuffled}

    assert first == [second[id(each)] for each in told]
    assert world.kernel.state_digest() == again.ledger.kernel.state_digest()


def _independent(told: Iterable[Told], unspent: dict[bytes, tuple[int, int, int]]) -> Iterable[Told]:
    """Transactions that spend different coins, all of them there from the start, and share no serial."""
    touched: set[bytes] = set()
    for each in told:
        body = each.transaction.body
        coin_ids = {spent.coin_id(DOMAIN) for spent in body.inputs}
        if body.kind in {Kind.TRANSFER, Kind.REDEEM} and coin_ids <= set(unspent) and not coin_ids & touched:
            touched |= coin_ids
            yield each


# --- do the histories reach what they guard? --------------------------------------------------------------------------

REACHED = {
    Status.SETTLED,
    Status.INPUT_REPEATED,
    Status.VALUE_NOT_CONSERVED,
    Status.SIGNATURE_INVALID,
    Status.ENDORSER_KEY_NOT_CURRENT,
    Status.HOME_SUSPENDED,
    Status.EXPIRED,
    Status.EXPIRY_TOO_FAR,
    Status.APPROVALS_MISSING,
    Status.SERIAL_NOT_NEXT,
    Status.ALREADY_FROZEN,
    Status.NOT_FROZEN,
    Status.HOME_NOT_SERVED,
    Status.OUTPUT_HOME_INACTIVE,
    Status.ASSET_INACTIVE,
    Status.ACCEPTANCE_MISSING,
    Status.ACCEPTANCE_KEY_NOT_CURRENT,
    Status.ACCEPTANCE_EXPIRED,
    Status.ACCEPTANCE_EXCEEDED,
    Status.LOCK_NOT_YET_OPEN,
    Status.INPUT_FROZEN,
    Status.INPUT_NOT_UNSPENT,
    Status.QUOTA_EXCEEDED,
}


def test_the_histories_reach_what_they_guard() -> None:
    dice = random.Random(20170101)
    found: dict[Status, int] = {}

    for _ in range(150):
        world = World()
        for _ in range(12):
            step = Step(
                dice.choice(KINDS), dice.choice((*LIES, *["none"] * 12)), dice.randrange(10_000), dice.randrange(1, 4)
            )
            status = world.tell(step).status
            found[status] = found.get(status, 0) + 1

    assert set(found) >= REACHED
    assert found[SETTLED] > sum(found.values()) / 3
