"""The reference kernel: which transactions settle, and why not. This is the specification; read it top to bottom.

A batch is checked as a whole (`_demand_fitting`: its place, its link, its time), then its transactions one after
another: who speaks and when, then the approvals and the serial, then control or money. The first reason counts, and
a transaction that is refused changes nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, repeat
from sys import getsizeof
from typing import ClassVar

from tongbao.coin.batch import Batch, BatchHeader, BatchKind, statuses_hash
from tongbao.coin.control import AuthorityKind, ClockOperation, ControlOperation, OrderedMove
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.encoding import u32
from tongbao.coin.genesis import Genesis
from tongbao.coin.suites import PublicKey, verify_signature
from tongbao.coin.transaction import Body, Kind
from tongbao.errors import ConfigurationError, RequestError
from tongbao.kernel import control, money
from tongbao.kernel.applied import AppliedBatch, AppliedTransaction, BatchInvalidError
from tongbao.kernel.digest import UnspentDigest, state_digest
from tongbao.kernel.interface import Check, FormedBatch, Judged
from tongbao.kernel.judge import (
    JudgedSubmission,
    JudgedTransaction,
    Judging,
    Refusal,
    first_late_control,
    judge_submission,
    open_submission,
)
from tongbao.kernel.rows import PLAIN_ROWS, Rows
from tongbao.kernel.rules import RULES
from tongbao.kernel.snapshot import Snapshot, WholeSnapshot
from tongbao.kernel.state import ControlState, State, Totals
from tongbao.kernel.status import Status

__all__ = ["ReferenceKernel"]


@dataclass(frozen=True, slots=True)
class _Formed:
    """A batch with the hash by which the next names it."""

    data: bytes
    chain_head: bytes


class ReferenceKernel:
    """The settlement kernel in plain Python; see `Kernel` for what it offers.

    Attributes:
        genesis: of the network.
        domain: of the network.
        state: what it remembers; to be read only.
        sequence: the last batch applied; 0 is genesis.
        time_ms: ledger time.
        chain_head: 32 bytes.
    """

    name: ClassVar[str] = "reference"
    crypto: ClassVar[str] = "libsodium, ZIP 215 in Python"
    judges_in_threads: ClassVar[bool] = False
    rows: ClassVar[Rows] = PLAIN_ROWS

    def __init__(self, genesis: Genesis) -> None:
        """A kernel at sequence 0.

        Raises:
            ConfigurationError: this software does not know the rules that genesis names.
        """
        if genesis.rules not in RULES:
            raise ConfigurationError(
                f"genesis names rules {genesis.rules}, which this version lacks: install a newer one"
            )
        self.genesis = genesis
        self.domain: Domain = genesis.domain()
        self.state = State.of(genesis)
        self.sequence = 0
        self.time_ms = genesis.time_ms
        self.chain_head = self.domain.network_id
        self._recent_statuses = {0: bytes(32)}
        self._unspent_digest = UnspentDigest(self.domain)

    @classmethod
    def from_snapshot(cls, genesis: Genesis, data: bytes) -> "ReferenceKernel":
        """The kernel as it was when `snapshot` made `data`.

        Raises:
            DamageError: the bytes are not a whole snapshot of this network; nothing is lost, the journal has it all.
        """
        kernel = cls(genesis)
        snapshot = Snapshot.decode(data, kernel.domain)
        kernel.sequence, kernel.time_ms, kernel.chain_head = snapshot.sequence, snapshot.time_ms, snapshot.chain_head
        kernel.state = snapshot.state
        kernel._recent_statuses = snapshot.recent_statuses
        for coin_id in snapshot.state.unspent:
            kernel._unspent_digest.add(coin_id)
        return kernel

    def snapshot(self) -> bytes:
        """Everything that the kernel remembers, canonical: equal memories give equal bytes."""
        recent = self._recent_statuses
        return Snapshot(self.sequence, self.time_ms, self.chain_head, recent, self.state).encode(self.domain)

    def begin_snapshot(self) -> WholeSnapshot:
        """The same, made at once."""
        return WholeSnapshot(self.snapshot(), self.state_digest())

    @property
    def rules(self) -> int:
        """The rules version in force."""
        return self.state.rules

    @property
    def control(self) -> ControlState:
        """What control has set."""
        return self.state

    def totals(self) -> Mapping[tuple[int, int], Totals]:
        """Totals by asset and home."""
        return self.state.totals

    def unspent_by_asset_and_home(self) -> Mapping[tuple[int, int], int]:
        """Value of the unspent coins, counted from the coins themselves."""
        return self.state.unspent_by_asset_and_home()

    def unspent_size(self) -> tuple[int, int]:
        """How many coins are unspent, and about how many bytes the table of them takes."""
        unspent = self.state.unspent
        entry = next(iter(unspent.items()), (b"", ()))
        each = getsizeof(entry[0]) + getsizeof(entry[1]) + sum(map(getsizeof, entry[1]))
        return len(unspent), getsizeof(unspent) + each * len(unspent)

    def are_unspent(self, coin_ids: Sequence[bytes]) -> list[bool]:
        """Whether each of the coins exists and is unspent."""
        return [coin_id in self.state.unspent for coin_id in coin_ids]

    def is_fresh(self, judged: Judged) -> bool:
        """Whether all that every transaction spends, and each spends something, is unspent."""
        if not isinstance(judged, JudgedSubmission):
            return False
        unspent = self.state.unspent
        return all(
            each.coin_ids and all([coin_id in unspent for coin_id in each.coin_ids]) for each in judged.transactions
        )

    @property
    def judging(self) -> Judging:
        """What `judge` depends on now."""
        return Judging(self.domain, self.genesis.limits, RULES[self.state.rules])

    def applied_statuses(self, sequence: int) -> bytes:
        """The statuses hash of a recently applied batch, for the header of the next."""
        return self._recent_statuses[sequence]

    @staticmethod
    def judge(submission: bytes, judging: Judging, *, budget: SlowBudget | None = None) -> JudgedSubmission | Refusal:
        """The submission, or the first reason why it is refused whole."""
        return judge_submission(submission, judging, budget=budget)

    @staticmethod
    def judge_many(submissions: Sequence[bytes], judging: Judging) -> list[JudgedSubmission | Refusal]:
        """What `judge` says of each of them."""
        return [judge_submission(each, judging) for each in submissions]

    @staticmethod
    def open_many(submissions: Sequence[bytes], judging: Judging) -> list[JudgedSubmission | None]:
        """Submissions that were judged before by these rules, opened for `apply`; None for what cannot have been."""
        return [_opened(each, judging) for each in submissions]

    @staticmethod
    def form(header: BatchHeader, submissions: Sequence[bytes], domain: Domain) -> FormedBatch:
        """The batch of the submissions under the header, of which only the body's hash is computed here."""
        listed = tuple(submissions)
        header = replace(header, body_hash=Batch.body_hash(listed, domain))
        return _Formed(Batch(header, listed).encode(), header.chain_head(domain))

    @staticmethod
    def are_valid(checks: Sequence[Check]) -> bool:
        """Whether every signature is valid."""
        try:
            for key, signature, message in checks:
                verify_signature(key, signature, message)
        except RequestError:
            return False
        return True

    def apply(
        self, batch: bytes | FormedBatch, *, judged: Sequence[Judged | None] = (), judged_by: int | None = None
    ) -> AppliedBatch:
        """Apply the batch; see `Kernel.apply`.

        Raises:
            BatchInvalidError: the batch cannot follow; nothing was changed.
        """
        try:
            decoded = Batch.decode(batch if isinstance(batch, bytes) else batch.data)
        except RequestError as error:
            raise BatchInvalidError(str(error), field="batch") from None
        self._demand_fitting(decoded)
        handed = chain(judged, repeat(None))
        submissions = [self._judged(data, next(handed), judged_by) for data in decoded.submissions]
        _demand_control_first(submissions, self.genesis.limits.batch_transactions_max)
        return self._apply_judged(decoded.header, submissions)

    def _demand_fitting(self, batch: Batch) -> None:
        header = batch.header
        _demand(header.network_id == self.domain.network_id, "it is of another network")
        _demand(header.sequence == self.sequence + 1, f"sequence {header.sequence} does not follow {self.sequence}")
        _demand(header.previous == self.chain_head, "it does not link to the batch before")
        _demand(header.rules == self.state.rules, f"rules {header.rules} are not in force")
        _demand(header.body_hash == Batch.body_hash(batch.submissions, self.domain), "its body is not the header's")
        known = self._recent_statuses.get(header.applied_sequence)
        _demand(known is not None, f"what it says was applied, {header.applied_sequence}, is not recent")
        _demand(header.applied_statuses == known, f"its writer saw other statuses in {header.applied_sequence}")
        step_ms = header.time_ms - self.time_ms
        _demand(0 <= step_ms <= self._step_max_ms(header.kind), f"ledger time may not step by {step_ms} ms")

    def _step_max_ms(self, kind: BatchKind) -> int:
        rules = RULES[self.state.rules]
        if kind == BatchKind.MONEY:
            return rules.batch_step_max_ms
        any_step = 2**64  # more than two times that a header can name are apart
        return any_step if self.genesis.test_network else rules.heartbeat_step_max_ms

    def _judged(self, data: bytes, before: Judged | None, judged_by: int | None) -> JudgedSubmission:
        rules = self.state.rules
        if (
            isinstance(before, JudgedSubmission)
            and (before.rules, before.encoded) == (rules, data)
            and (judged_by == rules or not before.is_opened)
        ):
            return before
        if judged_by == rules:
            return self._opened(data)
        judged = judge_submission(data, self.judging)
        if isinstance(judged, Refusal):
            raise BatchInvalidError(f"a submission in it is refused: {judged.status.name}, {judged.detail}")
        return judged

    def _opened(self, data: bytes) -> JudgedSubmission:
        try:
            return open_submission(data, self.judging)
        except RequestError as error:
            raise BatchInvalidError(f"a submission in it was never judged: {error}", field="batch") from None

    def _apply_judged(self, header: BatchHeader, submissions: Sequence[JudgedSubmission]) -> AppliedBatch:
        self.sequence, self.time_ms, self.chain_head = header.sequence, header.time_ms, header.chain_head(self.domain)
        applied = [
            self._apply_transaction(judged, home=submission.home, key=submission.key, time_ms=header.time_ms)
            for submission in submissions
            for judged in submission.transactions
        ]
        statuses = [int(each.status) for each in applied]
        self._remember(header.sequence, statuses_hash(header.sequence, statuses, self.domain))
        return AppliedBatch.of(header, self.chain_head, applied)

    def _remember(self, sequence: int, statuses: bytes) -> None:
        """Keep what the header of the next batch may name."""
        oldest = sequence + 1 - RULES[self.state.rules].applied_lag_max
        recent = {**self._recent_statuses, sequence: statuses}
        self._recent_statuses = {named: known for named, known in recent.items() if named >= oldest}

    def _apply_transaction(
        self, judged: JudgedTransaction, *, home: int, key: PublicKey, time_ms: int
    ) -> AppliedTransaction:
        body = judged.transaction.body
        status = self._refusal(judged, home=home, key=key, time_ms=time_ms)
        if status != Status.SETTLED:
            return AppliedTransaction(judged.id, status)
        created = money.move_coins(judged, self.state, self.domain)
        for coin_id in judged.coin_ids:
            self._unspent_digest.remove(coin_id)
        for coin_id, _, _ in created:
            self._unspent_digest.add(coin_id)
        if body.operation is not None:
            control.change(body.operation, self.state, time_ms=time_ms)
        if isinstance(body.operation, ClockOperation):
            self._set_clock(body.operation.time_ms)
        if body.kind in {Kind.ISSUE, Kind.CONTROL}:
            self.state.serials[_authority(body), _subject(body)] = body.serial
        return AppliedTransaction(judged.id, status, created, judged.coin_ids)

    def _set_clock(self, time_ms: int) -> None:
        """Go on from `time_ms`; where that is back, what the ledger said had expired does not come to life again.

        That holds for ever for a clock set back by `expiry_ahead_max_ms` or less. After one that was further ahead,
        payments would have to wait until it comes true; so what was signed by it may settle then.
        """
        if time_ms < self.time_ms:
            seen_ms = max(self.time_ms, self.state.expired_before_ms)
            self.state.expired_before_ms = min(seen_ms, time_ms + self.genesis.limits.expiry_ahead_max_ms)
        self.time_ms = time_ms

    def _refusal(  # noqa: C901 - a flat list of guards in order of precedence
        self, judged: JudgedTransaction, *, home: int, key: PublicKey, time_ms: int
    ) -> Status:
        """The first reason in `Status` order; SETTLED where there is none."""
        body, state = judged.transaction.body, self.state
        institution = state.institutions.get(home)
        if institution is None:
            return Status.ENDORSER_UNKNOWN
        if not state.is_current(key, home=home):
            return Status.ENDORSER_KEY_NOT_CURRENT
        if institution.suspended:
            return Status.HOME_SUSPENDED
        if body.expiry_ms < max(time_ms, state.expired_before_ms):
            return Status.EXPIRED
        if body.expiry_ms - time_ms > self.genesis.limits.expiry_ahead_max_ms:
            return Status.EXPIRY_TOO_FAR
        if body.kind != Kind.TRANSFER and not _is_approved(judged, state):
            return Status.APPROVALS_MISSING
        if body.kind in {Kind.ISSUE, Kind.CONTROL} and body.serial != self._serial(body) + 1:
            return Status.SERIAL_NOT_NEXT
        if body.operation is not None:
            refused = self._control_refusal(judged, body.operation, time_ms=time_ms)
            if refused != Status.SETTLED:
                return refused
        return money.refusal(judged, state, home=home, time_ms=time_ms)

    def _control_refusal(self, judged: JudgedTransaction, operation: ControlOperation, *, time_ms: int) -> Status:
        if isinstance(operation, OrderedMove):
            delay_ms = self.genesis.limits.ordered_move_delay_ms
            return money.move_refusal(judged, self.state, time_ms=time_ms, delay_ms=delay_ms)
        approving = {approval.key for approval in judged.transaction.approvals}
        return control.refusal(operation, self.state, approving=approving)

    def _serial(self, body: Body) -> int:
        return control.subject_serial(self.state, _authority(body), _subject(body))

    def state_digest(self) -> bytes:
        """The hash of unspent coins, totals and control state, 32 bytes; independent of how history was batched."""
        root = self._unspent_digest.root(self.state.unspent)
        return state_digest(root, self.state, self.domain)


