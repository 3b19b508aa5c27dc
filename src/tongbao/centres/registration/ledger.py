"""The ledger: journal, kernel and index, which go on together. Append, then apply, then index, then answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.journal import FenceLostError, Journal, JournalDamageError
from tongbao.centres.registration.metrics import RegistrationMetrics
from tongbao.centres.registration.opening import OpenedLedger, standing_of
from tongbao.centres.registration.receipts import ReceiptBook, ReceiptTree
from tongbao.centres.registration.waiting import Draft
from tongbao.coin import Batch, BatchHeader, PublicKey
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, InvariantError, RequestError
from tongbao.kernel import AppliedBatch, Kernel

__all__ = ["FATAL", "Ledger", "SettledBatch"]

FATAL = (InvariantError, FenceLostError, JournalDamageError, ConfigurationError)
"""After these the centre steps down: another writer is at work, or nothing can be written ever again."""


@dataclass(frozen=True, slots=True)
class SettledBatch:
    """A batch that is durable, applied and in the index.

    Attributes:
        applied: what it did.
        tree: its receipts.
    """

    applied: AppliedBatch
    tree: ReceiptTree


class Ledger:
    """One writer's ledger.

    Attributes:
        kernel: to be read only.
        index: to be asked only.
        book: the receipts of every batch.
        standing: what answers account for; the kernel may be ahead of it while the index is behind.
    """

    def __init__(self, opened: OpenedLedger, journal: Journal, receipt_key: SigningKey) -> None:
        self.kernel: Kernel = opened.kernel
        self.index: Index = opened.index
        self.book = ReceiptBook(opened.index.receipts_of)
        self.standing: Standing = standing_of(opened.kernel)
        self._journal = journal
        self._receipt_key = receipt_key
        self._behind: list[SettledBatch] = []

    def demand_receipt_key(self) -> None:
        """Raise `ConfigurationError` unless control admits the key with which receipts are signed."""
        if PublicKey.ed25519(self._receipt_key.public_key) not in self.kernel.control.receipt_keys:
            raise ConfigurationError(
                "the receipt key is none of those that genesis or control admits: configure the key file of one that "
                "is, or another journal"
            )

    async def settle(self, drafts: Sequence[Draft], metrics: RegistrationMetrics) -> list[SettledBatch]:
        """Write the drafts in one group commit, apply them and bring the index up to them.

        Raises:
            WorldError: nothing of it happened, or (where it is durable and the index failed) it did and is answered
                from the index once that can be written again. Asking again with the same bytes is right in both cases.
        """
        await self.catch_up()
        now_s = asyncio.get_running_loop().time
        batches, started_s = self._encode(drafts), now_s()
        await self._journal.append(self.kernel.sequence + 1, batches)
        durable_s = now_s()
        settled = [self._apply(data) for data in batches]
        self._behind.extend(settled)
        applied_s = now_s()
        await self.catch_up()
        metrics.append_seconds.observe(durable_s - started_s)
        metrics.apply_seconds.observe(applied_s - durable_s)
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
            self._behind.clear()
            self.standing = standing

    def _encode(self, drafts: Sequence[Draft]) -> list[bytes]:
        """The batches' bytes, each naming the one before."""
        kernel, domain = self.kernel, self.kernel.domain
        header = BatchHeader(
            kind=drafts[0].kind,
            network_id=domain.network_id,
            sequence=kernel.sequence,
            previous=kernel.chain_head,
            time_ms=kernel.time_ms,
            rules=kernel.rules,
            applied_sequence=kernel.sequence,
            applied_statuses=kernel.applied_statuses(kernel.sequence),
            body_hash=bytes(32),
        )
        encoded, previous = [], kernel.chain_head
        for draft in drafts:
            submissions = tuple([each.data for each in draft.submissions])
            header = replace(
                header,
                kind=draft.kind,
                sequence=header.sequence + 1,
                previous=previous,
                time_ms=draft.time_ms,
                body_hash=Batch.body_hash(submissions, domain),
            )
            previous = header.chain_head(domain)
            encoded.append(Batch(header, submissions).encode())
        return encoded

    def _apply(self, data: bytes) -> SettledBatch:
        kernel = self.kernel
        try:
            applied = kernel.apply(data, judged_by=kernel.rules)
        except RequestError as error:
            # It is durable and cannot be taken back: this writer's mistake, which no replica would accept either.
            raise InvariantError(f"batch {kernel.sequence + 1} was written and cannot be applied: {error}") from error
        return SettledBatch(applied, ReceiptTree.sign(applied, kernel.domain, self._receipt_key))
