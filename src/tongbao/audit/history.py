"""The auditor itself: one record after another, each held against what the records before it make of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.judge import Basis
from tongbao.audit.lies import named_otherwise
from tongbao.audit.memory import Memory, Moment
from tongbao.audit.opened import Opened, OpenedBatch, OpenedSubmission
from tongbao.audit.settling import refusal_of, settle
from tongbao.audit.words import SETTLED, meaning_of, name_of, number_of
from tongbao.coin import BatchHeader, BatchKind, Genesis, Kind, statuses_hash
from tongbao.coin.control import ClockOperation
from tongbao.errors import RequestError

__all__ = ["APPLIED_BEHIND_MAX", "Applied", "History"]

APPLIED_BEHIND_MAX = 8
"""A header names the verdicts on one of so many batches before it."""

MONEY_STEP_MAX_MS = 60_000
HEARTBEAT_STEP_MAX_MS = 24 * 3_600_000
"""How far ledger time may step from batch to batch (docs/concepts/time.md); on a test network a heartbeat any step."""


class Applied(NamedTuple):
    """A batch, and what the auditor says to each of its transactions."""

    place: Place
    transactions: Sequence[Opened]
    statuses: Sequence[int]
    statuses_hash: bytes


@dataclass(slots=True)
class History:
    """What the records so far amount to.

    Attributes:
        genesis: record 0.
        memory: coins, figures and what control has set.
        sequence: of the last record.
        time_ms: the ledger time that the next batch may not be before.
        chain_head: what the next batch must name.
        recent: the last batches, oldest first.
        transactions: how many were applied.
        settled: how many of them settled.
        unnamed: how many verdicts there are on each batch with money that no later header has named.
    """

    genesis: Genesis
    basis: Basis
    memory: Memory
    sequence: int
    time_ms: int
    chain_head: bytes
    recent: list[Applied]
    transactions: int = 0
    settled: int = 0
    unnamed: dict[int, int] = field(default_factory=dict)

    @property
    def unconfirmed(self) -> int:
        """How many verdicts no later batch has named."""
        return sum(self.unnamed.values())

    @staticmethod
    def begin(record: bytes, place: Place) -> "History":
        """Start with the genesis."""
        try:
            genesis = Genesis.decode(record)
        except RequestError as error:
            raise DivergenceError(place, f"the genesis cannot be read: {error}") from None
        domain = genesis.domain()
        return History(
            genesis=genesis,
            basis=Basis(domain, genesis.limits, genesis.rules),
            memory=Memory.of(genesis),
            sequence=0,
            time_ms=genesis.time_ms,
            chain_head=domain.network_id,
            recent=[Applied(place, (), (), bytes(32))],
        )

    def follow(self, batch: OpenedBatch, place: Place) -> Applied:
        """Apply the next batch and return the verdicts.

        Raises:
            DivergenceError: it is not what may follow, or it says what is not so.
        """
        self._demand_link(batch, place)
        self._demand_time(batch.header, place)
        self._demand_verdicts(batch.header, place)
        self._demand_judged(batch, place)
        transactions, statuses = self._apply(batch)
        hashed = statuses_hash(batch.header.sequence, statuses, self.basis.domain)
        applied = Applied(place, transactions, statuses, hashed)
        self.recent = [*self.recent, applied][-APPLIED_BEHIND_MAX:]
        self.sequence, self.chain_head = batch.header.sequence, batch.chain_head
        self.transactions += len(statuses)
        if statuses:
            self.unnamed[self.sequence] = len(statuses)
        self.settled += statuses.count(SETTLED)
        return applied

    # --- may it follow? -----------------------------------------------------------------------------------------------

    def _demand_link(self, batch: OpenedBatch, place: Place) -> None:
        header = batch.header
        wrong = (
            (header.network_id != self.basis.domain.network_id, "the batch is of another network"),
            (header.sequence != self.sequence + 1, f"the batch calls itself batch {header.sequence}"),
            (header.previous != self.chain_head, "the batch does not name the batch before it: history was rewritten"),
            (header.rules != self.memory.rules, f"rules {header.rules} judge the batch, and {self.memory.rules} hold"),
            (header.body_hash != batch.body_hash, "the batch holds other submissions than its header names"),
        )
        for applies, meaning in wrong:
            if applies:
                raise DivergenceError(place, meaning)

    def _demand_time(self, header: BatchHeader, place: Place) -> None:
        step = header.time_ms - self.time_ms
        if step < 0:
            raise DivergenceError(place, f"ledger time goes {-step} ms backwards without the officers' order")
        heartbeat = header.kind == BatchKind.HEARTBEAT
        if heartbeat and self.genesis.test_network:
            return
        most = HEARTBEAT_STEP_MAX_MS if heartbeat else MONEY_STEP_MAX_MS
        if step > most:
            raise DivergenceError(place, f"ledger time steps {step} ms ahead, and {most} ms is the most")

    def _demand_verdicts(self, header: BatchHeader, place: Place) -> None:
        """The header's word on a batch that its writer had applied must be the auditor's."""
        named = header.applied_sequence
        first = self.sequence + 1 - len(self.recent)
        if not first <= named <= self.sequence:
            raise DivergenceError(place, f"the batch names the verdicts on batch {named}, which is not a recent one")
        applied = self.recent[named - first]
        if applied.statuses_hash != header.applied_statuses:
            raise named_otherwise(applied, header, self.basis.domain, place)
        self.unnamed.pop(named, None)

    def _demand_judged(self, batch: OpenedBatch, place: Place) -> None:
        for number, submission in enumerate(batch.submissions, 1):
            if submission.refusal:
                raise DivergenceError(place, _unjournalable(submission, number))
        transactions = [each for submission in batch.submissions for each in submission.transactions]
        most = self.basis.limits.batch_transactions_max
        if len(transactions) > most:
            raise DivergenceError(place, f"the batch holds {len(transactions)} transactions, and {most} is the most")
        kinds = [each.kind == Kind.CONTROL for each in transactions]
        if kinds != sorted(kinds, reverse=True):
            raise DivergenceError(place, "in the batch control comes after money")

    # --- what it does -------------------------------------------------------------------------------------------------

    def _apply(self, batch: OpenedBatch) -> tuple[list[Opened], list[int]]:
        transactions: list[Opened] = []
        statuses: list[int] = []
        self.time_ms = batch.header.time_ms
        for submission in batch.submissions:
            now = Moment(submission.home, submission.key, batch.header.time_ms, self.basis.limits)
            for opened in submission.transactions:
                refusal = refusal_of(opened, self.memory, now)
                if not refusal:
                    settle(opened, self.memory, now)
                    self._set_clock(opened)
                transactions.append(opened)
                statuses.append(number_of(refusal) if refusal else SETTLED)
        self.basis = self.basis._replace(rules=self.memory.rules)
        return transactions, statuses

    def _set_clock(self, opened: Opened) -> None:
        if opened.operation[:1] == bytes((ClockOperation.NUMBER,)):
            self.time_ms = int.from_bytes(opened.operation[1:], "big")


def _unjournalable(submission: OpenedSubmission, number: int) -> str:
    name, meaning = name_of(submission.refusal), meaning_of(submission.refusal)
    if not submission.transactions or name == "SUBMISSION_SIGNATURE_INVALID":
        return f"the batch holds submission {number}, which may not be journaled: {meaning} ({name})"
    identity = submission.transactions[submission.place].identity.hex() or f"number {submission.place + 1}"
    return f"the batch holds transaction {identity}, which may not be journaled: {meaning} ({name})"
