"""The auditor's judge: what the bytes of a submission say by themselves, without any state.

Written from docs/reference/statuses.md. Opening collects the signatures instead of checking them, so that many are
checked together; `settle` then says what the first refusal is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tongbao.audit.opened import Made, Opened, OpenedSubmission, Signature, Spent, Word
from tongbao.audit.words import number_of
from tongbao.coin import (
    Acceptance,
    Body,
    Coin,
    Domain,
    Input,
    Kind,
    Limits,
    PublicKey,
    Submission,
    Transaction,
    approve_digest,
    spend_digest,
)
from tongbao.coin.control import OrderedMove
from tongbao.coin.submission import SUBMISSION_TRANSACTIONS_MAX
from tongbao.errors import RequestError

__all__ = ["Basis", "PendingSubmission", "open_submission"]

ACTIVE_SUITES = {1: frozenset({1}), 2: frozenset({1, 2, 3, 4})}
"""Which suites each version of the rules verifies (docs/reference/wire-format.md#suites)."""

CENTRAL_BANK = 0


class Basis(NamedTuple):
    """What judging depends on besides the bytes."""

    domain: Domain
    limits: Limits
    rules: int


@dataclass(slots=True)
class _Pending:
    """A transaction whose signatures are not checked yet: the first refusal before them, and the first after them."""

    opened: Opened
    before: int
    after: int
    signed: list[Signature] = field(default_factory=list)
    accepted: list[Signature] = field(default_factory=list)


@dataclass(slots=True)
class PendingSubmission:
    """A submission whose signatures are not checked yet."""

    home: int
    key: bytes
    before: int
    endorsement: list[Signature]
    transactions: list[_Pending]

    def signatures(self) -> Iterator[Signature]:
        """All signatures, in the order in which `settle` asks for what became of them."""
        yield from self.endorsement
        for each in self.transactions:
            yield from each.signed
            yield from each.accepted

    def settle(self, valid: Iterator[bool]) -> OpenedSubmission:
        """The submission, given which of its signatures are valid."""
        endorsed = all([next(valid) for _ in self.endorsement])
        refusal = self.before or (0 if endorsed else number_of("SUBMISSION_SIGNATURE_INVALID"))
        opened = tuple([_settled(each, valid) for each in self.transactions])
        place = 0
        if not refusal:
            place, refusal = next(((at, each.refusal) for at, each in enumerate(opened) if each.refusal), (0, 0))
        if not refusal:
            place, refusal = _control_after_money(opened)
        return OpenedSubmission(self.home, self.key, refusal, place, opened)


def _settled(pending: _Pending, valid: Iterator[bool]) -> Opened:
    signed = all([next(valid) for _ in pending.signed])
    accepted = all([next(valid) for _ in pending.accepted])
    refusal = pending.before
    if not refusal and not signed:
        refusal = number_of("SIGNATURE_INVALID")
    if not refusal and not accepted:
        refusal = number_of("ACCEPTANCE_INVALID")
    refusal = refusal or pending.after
    return pending.opened._replace(refusal=refusal) if refusal else pending.opened


def _control_after_money(opened: Sequence[Opened]) -> tuple[int, int]:
    issued = False
    for place, each in enumerate(opened):
        if each.kind == Kind.CONTROL and issued:
            return place, number_of("CONTROL_AFTER_MONEY")
        issued = issued or each.kind != Kind.CONTROL
    return 0, 0


def open_submission(data: bytes, basis: Basis) -> PendingSubmission:
    """Read a submission and judge everything but its signatures."""
    try:
        submission = Submission.decode(data)
    except RequestError:
        return _unread("SUBMISSION_MALFORMED")
    if len(submission.transactions) > min(SUBMISSION_TRANSACTIONS_MAX, basis.limits.batch_transactions_max):
        return _unread("SUBMISSION_MALFORMED")
    if submission.network_id != basis.domain.network_id:
        return _unread("WRONG_NETWORK")
    key = submission.key
    if not _is_active(key, basis):
        return _unread("SUBMISSION_SIGNATURE_INVALID")
    endorsement = (key.suite, key.key, submission.signature, submission.signing_digest(basis.domain))
    transactions = [_open_transaction(each, submission.home, basis) for each in submission.transactions]
    return PendingSubmission(submission.home, key.encode(), 0, [endorsement], transactions)


def _unread(name: str) -> PendingSubmission:
    return PendingSubmission(0, b"", number_of(name), [], [])


def _is_active(key: PublicKey, basis: Basis) -> bool:
    return key.suite in ACTIVE_SUITES.get(basis.rules, frozenset())


def _open_transaction(data: bytes, home: int, basis: Basis) -> _Pending:
    try:
        transaction = Transaction.decode(data)
    except RequestError as error:
        found = "VALUE_OUT_OF_RANGE" if error.code == "VALUE_OUT_OF_RANGE" else "MALFORMED"
        nothing = Opened(b"", 0, Kind.TRANSFER, 0, 0, (), (), (), (), b"")
        return _Pending(nothing, number_of(found), 0)
    identity = transaction.id(basis.domain)
    opened = _facts(transaction, identity, basis.domain)
    refusal = _form(transaction.body, home, basis.limits, opened) or _witnesses(transaction, opened, basis)
    if refusal:
        return _Pending(opened, number_of(refusal), 0)
    words, accepted, after = _acceptances(transaction.body, opened, basis)
    pending = _Pending(opened._replace(words=words), 0, number_of(after) if after else 0)
    pending.signed, pending.accepted = _signed(transaction, identity, basis.domain), accepted
    return pending


def _facts(transaction: Transaction, identity: bytes, domain: Domain) -> Opened:
    body, operation = transaction.body, b""
    if body.operation is not None:
        operation = bytes((body.operation.NUMBER,)) + body.operation.payload()
    spent = [_spent(each, domain) for each in body.inputs]
    if len(transaction.witnesses) == len(spent):
        spent = [
            each._replace(open_from_ms=witness.lock.opens_at_ms(witness.path))
            for each, witness in zip(spent, transaction.witnesses, strict=True)
        ]
    made = tuple([_made(coin, identity, index, domain) for index, coin in enumerate(body.outputs)])
    approvals = tuple([each.key.encode() for each in transaction.approvals])
    return Opened(identity, 0, body.kind, body.expiry_ms, body.serial, tuple(spent), made, (), approvals, operation)


def _spent(opening: Input, domain: Domain) -> Spent:
    coin = opening.coin
    return Spent(opening.coin_id(domain), coin.asset, coin.value, coin.home, coin.lock_id, 0)


def _made(coin: Coin, identity: bytes, index: int, domain: Domain) -> Made:
    coin_id = coin.id(domain, origin=identity, index=index)
    return Made(coin_id, coin.asset, coin.value, coin.home, coin.lock_id)


def _first(*reasons: tuple[bool, str]) -> str:
    """The name of the first reason that applies, or ""."""
    return next((name for applies, name in reasons if applies), "")


def _form(body: Body, home: int, limits: Limits, opened: Opened) -> str:
    """What the body's form alone gives rise to, up to VALUE_NOT_CONSERVED."""
    moves = isinstance(body.operation, OrderedMove)
    spends = body.kind in {Kind.TRANSFER, Kind.REDEEM} or moves
    makes = body.kind in {Kind.TRANSFER, Kind.ISSUE} or moves
    own = {Kind.ISSUE, Kind.CONTROL} if home == CENTRAL_BANK else {Kind.TRANSFER, Kind.REDEEM}
    targets = {(each.asset, each.home) for each in opened.made}
    return _first(
        (body.kind not in own, "KIND_NOT_FOR_HOME"),
        (len(body.inputs) > limits.inputs_max, "TOO_MANY_INPUTS"),
        (len(body.outputs) > limits.outputs_max, "TOO_MANY_OUTPUTS"),
        (spends and not body.inputs, "INPUTS_MISSING"),
        (not spends and bool(body.inputs), "INPUTS_NOT_ALLOWED"),
        (makes and not body.outputs, "OUTPUTS_MISSING"),
        (not makes and bool(body.outputs), "OUTPUTS_NOT_ALLOWED"),
        (len({each.coin_id for each in opened.spent}) < len(opened.spent), "INPUT_REPEATED"),
        (len({each.home for each in opened.spent}) > 1, "HOMES_DIFFER"),
        (body.kind == Kind.ISSUE and len(targets) > 1, "ISSUE_TARGETS_DIFFER"),
        (spends and makes and _worth(opened.spent) != _worth(opened.made), "VALUE_NOT_CONSERVED"),
    )


def _worth(coins: Sequence[Spent] | Sequence[Made]) -> dict[int, int]:
    """Value by asset."""
    worth: dict[int, int] = {}
    for each in coins:
        worth[each.asset] = worth.get(each.asset, 0) + each.value
    return worth


def _witnesses(transaction: Transaction, opened: Opened, basis: Basis) -> str:
    """What witnesses and approvals give rise to before their signatures, from WITNESS_COUNT_WRONG on."""
    body, witnesses = transaction.body, transaction.witnesses
    owned = body.kind in {Kind.TRANSFER, Kind.REDEEM}
    refusal = _first(
        (len(witnesses) != (len(body.inputs) if owned else 0), "WITNESS_COUNT_WRONG"),
        (body.kind == Kind.TRANSFER and bool(opened.approvals), "APPROVALS_NOT_ALLOWED"),
        (len(set(opened.approvals)) < len(opened.approvals), "APPROVAL_REPEATED"),
    )
    if refusal:
        return refusal
    pairs = list(zip(opened.spent, witnesses, strict=False))
    keys = [witness.lock.key_for(witness.path) for witness in witnesses]
    if any([witness.lock.id(basis.domain) != spent.lock_id for spent, witness in pairs]):
        return "LOCK_MISMATCH"
    if None in keys:
        return "PATH_UNKNOWN"
    for spent, witness in pairs:
        if witness.lock.is_restricted and not _permitted(body, spent, transaction):
            return "RESTRICTION_VIOLATED"
    used = [*[key for key in keys if key is not None], *[each.key for each in transaction.approvals]]
    return "" if all([_is_active(key, basis) for key in used]) else "SUITE_NOT_ACTIVE"


def _permitted(body: Body, spent: Spent, transaction: Transaction) -> bool:
    """Whether the restricted coin may become each of the outputs; redeemed, its value could go anywhere."""
    place = [each.coin.lock_id for each in body.inputs].index(spent.lock_id)
    lock = transaction.witnesses[place].lock
    allowed = body.kind == Kind.TRANSFER
    return allowed and all([lock.permits(coin, lock_id=spent.lock_id) for coin in body.outputs])


def _signed(transaction: Transaction, identity: bytes, domain: Domain) -> list[Signature]:
    """What owners and officers signed."""
    signatures: list[Signature] = []
    digest = spend_digest(identity, domain)
    for witness in transaction.witnesses:
        key = witness.lock.key_for(witness.path)
        if key is not None:
            signatures.append((key.suite, key.key, witness.signature, digest))
    approved = approve_digest(identity, domain) if transaction.approvals else b""
    approvals = transaction.approvals
    signatures.extend((each.key.suite, each.key.key, each.signature, approved) for each in approvals)
    return signatures


def _acceptances(body: Body, opened: Opened, basis: Basis) -> tuple[tuple[Word, ...], list[Signature], str]:
    """The acceptances, their signatures, and what is wrong with them or with an ordered move."""
    words, signatures, refusal = [], [], ""
    coins = {each.coin_id for each in opened.spent}
    for authorisation in body.authorisations:
        try:
            acceptance = authorisation.acceptance()
        except RequestError:
            refusal = "ACCEPTANCE_INVALID"
            continue
        if acceptance.anchor not in coins or not _is_active(acceptance.key, basis):
            refusal = "ACCEPTANCE_INVALID"
            continue
        words.append(_word(acceptance))
        key = acceptance.key
        signatures.append((key.suite, key.key, acceptance.signature, acceptance.signing_digest(basis.domain)))
    if len({word.home for word in words}) < len(words):
        refusal = "ACCEPTANCE_INVALID"
    operation = body.operation
    if isinstance(operation, OrderedMove) and [each.coin_id for each in opened.spent] != [operation.coin_id]:
        refusal = refusal or "MOVE_INPUT_MISMATCH"
    return tuple(words), signatures, refusal


def _word(acceptance: Acceptance) -> Word:
    allowed = {(lock.lock_id, lock.asset): lock.value_max for lock in acceptance.locks}
    return Word(acceptance.home, acceptance.key.encode(), acceptance.expiry_ms, allowed)
