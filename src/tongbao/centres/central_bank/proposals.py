"""Proposals in the office's database: found, listed, recorded, approved, closed."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from tongbao.centres.central_bank.bodies import Subject
from tongbao.centres.central_bank.tables import approvals, proposals
from tongbao.coin import Approval, Body, Kind, PublicKey, Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.errors import InvariantError, RequestError
from tongbao.kernel import Status
from tongbao.protocol.issuance import ProposalState, WaitsFor

__all__ = [
    "CONTROL",
    "AskedUnder",
    "Draft",
    "StoredProposal",
    "approvals_of",
    "close",
    "find",
    "find_by_transaction",
    "find_repeated",
    "listed",
    "next_serial",
    "open_count",
    "open_proposals",
    "record",
    "record_approval",
    "seal",
    "settled_after",
    "waits_for",
]

ID_DIGITS = 32  # of the transaction's id, which has 64
CONTROL = Kind.CONTROL.name.lower()
OPEN_STATES = (ProposalState.PENDING, ProposalState.APPROVED)
_PASSED = Status.SERIAL_NOT_NEXT.name  # why a proposal is refused whose serial somebody else has used


@dataclass(frozen=True, slots=True)
class AskedUnder:
    """What makes two requests the same.

    Attributes:
        request_id: hash of who asked and his Idempotency-Key.
        request_hash: hash of what he asked.
    """

    request_id: bytes
    request_hash: bytes


@dataclass(frozen=True, slots=True)
class Draft:
    """A proposal that is not yet recorded.

    Attributes:
        transaction: without approvals.
        transaction_id: 32 bytes.
        home: whose coins, or whose affairs; 0 where it is the currency's.
        subject: what its serial counts within.
        value_fen: what it moves.
        description: for officers.
    """

    transaction: Transaction
    transaction_id: bytes
    home: int
    subject: Subject
    value_fen: int
    description: str

    @property
    def body(self) -> Body:
        """What is to happen."""
        return self.transaction.body


@dataclass(frozen=True, slots=True)
class StoredProposal:
    """A proposal as it stands in the database; fields as in `tables.proposals`."""

    number: int
    proposal_id: str
    kind: str
    home: int
    value_fen: int
    description: str
    authority: AuthorityKind
    subject: bytes
    serial: int
    transaction_id: bytes
    transaction: bytes
    expiry_ms: int
    state: ProposalState
    status: str
    receipt: bytes | None

    @property
    def body(self) -> Body:
        """What is to happen."""
        return Transaction.decode(self.transaction).body

    @property
    def counted(self) -> Subject:
        """What its serial counts within."""
        return Subject(self.authority, self.subject)


_COLUMNS = [proposals.c[each.name] for each in fields(StoredProposal)]
_SELECT = sa.select(*_COLUMNS)
_IS_OPEN = proposals.c.state.in_(OPEN_STATES)


def _stored(row: "sa.Row[*tuple[object, ...]]") -> StoredProposal:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's documented name
    values["authority"] = AuthorityKind(values["authority"])
    values["state"] = ProposalState(values["state"])
    return StoredProposal(**values)


def _one(connection: sa.Connection, where: "sa.ColumnElement[bool]") -> StoredProposal | None:
    row = connection.execute(_SELECT.where(where)).one_or_none()
    return None if row is None else _stored(row)


def find(connection: sa.Connection, proposal_id: str) -> StoredProposal | None:
    """The proposal with that id."""
    return _one(connection, proposals.c.proposal_id == proposal_id)


def find_by_transaction(connection: sa.Connection, transaction_id: bytes) -> StoredProposal | None:
    """The proposal of that transaction."""
    return _one(connection, proposals.c.transaction_id == transaction_id)


def find_repeated(connection: sa.Connection, asked: AskedUnder) -> StoredProposal | None:
    """The proposal that the same request made before.

    Raises:
        RequestError: another request came under the same Idempotency-Key.
    """
    where = proposals.c.request_id == asked.request_id
    request_hash = connection.execute(sa.select(proposals.c.request_hash).where(where)).scalar()
    if request_hash is None:
        return None
    if request_hash != asked.request_hash:
        raise RequestError(
            "this Idempotency-Key came with another request before",
            code="IDEMPOTENCY_KEY_REUSED",
            field="idempotency-key",
            cure="choose a new key for a new proposal",
        )
    return _one(connection, where)


def listed(
    connection: sa.Connection,
    *,
    home: int | None,
    state: ProposalState | None,
    kind: str,
    before: int,
    limit: int,
) -> list[StoredProposal]:
    """Proposals, newest first, from below the number `before` on; of one home and kind, or of all."""
    query = _SELECT.where(proposals.c.number < before).order_by(proposals.c.number.desc()).limit(limit)
    if home is not None:
        query = query.where(proposals.c.home == home, proposals.c.kind != CONTROL)
    if state is not None:
        query = query.where(proposals.c.state == state)
    if kind:
        query = query.where(proposals.c.kind == kind)
    return [_stored(row) for row in connection.execute(query)]


def settled_after(connection: sa.Connection, *, after: int, limit: int) -> list[StoredProposal]:
    """What was carried out, in the order in which it was proposed, from above the number `after` on."""
    is_settled = proposals.c.state == ProposalState.SETTLED
    query = _SELECT.where(is_settled, proposals.c.number > after).order_by(proposals.c.number).limit(limit)
    return [_stored(row) for row in connection.execute(query)]


def open_proposals(connection: sa.Connection) -> list[StoredProposal]:
    """Everything that is pending or approved, about each subject in the order in which it can settle."""
    in_turn = _SELECT.where(_IS_OPEN).order_by(proposals.c.serial, proposals.c.number)
    return [_stored(row) for row in connection.execute(in_turn)]


def open_count(connection: sa.Connection, *, home: int | None) -> int:
    """How many issuances and redemptions of a home, or of all control proposals, are open."""
    is_control = proposals.c.kind == CONTROL
    counted = is_control if home is None else sa.and_(~is_control, proposals.c.home == home)
    query = sa.select(sa.func.count()).where(_IS_OPEN, counted)
    return int(connection.execute(query).scalar_one())


def next_serial(connection: sa.Connection, subject: Subject, *, last: int) -> tuple[int, int]:
    """The lowest serial after `last` that no open proposal holds, and how many proposals the subject has had.

    A proposal that settled a moment ago counts, even where whoever said `last` did not know of it yet.
    """
    rows = connection.execute(sa.select(proposals.c.serial, proposals.c.state).where(_about(subject))).all()
    settled = [serial for serial, state in rows if state == ProposalState.SETTLED]
    held = {serial for serial, state in rows if state in OPEN_STATES}
    serial = max([last, *settled]) + 1
    while serial in held:
        serial += 1
    return serial, len(rows)


def waits_for(connection: sa.Connection, proposal: StoredProposal) -> WaitsFor | None:
    """Which serial must be used before the proposal's own, where that is one of this office's; None where none must."""
    if proposal.state not in OPEN_STATES or proposal.serial <= 1:
        return None
    before = proposal.serial - 1
    query = sa.select(proposals.c.serial, proposals.c.proposal_id, proposals.c.state, proposals.c.status).where(
        _about(proposal.counted), proposals.c.serial >= before, proposals.c.number != proposal.number
    )
    rows = connection.execute(query).all()
    holders = [row for row in rows if row.serial == before]
    # Where nobody held the serial before, it was used when this proposal was made.
    if not holders or any(row.state == ProposalState.SETTLED or row.status == _PASSED for row in rows):
        return None
    return WaitsFor(
        serial=before, proposal_id=next((row.proposal_id for row in holders if row.state in OPEN_STATES), "")
    )


def _about(subject: Subject) -> "sa.ColumnElement[bool]":
    return sa.and_(proposals.c.authority == int(subject.authority), proposals.c.subject == subject.name)


def record(connection: sa.Connection, draft: Draft, asked: AskedUnder) -> StoredProposal:
    """Write a proposal down, pending."""
    row = {
        "proposal_id": draft.transaction_id.hex()[:ID_DIGITS],
        "request_id": asked.request_id,
        "request_hash": asked.request_hash,
        "kind": draft.body.kind.name.lower(),
        "home": draft.home,
        "value_fen": draft.value_fen,
        "description": draft.description,
        "authority": int(draft.subject.authority),
        "subject": draft.subject.name,
        "serial": draft.body.serial,
        "transaction_id": draft.transaction_id,
        "transaction": draft.transaction.encode(),
        "expiry_ms": draft.body.expiry_ms,
        "state": ProposalState.PENDING,
        "status": "",
        "receipt": None,
    }
    number = connection.execute(sa.insert(proposals).returning(proposals.c.number), row).scalar_one()
    stored = _one(connection, proposals.c.number == number)
    if stored is None:
        raise InvariantError(f"proposal {number} was written down and is not there")
    return stored


def approvals_of(connection: sa.Connection, proposal_id: str) -> tuple[Approval, ...]:
    """What officers have signed of a proposal, in the order of their keys."""
    query = (
        sa.select(approvals.c.key, approvals.c.signature)
        .where(approvals.c.proposal_id == proposal_id)
        .order_by(approvals.c.key)
    )
    return tuple(Approval(PublicKey.decode(key), signature) for key, signature in connection.execute(query))


def record_approval(connection: sa.Connection, proposal_id: str, approval: Approval) -> None:
    """Write an approval down; one officer's second changes nothing."""
    key = approval.key.encode()
    known = sa.select(approvals.c.key).where(approvals.c.proposal_id == proposal_id, approvals.c.key == key)
    if connection.execute(known).one_or_none() is None:
        row = {"proposal_id": proposal_id, "key": key, "signature": approval.signature}
        connection.execute(sa.insert(approvals), row)


def seal(connection: sa.Connection, proposal: StoredProposal, given: Sequence[Approval]) -> None:
    """Make the proposal approved, and its transaction carry the approvals for good."""
    unapproved = Transaction.decode(proposal.transaction)
    approved = Transaction(unapproved.body, unapproved.witnesses, tuple(given))
    values = {"state": ProposalState.APPROVED, "transaction": approved.encode()}
    connection.execute(sa.update(proposals).where(proposals.c.number == proposal.number).values(values))


def close(
    connection: sa.Connection, proposal: StoredProposal, state: ProposalState, *, status: str, receipt: bytes | None
) -> StoredProposal:
    """Give a proposal its last state."""
    values = {"state": state, "status": status, "receipt": receipt}
    connection.execute(sa.update(proposals).where(proposals.c.number == proposal.number).values(values))
    return replace(proposal, state=state, status=status, receipt=receipt)
