"""The payee's side of a payment: is the money welcome, and on which lock? The same whether the payer is at home or not.

Everything here runs inside a write of the store, so that an order is never promised to two payers.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.domain import HASH_BYTES
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.customers.limits import demand_room, expect, stop_expecting
from tongbao.institutions.customers.lock_book import GivenLock
from tongbao.institutions.orders.openness import demand_free, demand_not_wanted_back, demand_open, order_unknown
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.premises import PREPARATION_MS, Premises, WalletFacts
from tongbao.institutions.tables import AnyRow, locks, merchants, orders, payments, transactions
from tongbao.protocol.stock import LockProof
from tongbao.statements import Statement

__all__ = ["OrderSum", "Payer", "Receiving", "Terms", "refund_too_much", "refunded_payment", "words_of_order"]


@dataclass(frozen=True, slots=True)
class Payer:
    """Who wants to pay, as the payee's home may know him.

    Attributes:
        home: the payer's home.
        handle: by which that home finds him again, for a refund.
        anchor: the id of a coin that the payment will spend.
    """

    home: int
    handle: str
    anchor: bytes


@dataclass(frozen=True, slots=True)
class OrderSum:
    """What a payer wants to pay for an order.

    Attributes:
        amount_fen: what he thinks that the order asks; None for whatever it asks.
        tip_fen: what he adds.
    """

    amount_fen: int | None
    tip_fen: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """How the payee is to be paid.

    Attributes:
        order_id: where it is for an order.
        payee: the wallet that is paid.
        lock: where to.
        proof: why the lock is the payee's.
        amount_fen: how much.
        reference: what the transaction must carry.
        expiry_ms: until when.
        counterparty: what the payer's history calls the payee.
        description: what the payee says that it is for.
        repeated: whether the same payer asked before, and so may hold an answer already.
    """

    order_id: bytes | None
    payee: WalletFacts
    lock: GivenLock
    proof: LockProof
    amount_fen: int
    reference: bytes
    expiry_ms: int
    counterparty: str
    description: str
    repeated: bool


_ORDER = Statement(
    sa.select(
        orders.c.order_id,
        orders.c.wallet_id,
        orders.c.amount_fen,
        orders.c.description,
        orders.c.order_number,
        orders.c.lock_id,
        orders.c.expires_ms,
        orders.c.anchor,
        orders.c.anchor_expiry_ms,
        orders.c.payer_home,
        orders.c.paid_ms,
        orders.c.tip_fen_max,
        orders.c.cancelled_ms,
        orders.c.wanted_back_ms,
        merchants.c.name.label("merchant_name"),
        locks.c.position,
        locks.c.salt,
    )
    .outerjoin(merchants, merchants.c.wallet_id == orders.c.wallet_id)
    .join(locks, locks.c.lock_id == orders.c.lock_id)
    .where(orders.c.order_id == sa.bindparam("order"))
)
_RESERVE = Statement(
    sa.update(orders)
    .where(orders.c.order_id == sa.bindparam("order"))
    .values(
        anchor=sa.bindparam("by_anchor"),
        anchor_expiry_ms=sa.bindparam("until_ms"),
        payer_home=sa.bindparam("from_home"),
        payer_handle=sa.bindparam("handle"),
    )
)
_PAID = sa.select(
    payments.c.wallet_id, payments.c.amount_fen, payments.c.payee_home, payments.c.counterparty, payments.c.kind
)
_PAID_BY = _PAID.where(payments.c.payment_id == sa.bindparam("named"))
_PAID_BY_TRANSACTION = _PAID.join(transactions, transactions.c.subject == payments.c.payment_id).where(
    transactions.c.transaction_id == sa.bindparam("named")
)


class Receiving:
    """Says where money may go at this home."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def for_order(self, connection: sa.Connection, order_id: bytes, asked: OrderSum, payer: Payer) -> Terms:
        """Terms for paying an order, which is reserved for the payer's anchor from now on."""
        order = _ORDER.first(connection, {"order": order_id})
        if order is None:
            raise order_unknown()
        now_ms = self._premises.ledger.time_ms
        demand_open(order, now_ms=now_ms)
        amount_fen = _amount_payable(order, asked)
        repeated = order.anchor == payer.anchor and order.payer_home == payer.home
        holds = repeated and now_ms <= order.anchor_expiry_ms
        if not holds:
            demand_not_wanted_back(order, now_ms=now_ms)
        if order.anchor is not None and not repeated:
            demand_free(connection, order, seen_ms=self._premises.ledger.seen_ms)
        payee = self._premises.wallets.find(connection, order.wallet_id)
        payee.demand_payable()
        # Nothing of the order may settle once it has expired. Who asks again holds it no longer than he did.
        expiry_ms = order.anchor_expiry_ms if holds else min(now_ms + PREPARATION_MS, order.expires_ms)
        self._expect(connection, payee, order.lock_id, amount_fen, expiry_ms)
        row = {"order": order_id, "by_anchor": payer.anchor, "until_ms": expiry_ms}
        _RESERVE.run(connection, {**row, "from_home": payer.home, "handle": payer.handle})
        lock = GivenLock(order.lock_id, order.position, order.salt)
        return Terms(
            order_id=order_id,
            payee=payee,
            lock=lock,
            proof=self._premises.locks.proof(connection, payee.wallet_id, payee.main_key, lock),
            amount_fen=amount_fen,
            reference=self._premises.secrets.derive("order reference", order_id, payer.anchor),
            expiry_ms=expiry_ms,
            counterparty=order.merchant_name or payee.holder_name,
            description=order.description or order.order_number,
            repeated=repeated,
        )

    def for_person(self, connection: sa.Connection, wallet_id: bytes, amount_fen: int, payer: Payer) -> Terms:
        """Terms for paying a wallet by its address."""
        payee = self._premises.wallets.find(connection, wallet_id)
        return self._hand_out(connection, payee, amount_fen, payer, purpose=PaymentKind.PERSON, description="")

    def for_refund(self, connection: sa.Connection, handle: str, amount_fen: int, payer: Payer) -> Terms:
        """Terms for giving money back to the wallet that made a payment; `payer` is the shop."""
        paid = refunded_payment(connection, handle, home=payer.home, amount_fen=amount_fen)
        payee = self._premises.wallets.find(connection, paid.wallet_id)
        description = f"refund from {paid.counterparty}"
        return self._hand_out(connection, payee, amount_fen, payer, purpose=PaymentKind.REFUND, description=description)

    def _hand_out(
        self,
        connection: sa.Connection,
        payee: WalletFacts,
        amount_fen: int,
        payer: Payer,
        *,
        purpose: str,
        description: str,
    ) -> Terms:
        payee.demand_payable()
        premises = self._premises
        expiry_ms = premises.ledger.time_ms + PREPARATION_MS
        lock = premises.locks.hand_out(
            connection, payee.wallet_id, payee.main_key, purpose=purpose, subject=payer.anchor
        )
        self._expect(connection, payee, lock.lock_id, amount_fen, expiry_ms)
        return Terms(
            order_id=None,
            payee=payee,
            lock=lock,
            proof=premises.locks.proof(connection, payee.wallet_id, payee.main_key, lock),
            amount_fen=amount_fen,
            reference=premises.secrets.derive(f"{purpose} reference", lock.lock_id, payer.anchor),
            expiry_ms=expiry_ms,
            counterparty=description,
            description=description,
            repeated=False,
        )

    def _expect(
        self, connection: sa.Connection, payee: WalletFacts, lock_id: bytes, amount_fen: int, expiry_ms: int
    ) -> None:
        """Check that the payee may hold the money, and count on it; the same money is not counted twice."""
        limits = self._premises.limits_of(payee)
        if limits.balance_fen is None:
            return
        stop_expecting(connection, [lock_id])
        seen_ms = self._premises.ledger.seen_ms
        demand_room(connection, payee.wallet_id, amount_fen, limits=limits, seen_ms=seen_ms)
        expect(connection, [(lock_id, payee.wallet_id, amount_fen, expiry_ms)])


