"""Reading a whole journal to see whether it is what was written; nothing is changed."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from tongbao.adapters.journal_directory import (
    CURE_DAMAGE,
    LOCK_NAME,
    Segment,
    examine,
    examine_sealed,
    read_segments,
)
from tongbao.adapters.segment_reader import Record
from tongbao.centres.registration.journal import Finding, JournalDamageError, JournalReport, TornTail
from tongbao.centres.registration.ports import Disk
from tongbao.errors import ConfigurationError, TongbaoError

__all__ = ["verify_journal"]


@dataclass(slots=True)
class _Reading:
    """A verification under way: what was seen so far."""

    disk: Disk
    check: Callable[[int, bytes], None] | None
    network_id: bytes | None = None
    segments: int = 0
    records: int = 0
    payload_bytes: int = 0
    torn_tail: TornTail | None = None

    async def read(self, directory: str, names: list[str]) -> None:
        """Read every segment.

        Raises:
            JournalDamageError: at the first damage.
        """
        segments = await read_segments(self.disk, directory, names)
        if not segments:
            raise ConfigurationError(f"{directory} holds no journal; name the directory with its segment files")
        self.network_id = segments[0].header.network_id
        for segment, following in pairwise([*segments, None]):
            if segment is not None:
                await self._read_segment(segment, following)
                self.segments += 1

    async def _read_segment(self, segment: Segment, following: Segment | None) -> None:
        def visit(record: Record) -> None:
            self._visit(segment, record)

        file = await self.disk.open_to_read(segment.path)
        try:
            if following is None:
                self.torn_tail = (await examine(segment, file, visit)).torn
            else:
                await examine_sealed(segment, file, following, visit)
        finally:
            await file.close()

    def _visit(self, segment: Segment, record: Record) -> None:
        if self.check is not None:
            try:
                self.check(record.header.sequence, record.payload)
            except TongbaoError as error:
                reason = f"record {record.header.sequence} is whole, but {error}"
                raise JournalDamageError(Finding(segment.path, record.offset, reason, CURE_DAMAGE)) from error
        self.records += 1
        self.payload_bytes += len(record.payload)


async def verify_journal(
    disk: Disk, directory: str, *, check: Callable[[int, bytes], None] | None = None
) -> JournalReport:
    """Read every segment and report the records, a torn tail, and the first damage.

    `check` is called with each record in order and may raise a `TongbaoError` to say that it is not the one that
    belongs there, for example because it does not name its predecessor. The journal may be in use meanwhile.

    Raises:
        ConfigurationError: the directory cannot be read or holds no journal.
    """
    names = await disk.list_directory(directory)
    lock = await disk.lock(f"{directory}/{LOCK_NAME}") if LOCK_NAME in names else None
    reading = _Reading(disk, check)
    damage: Finding | None = None
    try:
        await reading.read(directory, names)
    except JournalDamageError as error:
        damage = error.finding
    finally:
        if lock is not None:
            await lock.release()
    return JournalReport(
        network_id=reading.network_id,
        segments=reading.segments,
        records=reading.records,
        payload_bytes=reading.payload_bytes,
        in_use=LOCK_NAME in names and lock is None,
        torn_tail=reading.torn_tail,
        damage=damage,
    )
