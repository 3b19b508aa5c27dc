"""A transaction: what a wallet signs. Body and witnesses are apart, so that its id does not depend on signatures."""

import enum
from dataclasses import dataclass, field

from tongbao.coin.acceptance import Acceptance
from tongbao.coin.coin import Coin, Input
from tongbao.coin.control import ControlOperation, read_operation
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import (
    Reader,
    count_u8,
    count_u16,
    demand_bytes,
    demand_unsigned,
    sized_u16,
    sized_u32,
    u8,
    u64,
)
from tongbao.coin.lock import Lock, read_lock
from tongbao.coin.suites import PublicKey, read_signature
from tongbao.errors import DecodingError, RequestError

__all__ = [
    "Approval",
    "Authorisation",
    "Body",
    "Kind",
    "Transaction",
    "Witness",
    "approve_digest",
    "spend_digest",
    "transaction_id",
]

BODY_VERSION = 1
TRANSACTION_BYTES_MAX = 512 * 1024
"""What one transaction may take, so that a batch of them stays under the largest message of a replicated journal."""

ACCEPTANCE_TYPE = 1


class Kind(enum.IntEnum):
    """What a transaction does. The numbers are permanent."""

    TRANSFER = 1
    ISSUE = 2
    REDEEM = 3
    CONTROL = 4


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Somebody else's signed word that a body carries.

    Attributes:
        type: 1 = acceptance; later numbers are kept for allowance and orders.
        content: the encoding of that type.
    """

    type: int
    content: bytes

    @staticmethod
    def of(acceptance: Acceptance) -> "Authorisation":
        """The acceptance as a body carries it."""
        return Authorisation(ACCEPTANCE_TYPE, acceptance.encode())

    def encode(self) -> bytes:
        """Type, then the content behind its length."""
        return u8(self.type) + sized_u16(self.content)

    def acceptance(self) -> Acceptance:
        """The acceptance that this is.

        Raises:
            DecodingError: it is of another type, or its content is no acceptance.
        """
        if self.type != ACCEPTANCE_TYPE:
            raise DecodingError(f"authorisation type {self.type} is unknown", field="authorisations")
        return Acceptance.decode(self.content)


@dataclass(frozen=True, slots=True)
class Body:
    """What is to happen, and what the transaction's id commits to.

    Attributes:
        kind: transfer, issue, redeem or control.
        expiry_ms: last ledger time in milliseconds at which it may settle.
        reference: 32 bytes, a commitment to order or memo with at least 128 secret bits.
        inputs: the coins that are spent, opened.
        outputs: the coins that are made.
        authorisations: words of others that it needs.
        serial: for issue and control, last + 1 of its authority and subject; 0 elsewhere.
        operation: for control; None elsewhere.
    """

    kind: Kind
    expiry_ms: int
    reference: bytes
    inputs: tuple[Input, ...] = ()
    outputs: tuple[Coin, ...] = ()
    authorisations: tuple[Authorisation, ...] = ()
    serial: int = 0
    operation: ControlOperation | None = None

    def __post_init__(self) -> None:
        demand_unsigned("expiry_ms", self.expiry_ms, bits=64)
        demand_bytes("reference", self.reference, length=HASH_BYTES)
        demand_unsigned("serial", self.serial, bits=64)
        if (self.operation is None) == (self.kind == Kind.CONTROL):
            raise RequestError("a control transaction has an operation, and no other has one", field="operation")
        if self.serial and self.kind not in {Kind.ISSUE, Kind.CONTROL}:
            raise RequestError("only issue and control have a serial", field="serial")

    def encode(self) -> bytes:
        """The body's bytes."""
        return b"".join(
            (
                u8(BODY_VERSION),
                u8(self.kind),
                u64(self.expiry_ms),
                self.reference,
                count_u16([spent.encode() for spent in self.inputs]),
                count_u16([coin.encode() for coin in self.outputs]),
                count_u8([authorisation.encode() for authorisation in self.authorisations]),
                self._detail(),
            )
        )

    def _detail(self) -> bytes:
        if self.kind == Kind.ISSUE:
            return u64(self.serial)
        if self.operation is not None:
            return u64(self.serial) + u8(self.operation.NUMBER) + self.operation.payload()
        return b""

    def transaction_id(self, domain: Domain) -> bytes:
        """The id of the transaction with this body, 32 bytes."""
        return transaction_id(self.encode(), domain)

    @staticmethod
    def decode(data: bytes) -> "Body":
        """The body whose whole encoding is `data`."""
        reader = Reader(data, "transaction body")
        version = reader.u8()
        if version != BODY_VERSION:
            raise reader.error(f"version {version} is unknown")
        kind = _read_kind(reader)
        expiry_ms, reference = reader.u64(), reader.take(HASH_BYTES)
        inputs = tuple([Input.read(reader) for _ in range(reader.u16())])
        outputs = tuple([Coin.read(reader) for _ in range(reader.u16())])
        authorisations = tuple([Authorisation(reader.u8(), reader.sized_u16()) for _ in range(reader.u8())])
        serial = reader.u64() if kind in {Kind.ISSUE, Kind.CONTROL} else 0
        operation = read_operation(reader) if kind == Kind.CONTROL else None
        reader.finish()
        return Body(kind, expiry_ms, reference, inputs, outputs, authorisations, serial, operation)


