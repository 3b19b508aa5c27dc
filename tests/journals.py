"""Journals on simulated disks, for tests."""

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.centres.registration.ports import Disk
from tongbao.simulation.disk import Platter

NETWORK_ID = bytes(range(32))
DIRECTORY = "data/journal"
SEGMENT = f"{DIRECTORY}/journal-{0:020d}.segment"
GENESIS = b"genesis of a test"


def dice(seed: int) -> Callable[[int], bytes]:
    """The method `bytes` of a repeatable port Entropy."""
    return Random(seed).randbytes


async def open_journal(
    disk: Disk, *, at_least_sequence: int = -1, segment_bytes_max: int = 1 << 20, seed: int = 0
) -> FileJournal:
    return await FileJournal.open(
        disk,
        DIRECTORY,
        network_id=NETWORK_ID,
        entropy=dice(seed),
        at_least_sequence=at_least_sequence,
        segment_bytes_max=segment_bytes_max,
    )


async def records_of(journal: FileJournal, from_sequence: int = 0) -> list[bytes]:
    """All records from a sequence on, after seeing that their sequences have no hole."""
    records = [record async for record in journal.read(from_sequence)]
    assert [sequence for sequence, _ in records] == list(range(from_sequence, journal.last_sequence + 1))
    return [payload for _, payload in records]


async def write_journal(directory: Path, records: Sequence[bytes], *, network_id: bytes = NETWORK_ID) -> None:
    """Write a journal of real files, a group for each record."""
    disk = FileDisk()
    journal = await FileJournal.open(disk, str(directory), network_id=network_id, entropy=dice(0))
    for sequence, record in enumerate(records):
        await journal.append(sequence, [record])
    await journal.close()
    disk.close()


async def written(groups: Sequence[Sequence[bytes]], *, close: bool, segment_bytes_max: int = 1 << 20) -> Platter:
    """A platter with a journal of these groups; the writer closed it, or was killed."""
    platter = Platter(seed=0)
    journal = await open_journal(platter.mount(), segment_bytes_max=segment_bytes_max)
    for group in groups:
        await journal.append(journal.last_sequence + 1, group)
    if close:
        await journal.close()
    platter.kill()
    return platter