def _opened(data: bytes, judging: Judging) -> JudgedSubmission | None:
    try:
        return open_submission(data, judging)
    except RequestError:
        return None


def _demand(condition: bool, reason: str) -> None:  # noqa: FBT001 - the condition is the point
    if not condition:
        raise BatchInvalidError(f"the batch cannot follow: {reason}", field="batch")


def _demand_control_first(submissions: Sequence[JudgedSubmission], transactions_max: int) -> None:
    kinds = [judged.transaction.body.kind for each in submissions for judged in each.transactions]
    _demand(len(kinds) <= transactions_max, f"it has {len(kinds)} transactions, at most {transactions_max} are allowed")
    _demand(first_late_control(kinds) is None, "control comes after money in it")


def _authority(body: Body) -> AuthorityKind:
    return AuthorityKind.ISSUANCE if body.operation is None else body.operation.AUTHORITY


def _subject(body: Body) -> bytes:
    """What the serial of an issue or control transaction counts within."""
    if body.operation is not None:
        return body.operation.subject()
    return b"issue" + u32(body.outputs[0].asset) + u32(body.outputs[0].home)


def _is_approved(judged: JudgedTransaction, state: State) -> bool:
    officers = state.authorities[_authority(judged.transaction.body)]
    approving = {approval.key for approval in judged.transaction.approvals}
    return len(approving & set(officers.keys)) >= officers.threshold
