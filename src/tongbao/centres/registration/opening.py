"""Opening the ledger: genesis, snapshot, the journal's tail, and the index brought to the journal's end."""

import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Protocol

from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.journal import Journal, Snapshot, Snapshots
from tongbao.centres.registration.ports import Store
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.coin import Batch, Genesis
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.kernel import AppliedBatch, Kernel

__all__ = ["OpenedLedger", "ReadableJournal", "open_kernel", "open_ledger", "read_genesis", "replay", "standing_of"]

REPLAY_GROUP_TRANSACTIONS = 2048  # index rows that one commit takes in while replaying

_CURE = (
    "verify the journal with `tongbao journal verify`, put back the files that it names from a copy, and start again; "
    "index and snapshots may be deleted, they are built from the journal"
)

_log = logging.getLogger(__name__)


class ReadableJournal(Protocol):
    """As much of a journal as a replay needs: one's own, or another's."""

    def read(self, from_sequence: int) -> AsyncIterator[tuple[int, bytes]]:
        """Sequence and bytes of each durable record, in order, from `from_sequence` on."""
        ...


@dataclass(frozen=True, slots=True)
class OpenedLedger:
    """What a start makes of the journal.

    Attributes:
        kernel: as it is after the journal's last batch.
        index: as it is after the same batch.
    """

    kernel: Kernel
    index: Index


def standing_of(kernel: Kernel) -> Standing:
    """Where the kernel stands."""
    return Standing(kernel.sequence, kernel.time_ms, kernel.chain_head)


async def open_ledger(
    journal: Journal,
    snapshots: Snapshots,
    store: Store,
    *,
    kernel_class: type[Kernel],
    receipt_key: SigningKey,
) -> OpenedLedger:
    """Bring kernel and index to the journal's end.

    Raises:
        ConfigurationError: there is no genesis, or the index belongs to another network.
        DamageError: the journal, or what was made of it, is not what was written.
    """
    genesis = await read_genesis(journal)
    index = Index(store, genesis.domain(), kernel_class.rows)
    indexed = await index.open()
    if indexed.sequence > journal.last_sequence:
        raise DamageError(
            f"the index knows of batch {indexed.sequence}, and the journal ends at {journal.last_sequence}: "
            f"acknowledged payments are missing; {_CURE}"
        )
    snapshot = await snapshots.newest()
    if snapshot is not None and snapshot.sequence > journal.last_sequence:
        raise DamageError(
            f"there is a snapshot of batch {snapshot.sequence}, and the journal ends at {journal.last_sequence}: "
            f"acknowledged payments are missing; {_CURE}"
        )
    opened = OpenedLedger(await open_kernel(journal, snapshot, genesis, kernel_class, indexed), index)
    del snapshot  # it may be large, and the kernel has it
    await replay(journal, opened, indexed, receipt_key)
    return opened


async def open_kernel(
    journal: ReadableJournal,
    snapshot: Snapshot | None,
    genesis: Genesis,
    kernel_class: type[Kernel],
    indexed: Standing,
) -> Kernel:
    """The kernel of the snapshot if the index can be brought to the journal's end from there, else a new one."""
    kernel = await _restore(journal, snapshot, lambda data: kernel_class.from_snapshot(genesis, data))
    if kernel is None or kernel.sequence > indexed.sequence:
        # What the index lacks is only to be had from a kernel that applies it.
        return kernel_class(genesis)
    return kernel


async def replay(
    journal: ReadableJournal,
    opened: OpenedLedger,
    indexed: Standing,
    receipt_key: SigningKey,
    *,
    applied: Callable[[Kernel], None] | None = None,
) -> None:
    """Apply every batch that the kernel lacks and bring the index up to it; `applied` is told of each.

    Raises:
        DamageError: the journal, or what was made of it, is not what was written.
    """
    await _Replay(journal, opened.kernel, opened.index, indexed, receipt_key).run(applied)


async def read_genesis(journal: ReadableJournal) -> Genesis:
    """The genesis at the journal's beginning.

    Raises:
        ConfigurationError: the journal is empty.
        DamageError: its first record is something else.
    """
    async for sequence, record in journal.read(0):
        try:
            return Genesis.decode(record)
        except RequestError as error:
            raise DamageError(f"record {sequence} of the journal is no genesis: {error}; {_CURE}") from None
    raise ConfigurationError("the journal is empty: make a network with `tongbao central-bank init` first")


async def _restore(
    journal: ReadableJournal, snapshot: Snapshot | None, decode: Callable[[bytes], Kernel]
) -> Kernel | None:
    """The kernel of the snapshot if that is whole and lies on the journal's chain."""
    if snapshot is None:
        return None
    try:
        kernel = decode(snapshot.state)
    except DamageError as error:
        _log.warning("a snapshot was passed over: %s", error)
        return None
    async for sequence, record in journal.read(snapshot.sequence):
        if (sequence, _chain_head(record, kernel)) == (kernel.sequence, kernel.chain_head):
            return kernel
        break
    _log.warning("a snapshot was passed over: it is not of batch %s of this journal", snapshot.sequence)
    return None


def _chain_head(record: bytes, kernel: Kernel) -> bytes:
    try:
        return Batch.decode(record).header.chain_head(kernel.domain)
    except RequestError:
        return b""


class _Replay:
    """One run over the journal's tail."""

    def __init__(
        self, journal: ReadableJournal, kernel: Kernel, index: Index, indexed: Standing, receipt_key: SigningKey
    ) -> None:
        self._journal = journal
        self._kernel = kernel
        self._index = index
        self._indexed = indexed
        self._receipt_key = receipt_key
        self._waiting: list[tuple[AppliedBatch, ReceiptTree]] = []

    async def run(self, told: Callable[[Kernel], None] | None) -> None:
        self._check_index()
        first = self._kernel.sequence + 1
        _log.debug("applying batches from %d on; the index knows those up to %d", first, self._indexed.sequence)
        async for sequence, record in self._journal.read(first):
            applied = self._apply(sequence, record)
            if told is not None:
                told(self._kernel)
            if sequence <= self._indexed.sequence:
                self._check_index()
                continue
            self._waiting.append(
                (applied, ReceiptTree.sign(applied, self._kernel.domain, self._receipt_key, self._kernel.rows))
            )
            if sum(len(each) + 1 for each, _ in self._waiting) >= REPLAY_GROUP_TRANSACTIONS:
                await self._take_in()
        await self._take_in()

    def _apply(self, sequence: int, record: bytes) -> AppliedBatch:
        kernel = self._kernel
        try:
            # Every submission was judged by the rules of its batch before it was written, and checksums and chain say
            # that the bytes are the same; whoever does not believe the writer replays with another program.
            return kernel.apply(record, judged_by=kernel.rules)
        except RequestError as error:
            raise DamageError(f"batch {sequence} of the journal cannot be applied: {error}; {_CURE}") from error

    def _check_index(self) -> None:
        """The index must have been made of this very journal."""
        kernel = self._kernel
        if kernel.sequence == self._indexed.sequence and kernel.chain_head != self._indexed.chain_head:
            raise DamageError(
                f"the index was made of another batch {kernel.sequence} than the journal holds: one of them was "
                f"replaced; {_CURE}"
            )

    async def _take_in(self) -> None:
        if self._waiting:
            await self._index.advance(self._waiting, standing_of(self._kernel))
            self._waiting.clear()
