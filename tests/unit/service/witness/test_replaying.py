"""A witness that replays cosigns the verdicts that it came to itself, and no others."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.builders import ALICE, BOB, CAROL, DOMAIN, GENESIS, coin, spend_of, submission, transfer
from tests.journals import DIRECTORY, open_journal
from tests.kernel_builders import Ledger, reheaded
from tongbao.adapters.journal_follow import JournalFollower
from tongbao.coin import Batch, receipt_leaf
from tongbao.errors import BusyError, DamageError, RefusedError
from tongbao.evidence import Checkpoint
from tongbao.evidence.tree import EMPTY_ROOT, leaf_hash, subtree_root
from tongbao.kernel import ReferenceKernel, Status
from tongbao.service.witness.replaying import ReplayedHistory, StatementAt
from tongbao.simulation.disk import Platter

FUNDS = Ledger().fund(500, owner=ALICE)
SPEND = spend_of(FUNDS, 0, owner=ALICE)
PAYMENT = transfer([SPEND], [coin(500, owner=BOB)])
DOUBLE = transfer([SPEND], [coin(500, owner=CAROL)], reference=1)


def _story() -> Ledger:
    """An issue, a payment, a double spend refused: batches 1 to 3."""
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    assert ledger.settle(PAYMENT) == [Status.SETTLED]
    assert ledger.settle(DOUBLE) == [Status.INPUT_NOT_UNSPENT]
    return ledger


STATEMENT = bytes(range(32))
LEAVES = [
    receipt_leaf(FUNDS.id(DOMAIN), 0, 1, DOMAIN),
    receipt_leaf(PAYMENT.id(DOMAIN), 0, 2, DOMAIN),
    receipt_leaf(DOUBLE.id(DOMAIN), int(Status.INPUT_NOT_UNSPENT), 3, DOMAIN),
]


async def history_of(
    records: Sequence[bytes], statement_at: StatementAt = lambda _sequence, _index: None
) -> ReplayedHistory:
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount())
    await journal.append(0, list(records))
    follower = JournalFollower(platter.mount(), DIRECTORY)
    return ReplayedHistory(follower, ReferenceKernel, genesis=GENESIS.encode(), statement_at=statement_at)


def checkpoint_of(leaves: Sequence[bytes]) -> Checkpoint:
    return Checkpoint("tongbao/test", len(leaves), subtree_root(leaves) if leaves else EMPTY_ROOT)


async def test_a_log_of_the_journals_verdicts_is_taken_at_every_size() -> None:
    history = await history_of([GENESIS.encode(), *_story().batches])

    for size in (0, 1, 1, 2, 3):
        await history.demand(checkpoint_of(LEAVES[:size]))


async def test_a_verdict_that_the_log_misstates_is_refused() -> None:
    history = await history_of([GENESIS.encode(), *_story().batches])
    misstated = [*LEAVES[:2], receipt_leaf(DOUBLE.id(DOMAIN), 0, 3, DOMAIN)]

    with pytest.raises(RefusedError) as caught:
        await history.demand(checkpoint_of(misstated))

    assert caught.value.code == "LOG_DIVERGES"


async def test_an_entry_that_no_verdict_gives_is_refused() -> None:
    history = await history_of([GENESIS.encode(), *_story().batches])

    with pytest.raises(RefusedError):
        await history.demand(checkpoint_of([LEAVES[0], leaf_hash(b"x"), *LEAVES[1:2]]))


async def test_a_log_ahead_of_the_copy_has_to_wait() -> None:
    history = await history_of([GENESIS.encode(), *_story().batches[:2]])

    with pytest.raises(BusyError):
        await history.demand(checkpoint_of(LEAVES))
    await history.demand(checkpoint_of(LEAVES[:2]))


async def test_what_was_replayed_before_it_was_demanded_is_not_replayed_again() -> None:
    history = await history_of([GENESIS.encode(), *_story().batches])
    await history.follow()

    assert history.standing.tail.size == 0
    await history.demand(checkpoint_of(LEAVES[:2]))
    await history.demand(checkpoint_of(LEAVES))


async def test_a_coin_minted_inside_a_batch_has_no_cosignature() -> None:
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    minting = transfer([SPEND], [coin(1_000_000, owner=CAROL)])
    batch = ledger.next_batch([submission([minting])])
    history = await history_of([GENESIS.encode(), *ledger.batches, batch.encode()])

    for _ in range(2):
        with pytest.raises(DamageError):
            await history.demand(checkpoint_of([LEAVES[0], receipt_leaf(minting.id(DOMAIN), 0, 2, DOMAIN)]))


async def test_a_batch_with_a_forged_signature_is_no_history() -> None:
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    forged = replace(PAYMENT, witnesses=(replace(PAYMENT.witnesses[0], signature=bytes(64)),))
    batch = ledger.next_batch([submission([forged])])
    history = await history_of([GENESIS.encode(), *ledger.batches, batch.encode()])

    with pytest.raises(DamageError):
        await history.demand(checkpoint_of([LEAVES[0], LEAVES[1]]))


async def test_a_journal_that_is_no_history_stays_without_cosignatures() -> None:
    ledger = _story()
    batches = list(ledger.batches)
    batches[1] = reheaded(Batch.decode(batches[1]), time_ms=1).encode()
    history = await history_of([GENESIS.encode(), *batches])

    for _ in range(2):
        with pytest.raises(DamageError):
            await history.demand(checkpoint_of(LEAVES))


async def test_the_journal_of_another_network_is_no_history() -> None:
    history = await history_of([GENESIS.encode() + b"\x00"])

    with pytest.raises(DamageError):
        await history.demand(checkpoint_of(LEAVES))


async def test_a_statement_of_the_supply_stands_behind_the_verdicts_of_its_batch() -> None:
    made: dict[int, bytes] = {}
    history = await history_of([GENESIS.encode(), *_story().batches], lambda _sequence, index: made.get(index))
    await history.follow()
    await history.demand(checkpoint_of(LEAVES[:2]))

    made[2] = STATEMENT

    await history.demand(checkpoint_of([*LEAVES[:2], leaf_hash(STATEMENT), LEAVES[2]]))


async def test_a_statement_that_is_published_late_is_taken_once_it_is() -> None:
    made: dict[int, bytes] = {}
    history = await history_of([GENESIS.encode(), *_story().batches], lambda _sequence, index: made.get(index))
    checkpoint = checkpoint_of([*LEAVES[:2], leaf_hash(STATEMENT)])
    with pytest.raises(RefusedError):
        await history.demand(checkpoint)

    made[2] = STATEMENT

    await history.demand(checkpoint)


async def test_a_statement_stands_once_in_the_log() -> None:
    history = await history_of(
        [GENESIS.encode(), *_story().batches], lambda _sequence, index: STATEMENT if index in {1, 2} else None
    )
    twice = [LEAVES[0], leaf_hash(STATEMENT), leaf_hash(STATEMENT), LEAVES[1]]

    with pytest.raises(RefusedError):
        await history.demand(checkpoint_of(twice))