def _read_kind(reader: Reader) -> Kind:
    number = reader.u8()
    try:
        return Kind(number)
    except ValueError:
        raise reader.error(f"transaction kind {number} is unknown") from None


def transaction_id(body: bytes, domain: Domain) -> bytes:
    """The id of the transaction with the encoded `body`, 32 bytes."""
    return domain.hash("tongbao/transaction/1", domain.network_id + body)


def spend_digest(identity: bytes, domain: Domain) -> bytes:
    """What the owner of an input signs for the transaction with id `identity`."""
    return domain.hash("tongbao/spend/1", identity)


def approve_digest(identity: bytes, domain: Domain) -> bytes:
    """What an officer signs for the transaction with id `identity`."""
    return domain.hash("tongbao/approve/1", identity)


@dataclass(frozen=True, slots=True)
class Witness:
    """Why an input may be spent.

    Attributes:
        lock: the revealed lock.
        path: which way it is opened (`tongbao.coin.lock.Path`).
        signature: over the spend digest, by that path's key.
    """

    lock: Lock
    path: int
    signature: bytes

    def encode(self) -> bytes:
        """Lock, path, signature."""
        return self.lock.encode() + u8(self.path) + sized_u16(self.signature)

    @staticmethod
    def read(reader: Reader) -> "Witness":
        """The witness that starts at the reader's place."""
        return Witness(read_lock(reader), reader.u8(), read_signature(reader))


@dataclass(frozen=True, slots=True)
class Approval:
    """One officer's yes to an issue, redeem or control transaction.

    Attributes:
        key: the officer's key.
        signature: over the approve digest.
    """

    key: PublicKey
    signature: bytes

    def encode(self) -> bytes:
        """Key, signature."""
        return self.key.encode() + sized_u16(self.signature)

    @staticmethod
    def read(reader: Reader) -> "Approval":
        """The approval that starts at the reader's place."""
        return Approval(PublicKey.read(reader), read_signature(reader))


@dataclass(frozen=True, slots=True)
class Transaction:
    """A body with what makes it valid.

    Attributes:
        body: what is to happen.
        witnesses: one per input, in the inputs' order.
        approvals: officers' signatures on issue, redeem and control.
    """

    body: Body
    witnesses: tuple[Witness, ...] = ()
    approvals: tuple[Approval, ...] = ()
    # The body as it was decoded, so that it need not be encoded again. Never given: it could be another body's.
    _body_bytes: bytes = field(init=False, default=b"", repr=False, compare=False)

    def body_bytes(self) -> bytes:
        """The encoded body."""
        return self._body_bytes or self.body.encode()

    def id(self, domain: Domain) -> bytes:
        """The transaction's id, 32 bytes; it does not depend on witnesses or approvals."""
        return transaction_id(self.body_bytes(), domain)

    def encode(self) -> bytes:
        """The body behind its length, witnesses, approvals."""
        witnesses = count_u16([witness.encode() for witness in self.witnesses])
        approvals = count_u8([approval.encode() for approval in self.approvals])
        return sized_u32(self.body_bytes()) + witnesses + approvals

    @staticmethod
    def decode(data: bytes) -> "Transaction":
        """The transaction whose whole encoding is `data`.

        Raises:
            DecodingError: the bytes are not the canonical encoding of any transaction.
        """
        if len(data) > TRANSACTION_BYTES_MAX:
            raise DecodingError(
                f"a transaction has at most {TRANSACTION_BYTES_MAX} bytes, this one {len(data)}", field="transaction"
            )
        reader = Reader(data, "transaction")
        body_bytes = reader.sized_u32(length_max=TRANSACTION_BYTES_MAX)
        witnesses = tuple([Witness.read(reader) for _ in range(reader.u16())])
        approvals = tuple([Approval.read(reader) for _ in range(reader.u8())])
        reader.finish()
        transaction = Transaction(Body.decode(body_bytes), witnesses, approvals)
        object.__setattr__(transaction, "_body_bytes", body_bytes)
        return transaction
