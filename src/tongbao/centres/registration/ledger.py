"""The ledger: journal, kernel and index, which go on together. Append, then apply, then index, then answer.

While one group of batches is being written, the one before is applied. So the headers of a group are made when the
kernel may lack the group before; each names the oldest batch of money whose verdicts are known and that no other names.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.journal import FenceLostError, Journal, JournalDamageError, UnsettledAppendError
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.opening import OpenedLedger, standing_of
from tongbao.centres.registration.receipts import ReceiptBook, ReceiptTree
from tongbao.centres.registration.waiting import Draft
from tongbao.coin import BatchHeader, PublicKey
from tongbao.coin.batch import BODY_UNHASHED, BatchKind
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, InvariantError, RequestError
from tongbao.kernel import AppliedBatch, FormedBatch, Kernel

__all__ = ["FATAL", "Ledger", "SettledBatch", "Tip", "WrittenBatch"]

FATAL = (InvariantError, FenceLostError, JournalDamageError, ConfigurationError)
"""After these the centre steps down: another writer is at work, or nothing can be written ever again."""


@dataclass(frozen=True, slots=True)
class WrittenBatch:
    """A batch that is durable.

    Attributes:
        draft: what it was made of.
        formed: its bytes, with their hashes.
    """

    draft: Draft
    formed: FormedBatch


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """A batch that is durable, applied and in the index.

    Attributes:
        draft: what it was made of.
        applied: what it did.
        tree: its receipts.
    """

    draft: Draft
    applied: AppliedBatch
    tree: ReceiptTree


@dataclass(frozen=True, slots=True)
class Tip:
    """The last batch that is durable; the kernel may not have applied it yet.

    Attributes:
        sequence: of the batch.
        time_ms: its ledger time.
        chain_head: 32 bytes.
    """

    sequence: int
    time_ms: int
    chain_head: bytes


@dataclass(frozen=True, slots=True)
class _Group:
    """What is written at once: drafts, their bytes, how many verdicts they name, where the journal then ends."""

    drafts: Sequence[Draft]
    formed: Sequence[FormedBatch]
    named: int
    tip: Tip


class Ledger:
    """One writer's ledger.

    Attributes:
        kernel: to be read only.
        index: to be asked only.
        book: the receipts of every batch.
        standing: what answers account for; the kernel may be ahead of it while the index is behind.
        tip: where the journal ends.
        when_indexed: is told of each batch that answers account for, in their order.
    """

    def __init__(self, opened: OpenedLedger, journal: Journal, receipt_key: SigningKey) -> None:
        self.kernel: Kernel = opened.kernel
        self.index: Index = opened.index
        self.book = ReceiptBook(opened.index.receipts_of)
        self.standing: Standing = standing_of(opened.kernel)
        self.tip = _tip_of(opened.kernel)
        self.when_indexed: Callable[[SettledBatch], None] = lambda _: None
        self._journal = journal
        self._receipt_key = receipt_key
        self._behind: list[SettledBatch] = []
        self._unsettled: _Group | None = None
        # Batches with money that no header has named yet.
        self._unnamed: deque[int] = deque()

    @property
    def is_behind(self) -> bool:
        """Whether the index lacks what the kernel has applied, because its database failed."""
        return bool(self._behind)

    @property
    def is_unsettled(self) -> bool:
        """Whether it is not known if the last group is durable; `write_again` is to say so before the next `write`."""
        return self._unsettled is not None

    @property
    def unnamed(self) -> int:
        """How many batches with money there are whose verdicts no later batch names."""
        return len(self._unnamed)

    def demand_receipt_key(self) -> None:
        """Raise `ConfigurationError` unless control admits the key with which receipts are signed."""
        if PublicKey.ed25519(self._receipt_key.public_key) not in self.kernel.control.receipt_keys:
            raise ConfigurationError(
                "the receipt key is none of those that genesis or control admits: configure the key file of one that "
                "is, or another journal"
            )

    async def write(self, drafts: Sequence[Draft], metrics: RegistrationMetrics) -> list[WrittenBatch]:
        """Make the drafts durable in one group commit; the kernel may be at work on the group before meanwhile.

        Raises:
            UnsettledAppendError: it is not known whether any of it happened; `write_again` is next.
            WorldError: nothing of it happened; the same may be written again.
        """
        if self._unsettled is not None:
            raise InvariantError("a group was to be written before it is known what became of the one before")
        return await self._append(_Group(drafts, *self._form(drafts)), metrics)

    async def write_again(self, metrics: RegistrationMetrics) -> list[WrittenBatch]:
        """Settle what became of the group of which it is not known, which makes it durable.

        Raises:
            UnsettledAppendError: it is still not known.
        """
        return [] if self._unsettled is None else await self._append(self._unsettled, metrics)

    async def _append(self, group: _Group, metrics: RegistrationMetrics) -> list[WrittenBatch]:
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        try:
            await self._journal.append(self.tip.sequence + 1, [each.data for each in group.formed])
        except UnsettledAppendError:
            self._unsettled = group
            raise
        metrics.append_seconds.observe(now_s() - started_s)
        self._unsettled, self.tip = None, group.tip
        for _ in range(group.named):
            self._unnamed.popleft()
        first = self.tip.sequence + 1 - len(group.drafts)
        self._unnamed.extend([first + at for at, draft in enumerate(group.drafts) if draft.kind == BatchKind.MONEY])
        return [WrittenBatch(draft, each) for draft, each in zip(group.drafts, group.formed, strict=True)]

    async def settle(self, written: Sequence[WrittenBatch], metrics: RegistrationMetrics) -> list[SettledBatch]:
        """Apply what is durable and bring the index up to it.

        Raises:
            WorldError: the index failed; the batches are answered from it once it can be written again.
        """
        now_s = asyncio.get_running_loop().time
        started_s = now_s()
        settled = [self._apply(each) for each in written]
        self._behind.extend(settled)
        if self.tip.sequence == self.kernel.sequence:
            self.tip = _tip_of(self.kernel)  # control may have set the clock
        applied_s = now_s()
        await self.catch_up()
        metrics.apply_seconds.observe(applied_s - started_s)
        metrics.index_seconds.observe(now_s() - applied_s)
        self.demand_receipt_key()
        return settled

    async def catch_up(self) -> None:
        """Bring the index to where the kernel is; it stays behind only where its database failed."""
        if self._behind:
            standing = standing_of(self.kernel)
            await self.index.advance([(each.applied, each.tree) for each in self._behind], standing)
            for each in self._behind:
                self.book.keep(each.tree)
                self.when_indexed(each)
            self._behind.clear()
            self.standing = standing

    def _form(self, drafts: Sequence[Draft]) -> tuple[list[FormedBatch], int, Tip]:
        """The batches, each naming the one before; how many verdicts they name; where the journal then ends."""
        kernel, domain, tip = self.kernel, self.kernel.domain, self.tip
        nameable = [sequence for sequence in self._unnamed if sequence <= kernel.sequence]
        formed = []
        for number, draft in enumerate(drafts):
            applied = nameable[number] if number < len(nameable) else kernel.sequence
            header = BatchHeader(
                kind=draft.kind,
                network_id=domain.network_id,
                sequence=tip.sequence + 1,
                previous=tip.chain_head,
                time_ms=draft.time_ms,
                rules=kernel.rules,
                applied_sequence=applied,
                applied_statuses=kernel.applied_statuses(applied),
                body_hash=BODY_UNHASHED,
            )
            formed.append(kernel.form(header, [each.data for each in draft.submissions], domain))
            tip = Tip(header.sequence, header.time_ms, formed[-1].chain_head)
        return formed, min(len(drafts), len(nameable)), tip

    def _apply(self, written: WrittenBatch) -> SettledBatch:
        kernel = self.kernel
        judged = [each.judged for each in written.draft.submissions]
        try:
            applied = kernel.apply(written.formed, judged=judged, judged_by=kernel.rules)
        except RequestError as error:
            # It is durable and cannot be taken back: this writer's mistake, which no replica would accept either.
            raise InvariantError(f"batch {kernel.sequence + 1} was written and cannot be applied: {error}") from error
        return SettledBatch(
            written.draft, applied, ReceiptTree.sign(applied, kernel.domain, self._receipt_key, kernel.rows)
        )


def _tip_of(kernel: Kernel) -> Tip:
    return Tip(kernel.sequence, kernel.time_ms, kernel.chain_head)
