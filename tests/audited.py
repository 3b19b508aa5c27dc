"""Journals for the auditor: a small history in real files, and what it says of them."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.builders import ALICE, BOB, coin, spend_of, transfer
from tests.journals import dice
from tests.kernel_builders import Ledger
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.journal_copy import DirectoryCopy
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.adapters.spawn import TaskSpawn
from tongbao.audit import AuditReport
from tongbao.coin import Batch
from tongbao.evidence.signing import VerifierKey
from tongbao.service.audit_log import LogAudit
from tongbao.service.audit_run import AuditRun
from tongbao.service.audit_state import StateFile

SEGMENT = f"journal-{0:020d}.segment"
SEGMENT_HEADER_BYTES, RECORD_HEADER_BYTES = 64, 36


def lived() -> Ledger:
    """A ledger with an issue, payments one after another, a double spend that is refused, and a last heartbeat."""
    ledger = Ledger()
    funds = ledger.fund(500, 300, owner=ALICE)
    paid = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=BOB)])
    again = transfer([spend_of(funds, 0, owner=ALICE)], [coin(500, owner=ALICE, salt=9)])
    ledger.settle(paid)
    ledger.settle(again, transfer([spend_of(funds, 1, owner=ALICE, salt=1)], [coin(300, owner=BOB, salt=5)]))
    ledger.settle(transfer([spend_of(paid, 0, owner=BOB)], [coin(200, owner=ALICE), coin(300, owner=BOB)]))
    ledger.heartbeat(time_ms=ledger.now_ms + 1_000)
    return ledger


def long_lived(payments: int) -> Ledger:
    """A ledger with so many payments, fifty in each batch."""
    ledger = Ledger()
    funds = ledger.fund(*range(1, payments + 1), owner=ALICE)
    spends = [spend_of(funds, each, owner=ALICE, salt=each) for each in range(payments)]
    for start in range(0, payments, 50):
        ledger.settle(*[transfer([each], [coin(each.input.coin.value, owner=BOB)]) for each in spends[start:][:50]])
    return ledger


async def written(
    directory: Path, ledger: Ledger, batches: Sequence[bytes] | None = None, *, segment_bytes_max: int = 1 << 26
) -> Path:
    """The ledger's journal in files, or that of other batches on its genesis; a group for each record."""
    disk = FileDisk()
    journal = await FileJournal.open(
        disk,
        str(directory),
        network_id=ledger.domain.network_id,
        entropy=dice(0),
        segment_bytes_max=segment_bytes_max,
    )
    for sequence, record in enumerate([ledger.kernel.genesis.encode(), *(batches or ledger.batches)]):
        await journal.append(sequence, [record])
    await journal.close()
    disk.close()
    return directory


async def snapshot(directory: Path, ledger: Ledger) -> Path:
    """The snapshot of the ledger's state beside its journal."""
    disk = FileDisk()
    files = SnapshotFiles(disk, str(directory), network_id=ledger.domain.network_id)
    await files.save(ledger.kernel.sequence, [ledger.kernel.snapshot()])
    disk.close()
    return directory / f"snapshot-{ledger.kernel.sequence:020d}.bin"


async def audited(
    directory: Path,
    *,
    genesis: bytes | None = None,
    log: Path | None = None,
    keys: Sequence[VerifierKey] = (),
    state: Path | None = None,
) -> AuditReport:
    """What the auditor says of the journal, and of the log beside it, in this process."""
    spawn = TaskSpawn()
    try:
        beside = None if log is None else LogAudit(DirectoryCopy(log), keys)
        kept = None if state is None else StateFile(state)
        return await AuditRun(DirectoryCopy(directory), genesis, native=False, log=beside, state=kept).audit(spawn)
    finally:
        await spawn.close()


def starts_in(segment: Path) -> list[tuple[int, int]]:
    """Where each record and mark of a segment begins, and how long its payload is."""
    data, offset, found = segment.read_bytes(), SEGMENT_HEADER_BYTES, []
    while offset < len(data):
        length = int.from_bytes(data[offset + 24 : offset + 28], "big")
        found.append((offset, length))
        offset += RECORD_HEADER_BYTES + length
    return found


def record_offsets(directory: Path) -> list[int]:
    """Where each record of the first segment begins."""
    return [offset for offset, length in starts_in(directory / SEGMENT) if length]


def flip(path: Path, offset: int, bit: int = 0) -> None:
    """Change one bit of a file."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 1 << bit
    path.write_bytes(data)


def rechecked(directory: Path, sequence: int, payload: bytes) -> None:
    """Put another payload of the same length in a record's place, with checksums that match."""
    path, offset = directory / SEGMENT, record_offsets(directory)[sequence]
    data = bytearray(path.read_bytes())
    header = data[offset : offset + 28] + struct.pack(">I", zlib.crc32(payload))
    data[offset : offset + RECORD_HEADER_BYTES] = header + struct.pack(">I", zlib.crc32(header))
    start = offset + RECORD_HEADER_BYTES
    data[start : start + len(payload)] = payload
    path.write_bytes(data)


def relinked(ledger: Ledger, batches: Sequence[Batch]) -> list[bytes]:
    """The batches as a liar writes them: each names the one before it, and holds what its header says."""
    domain, previous = ledger.domain, ledger.domain.network_id
    rewritten = []
    for each in batches:
        header = replace(each.header, previous=previous, body_hash=Batch.body_hash(each.submissions, domain))
        previous = header.chain_head(domain)
        rewritten.append(Batch(header, each.submissions).encode())
    return rewritten
