"""Audits that go on where they stood: after an interruption, or the next night."""

import asyncio
from pathlib import Path

import pytest

from tests.audited import SEGMENT, audited, flip, lived, long_lived, rechecked, record_offsets, snapshot, written
from tests.builders import genesis
from tests.kernel_builders import Ledger, reheaded
from tongbao.adapters.journal_copy import DirectoryCopy
from tongbao.adapters.spawn import TaskSpawn
from tongbao.coin import Batch
from tongbao.errors import ConfigurationError
from tongbao.service import audit_run
from tongbao.service.audit_run import AuditRun
from tongbao.service.audit_state import StateFile


async def stood(folder: Path, ledger: Ledger, batches: int) -> Path:
    """The state of an audit that has come so far."""
    await written(folder / "part", ledger, ledger.batches[:batches])
    report = await audited(folder / "part", state=folder / "state")
    assert (report.divergence, report.sequence) == (None, batches)
    return folder / "state"


async def test_an_audit_goes_on_and_comes_to_what_a_whole_one_comes_to(tmp_path: Path) -> None:
    ledger = lived()
    state = await stood(tmp_path, ledger, 3)
    directory = await written(tmp_path / "journal", ledger)
    await snapshot(directory, ledger)

    report = await audited(directory, state=state)

    assert report == await audited(directory)


async def test_an_audit_that_went_on_reads_nothing_of_what_it_knows(tmp_path: Path) -> None:
    ledger = lived()
    state = await stood(tmp_path, ledger, 3)
    directory = await written(tmp_path / "journal", ledger)
    flip(directory / SEGMENT, record_offsets(directory)[2] + 60)

    assert (await audited(directory, state=state)).divergence is None
    assert (await audited(directory)).divergence is not None


async def test_a_history_that_was_rewritten_since_is_found(tmp_path: Path) -> None:
    ledger = lived()
    state = await stood(tmp_path, ledger, 3)
    directory = await written(tmp_path / "journal", ledger)
    third = Batch.decode(ledger.batches[2])
    rechecked(directory, 3, reheaded(third, time_ms=third.header.time_ms + 1).encode())

    found = (await audited(directory, state=state)).divergence

    assert found is not None
    assert found.place == (SEGMENT, record_offsets(directory)[3], 3)
    assert "history was rewritten" in found.meaning


async def test_a_journal_that_became_shorter_is_found(tmp_path: Path) -> None:
    ledger = lived()
    state = await stood(tmp_path, ledger, 4)
    directory = await written(tmp_path / "journal", ledger, ledger.batches[:2])

    found = (await audited(directory, state=state)).divergence

    assert found is not None
    assert found.place.sequence == 4


async def test_the_state_of_another_network_is_refused(tmp_path: Path) -> None:
    state = await stood(tmp_path, lived(), 3)
    other = Ledger(genesis(name="another"))
    other.heartbeat(time_ms=other.now_ms + 1)
    directory = await written(tmp_path / "journal", other)

    with pytest.raises(ConfigurationError, match="of another network"):
        await audited(directory, state=state)


@pytest.mark.parametrize("place", [0, 40, 200, -1])
async def test_a_damaged_state_is_refused(tmp_path: Path, place: int) -> None:
    state = await stood(tmp_path, lived(), 3)
    data = bytearray(state.read_bytes())
    data[place] ^= 1
    state.write_bytes(data)

    with pytest.raises(ConfigurationError, match="damaged"):
        await audited(tmp_path / "part", state=state)


async def test_a_state_that_cannot_be_written_names_its_place(tmp_path: Path) -> None:
    directory = await written(tmp_path / "journal", lived())

    with pytest.raises(ConfigurationError, match="nowhere"):
        await audited(directory, state=tmp_path / "nowhere/state")


async def test_an_interrupted_audit_keeps_how_far_it_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_run, "CHUNK_BYTES", 1)
    directory = await written(tmp_path / "journal", long_lived(200))
    spawn, state = TaskSpawn(), tmp_path / "state"
    running: list[asyncio.Task[object]] = []

    def interrupt(done: int, total: int) -> None:
        if done > total // 2:
            running[0].cancel()

    run = AuditRun(DirectoryCopy(directory), None, native=False, progress=interrupt, state=StateFile(state))
    running.append(asyncio.ensure_future(run.audit(spawn)))
    with pytest.raises(asyncio.CancelledError):
        await running[0]
    await spawn.close()
    assert run.history is not None
    stopped = run.history.sequence

    report = await audited(directory, state=state)

    assert 0 < stopped < report.sequence
    assert report == await audited(directory)
