"""Opening a journal after whatever happened to it: repair a torn tail, and only that."""

import logging
from itertools import pairwise

from tongbao.adapters.journal_directory import Segment, Tail, check_reaches, check_sealed, examine, read_segments
from tongbao.adapters.segment_writer import SegmentWriter
from tongbao.centres.registration.atomic_file import remove_unfinished, write_atomically
from tongbao.centres.registration.journal import GROUP_BYTES_MAX, TornTail
from tongbao.centres.registration.ports import Disk, DiskFile
from tongbao.errors import WorldError

__all__ = ["recover"]

TORN_KEPT = 2  # cut-off tails that are kept for whoever asks what was in them

_TORN_PREFIX, _TORN_SUFFIX = "torn-", ".bin"

_log = logging.getLogger(__name__)


async def recover(
    disk: Disk, directory: str, *, network_id: bytes, at_least_sequence: int
) -> tuple[list[Segment], SegmentWriter | None, TornTail | None]:
    """The segments, the writer on the last one (None if there is none yet), and what was cut off.

    Raises:
        JournalDamageError: acknowledged records cannot be read; nothing was changed.
        ConfigurationError: the journal is another network's.
    """
    # Whoever wrote last may have been killed between a write and its sync: what we read must not vanish after all.
    await disk.sync_directory(directory)
    names = await disk.list_directory(directory)
    segments = await read_segments(disk, directory, names, network_id=network_id)
    for segment, following in pairwise(segments):
        await check_sealed(disk, segment, following)
    if not segments:
        check_reaches(directory, None, None, at_least_sequence=at_least_sequence)
        await remove_unfinished(disk, directory)
        return segments, None, None
    file = await disk.open_to_write(segments[-1].path)
    try:
        await file.sync()
        tail = await examine(segments[-1], file)
        check_reaches(directory, segments[-1], tail, at_least_sequence=at_least_sequence)
        await remove_unfinished(disk, directory)
        await _cut_off(disk, directory, file, tail)
    except BaseException:
        await file.close()
        raise
    return segments, SegmentWriter(disk, segments[-1], file, tail), tail.torn


async def _cut_off(disk: Disk, directory: str, file: DiskFile, tail: Tail) -> None:
    """Cut the torn tail off, if there is one, and tell of it."""
    if tail.torn is None:
        return
    _log.warning("cut off: %s", tail.torn)
    try:
        await _keep(disk, directory, file, tail.torn)
    except WorldError as error:
        _log.warning("the torn tail could not be kept: %s", error)
    await file.truncate(tail.end)
    await file.sync()


async def _keep(disk: Disk, directory: str, file: DiskFile, torn: TornTail) -> None:
    """Keep what is cut off beside the journal, unless it is zeros; no write leaves more than is kept."""
    content = await file.read(torn.offset, min(torn.cut_bytes, 2 * GROUP_BYTES_MAX))
    if not content.strip(b"\0"):
        return
    await write_atomically(disk, f"{directory}/{_TORN_PREFIX}{torn.next_sequence:020d}{_TORN_SUFFIX}", [content])
    kept = [
        name
        for name in await disk.list_directory(directory)
        if name.startswith(_TORN_PREFIX) and name.endswith(_TORN_SUFFIX)
    ]
    for name in kept[:-TORN_KEPT]:
        await disk.remove(f"{directory}/{name}")
