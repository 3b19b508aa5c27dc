"""Planted bugs: does the simulation find what it is there to find?

Each is put into the running program from outside, as a defect that somebody might really make, and taken out again.
Meanwhile disasters are run, seed by seed, until a law breaks.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Final

from tongbao.adapters import journal_recovery
from tongbao.adapters.journal_directory import Segment, Tail, examine
from tongbao.adapters.segment_reader import Record
from tongbao.adapters.segment_writer import SegmentWriter
from tongbao.centres.registration import opening
from tongbao.centres.registration.following import Follower
from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.journal import TornTail
from tongbao.centres.registration.ledger import Ledger
from tongbao.centres.registration.ports import DiskFile
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.centres.registration.submitting import Submitting
from tongbao.coin import Outcome
from tongbao.errors import WorldError
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingState, Settlement
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.kernel import AppliedBatch, Kernel, ReferenceKernel
from tongbao.kernel.applied import VERDICT
from tongbao.simulation.disasters.running import run_one
from tongbao.simulation.disk import SimulatedDisk, SimulatedLock
from tongbao.wallets.paying import Payments
from tongbao.wallets.payment import Intent, WalletPayment, WalletPaymentState
from tongbao.wallets.store import WalletStore

__all__ = ["NAMES", "PLANTED", "Finding", "PlantedBug", "find", "find_named"]

LAW_SHOWN: Final = 160

PATIENCE_S: Final = 0.3
"""After which a home that frees too early takes no answer for a refusal."""

HELD_MS: Final = 5_000
"""For so long a wallet that forgets what it signed leaves the coins of it alone."""

Plant = Callable[[], AbstractContextManager[None]]


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """A defect to be found.

    Attributes:
        name: short.
        what: what the program then does wrong.
        plant: puts it in, and takes it out at the end of the block.
    """

    name: str
    what: str
    plant: Plant


@dataclass(frozen=True, slots=True)
class Finding:
    """How a planted bug came to light.

    Attributes:
        name: of the bug.
        what: the program does wrong with it.
        seeds: how many it took; None where none of them showed it.
        law: what broke.
    """

    name: str
    what: str
    seeds: int | None
    law: str

    @property
    def line(self) -> str:
        """For people."""
        how = "NOT FOUND" if self.seeds is None else f"found by seed {self.seeds}: {self.law[:LAW_SHOWN]}"
        return f"{self.name} ({self.what}): {how}"


def find(bug: PlantedBug, seeds: range) -> Finding:
    """Run disasters with the bug until one breaks a law."""
    with bug.plant():
        for number, seed in enumerate(seeds, 1):
            outcome = run_one(seed)
            if outcome.failure:
                return Finding(bug.name, bug.what, number, outcome.failure)
    return Finding(bug.name, bug.what, None, "")


def find_named(name: str, seeds: range) -> Finding:
    """The same by the bug's name, for another process."""
    return find(next(bug for bug in PLANTED if bug.name == name), seeds)


@contextmanager
def _replaced(owner: object, name: str, value: object) -> Iterator[None]:
    before = getattr(owner, name)
    setattr(owner, name, value)
    try:
        yield
    finally:
        setattr(owner, name, before)


@contextmanager
def _ack_before_fsync() -> Iterator[None]:
    async def write(self: Any, parts: Sequence[bytes]) -> None:  # noqa: ANN401  # a segment writer's own attributes
        await self._file.write(self.end, parts)
        self.end += sum(map(len, parts))

    with _replaced(SegmentWriter, "_write", write):
        yield


@contextmanager
def _fence_removed() -> Iterator[None]:
    async def lock(self: Any, path: str) -> SimulatedLock:  # noqa: ANN401
        return SimulatedLock(self._platter, path, self._incarnation)

    with _replaced(SimulatedDisk, "lock", lock):
        yield


class _ForgetfulIndex:
    """Knows of no earlier settlement."""

    async def places(self, _ids: object) -> dict[bytes, Any]:
        return {}


class _ForgetfulLedger:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self.index = _ForgetfulIndex()

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._ledger, name)


@contextmanager
def _dedupe_removed() -> Iterator[None]:
    begin = Submitting.__init__

    def begin_forgetful(self: Submitting, ledger: Ledger, *others: Any) -> None:  # noqa: ANN401
        begin(self, _ForgetfulLedger(ledger), *others)  # type: ignore[arg-type]  # that is the bug

    with _replaced(Submitting, "__init__", begin_forgetful):
        yield


@contextmanager
def _tail_cut_too_far() -> Iterator[None]:
    async def examine_too_short(segment: Segment, file: DiskFile) -> Tail:
        records: list[Record] = []
        tail = await examine(segment, file, records.append)
        if records and not tail.marked:
            cut = await file.size() - records[-1].offset
            tail.end, tail.next_sequence = records[-1].offset, records[-1].header.sequence
            tail.torn = TornTail(segment.path, tail.end, cut, "it may be torn", tail.next_sequence)
        return tail

    with _replaced(journal_recovery, "examine", examine_too_short):
        yield


@contextmanager
def _digest_not_compared() -> Iterator[None]:
    """A replica's memory turns one bit of a coin, and nobody compares."""
    follow = Follower.follow

    async def follow_badly(self: Follower) -> int:
        reached = await follow(self)
        _turn_bit(self.kernel)
        return reached

    async def compare(_self: Follower) -> None:
        return

    with _replaced(Follower, "follow", follow_badly), _replaced(Follower, "_compare", compare):
        yield


