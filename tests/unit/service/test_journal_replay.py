"""A journal is judged anew by the reference kernel: what it holds settles as it says, or it is no history."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from tests.builders import ALICE, BOB, CAROL, GENESIS, coin, genesis, issue, spend_of, submission, transfer
from tests.kernel_builders import Ledger, reheaded
from tongbao.coin import Batch
from tongbao.errors import DamageError, InvariantError
from tongbao.kernel import Status
from tongbao.service.journal_replay import JournalReplay

FUNDS = Ledger().fund(500, owner=ALICE)
SPEND = spend_of(FUNDS, 0, owner=ALICE)


def _story() -> Ledger:
    """An issue, a payment, a double spend refused, a heartbeat: batches 1 to 4."""
    ledger = Ledger()
    ledger.fund(500, owner=ALICE)
    assert ledger.settle(transfer([SPEND], [coin(500, owner=BOB)])) == [Status.SETTLED]
    assert ledger.settle(transfer([SPEND], [coin(500, owner=CAROL)], reference=1)) == [Status.INPUT_NOT_UNSPENT]
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    return ledger


def _replay(records: Sequence[bytes]) -> JournalReplay:
    replay = JournalReplay()
    for record in [GENESIS.encode(), *records]:
        replay.follow(record)
    return replay


def test_the_verdicts_are_found_without_any_index() -> None:
    ledger = _story()
    replay, found = _replay([]), list[list[int]]()

    for sequence, record in enumerate(ledger.batches, 1):
        replay.follow(record)
        found.append([status for _, status in replay.verdicts(sequence)])

    assert found == ledger.statuses == [[0], [0], [int(Status.INPUT_NOT_UNSPENT)], []]


def test_the_kernel_that_replayed_reports_the_ledgers_supply() -> None:
    ledger = _story()

    report = _replay(ledger.batches).report()

    assert report.state_digest == ledger.kernel.state_digest()
    assert [(each.home, each.issued, each.unspent) for each in report.totals if each.issued] == [(1, 500, 500)]


def _spent_without_signature(ledger: Ledger) -> Batch:
    payment = transfer([SPEND], [coin(500, owner=CAROL)], reference=2)
    forged = replace(payment.witnesses[0], signature=bytes(64))
    return ledger.next_batch([submission([replace(payment, witnesses=(forged,))])])


def _issued_without_approval(ledger: Ledger) -> Batch:
    made = issue([coin(10**6, owner=CAROL)], serial=2)
    forged = replace(made.approvals[0], signature=bytes(64))
    return ledger.next_batch([submission([replace(made, approvals=(forged, *made.approvals[1:]))], home=0)])


def _with_a_planted_verdict(ledger: Ledger) -> Batch:
    return reheaded(ledger.next_batch(), applied_statuses=bytes(32))


def _without_link(ledger: Ledger) -> Batch:
    return reheaded(ledger.next_batch(), previous=bytes(32))


@pytest.mark.parametrize(
    ("forge", "reason"),
    [
        (_spent_without_signature, "refused: SIGNATURE_INVALID"),
        (_issued_without_approval, "refused: SIGNATURE_INVALID"),
        (_with_a_planted_verdict, "its writer saw other statuses in 4"),
        (_without_link, "it does not link to the batch before"),
    ],
)
def test_what_the_kernel_would_never_have_applied_is_damage(forge: Callable[[Ledger], Batch], reason: str) -> None:
    ledger = _story()
    replay = _replay(ledger.batches)

    with pytest.raises(DamageError, match=reason):
        replay.follow(forge(ledger).encode())


def test_bytes_that_are_no_genesis_or_no_batch_are_damage() -> None:
    ledger = _story()

    with pytest.raises(DamageError):
        JournalReplay().follow(ledger.batches[0])
    with pytest.raises(DamageError):
        _replay([ledger.batches[0][:-1]])


def test_a_journal_of_another_network_than_the_one_given_is_refused() -> None:
    replay = JournalReplay(genesis(name="other").encode())

    with pytest.raises(DamageError, match="another genesis than the one given"):
        replay.follow(GENESIS.encode())


def test_only_the_batch_that_was_replayed_last_has_verdicts_at_hand() -> None:
    replay = _replay(_story().batches)

    assert replay.verdicts(4) == []
    with pytest.raises(InvariantError, match="batch 3 is not the one"):
        replay.verdicts(3)
    with pytest.raises(InvariantError, match="no record was replayed"):
        _ = JournalReplay().kernel
