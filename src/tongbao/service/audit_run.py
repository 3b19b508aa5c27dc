"""An audit under way: segments are read, worker processes open their batches, and one history follows them all."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tongbao.adapters.journal_copy import JournalCopy
from tongbao.adapters.signatures import native_signatures
from tongbao.adapters.spawn import TaskSpawn
from tongbao.audit import (
    SETTLED,
    AuditReport,
    Checked,
    DivergenceError,
    History,
    OpenedBatch,
    Place,
    Record,
    Segment,
    Signature,
    Standing,
    TornTail,
    Unreadable,
    chain_head_of,
    demand_same_snapshot,
    demand_supply,
    first_sequence_of,
    open_batches,
    segment_name,
    snapshot_sequence_of,
    verify_by_coin,
)
from tongbao.coin import Domain, Limits
from tongbao.errors import ConfigurationError
from tongbao.service.audit_log import LogAudit
from tongbao.service.audit_state import StateFile

__all__ = ["AuditRun"]

CHUNK_BYTES = 256 * 1024
"""What a worker opens at once: enough signatures to check them together, little enough to share the work evenly."""

AHEAD_PER_WORKER = 3
"""So many chunks wait for or lie before each worker; more would only cost memory."""

Progress = Callable[[int, int], None]
"""Told how many bytes of how many were audited."""

_Opened = tuple[list[OpenedBatch | Unreadable], int]


@dataclass(slots=True)
class AuditRun:
    """One audit of one copy of a journal.

    Attributes:
        copy: where the journal lies.
        genesis: what it must begin with; None believes the journal.
        native: whether signatures are checked by the native extension.
        progress: told of it.
        log: the transparency log beside the journal, if there is one to compare.
        state: where it keeps how far it has come, if it is to; a log is compared from its first entry, without one.
        history: what was followed so far.
        signatures: how many were checked.
        snapshots: how many were compared.
    """

    copy: JournalCopy
    genesis: bytes | None
    native: bool
    progress: Progress | None = None
    log: LogAudit | None = None
    state: StateFile | None = None
    history: History | None = None
    signatures: int = 0
    snapshots: int = 0
    torn_tail: TornTail | None = None
    _found: DivergenceError | None = None
    _snapshots: dict[int, str] = field(default_factory=dict)
    _last: Place | None = None
    _standing: Standing | None = None
    _resumed: Standing | None = None
    _done: int = 0
    _total: int = 0

    async def audit(self, spawn: TaskSpawn) -> AuditReport:
        """Follow the whole journal and report.

        Raises:
            ConfigurationError: there is no journal, or it cannot be read.
        """
        divergence: DivergenceError | None = None
        try:
            if self.log is not None:
                await self.log.open()
            await self._follow(spawn)
            self._demand_end()
            if self.log is not None:
                await self.log.finish()
        except DivergenceError as error:
            divergence = await self._explained(error)
        else:
            self._save()
        tiles, statements = (0, 0) if self.log is None else (self.log.tiles, self.log.statements)
        checked = Checked(self.signatures, self.snapshots, tiles, statements, self.torn_tail)
        return AuditReport.of(self.history, divergence, checked)

    async def _follow(self, spawn: TaskSpawn) -> None:
        waiting: deque[tuple[list[Record], asyncio.Task[_Opened]]] = deque()
        most = max(1, spawn.workers) * AHEAD_PER_WORKER
        try:
            async for chunk in self._chunks():
                waiting.append((chunk, spawn.task(self._open(chunk, spawn), name="audit")))
                while len(waiting) >= most:
                    await self._take(waiting.popleft())
            while waiting:
                await self._take(waiting.popleft())
        except asyncio.CancelledError:
            self._save()
            raise
        finally:
            for _, task in waiting:
                task.cancel()
        if self._found is not None:
            raise self._found

    async def _explained(self, error: DivergenceError) -> DivergenceError:
        """The divergence; where an input of it was not unspent, with what had become of the coin."""
        if not error.inputs:
            return error
        again = AuditRun(self.copy, self.genesis, self.native)
        spent = [place async for place in again.spends_of(set(error.inputs), error.place)]
        since = f"it was spent at sequence {spent[0].sequence}" if spent else "it never was a coin"
        return DivergenceError(error.place, f"{error.meaning}: {since}")

    async def spends_of(self, coins: set[bytes], until: Place) -> AsyncIterator[Place]:
        """Read the journal, of which the signatures were checked before, and say where one of the coins is spent."""
        async for chunk in self._chunks():
            for record in chunk:
                if self.history is None or record.place == until:
                    return
                basis = self.history.basis
                [opened] = open_batches([record.payload], basis.domain, basis.limits, _believe)
                if isinstance(opened, Unreadable):
                    return
                applied = self.history.follow(opened, record.place)
                for each, status in zip(applied.transactions, applied.statuses, strict=True):
                    if status == SETTLED and not coins.isdisjoint({spent.coin_id for spent in each.spent}):
                        yield record.place

    async def _open(self, chunk: Sequence[Record], spawn: TaskSpawn) -> _Opened:
        if self.history is None:
            raise ConfigurationError("the journal has no genesis")
        basis, payloads = self.history.basis, [record.payload for record in chunk]
        return await spawn.call(open_chunk, payloads, basis.domain, basis.limits, native=self.native)

    async def _take(self, opening: tuple[list[Record], asyncio.Task[_Opened]]) -> None:
        chunk, task = opening
        opened, signatures = await task
        self.signatures += signatures
        for record, each in zip(chunk, opened, strict=True):
            await self._apply(record, each)
            self._done += len(record.payload)
        if self.state is not None and self.state.is_due():
            self._save()
        if self.progress is not None:
            self.progress(self._done, max(self._done, self._total))

    def _save(self) -> None:
        """Keep how far the audit has come, where a batch is done with."""
        if self.state is not None and self.history is not None and self._standing is not None:
            self.state.save(self.history, self._standing)

    async def _apply(self, record: Record, opened: OpenedBatch | Unreadable) -> None:
        place, self._standing = record.place, None
        if isinstance(opened, Unreadable):
            raise DivergenceError(place, opened.reason)
        if self.history is None:
            raise ConfigurationError("the journal has no genesis")
        applied = self.history.follow(opened, place)
        self._last = place
        if self.log is not None:
            self.log.take(applied, self.history)
        name = self._snapshots.pop(self.history.sequence, None)
        if name is not None:
            demand_same_snapshot(name, await self.copy.read(name), self.history)
            self.snapshots += 1
        segment = first_sequence_of(place.file) or 0
        self._standing = Standing(segment, place.offset, record.end, self.signatures)

    # --- reading ------------------------------------------------------------------------------------------------------

    async def _chunks(self) -> AsyncIterator[list[Record]]:
        """The batches of the journal in pieces; where it cannot be read on, that is `_found` for the end."""
        names = await self.copy.names()
        self._snapshots = {number: name for name in names if (number := snapshot_sequence_of(name)) is not None}
        firsts = sorted(number for name in names if (number := first_sequence_of(name)) is not None)
        if not firsts:
            raise ConfigurationError("there is no journal: name the directory with its segment files")
        if self.progress is not None:
            self._total = sum([await self.copy.size(segment_name(first)) for first in firsts])
        if firsts[0]:
            self._found = DivergenceError(Place(segment_name(0), 0, 0), "the journal's first segment is missing")
            return
        try:
            if self.state is not None:
                await self._resume(self.state, firsts)
            for first, following in self._ahead(firsts):
                async for chunk in self._chunks_of(first, following):
                    yield chunk
        except DivergenceError as error:
            self._found = error

    def _ahead(self, firsts: Sequence[int]) -> list[tuple[int, int | None]]:
        """The segments that were not followed to their end before, each with the one that follows it."""
        start = 0 if self._resumed is None else self._resumed.segment
        return [pair for pair in zip(firsts, [*firsts[1:], None], strict=True) if pair[0] >= start]

    async def _chunks_of(self, first: int, following: int | None) -> AsyncIterator[list[Record]]:
        name = segment_name(first)
        segment = Segment(name, await self.copy.read(name), first, is_last=following is None)
        self._demand_network(segment.open(), name, first)
        damage: DivergenceError | None = None
        chunk: list[Record] = []
        size = 0
        try:
            for record in self._records(segment):
                if record.place.sequence == 0:
                    self._begin(record, segment)
                    continue
                chunk.append(record)
                size += len(record.payload)
                if size >= CHUNK_BYTES:
                    yield chunk
                    chunk, size = [], 0
        except DivergenceError as error:
            damage = error
        self.torn_tail = segment.torn_tail
        if chunk:
            yield chunk
        if damage is not None:
            raise damage
        if following is not None and segment.next_sequence != following:
            place = Place(name, len(segment.data), segment.next_sequence)
            raise DivergenceError(
                place, f"it ends before record {segment.next_sequence}, and the next segment begins with {following}"
            )

    def _records(self, segment: Segment) -> Iterator[Record]:
        """The records that were not followed before."""
        standing = self._resumed
        if standing is None or self.history is None or segment.first_sequence != standing.segment:
            return segment.records()
        self._demand_same(segment, standing, self.history)
        return segment.records(standing.end, self.history.sequence + 1)

    @staticmethod
    def _demand_same(segment: Segment, standing: Standing, history: History) -> None:
        """The record that was followed last must still be the one that it was."""
        record = next(segment.records(standing.offset, history.sequence), None)
        if record is None or chain_head_of(record.payload, history.basis.domain) != history.chain_head:
            raise DivergenceError(
                Place(segment.name, standing.offset, history.sequence),
                "the record is not the one that was audited before: history was rewritten",
            )

    async def _resume(self, state: StateFile, firsts: Sequence[int]) -> None:
        """Begin with the genesis and go on from the state, if there is one."""
        first = Segment(segment_name(0), await self.copy.read(segment_name(0)), 0, is_last=len(firsts) == 1)
        first.open()
        record = next(first.records(), None)
        if record is None:
            return
        self._begin(record, first)
        if self.history is None:
            return
        self._resumed = state.load(self.history, segment_name(0))
        if self._resumed is None:
            return
        name = segment_name(self._resumed.segment)
        self._last = self._place_of(name, self._resumed, self.history)
        if self._resumed.segment not in firsts:
            raise DivergenceError(self._last, "the segment in which the audit stood is missing")
        self.signatures = self._resumed.signatures
        self._standing = self._resumed
        self._snapshots = {each: name for each, name in self._snapshots.items() if each > self.history.sequence}

    @staticmethod
    def _place_of(name: str, standing: Standing, history: History) -> Place:
        return Place(name, standing.offset, history.sequence)

    def _demand_network(self, network_id: bytes, name: str, first: int) -> None:
        if self.history is not None and network_id != self.history.basis.domain.network_id:
            raise DivergenceError(Place(name, 0, first), "the segment is another network's")

    def _begin(self, record: Record, segment: Segment) -> None:
        if self.genesis is not None and record.payload != self.genesis:
            raise DivergenceError(record.place, "the journal begins with another genesis than the one given")
        self.history = History.begin(record.payload, record.place)
        self._last = record.place
        self._demand_network(segment.open(), segment.name, 0)

    def _demand_end(self) -> None:
        if self.history is None:
            raise ConfigurationError("the journal is empty: it has not even a genesis")
        if self._last is not None:
            demand_supply(self.history, self._last)
        for sequence, name in sorted(self._snapshots.items()):
            if sequence > self.history.sequence:
                raise DivergenceError(
                    Place(name, 0, sequence),
                    f"the snapshot is of record {sequence}, and the journal ends with {self.history.sequence}: "
                    "the newest records are missing",
                )


def open_chunk(payloads: Sequence[bytes], domain: Domain, limits: Limits, *, native: bool) -> _Opened:
    """Open batches in a worker process, with how many signatures were checked; pure."""
    checked = 0

    def verify(signatures: Sequence[Signature]) -> Sequence[bool]:
        nonlocal checked
        checked += len(signatures)
        if not native:
            return verify_by_coin(signatures)
        valid = native_signatures()(signatures)
        # The second opinion on what the extension refuses.
        return [each or verify_by_coin([signature])[0] for each, signature in zip(valid, signatures, strict=True)]

    return open_batches(payloads, domain, limits, verify), checked


def _believe(signatures: Sequence[Signature]) -> Sequence[bool]:
    return [True] * len(signatures)
