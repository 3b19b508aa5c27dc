"""Preparations: what was agreed on before the payer signs, kept so that what he signs can be held against it."""

from collections import OrderedDict
from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from tongbao.coin.suites import PublicKey
from tongbao.errors import InvariantError, RequestError
from tongbao.institutions.customers.lock_book import GivenLock, open_proof
from tongbao.institutions.orders.receiving import Terms
from tongbao.institutions.payments.payment_outcomes import DEPOSIT_SALT, PaymentKind
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, locks, payments, transactions
from tongbao.protocol.payment import Preparation
from tongbao.protocol.stock import LockProof
from tongbao.statements import Statement

__all__ = ["FOREIGN_LOCK", "Preparations", "Prepared", "payment_unknown", "read_payment_id"]

PAYMENT_ID_BYTES = 16
# Those that wait for their signature: at two a second per wallet, what a busy hour has at one time.
_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a payment must carry.

    Attributes:
        payment_id: 16 bytes.
        wallet_id: of the payer.
        kind: see `PaymentKind`.
        order_id: the order at this home that is paid or refunded.
        payee: what was asked for, so that a repeated request is recognised.
        payee_home: where the money goes.
        payee_wallet_id: to whom; None for the wallet's own deposit.
        counterparty: for the payer's history.
        amount_fen: what the payment pays.
        lock_id: where to.
        anchor: the coin that it must spend.
        reference: what it must carry.
        acceptance: of the payee's home, where that is another one.
        proof: from that home, as JSON.
        expiry_ms: what its expiry must be.
        description: what the payee says that it is for.
        tip_fen: what of the amount is a tip.
    """

    payment_id: bytes
    wallet_id: bytes
    kind: str
    order_id: bytes | None
    payee: str
    payee_home: int
    payee_wallet_id: bytes | None
    counterparty: str
    amount_fen: int
    lock_id: bytes
    anchor: bytes
    reference: bytes
    acceptance: bytes | None
    proof: bytes | None
    expiry_ms: int
    description: str
    tip_fen: int = 0

    def with_terms(self, terms: Terms) -> "Prepared":
        """The preparation on the terms of a payee at this home."""
        return replace(
            self,
            order_id=terms.order_id or self.order_id,
            payee_wallet_id=terms.payee.wallet_id,
            counterparty=terms.counterparty or self.counterparty,
            amount_fen=terms.amount_fen,
            lock_id=terms.lock.lock_id,
            reference=terms.reference,
            expiry_ms=terms.expiry_ms,
            description=terms.description,
        )


_FIELDS = tuple(field.name for field in fields(Prepared))
_INSERT = Statement(sa.insert(payments))
_BY_ID = Statement(sa.select(payments).where(payments.c.payment_id == sa.bindparam("payment")))
_AGAIN = Statement(
    sa.select(payments)
    .outerjoin(transactions, transactions.c.subject == payments.c.payment_id)
    .where(
        payments.c.anchor == sa.bindparam("by_anchor"),
        payments.c.wallet_id == sa.bindparam("wallet"),
        payments.c.payee == sa.bindparam("to_payee"),
        payments.c.expiry_ms >= sa.bindparam("now_ms"),
        transactions.c.number.is_(None),
    )
    .order_by(payments.c.expiry_ms.desc())
    .limit(1)
)
_LOCK = Statement(
    sa.select(locks.c.lock_id, locks.c.position, locks.c.salt).where(locks.c.lock_id == sa.bindparam("lock"))
)
FOREIGN_LOCK = Statement(
    sa.select(locks.c.lock_id).where(
        locks.c.lock_id == sa.bindparam("lock"),
        sa.or_(locks.c.wallet_id.is_(None), locks.c.wallet_id != sa.bindparam("wallet")),
    )
)
"""Whether this home has handed the lock out to be paid to somebody else."""


def read_payment_id(text: str) -> bytes:
    """The bytes of a payment's id; raises NOT_FOUND for what cannot be one."""
    try:
        payment_id = bytes.fromhex(text)
    except ValueError:
        raise payment_unknown() from None
    if len(payment_id) != PAYMENT_ID_BYTES or payment_id.hex() != text:
        raise payment_unknown()
    return payment_id


def payment_unknown() -> RequestError:
    """There is no such payment, or it is another wallet's."""
    return RequestError(
        "this wallet has prepared no such payment", code="NOT_FOUND", field="payment_id", cure="prepare the payment"
    )


