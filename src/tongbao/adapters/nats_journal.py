"""The journal on NATS JetStream: the same records at one, three or five servers, with one writer.

`docs/reference/journal.md` says what it promises. A record is a message; the engine's expected last sequence is the
fence, and links from message to message are what is believed (`nats_record`).
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from typing import Final, TypeVar

from tongbao.adapters.nats_client import NatsClient, RefusalError, Told
from tongbao.adapters.nats_place import NatsPlace
from tongbao.adapters.nats_record import WRITER_BYTES, Point, Record, chained, start_of
from tongbao.adapters.nats_stream import Extent, NatsStream
from tongbao.centres.registration.journal import (
    GROUP_BYTES_MAX,
    RECORD_BYTES_MAX,
    FenceLostError,
    Finding,
    JournalDamageError,
    UnsettledAppendError,
)
from tongbao.errors import (
    ConfigurationError,
    DamageError,
    DiskFullError,
    InvariantError,
    NetworkError,
    StorageError,
)

__all__ = ["NatsJournal"]

T = TypeVar("T")

ATTEMPT_S: Final = 3.0
"""How long one sending is waited for: with a sync at every server it takes milliseconds, and seconds on a bad disk."""
PATIENCE_S: Final = 12.0
"""A new leader is found within ten seconds; what takes longer is no change of leaders."""
STALLED_PATIENCE_S: Final = 2.0
"""Once the servers were found not to answer, the next is told so sooner."""
PAUSE_S: Final = 0.1
READ_AHEAD: Final = 8
"""Requests at a time; eight records of the largest size are less than what a server lets a slow reader owe it."""
LAG_S_MAX: Final = 15.0
"""So long may a leader lack what is there: one that was just chosen, or one that does not know yet that it is none."""
LAG_ALONE_S_MAX: Final = 0.3
"""A server that keeps the journal alone lacks nothing that ever comes."""

NO_ROOM: Final = frozenset({10002, 10023, 10047, 10077})

_CURE = (
    "Acknowledged payments are in it, so change nothing by hand: stop the server that leads the stream, keep its store "
    "as it is, and let it fetch the records anew from the others, as docs/operations/cluster.md says"
)

_log = logging.getLogger(__name__)


class NatsJournal:
    """The port `Journal` on the servers of a cluster; made by `open`.

    Attributes:
        network_id: the network whose journal this is.
        retries: how often records were sent again or looked for, because no answer came.
        stalled: whether the last append ended without an answer.
    """

    def __init__(
        self, client: NatsClient, stream: NatsStream, tail: Point, *, network_id: bytes, writer: bytes, make: bool
    ) -> None:
        self.network_id = network_id
        self.retries = 0
        self.stalled = False
        self._client = client
        self._stream = stream
        self._writer = writer
        self._make = make
        self._tail = tail
        self._turn = asyncio.Lock()
        self._attempted = False
        self._closed = False
        self._damage: JournalDamageError | None = None

    @classmethod
    async def open(
        cls,
        place: NatsPlace,
        *,
        network_id: bytes,
        entropy: Callable[[int], bytes],
        at_least_sequence: int = -1,
        make: bool = True,
    ) -> "NatsJournal":
        """Open the network's journal at the servers; where there is none, `make` one, or refuse.

        `entropy` draws the name of this writer. `at_least_sequence` is the last record that anybody else knows to be
        acknowledged: a journal that ends before it is damaged.

        Raises:
            ConfigurationError: the servers do not answer, do not keep what they acknowledge, or hold another network.
            JournalDamageError: acknowledged records are missing or changed.
            NetworkError: too few servers answer.
        """
        client = await NatsClient.connect(place)
        try:
            stream = NatsStream(client, network_id)
            start, writer = start_of(network_id), entropy(WRITER_BYTES)
            journal = cls(client, stream, start, network_id=network_id, writer=writer, make=make)
            await journal._patiently(stream.demand_servers)
            await journal._find_tail(at_least_sequence)
        except BaseException:
            await client.close()
            raise
        return journal

    @property
    def last_sequence(self) -> int:
        """The last durable record's sequence that this process knows of, -1 while there is none."""
        return self._tail.sequence

    async def append(self, expected_sequence: int, batches: Sequence[bytes]) -> int:
        """Have a majority of the servers keep the batches; see `Journal.append`."""
        async with self._turn:
            _demand_sizes(batches)
            if self._closed:
                raise StorageError(f"the journal at {self._client.place} is closed; open it again")
            if self._damage is not None:
                raise self._damage
            if expected_sequence != self._tail.sequence + 1:
                raise FenceLostError(expected_sequence=expected_sequence, next_sequence=self._tail.sequence + 1)
            if batches:
                self._attempted = True
                await self._append(chained(self._tail, batches, writer=self._writer))
                self._attempted = self.stalled = False
            return self._tail.sequence

    async def _append(self, records: list[Record]) -> None:
        """Send what is not there yet until all is there or somebody else wrote, or patience ends."""
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + (STALLED_PATIENCE_S if self.stalled else PATIENCE_S)
        waiting, first = records, True
        while True:
            told = await self._stream.append(waiting, timeout_s=ATTEMPT_S)
            kept = self._count_kept(waiting, told)
            waiting = waiting[kept:]
            if not waiting:
                break
            problem = told[kept]
            waiting = await self._skip_kept(waiting, records[0].point.sequence)
            if not waiting:
                break
            if first and len(waiting) == len(records) and _is_full(problem):
                raise DiskFullError(f"the servers of {self._client.place} have no room: {problem}; make some")
            if now_s() > until_s:
                self.stalled = True
                raise UnsettledAppendError(
                    f"of the journal's servers at {self._client.place}, too few answer ({problem}): start them, and "
                    "the work goes on; nothing that was acknowledged is lost"
                )
            self.retries += 1
            first = False
            await asyncio.sleep(PAUSE_S)
        self._tail = records[-1].point

    def _count_kept(self, waiting: Sequence[Record], told: Sequence[Told]) -> int:
        """How many of the first records the servers have acknowledged."""
        for number, (record, answer) in enumerate(zip(waiting, told, strict=True)):
            if isinstance(answer, Exception):
                return number
            if answer != record.point.sequence + 1:
                reason = f"the servers gave message {answer} to record {record.point.sequence}"
                raise self._halted(record.point.sequence, reason)
        return len(waiting)

    async def _skip_kept(self, waiting: list[Record], first_sequence: int) -> list[Record]:
        """What the stream does not hold yet of records about which no answer came.

        Raises:
            FenceLostError: something else stands in their place.
        """
        while waiting:
            try:
                found = await self._stream.get(waiting[0].point.sequence)
            except NetworkError:
                return waiting
            except DamageError as error:
                raise self._halted(waiting[0].point.sequence, str(error)) from error
            if found is None:
                return waiting
            if found != waiting[0]:
                self._attempted = False
                await self._follow()
                raise FenceLostError(expected_sequence=first_sequence, next_sequence=self._tail.sequence + 1)
            waiting = waiting[1:]
        return waiting

    async def _follow(self) -> None:
        """Read on to the end of what others wrote, as far as the servers answer."""
        with contextlib.suppress(NetworkError):
            last = (await self._extent(self._tail.sequence)).last_sequence
            async for _ in self._read(self._tail, last):
                pass

    async def _find_tail(self, at_least_sequence: int) -> None:
        last = (await self._extent(at_least_sequence)).last_sequence
        if last >= 0:
            async for _ in self._read(await self._point(last - 1), last):
                pass

    async def _extent(self, at_least_sequence: int) -> Extent:
        """What the stream holds, which is made if missing.

        Raises:
            JournalDamageError: a record is missing.
            NetworkError: no leader answers.
        """

        async def ask() -> Extent:
            extent = await self._stream.extent()
            if extent is None and at_least_sequence < 0:
                extent = await self._made()
            next_sequence = 0 if extent is None else extent.last_sequence + 1
            if extent is None or next_sequence <= at_least_sequence:
                reason = f"the journal ends before record {next_sequence}, and {at_least_sequence} was acknowledged"
                raise self._damaged(next_sequence, reason)
            if not extent.whole:
                raise self._damaged(extent.last_sequence, "the stream has holes, as its leader itself reports")
            return extent

        return await self._patiently(ask)

    async def _made(self) -> Extent | None:
        if not self._make:
            raise ConfigurationError(
                f"the servers of {self._client.place} hold no journal of the network {self.network_id.hex()}: name "
                "those that do"
            )
        await self._stream.make()
        return await self._stream.extent()

    async def read(self, from_sequence: int) -> AsyncGenerator[tuple[int, bytes], None]:
        """Sequence and bytes of each record that a majority keeps, in order; see `Journal.read`."""
        first, last = max(from_sequence, 0), (await self._extent(self._tail.sequence)).last_sequence
        if first <= last:
            async for record in self._read(await self._point(first - 1), last):
                yield record.point.sequence, record.payload

    async def _point(self, sequence: int) -> Point:
        """Where the journal stands after the record, by that record's own word."""
        if sequence == self._tail.sequence:
            return self._tail
        if sequence < 0:
            return start_of(self.network_id)
        return (await self._get(sequence)).point

    async def _read(self, before: Point, last_sequence: int) -> AsyncGenerator[Record, None]:
        """The records after `before` up to one that is there; each must follow from the one before it."""
        while before.sequence < last_sequence:
            first = before.sequence + 1
            asked = range(first, min(first + READ_AHEAD, last_sequence + 1))
            for record in await asyncio.gather(*(self._get(sequence) for sequence in asked)):
                if not record.follows(before):
                    raise self._halted(record.point.sequence, "the record does not follow from the one before it")
                before = record.point
                self._demand_known(before)
                yield record

    def _demand_known(self, point: Point) -> None:
        """Hold a point against the end that is known, or take it as the new end."""
        if point.sequence == self._tail.sequence and point != self._tail:
            raise self._halted(point.sequence, "the record is another one than was written or read before")
        if point.sequence > self._tail.sequence and not self._attempted:
            self._tail = point

    async def _get(self, sequence: int) -> Record:
        """A record that is there.

        Raises:
            JournalDamageError: it is missing or none that a journal wrote.
            NetworkError: no leader answers.
        """

        async def get() -> Record:
            try:
                record = await self._stream.get(sequence)
            except DamageError as error:
                raise self._damaged(sequence, str(error)) from error
            if record is None:
                raise self._damaged(sequence, "the record is missing, and later ones are there")
            return record

        return await self._patiently(get)

    async def _patiently(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What `ask` returns, once the servers have a leader that knows what it holds.

        Raises:
            NetworkError: they do not soon.
            JournalDamageError: what is missing does not come; nothing is written from now on.
        """
        now_s = asyncio.get_running_loop().time
        began_s, lag_s = now_s(), LAG_S_MAX if len(self._client.place.servers) > 1 else LAG_ALONE_S_MAX
        while True:
            try:
                return await ask()
            except NetworkError:
                if now_s() > began_s + PATIENCE_S:
                    raise
            except JournalDamageError as damage:
                if now_s() > began_s + lag_s:
                    self._damage = damage
                    raise
            await asyncio.sleep(PAUSE_S)

    def _damaged(self, sequence: int, reason: str) -> JournalDamageError:
        file = f"{self._client.place} stream {self._stream.name} record {sequence}"
        return JournalDamageError(Finding(file, 0, reason, _CURE))

    def _halted(self, sequence: int, reason: str) -> JournalDamageError:
        """The damage after which nothing is written any more."""
        self._damage = self._damaged(sequence, reason)
        return self._damage

    async def close(self) -> None:
        """End the connection; a second time does nothing."""
        async with self._turn:
            self._closed = True
            await self._client.close()


def _is_full(problem: object) -> bool:
    return isinstance(problem, RefusalError) and problem.code in NO_ROOM


def _demand_sizes(batches: Sequence[bytes]) -> None:
    """Refuse what no writer of ours sends."""
    group_bytes = sum(map(len, batches))
    if group_bytes > GROUP_BYTES_MAX:
        raise InvariantError(f"a group commit of {group_bytes} bytes; at most {GROUP_BYTES_MAX} are allowed")
    for batch in batches:
        if not 0 < len(batch) <= RECORD_BYTES_MAX:
            raise InvariantError(f"a record of {len(batch)} bytes; it must have 1 to {RECORD_BYTES_MAX}")