def _amount_payable(order: AnyRow, asked: OrderSum) -> int:
    """What the payment is of: the order's amount and the tip."""
    if asked.amount_fen is not None and asked.amount_fen != order.amount_fen:
        raise RequestError(
            f"the order is for {order.amount_fen} fen, not for {asked.amount_fen}",
            code="INVALID_FIELD",
            field="amount_fen",
            cure="pay the amount of the order, or leave amount_fen out",
        )
    if asked.tip_fen > order.tip_fen_max:
        raise RefusedError(
            f"the order takes tips of at most {order.tip_fen_max} fen, and this is one of {asked.tip_fen}",
            code="TIP_TOO_MUCH",
            field="tip_fen",
            cure="add at most what the order's tip_fen_max says, or nothing",
        )
    return int(order.amount_fen) + asked.tip_fen


def words_of_order(order: str, tip_fen: int) -> str:
    """What is asked for, so that the same question is recognised; with another tip it is another question."""
    return f"order {order} tip {tip_fen}" if tip_fen else f"order {order}"


def refunded_payment(connection: sa.Connection, handle: str, *, home: int, amount_fen: int) -> AnyRow:
    """The payment of a wallet of this home for an order at `home`, of which so much may go back.

    Raises:
        RequestError: NOT_FOUND.
        RefusedError: REFUND_TOO_MUCH.
    """
    paid = _read_handle(connection, handle)
    if paid is None or paid.kind != PaymentKind.ORDER or paid.payee_home != home:
        raise RequestError("this institution knows no such payment", code="NOT_FOUND", field="refund_handle")
    if amount_fen > paid.amount_fen:
        raise refund_too_much()
    return paid


def _read_handle(connection: sa.Connection, handle: str) -> AnyRow | None:
    """The payment that another home names by its transaction, and this one by its id."""
    try:
        named = bytes.fromhex(handle)
    except ValueError:
        return None
    query = _PAID_BY_TRANSACTION if len(named) == HASH_BYTES else _PAID_BY
    return connection.execute(query, {"named": named}).one_or_none()


def refund_too_much() -> RefusedError:
    """Refunds of an order never exceed what was paid."""
    return RefusedError(
        "the refund is more than what is left of the payment",
        code="REFUND_TOO_MUCH",
        field="amount_fen",
        cure="refund at most what was paid and is not refunded; what was prepared and not signed is free in minutes",
    )