class Preparations:
    """Keeps preparations; the newest also in memory, for the signed transaction that follows."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._newest: OrderedDict[bytes, Prepared] = OrderedDict()

    def draft(self, wallet_id: bytes, anchor: bytes, *, kind: str, payee: str, payee_home: int) -> Prepared:
        """A preparation whose terms are not known yet."""
        return Prepared(
            payment_id=self._premises.ports.entropy.bytes(PAYMENT_ID_BYTES),
            wallet_id=wallet_id,
            kind=kind,
            order_id=None,
            payee=payee,
            payee_home=payee_home,
            payee_wallet_id=None,
            counterparty="",
            amount_fen=0,
            lock_id=b"",
            anchor=anchor,
            reference=b"",
            acceptance=None,
            proof=None,
            expiry_ms=0,
            description="",
        )

    def insert(self, connection: sa.Connection, prepared: Prepared) -> None:
        """Store a preparation."""
        _INSERT.run(connection, {name: getattr(prepared, name) for name in _FIELDS})

    def remember(self, prepared: Prepared) -> None:
        """Keep a stored preparation at hand."""
        self._newest[prepared.payment_id] = prepared
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)

    def forget(self, payment_id: bytes) -> None:
        """The payment has been recorded; who asks again is answered from the database."""
        self._newest.pop(payment_id, None)

    async def find(self, payment_id: bytes, wallet_id: bytes) -> Prepared:
        """The wallet's own preparation; raises NOT_FOUND."""
        prepared = self._newest.get(payment_id)
        if prepared is None:
            row = await self._premises.ports.store.read(
                lambda connection: _BY_ID.first(connection, {"payment": payment_id})
            )
            prepared = None if row is None else _prepared(row)
        if prepared is None or prepared.wallet_id != wallet_id:
            raise payment_unknown()
        return prepared

    def again(self, connection: sa.Connection, draft: Prepared) -> Prepared | None:
        """The preparation that answers the same request already: unsigned, and not expired."""
        wanted = {
            "by_anchor": draft.anchor,
            "wallet": draft.wallet_id,
            "to_payee": draft.payee,
            "now_ms": self._premises.ledger.time_ms,
        }
        row = _AGAIN.first(connection, wanted)
        return None if row is None else _prepared(row)

    def proof_of(self, connection: sa.Connection, prepared: Prepared) -> LockProof:
        """Why the lock is the payee's."""
        if prepared.proof is not None:
            return LockProof.model_validate_json(prepared.proof)
        if prepared.kind == PaymentKind.DEPOSIT:
            return self.deposit_proof(prepared.anchor)
        if prepared.kind in {PaymentKind.OWN, PaymentKind.POCKET}:
            payer = self._premises.wallets.find(connection, prepared.wallet_id)
            return self.own_proof(payer.main_key, prepared.lock_id)
        lock = GivenLock(*_LOCK.all(connection, {"lock": prepared.lock_id})[0])
        if prepared.payee_wallet_id is None:
            raise InvariantError(f"payment {prepared.payment_id.hex()} has no payee")
        payee = self._premises.wallets.find(connection, prepared.payee_wallet_id)
        return self._premises.locks.proof(connection, payee.wallet_id, payee.main_key, lock)

    def deposit_proof(self, anchor: bytes) -> LockProof:
        """The lock on which the vault takes coins back, openly over its key."""
        vault = self._premises.vault
        salt = self._premises.secrets.derive(DEPOSIT_SALT, anchor)
        return open_proof(vault.key, GivenLock(vault.lock_id(salt), None, salt))

    @staticmethod
    def own_proof(main_key: PublicKey, lock_id: bytes) -> LockProof:
        """Of a lock that the payer named itself there is nothing to prove."""
        return open_proof(main_key, GivenLock(lock_id, None, None))

    def message(self, prepared: Prepared, proof: LockProof) -> Preparation:
        """The preparation as the payer's wallet gets it."""
        ledger = self._premises.ledger
        return Preparation.model_construct(
            payment_id=prepared.payment_id.hex(),
            amount_fen=prepared.amount_fen,
            payee_home=prepared.payee_home,
            payee_wallet_id=prepared.payee_wallet_id,
            proof=proof,
            acceptance=prepared.acceptance,
            reference=prepared.reference,
            expiry_ms=prepared.expiry_ms,
            description=prepared.description,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _prepared(row: AnyRow) -> Prepared:
    return Prepared(*[getattr(row, name) for name in _FIELDS])
