"""Journals for the auditor: a small history in real files, and what it says of them."""

import asyncio
import struct
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from tests.builders import ALICE, BOB, coin, spend_of, transfer
from tests.journals import write_journal
from tests.kernel_builders import Ledger
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_copy import DirectoryCopy
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.adapters.spawn import TaskSpawn
from tongbao.audit import AuditReport
from tongbao.coin import Batch
from tongbao.service.audit_run import AuditRun

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


async def written(directory: Path, ledger: Ledger, batches: Sequence[bytes] | None = None) -> Path:
    """The ledger's journal in files, or that of other batches on its genesis."""
    records = [ledger.kernel.genesis.encode(), *(ledger.batches if batches is None else batches)]
    await write_journal(directory, records, network_id=ledger.domain.network_id)
    return directory


async def snapshot(directory: Path, ledger: Ledger) -> Path:
    """The snapshot of the ledger's state beside its journal."""
    disk = FileDisk()
    files = SnapshotFiles(disk, str(directory), network_id=ledger.domain.network_id)
    await files.save(ledger.kernel.sequence, [ledger.kernel.snapshot()])
    disk.close()
    return directory / f"snapshot-{ledger.kernel.sequence:020d}.bin"


async def audited(directory: Path, *, genesis: bytes | None = None, native: bool = False) -> AuditReport:
    """What the auditor says of the journal, in this process."""
    spawn = TaskSpawn()
    try:
        return await AuditRun(DirectoryCopy(directory), genesis, native).audit(spawn)
    finally:
        await spawn.close()


def audit(directory: Path, *, genesis: bytes | None = None) -> AuditReport:
    """The same, for tests that are not asynchronous."""
    return asyncio.run(audited(directory, genesis=genesis))


def record_offsets(directory: Path) -> list[int]:
    """Where each record of the first segment begins."""
    data, offset, found = (directory / SEGMENT).read_bytes(), SEGMENT_HEADER_BYTES, []
    while offset < len(data):
        length = int.from_bytes(data[offset + 24 : offset + 28], "big")
        if length:
            found.append(offset)
        offset += RECORD_HEADER_BYTES + length
    return found


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