def _turn_bit(kernel: Kernel | None) -> None:
    if not isinstance(kernel, ReferenceKernel) or not kernel.state.unspent:
        return
    coin_id = next(iter(kernel.state.unspent))
    asset, home, value = kernel.state.unspent[coin_id]
    kernel.state.unspent[coin_id] = (asset, home, value | 1 << 20)


@contextmanager
def _retry_with_new_bytes() -> Iterator[None]:
    pay, save = Payments.pay, WalletStore.save_signed

    async def pay_anew(self: Any, intent: Intent) -> WalletPayment:  # noqa: ANN401
        held = self._coins.purse.reservation(intent.name)
        if self._signed.pop(intent.name, None) and held is not None:
            self._coins.purse.release(intent.name)
            ids = [coin.coin_id for coin in held.coins]
            forgotten = f"{intent.name} before {self.count}"
            self._coins.purse.reserve_these(
                forgotten, ids, now_ms=self._home.time_ms, until_ms=self._home.time_ms + HELD_MS
            )
        return await pay(self, intent)

    async def save_anyhow(self: WalletStore, payment: WalletPayment, **others: Any) -> WalletPayment | None:  # noqa: ANN401
        return await save(self, payment, **{**others, "replaced": range(payment.number)})

    with _replaced(Payments, "pay", pay_anew), _replaced(WalletStore, "save_signed", save_anyhow):
        yield


@contextmanager
def _partial_batch_applied() -> Iterator[None]:
    advance = Index.advance

    async def advance_partly(
        self: Index, batches: Sequence[tuple[AppliedBatch, ReceiptTree]], standing: Standing
    ) -> None:
        await advance(self, [(_without_last(applied), tree) for applied, tree in batches], standing)

    with _replaced(Index, "advance", advance_partly):
        yield


def _without_last(applied: AppliedBatch) -> AppliedBatch:
    """The batch without its last transaction, where it has several."""
    if len(applied.verdicts) <= VERDICT.size:
        return applied
    verdicts = applied.verdicts[: -VERDICT.size]
    return AppliedBatch(applied.header, applied.chain_head, verdicts, applied.created, applied.spent)


@contextmanager
def _absence_believed_early() -> Iterator[None]:
    conclude = Payments._conclude  # noqa: SLF001

    def proves_absence(self: Outcome, *, expiry_ms: int) -> bool:
        del expiry_ms
        return not self.settled

    async def ask_first(self: Any, payment: WalletPayment) -> WalletPayment | None:  # noqa: ANN401
        if await self._centre.proves_absence(payment):
            never = replace(payment, state=WalletPaymentState.NEVER, status="EXPIRED")
            await self._close([never])
            return None
        return await conclude(self, payment)

    with _replaced(Outcome, "proves_absence", proves_absence), _replaced(Payments, "_conclude", ask_first):
        yield


@contextmanager
def _index_stale_after_crash() -> Iterator[None]:
    async def take_in(self: Any) -> None:  # noqa: ANN401
        if self._waiting:
            await self._index.advance([], opening.standing_of(self._kernel))
            self._waiting.clear()

    with _replaced(opening._Replay, "_take_in", take_in):  # noqa: SLF001
        yield


@contextmanager
def _reservation_released_early() -> Iterator[None]:
    send = Submitter._send  # noqa: SLF001

    async def send_once(self: Any, batch: Sequence[Outgoing]) -> None:  # noqa: ANN401
        try:
            async with asyncio.timeout(PATIENCE_S):
                await send(self, batch)
        except (WorldError, TimeoutError):
            ledger = self._premises.ledger
            place = (ledger.sequence, ledger.time_ms)
            await self._conclude([Settlement(each, OutgoingState.ABSENT, "NO_ANSWER", None, *place) for each in batch])

    with _replaced(Submitter, "_send", send_once):
        yield


@contextmanager
def _answers_before_durable() -> Iterator[None]:
    """The answer to a read accounts for batches that are still being written."""
    settle = Ledger.settle

    async def settle_ahead(self: Ledger, *others: Any) -> Any:  # noqa: ANN401
        settled = await settle(self, *others)
        tip = self.tip
        self.standing = Standing(tip.sequence + 1, tip.time_ms, tip.chain_head)
        return settled

    with _replaced(Ledger, "settle", settle_ahead):
        yield


PLANTED: Final = (
    PlantedBug("ack before fsync", "a group of batches is answered before it is on the medium", _ack_before_fsync),
    PlantedBug("fence removed", "a second replica may write while the first one does", _fence_removed),
    PlantedBug("dedupe removed", "a transaction sent again is not looked up", _dedupe_removed),
    PlantedBug("tail repair off by one", "after a crash the last whole record is cut off, too", _tail_cut_too_far),
    PlantedBug("digest not compared", "a replica with a wrong coin in memory goes on", _digest_not_compared),
    PlantedBug("retry with new bytes", "a wallet signs anew what it has signed and sent", _retry_with_new_bytes),
    PlantedBug("partial batch applied", "the index lacks the last transaction of a batch", _partial_batch_applied),
    PlantedBug(
        "absence believed before expiry",
        "a wallet takes a payment for absent while it may settle",
        _absence_believed_early,
    ),
    PlantedBug(
        "index stale after crash", "a start does not bring the index to the journal's end", _index_stale_after_crash
    ),
    PlantedBug(
        "reservation released early",
        "a home frees what it reserved when no answer comes soon",
        _reservation_released_early,
    ),
    PlantedBug("answers run ahead", "an answer accounts for a batch that does not exist yet", _answers_before_durable),
)
"""Every planted bug, in the order of the table."""

NAMES: Final = tuple(bug.name for bug in PLANTED)
"""Their names."""
