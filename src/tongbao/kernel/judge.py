"""The first stage: is this submission well made? Stateless, so it runs in parallel and before ordering.

Signatures are checked against the keys that the signed object itself carries; whether those keys are the current
ones is for `apply` to say.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tongbao.coin.acceptance import Acceptance
from tongbao.coin.coin import Coin
from tongbao.coin.control import OrderedMove
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.genesis import Limits
from tongbao.coin.lock import Lock
from tongbao.coin.submission import Submission
from tongbao.coin.suites import PublicKey, SuiteNotActiveError, verify_signature
from tongbao.coin.transaction import Body, Kind, Transaction, Witness, approve_digest, spend_digest
from tongbao.errors import RequestError
from tongbao.kernel.rules import Rules
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.kernel.status import Status

__all__ = [
    "JudgedSubmission",
    "JudgedTransaction",
    "Judging",
    "Refusal",
    "first_late_control",
    "judge_submission",
    "judge_transaction",
    "open_submission",
]


@dataclass(frozen=True, slots=True)
class Judging:
    """What `judge` depends on besides the bytes.

    Attributes:
        domain: of the network.
        limits: genesis's limits.
        rules: the version in force.
    """

    domain: Domain
    limits: Limits
    rules: Rules


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a submission was refused whole.

    Attributes:
        status: the reason.
        index: the first transaction that has it; -1 where it is the submission itself.
        detail: for people; never part of any verdict.
    """

    status: Status
    index: int
    detail: str


@dataclass(frozen=True, slots=True)
class JudgedTransaction:
    """A transaction that `judge` let pass, with what was computed on the way.

    Attributes:
        transaction: the transaction.
        id: its id.
        coin_ids: the ids of its inputs, in order.
        acceptances: the acceptances that it carries.
    """

    transaction: Transaction
    id: bytes
    coin_ids: tuple[bytes, ...]
    acceptances: tuple[Acceptance, ...]


@dataclass(frozen=True, slots=True)
class JudgedSubmission:
    """A submission that `judge` let pass.

    Attributes:
        home: the home that endorsed.
        key: the key with which it did.
        transactions: in the submission's order.
        rules: the version by which it was judged.
        encoded: its bytes.
        is_opened: it was judged before, and here only opened.
    """

    home: int
    key: PublicKey
    transactions: tuple[JudgedTransaction, ...]
    rules: int
    encoded: bytes
    is_opened: bool = False

    @property
    def controls(self) -> int:
        """How many of its transactions are control; they come first."""
        return sum(each.transaction.body.kind == Kind.CONTROL for each in self.transactions)

    @property
    def ids(self) -> list[bytes]:
        """The ids of its transactions, in order."""
        return [each.id for each in self.transactions]


