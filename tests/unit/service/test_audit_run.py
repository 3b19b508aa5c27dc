"""Audits of journals in files: what agrees, what does not, and where."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.audited import (
    SEGMENT,
    audited,
    flip,
    lived,
    rechecked,
    record_offsets,
    relinked,
    snapshot,
    written,
)
from tests.builders import ALICE, BOB, coin, genesis, spend_of, transfer
from tests.kernel_builders import Ledger, reheaded
from tongbao.adapters.journal_copy import DirectoryCopy
from tongbao.adapters.spawn import TaskSpawn
from tongbao.coin import Batch, statuses_hash
from tongbao.errors import ConfigurationError
from tongbao.service.audit_run import AuditRun


async def test_a_journal_as_it_was_written_agrees_with_its_figures(tmp_path: Path) -> None:
    ledger = lived()
    directory = await written(tmp_path / "journal", ledger)
    await snapshot(directory, ledger)

    report = await audited(directory, genesis=ledger.kernel.genesis.encode())

    assert report.divergence is None
    assert (report.sequence, report.transactions, report.settled) == (len(ledger.batches), 5, 4)
    assert (report.chain_head, report.state_digest) == (ledger.kernel.chain_head, ledger.kernel.state_digest())
    assert [(each.issued, each.unspent) for each in report.holdings] == [(800, 800)]
    assert (report.checked.snapshots, report.unconfirmed) == (1, 0)


async def test_workers_and_one_process_come_to_the_same(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())
    alone = await audited(directory)

    spawn = TaskSpawn(workers=2)
    try:
        together = await AuditRun(DirectoryCopy(directory), None, native=False).audit(spawn)
    finally:
        await spawn.close()

    assert together == alone


async def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    directory, seen = await written(tmp_path / "journal", lived()), []
    spawn = TaskSpawn()

    await AuditRun(DirectoryCopy(directory), None, native=False, progress=lambda *each: seen.append(each)).audit(spawn)

    await spawn.close()
    assert 0 < seen[-1][0] <= seen[-1][1] == (directory / SEGMENT).stat().st_size


# --- lies -------------------------------------------------------------------------------------------------------------


def believing(ledger: Ledger, statuses: list[int]) -> Batch:
    """A heartbeat after the last batch whose writer came to those verdicts on it."""
    named = statuses_hash(ledger.kernel.sequence, statuses, ledger.domain)
    return reheaded(ledger.next_batch(), applied_statuses=named)


async def test_a_coin_that_a_lying_centre_spends_twice_is_named_with_its_batch(tmp_path: Path) -> None:
    ledger = Ledger()
    funds = ledger.fund(500, owner=ALICE)
    ledger.settle(transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=BOB)]))
    stolen = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=ALICE, salt=9)])
    ledger.settle(stolen)
    batches = [*ledger.batches, believing(ledger, [0]).encode()]
    directory = await written(tmp_path / "journal", ledger, batches)

    found = (await audited(directory)).divergence

    assert found is not None
    assert found.place == (SEGMENT, record_offsets(directory)[3], 3)
    assert found.meaning == (
        f"the centre counted transaction {stolen.id(ledger.domain).hex()} as settled, though an input is not unspent "
        "(INPUT_NOT_UNSPENT): it was spent at sequence 2"
    )


async def test_a_rewritten_history_with_right_checksums_is_found_where_it_was_rewritten(tmp_path: Path) -> None:
    ledger = lived()
    directory = await written(tmp_path / "journal", ledger)
    batches = [Batch.decode(each) for each in ledger.batches]
    other = reheaded(batches[1], time_ms=batches[1].header.time_ms - 1).encode()
    rechecked(directory, 2, other)

    found = (await audited(directory)).divergence

    assert found is not None
    assert found.place == (SEGMENT, record_offsets(directory)[3], 3)
    assert "history was rewritten" in found.meaning


async def test_a_history_rewritten_to_its_end_needs_a_witness(tmp_path: Path) -> None:
    ledger = lived()
    batches = [Batch.decode(each) for each in ledger.batches]
    batches[1] = replace(batches[1], header=replace(batches[1].header, time_ms=batches[1].header.time_ms - 1))
    directory = await written(tmp_path / "journal", ledger, relinked(ledger, batches))

    report = await audited(directory)

    assert report.divergence is None, "what no journal shows by itself: receipts, witnesses and the log do"
    assert report.chain_head != ledger.kernel.chain_head


async def test_a_forged_signature_inside_a_batch_is_found(tmp_path: Path) -> None:
    ledger = lived()
    batches = [Batch.decode(each) for each in ledger.batches]
    [submission] = batches[1].submissions
    forged = bytearray(submission)
    forged[-1] ^= 1
    batches[1] = replace(batches[1], submissions=(bytes(forged),))
    directory = await written(tmp_path / "journal", ledger, relinked(ledger, batches))

    found = (await audited(directory)).divergence

    assert found is not None
    assert found.place.sequence == 2
    assert "SUBMISSION_SIGNATURE_INVALID" in found.meaning


async def test_a_snapshot_of_another_state_is_found_at_its_first_other_byte(tmp_path: Path) -> None:
    ledger, other = lived(), Ledger()
    other.fund(500, 400, owner=ALICE)
    directory = await written(tmp_path / "journal", ledger)
    path = await snapshot(directory, other)

    found = (await audited(directory)).divergence

    assert found is not None
    assert (found.place.file, found.place.sequence) == (path.name, 1)
    assert found.meaning == "the snapshot holds another state than the journal comes to"


async def test_a_snapshot_of_records_that_are_missing_is_found(tmp_path: Path) -> None:
    ledger = lived()
    directory = await written(tmp_path / "journal", ledger, ledger.batches[:-2])
    path = await snapshot(directory, ledger)

    found = (await audited(directory)).divergence

    assert found is not None
    assert found.place == (path.name, 0, len(ledger.batches))
    assert "the newest records are missing" in found.meaning


# --- files ------------------------------------------------------------------------------------------------------------


async def test_a_torn_tail_is_told_and_is_no_divergence(tmp_path: Path) -> None:
    ledger = lived()
    directory = await written(tmp_path / "journal", ledger)
    path, last = directory / SEGMENT, record_offsets(directory)[-1]
    path.write_bytes(path.read_bytes()[: last + 50])

    report = await audited(directory)

    assert report.divergence is None
    assert report.sequence == len(ledger.batches) - 1
    assert report.checked.torn_tail is not None
    assert report.checked.torn_tail.place == (SEGMENT, last, len(ledger.batches))


async def test_a_flipped_bit_is_found_at_its_record(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())
    offset = record_offsets(directory)[2]
    flip(directory / SEGMENT, offset + 100)

    report = await audited(directory)

    assert report.divergence is not None
    assert report.divergence.place == (SEGMENT, offset, 2)
    assert report.sequence == 1, "all before it was audited"


async def test_another_genesis_than_the_one_given_is_found(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())

    found = (await audited(directory, genesis=genesis(name="another").encode())).divergence

    assert found is not None
    assert "another genesis" in found.meaning


async def test_a_missing_first_segment_is_found(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())
    (directory / SEGMENT).rename(directory / f"journal-{3:020d}.segment")

    found = (await audited(directory)).divergence

    assert found is not None
    assert found.meaning == "the journal's first segment is missing"


async def test_a_directory_without_a_journal_is_no_divergence_but_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no journal"):
        await audited(tmp_path)


async def test_a_journal_without_a_record_is_an_error(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())
    path = directory / SEGMENT
    path.write_bytes(path.read_bytes()[:64])

    with pytest.raises(ConfigurationError, match="the journal is empty"):
        await audited(directory)
