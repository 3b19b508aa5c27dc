"""Signed transactions on their way: stored before they are sent, and open until their outcome is final."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from tongbao.coin.domain import Domain
from tongbao.coin.transaction import Body, Transaction
from tongbao.institutions.tables import AnyRow, transactions
from tongbao.statements import Among, Statement

__all__ = [
    "Outgoing",
    "OutgoingKind",
    "OutgoingState",
    "Settlement",
    "load_one",
    "load_open",
    "record",
    "write_settlements",
]


class OutgoingKind(StrEnum):
    """What the transaction is for."""

    PAYMENT = "payment"
    """A customer's; the subject is the payment's id."""
    POCKET = "pocket"
    """Takes the money out of a pocket; the subject is the pocket's id and the transaction's."""
    EXCHANGE = "exchange"
    """Deposits into coins; the subject is the id of the first request."""
    SPLIT = "split"
    """The vault makes the coin that a redemption will end; the subject is the operation's id and a suffix."""
    REDEMPTION = "redemption"
    """The subject is the operation's id."""


class OutgoingState(StrEnum):
    """How far it is; by the names of `tongbao.protocol.payment.PaymentState`."""

    ENDORSED = "endorsed"
    SETTLED = "settled"
    REFUSED = "refused"
    """For now: it may still settle until it expires."""
    ABSENT = "absent"
    """It never will."""

    @property
    def is_final(self) -> bool:
        """Whether nothing can change it any more."""
        return self in {OutgoingState.SETTLED, OutgoingState.ABSENT}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A signed transaction of this home.

    Attributes:
        kind: what it is for.
        subject: the id of what it is for; each has one transaction.
        transaction_id: 32 bytes.
        content: the signed bytes; every attempt sends just these.
        body: decoded from them.
        coin_ids: of its inputs.
        recorded_ms: ledger time when it was recorded.
    """

    kind: OutgoingKind
    subject: bytes
    transaction_id: bytes
    content: bytes
    body: Body
    coin_ids: tuple[bytes, ...]
    recorded_ms: int

    @property
    def expiry_ms(self) -> int:
        """The last ledger time at which it may settle."""
        return self.body.expiry_ms

    @staticmethod
    def of(
        transaction: Transaction, domain: Domain, *, kind: OutgoingKind, subject: bytes, recorded_ms: int
    ) -> "Outgoing":
        """The institution's own transaction, just signed."""
        coin_ids = tuple([spent.coin_id(domain) for spent in transaction.body.inputs])
        identity = transaction.id(domain)
        return Outgoing(kind, subject, identity, transaction.encode(), transaction.body, coin_ids, recorded_ms)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of a transaction so far.

    Attributes:
        outgoing: the transaction.
        state: see `OutgoingState`.
        status: the kernel's, by name; ABSENT_PROVEN where it never settled.
        receipt: the centre's, where it gave one.
        sequence: the batch of the verdict.
        time_ms: its ledger time.
    """

    outgoing: Outgoing
    state: OutgoingState
    status: str
    receipt: bytes | None
    sequence: int
    time_ms: int


# The same signed bytes, or a second transaction for one subject, are no second row.
_RECORD = Statement(
    "INSERT INTO transactions (transaction_id, kind, subject, content, expiry_ms, recorded_ms, open, state, status, "
    "receipt, sequence, time_ms) VALUES (:transaction_id, :kind, :subject, :content, :expiry_ms, :recorded_ms, 1, "
    "'endorsed', '', NULL, 0, 0) ON CONFLICT DO NOTHING"
)
_OPEN = sa.select(
    transactions.c.kind,
    transactions.c.subject,
    transactions.c.transaction_id,
    transactions.c.content,
    transactions.c.recorded_ms,
).where(transactions.c.open == 1)
_ALL_OPEN = _OPEN.order_by(transactions.c.number)
_ONE_OPEN = _OPEN.where(transactions.c.transaction_id == sa.bindparam("identity"))
_STILL_OPEN = Among(
    lambda identities: sa.select(transactions.c.transaction_id).where(
        transactions.c.transaction_id.in_(identities), transactions.c.open == 1
    )
)
_SETTLE = Statement(
    sa.update(transactions)
    .where(transactions.c.transaction_id == sa.bindparam("identity"))
    .values(
        open=sa.bindparam("now_open"),
        state=sa.bindparam("new_state"),
        status=sa.bindparam("new_status"),
        receipt=sa.bindparam("new_receipt"),
        sequence=sa.bindparam("new_sequence"),
        time_ms=sa.bindparam("new_time_ms"),
    )
)


def record(connection: sa.Connection, outgoing: Outgoing) -> bool:
    """Store the signed bytes; False where this transaction, or another one for its subject, is stored already."""
    row = {
        "transaction_id": outgoing.transaction_id,
        "kind": outgoing.kind.value,
        "subject": outgoing.subject,
        "content": outgoing.content,
        "expiry_ms": outgoing.expiry_ms,
        "recorded_ms": outgoing.recorded_ms,
    }
    return _RECORD.run(connection, row) == 1


def load_open(connection: sa.Connection, domain: Domain) -> list[Outgoing]:
    """Every transaction whose outcome is not final, in the order in which they were recorded."""
    rows = connection.execute(_ALL_OPEN).all()
    return [_outgoing(row, domain) for row in rows]


def load_one(connection: sa.Connection, transaction_id: bytes, domain: Domain) -> Outgoing | None:
    """The transaction, where its outcome is not final."""
    row = connection.execute(_ONE_OPEN, {"identity": transaction_id}).one_or_none()
    return None if row is None else _outgoing(row, domain)


def _outgoing(row: AnyRow, domain: Domain) -> Outgoing:
    transaction = Transaction.decode(row.content)
    coin_ids = tuple([spent.coin_id(domain) for spent in transaction.body.inputs])
    kind = OutgoingKind(row.kind)
    return Outgoing(kind, row.subject, row.transaction_id, row.content, transaction.body, coin_ids, row.recorded_ms)


def write_settlements(connection: sa.Connection, settlements: Sequence[Settlement]) -> list[Settlement]:
    """Write down what is new, and return it: what was final before is not."""
    identities = [each.outgoing.transaction_id for each in settlements]
    still_open = {row.transaction_id for row in _STILL_OPEN.all(connection, identities)}
    fresh = [each for each in settlements if each.outgoing.transaction_id in still_open]
    rows = [
        {
            "identity": each.outgoing.transaction_id,
            "now_open": 0 if each.state.is_final else 1,
            "new_state": each.state.value,
            "new_status": each.status,
            "new_receipt": each.receipt,
            "new_sequence": each.sequence,
            "new_time_ms": each.time_ms,
        }
        for each in fresh
    ]
    _SETTLE.run_many(connection, rows)
    return fresh
