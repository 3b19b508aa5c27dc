"""What officers are asked to approve: bodies of issue, redeem and control, and what they are about. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tongbao.coin import CURRENCY, VALUE_MAX, Body, Coin, Domain, Input, Kind, PublicKey, Transaction
from tongbao.coin.control import (
    AuthorityKind,
    ControlOperation,
    Officers,
    OrderedMove,
    RekeyInstitution,
    read_operation,
)
from tongbao.coin.ed25519 import SigningKey, SlowBudget
from tongbao.coin.encoding import Reader, sized_u16, u32, u64
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Judging, Refusal
from tongbao.kernel.judge import judge_transaction
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.issuance import ControlRequest, WantedCoin

__all__ = [
    "REDEMPTION",
    "ControlParts",
    "OfficeSecret",
    "Subject",
    "demand_value",
    "keys_to_prove",
    "read_control",
    "read_redemption",
    "subject_of_issue",
    "subject_of_operation",
    "value_of",
    "wanted_coins",
]

T = TypeVar("T")

SLOW_JUDGEMENTS_MAX = 4  # of one proposal: canonical signatures need none


@dataclass(frozen=True, slots=True)
class Subject:
    """What a serial counts within.

    Attributes:
        authority: who approves.
        name: as the kernel names it; empty for a redemption, which has no serial.
    """

    authority: AuthorityKind
    name: bytes


REDEMPTION = Subject(AuthorityKind.ISSUANCE, b"")


def subject_of_issue(home: int) -> Subject:
    """The currency issued into a home."""
    return Subject(AuthorityKind.ISSUANCE, b"issue" + u32(CURRENCY) + u32(home))


def subject_of_operation(operation: ControlOperation) -> Subject:
    """What a control operation is about."""
    return Subject(operation.AUTHORITY, operation.subject())


class OfficeSecret:
    """References that nobody can guess and that follow from the requests alone, so that a seeded network repeats."""

    def __init__(self, domain: Domain, operator_key: SigningKey) -> None:
        self._domain = domain
        self._secret = domain.hash("tongbao/office-secret/1", operator_key.secret_seed)

    def reference(self, subject: Subject, *, attempt: int) -> bytes:
        """The reference of the `attempt`-th proposal about a subject, 32 bytes."""
        named = bytes((subject.authority,)) + sized_u16(subject.name) + u64(attempt)
        return self._domain.hash("tongbao/office-reference/1", self._secret + named)


def wanted_coins(wanted: Sequence[WantedCoin], home: int) -> list[Coin]:
    """The coins of the currency that a home asks for."""
    return [Coin(CURRENCY, each.value, home, each.lock_id) for each in wanted]


def value_of(body: Body) -> int:
    """What a body makes or, where it makes nothing, ends."""
    return sum(coin.value for coin in body.outputs) or sum(spent.coin.value for spent in body.inputs)


def demand_value(body: Body, *, field: str) -> None:
    """Raise `RequestError` where all coins together are worth more than any column or coin holds."""
    if value_of(body) > VALUE_MAX:
        raise RequestError(
            f"all coins together are worth more than {VALUE_MAX}",
            code="VALUE_OUT_OF_RANGE",
            field=field,
            cure="ask for less at a time",
        )


@dataclass(frozen=True, slots=True)
class ControlParts:
    """What an officer proposes.

    Attributes:
        operation: the control operation.
        inputs: the coin that an ordered move moves.
        outputs: what replaces it.
    """

    operation: ControlOperation
    inputs: tuple[Input, ...]
    outputs: tuple[Coin, ...]


def read_control(request: ControlRequest) -> ControlParts:
    """The parts of a control request.

    Raises:
        DecodingError: one of them is no encoding.
        RequestError: it names coins and is no ordered move, or the other way round.
    """
    operation = _whole(request.operation, read_operation, "operation")
    inputs = tuple(_whole(data, Input.read, "inputs") for data in request.inputs)
    outputs = tuple(_whole(data, Coin.read, "outputs") for data in request.outputs)
    moves = isinstance(operation, OrderedMove)
    if (moves, moves) != (bool(inputs), bool(outputs)):
        raise RequestError(
            "an ordered move names the coin that moves and the coins that replace it; nothing else names coins",
            code="INVALID_FIELD",
            field="inputs",
            cure="add inputs and outputs to an ordered move, and leave them out of everything else",
        )
    return ControlParts(operation, inputs, outputs)


def _whole(data: bytes, read: Callable[[Reader], T], what: str) -> T:
    reader = Reader(data, what)
    found = read(reader)
    reader.finish()
    return found


def read_redemption(data: bytes, judging: Judging, *, home: int, time_ms: int) -> Transaction:
    """The redeem transaction that a home proposes, signed by the coins' owner.

    Raises:
        RequestError: it is something else, or no officer could make it settle.
    """
    transaction = Transaction.decode(data)
    if transaction.body.kind != Kind.REDEEM or transaction.approvals:
        raise RequestError(
            "a redemption is a redeem transaction without approvals",
            code="INVALID_FIELD",
            field="transaction",
            cure="send the transaction as its owner signed it; officers add their approvals here",
        )
    judged = judge_transaction(data, judging, home=home, budget=SlowBudget(SLOW_JUDGEMENTS_MAX))
    if isinstance(judged, Refusal):
        raise RefusedError(f"{judged.status.name}: {judged.detail}", code=judged.status.name, field="transaction")
    if transaction.body.expiry_ms < time_ms:
        raise RefusedError(
            f"it expired at {transaction.body.expiry_ms} ms, and ledger time is {time_ms} ms",
            code="EXPIRED",
            field="transaction",
            cure="sign it anew with an expiry that leaves the officers time",
        )
    return transaction


def keys_to_prove(operation: ControlOperation | None) -> tuple[tuple[PublicKey, ...], int]:
    """Keys that an operation sets and how many of them must approve it, too, so that somebody holds them."""
    match operation:
        case Officers():
            return operation.keys, operation.threshold
        case RekeyInstitution() if operation.home == CENTRAL_BANK:
            return (operation.key,), 1
        case _:
            return (), 0
