"""Following: a replica of the registration centre applies what another one writes, and takes over when that one dies.

A follower reads the journal as it grows, applies every batch to a kernel and an index of its own, and compares the
digest of its state with the writer's wherever genesis wants one. Where the two differ it stops and says so: nothing
that it would answer, and nothing that it would write after it took over, could be relied on.

Who writes is decided by the journal alone: whoever can open it for writing (the file journal's lock, the expected
sequence of a replicated one) and makes its first heartbeat durable. No clock has a say in it.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tongbao.centres.registration.index import Index
from tongbao.centres.registration.journal import Journal, JournalLockedError, Snapshots, StateDigests
from tongbao.centres.registration.opening import OpenedLedger, open_kernel, read_genesis, replay
from tongbao.centres.registration.ports import Clock, Store
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import BusyError, ConfigurationError, InvariantError
from tongbao.kernel import Kernel

__all__ = ["Follower", "FollowerPorts", "JournalView", "ReplicaDivergedError", "follow_until_writer"]

LOOK_S = 0.25
"""Between two looks at the journal: a takeover takes no longer than this and the replay of what came since."""

COMPARED_MAX = 8
"""Own digests that wait for the writer's: as many as a writer keeps."""

_log = logging.getLogger(__name__)


class ReplicaDivergedError(InvariantError):
    """This replica's state is not the writer's, though both have applied the same batches.

    Attributes:
        sequence: the batch after which the two were compared.
        own: this replica's digest.
        published: the writer's.
    """

    def __init__(self, *, sequence: int, own: bytes, published: bytes) -> None:
        super().__init__(
            f"after batch {sequence} the state of this replica has the digest {own.hex()}, and the writer's has "
            f"{published.hex()}: the memory or the program of one of them is wrong. This replica stops. Replay the "
            "journal on a third machine; the one whose digest differs from that is to be started anew from an empty "
            "directory"
        )
        self.sequence = sequence
        self.own = own
        self.published = published


class JournalView(Protocol):
    """A journal that another process writes."""

    def read(self, from_sequence: int) -> AsyncIterator[tuple[int, bytes]]:
        """Sequence and bytes of each record that is known to be durable, in order, from `from_sequence` on.

        Raises:
            JournalDamageError: at the first record that is not what was written.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowerPorts:
    """The world, as a follower reaches it.

    Attributes:
        journal: another's, to be read only.
        snapshots: of the same network.
        digests: what the writer says of its state.
        store: the follower's own index.
    """

    journal: JournalView
    snapshots: Snapshots
    digests: StateDigests
    store: Store


class Follower:
    """A kernel and an index that follow another's journal; `start` before anything else."""

    def __init__(self, ports: FollowerPorts, *, kernel_class: type[Kernel], receipt_key: SigningKey) -> None:
        self._ports = ports
        self._kernel_class = kernel_class
        self._receipt_key = receipt_key
        self._ledger: OpenedLedger | None = None
        self._uncompared: dict[int, bytes] = {}

    async def start(self) -> None:
        """Open snapshot and index and apply the journal's tail.

        Raises:
            BusyError: the journal does not show yet what this replica knows, or has no genesis; ask again.
            ReplicaDivergedError: the state is not the writer's.
            DamageError: the journal, or what was made of it, is not what was written.
        """
        ports = self._ports
        snapshot = await ports.snapshots.newest()
        last = await self._last_sequence(0 if snapshot is None else snapshot.sequence)
        genesis = await read_genesis(ports.journal)
        index = Index(ports.store, genesis.domain(), self._kernel_class.rows)
        indexed = await index.open()
        if indexed.sequence > last:
            # This replica wrote the last group itself: it counts for others once something is written after it.
            raise BusyError(f"the index knows of batch {indexed.sequence}, the journal shows those up to {last}")
        kernel = await open_kernel(ports.journal, snapshot, genesis, self._kernel_class, indexed)
        del snapshot  # it may be large, and the kernel has it
        self._ledger = OpenedLedger(kernel, index)
        await self._apply(ports.journal)

    async def _last_sequence(self, from_sequence: int) -> int:
        sequences = [sequence async for sequence, _ in self._ports.journal.read(from_sequence)]
        if not sequences:
            raise BusyError("the journal shows nothing durable yet, or less than there is a snapshot of")
        return sequences[-1]

    @property
    def kernel(self) -> Kernel | None:
        """As it is after the last batch that was applied, to be read only; None before `start`."""
        return None if self._ledger is None else self._ledger.kernel

    def _opened(self) -> OpenedLedger:
        if self._ledger is None:
            raise BusyError("this replica has not started")
        return self._ledger

    async def follow(self) -> int:
        """Apply what has become durable since, compare digests, and return the last batch's sequence.

        Raises:
            ReplicaDivergedError: the state is not the writer's.
            DamageError: the journal is not what was written.
        """
        await self._apply(self._ports.journal)
        return self._opened().kernel.sequence

    async def take_over(self, journal: Journal) -> OpenedLedger:
        """Apply the rest of a journal that is now this replica's own; the ledger is then the new writer's."""
        await self._apply(journal)
        return self._opened()

    async def _apply(self, journal: JournalView) -> None:
        ledger = self._opened()
        indexed = await ledger.index.standing()
        await replay(journal, ledger, indexed, self._receipt_key, applied=self._remember_digest)
        await self._compare()

    def _remember_digest(self, kernel: Kernel) -> None:
        if kernel.sequence % kernel.genesis.limits.snapshot_every == 0:
            self._uncompared[kernel.sequence] = kernel.state_digest()
            for old in list(self._uncompared)[:-COMPARED_MAX]:
                del self._uncompared[old]

    async def _compare(self) -> None:
        for sequence, own in list(self._uncompared.items()):
            published = await self._ports.digests.published(sequence)
            if published is None:
                continue
            if published != own:
                raise ReplicaDivergedError(sequence=sequence, own=own, published=published)
            del self._uncompared[sequence]


async def follow_until_writer(
    follower: Follower, open_journal: Callable[[], Awaitable[Journal]], clock: Clock, *, look_s: float = LOOK_S
) -> tuple[Journal, OpenedLedger | None]:
    """Follow until the journal can be opened for writing; return it with the ledger at its end; look every `look_s`.

    The ledger is None where this replica has not followed at all: then it opens as after any start.
    """
    started = False
    while True:
        try:
            journal = await open_journal()
        except JournalLockedError:
            journal = None
        if journal is not None:
            return journal, await _taken_over(follower, journal) if started else None
        try:
            if started:
                await follower.follow()
            else:
                await follower.start()
                started = True
                _log.info("following the writer")
        except (BusyError, ConfigurationError) as error:
            _log.info("not following yet: %s", error)
        await clock.sleep(look_s)


async def _taken_over(follower: Follower, journal: Journal) -> OpenedLedger:
    try:
        return await follower.take_over(journal)
    except BaseException:
        await journal.close()
        raise