class _RefusedTransactionError(Exception):
    """Carries the first reason out of the checks below; never leaves this module."""

    def __init__(self, status: Status, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def judge_submission(data: bytes, judging: Judging, *, budget: SlowBudget | None = None) -> JudgedSubmission | Refusal:
    """The submission encoded as `data`, or the first reason why it is refused whole.

    `budget` rations slow judgements of signatures; replay goes without one.

    Raises:
        SlowBudgetExhaustedError: nothing is known of the submission; its sender must wait.
    """
    try:
        submission = Submission.decode(data)
    except RequestError as error:
        return Refusal(Status.SUBMISSION_MALFORMED, -1, str(error))
    count, count_max = len(submission.transactions), judging.limits.batch_transactions_max
    if count > count_max:
        return Refusal(
            Status.SUBMISSION_MALFORMED, -1, f"{count} transactions fit into no batch, which has {count_max}"
        )
    if submission.network_id != judging.domain.network_id:
        return Refusal(Status.WRONG_NETWORK, -1, "the submission names another network")
    try:
        _demand_endorsement(submission, judging, budget)
    except RequestError as error:
        return Refusal(Status.SUBMISSION_SIGNATURE_INVALID, -1, str(error))
    judged = []
    for index, encoded in enumerate(submission.transactions):
        verdict = judge_transaction(encoded, judging, home=submission.home, budget=budget)
        if isinstance(verdict, Refusal):
            return Refusal(verdict.status, index, verdict.detail)
        judged.append(verdict)
    late = first_late_control([each.transaction.body.kind for each in judged])
    if late is not None:
        return Refusal(Status.CONTROL_AFTER_MONEY, late, "no batch may have control after money")
    return JudgedSubmission(submission.home, submission.key, tuple(judged), judging.rules.version, data)


def first_late_control(kinds: Sequence[Kind]) -> int | None:
    """The place of the first control transaction after one of money, or None."""
    money = False
    for place, kind in enumerate(kinds):
        if money and kind == Kind.CONTROL:
            return place
        money = money or kind != Kind.CONTROL
    return None


def _demand_endorsement(submission: Submission, judging: Judging, budget: SlowBudget | None) -> None:
    if submission.key.suite not in judging.rules.suites:
        raise SuiteNotActiveError(f"suite {submission.key.suite} is not active")
    digest = submission.signing_digest(judging.domain)
    verify_signature(submission.key, submission.signature, digest, budget=budget)


def open_submission(data: bytes, judging: Judging) -> JudgedSubmission:
    """A submission that has been judged before by these rules, decoded without judging it again.

    Raises:
        RequestError: it cannot have been.
    """
    submission = Submission.decode(data)
    opened = [_open(Transaction.decode(each), judging.domain) for each in submission.transactions]
    return JudgedSubmission(submission.home, submission.key, tuple(opened), judging.rules.version, data, is_opened=True)


def judge_transaction(
    data: bytes, judging: Judging, *, home: int, budget: SlowBudget | None = None
) -> JudgedTransaction | Refusal:
    """The transaction encoded as `data`, as endorsed by `home`, or the first reason why it is refused."""
    try:
        transaction = Transaction.decode(data)
        _demand_shape(transaction, home=home, limits=judging.limits)
        identity = transaction.id(judging.domain)
        coin_ids = _coin_ids(transaction, judging.domain)
        _demand_values(transaction.body, coin_ids)
        _demand_witnesses(transaction, identity, judging, budget)
        acceptances = _judge_acceptances(transaction.body, coin_ids, judging, budget)
        _demand_move(transaction.body, coin_ids)
    except _RefusedTransactionError as refused:
        return Refusal(refused.status, 0, str(refused))
    except RequestError as error:
        return Refusal(Status.__members__.get(error.code, Status.MALFORMED), 0, str(error))
    return JudgedTransaction(transaction, identity, coin_ids, acceptances)


def _open(transaction: Transaction, domain: Domain) -> JudgedTransaction:
    acceptances = tuple([each.acceptance() for each in transaction.body.authorisations])
    return JudgedTransaction(transaction, transaction.id(domain), _coin_ids(transaction, domain), acceptances)


def _coin_ids(transaction: Transaction, domain: Domain) -> tuple[bytes, ...]:
    return tuple([spent.coin_id(domain) for spent in transaction.body.inputs])


def _refuse_if(condition: bool, status: Status, detail: str = "") -> None:  # noqa: FBT001 - the condition is the point
    if condition:
        raise _RefusedTransactionError(status, detail or status.name.lower().replace("_", " "))


def _demand_shape(transaction: Transaction, *, home: int, limits: Limits) -> None:
    """Which parts a transaction of its kind must and must not have."""
    body = transaction.body
    moves = isinstance(body.operation, OrderedMove)
    spends = moves or body.kind in {Kind.TRANSFER, Kind.REDEEM}
    makes = moves or body.kind in {Kind.TRANSFER, Kind.ISSUE}
    for_central_bank = body.kind in {Kind.ISSUE, Kind.CONTROL}
    _refuse_if(for_central_bank != (home == CENTRAL_BANK), Status.KIND_NOT_FOR_HOME)
    _refuse_if(len(body.inputs) > limits.inputs_max, Status.TOO_MANY_INPUTS)
    _refuse_if(len(body.outputs) > limits.outputs_max, Status.TOO_MANY_OUTPUTS)
    _refuse_if(spends and not body.inputs, Status.INPUTS_MISSING)
    _refuse_if(not spends and bool(body.inputs), Status.INPUTS_NOT_ALLOWED)
    _refuse_if(makes and not body.outputs, Status.OUTPUTS_MISSING)
    _refuse_if(not makes and bool(body.outputs), Status.OUTPUTS_NOT_ALLOWED)


def _demand_values(body: Body, coin_ids: tuple[bytes, ...]) -> None:
    _refuse_if(len(set(coin_ids)) < len(coin_ids), Status.INPUT_REPEATED)
    _refuse_if(len({spent.coin.home for spent in body.inputs}) > 1, Status.HOMES_DIFFER)
    if body.kind == Kind.ISSUE:
        _refuse_if(len({(coin.asset, coin.home) for coin in body.outputs}) > 1, Status.ISSUE_TARGETS_DIFFER)
    if body.inputs and body.outputs:
        spent, made = _sum([each.coin for each in body.inputs]), _sum(body.outputs)
        _refuse_if(spent != made, Status.VALUE_NOT_CONSERVED)


def _sum(coins: Sequence[Coin]) -> dict[int, int]:
    """Value by asset. Python's whole numbers do not overflow; another implementation needs 128 bits."""
    totals: dict[int, int] = {}
    for coin in coins:
        totals[coin.asset] = totals.get(coin.asset, 0) + coin.value
    return totals


def _demand_witnesses(transaction: Transaction, identity: bytes, judging: Judging, budget: SlowBudget | None) -> None:
    """Every input's lock is the one its coin names and is opened, and the officers' approvals hold."""
    body, approvals = transaction.body, transaction.approvals
    # An ordered move has an input and no witness; every other transaction has one witness per input.
    expected = 0 if body.kind == Kind.CONTROL else len(body.inputs)
    _refuse_if(len(transaction.witnesses) != expected, Status.WITNESS_COUNT_WRONG)
    _refuse_if(bool(approvals) and body.kind == Kind.TRANSFER, Status.APPROVALS_NOT_ALLOWED)
    _refuse_if(len({approval.key for approval in approvals}) < len(approvals), Status.APPROVAL_REPEATED)
    opened = _demand_locks(body, transaction.witnesses, judging.domain)
    spending, approving = spend_digest(identity, judging.domain), approve_digest(identity, judging.domain)
    signed = [(key, signature, spending) for key, signature in opened]
    signed += [(approval.key, approval.signature, approving) for approval in approvals]
    _refuse_if(any([key.suite not in judging.rules.suites for key, _, _ in signed]), Status.SUITE_NOT_ACTIVE)
    for key, signature, digest in signed:
        verify_signature(key, signature, digest, budget=budget)


def _demand_locks(body: Body, witnesses: Sequence[Witness], domain: Domain) -> Iterable[tuple[PublicKey, bytes]]:
    """The keys that open the inputs, with their signatures; coins under one key bring the same, which counts once."""
    pairs = [(spent.coin.lock_id, witness) for spent, witness in zip(body.inputs, witnesses, strict=False)]
    _refuse_if(any([w.lock.id(domain) != lock_id for lock_id, w in pairs]), Status.LOCK_MISMATCH)
    opened = dict.fromkeys([(w.lock.key_for(w.path), w.signature) for _, w in pairs])
    found = [(key, signature) for key, signature in opened if key is not None]
    _refuse_if(len(found) < len(opened), Status.PATH_UNKNOWN)
    restricted = {lock_id: w.lock for lock_id, w in pairs if w.lock.is_restricted}
    _refuse_if(bool(restricted) and not _permitted(body, restricted), Status.RESTRICTION_VIOLATED)
    return found


def _permitted(body: Body, restricted: Mapping[bytes, Lock]) -> bool:
    """Whether every restricted lock permits every output. What leaves the currency would escape all restrictions."""
    # Many outputs may go to one payee: they are asked about once.
    outputs = {(coin.home, coin.lock_id): coin for coin in body.outputs}.values()
    return body.kind != Kind.REDEEM and all(
        lock.permits(output, lock_id=lock_id) for lock_id, lock in restricted.items() for output in outputs
    )


def _judge_acceptances(
    body: Body, coin_ids: tuple[bytes, ...], judging: Judging, budget: SlowBudget | None
) -> tuple[Acceptance, ...]:
    try:
        acceptances = tuple([authorisation.acceptance() for authorisation in body.authorisations])
        for acceptance in acceptances:
            if acceptance.key.suite not in judging.rules.suites:
                raise SuiteNotActiveError(f"suite {acceptance.key.suite} is not active")
            digest = acceptance.signing_digest(judging.domain)
            verify_signature(acceptance.key, acceptance.signature, digest, budget=budget)
    except RequestError as error:
        raise _RefusedTransactionError(Status.ACCEPTANCE_INVALID, str(error)) from None
    homes = {acceptance.home for acceptance in acceptances}
    _refuse_if(len(homes) < len(acceptances), Status.ACCEPTANCE_INVALID, "two acceptances of one home")
    anchored = all(acceptance.anchor in coin_ids for acceptance in acceptances)
    _refuse_if(not anchored, Status.ACCEPTANCE_INVALID, "an acceptance's anchor is not among the inputs")
    return acceptances


def _demand_move(body: Body, coin_ids: tuple[bytes, ...]) -> None:
    if isinstance(body.operation, OrderedMove):
        _refuse_if(coin_ids != (body.operation.coin_id,), Status.MOVE_INPUT_MISMATCH)
