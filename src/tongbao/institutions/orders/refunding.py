"""Preparing a refund: a payment the other way, to the wallet that paid the order, and never more than it paid."""

from collections.abc import Callable
from dataclasses import replace

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.orders.openness import order_unknown
from tongbao.institutions.orders.receiving import Payer, Receiving, refund_too_much
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.payments.preparations import Preparations, Prepared
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, orders, payments, transactions
from tongbao.protocol.payment import AcceptanceRequest
from tongbao.protocol.stock import LockProof

__all__ = ["Refunding"]

_PAID_ORDER = sa.select(
    orders.c.wallet_id,
    orders.c.amount_fen,
    orders.c.tip_fen,
    orders.c.paid_ms,
    orders.c.paid_transaction_id,
    orders.c.payer_home,
    orders.c.payer_handle,
    orders.c.order_number,
).where(orders.c.order_id == sa.bindparam("order"))
# What is refunded or may still be: signed refunds unless proven absent, and prepared ones until they expire.
_REFUNDING = (
    sa.select(sa.func.coalesce(sa.func.sum(payments.c.amount_fen), 0))
    .outerjoin(transactions, transactions.c.subject == payments.c.payment_id)
    .where(
        payments.c.order_id == sa.bindparam("order"),
        payments.c.kind == PaymentKind.REFUND,
        sa.or_(
            sa.and_(transactions.c.state.is_not(None), transactions.c.state != "absent"),
            sa.and_(transactions.c.state.is_(None), payments.c.expiry_ms >= sa.bindparam("now_ms")),
        ),
    )
)


class Refunding:
    """Prepares refunds of orders at this home."""

    def __init__(
        self, premises: Premises, preparations: Preparations, receiving: Receiving, neighbours: Neighbours
    ) -> None:
        self._premises = premises
        self._preparations = preparations
        self._receiving = receiving
        self._neighbours = neighbours

    async def prepare(
        self,
        draft: Prepared,
        order_id: bytes,
        *,
        amount_fen: int | None,
        check: Callable[[sa.Connection, Prepared], None],
    ) -> tuple[Prepared, LockProof]:
        """What the refund must carry; `amount_fen` may be left out for all that is left."""
        store = self._premises.ports.store

        def look(connection: sa.Connection) -> tuple[AnyRow, int, Prepared | None]:
            check(connection, draft)
            order = self._order(connection, order_id, draft.wallet_id)
            return order, self._left(connection, order_id, order), self._preparations.again(connection, draft)

        order, left, again = await store.read(look)
        if again is not None:
            return await store.read(lambda connection: (again, self._preparations.proof_of(connection, again)))
        amount = left if amount_fen is None else amount_fen
        if not 1 <= amount <= left:
            raise refund_too_much()
        named = replace(draft, order_id=order_id, counterparty=f"refund of {order.order_number}", amount_fen=amount)
        if order.payer_home == self._premises.settings.home:
            return await store.write(lambda connection: self._prepare_here(connection, named, order))
        return await self._prepare_elsewhere(replace(named, payee_home=order.payer_home), order)

    def _order(self, connection: sa.Connection, order_id: bytes, wallet_id: bytes) -> AnyRow:
        order = connection.execute(_PAID_ORDER, {"order": order_id}).one_or_none()
        if order is None or order.wallet_id != wallet_id:
            raise order_unknown()
        if order.paid_ms is None:
            raise RefusedError(
                "the order has not been paid", code="ORDER_UNPAID", field="payee.refund_of", cure="nothing is owed"
            )
        return order

    def _left(self, connection: sa.Connection, order_id: bytes, order: AnyRow) -> int:
        wanted = {"order": order_id, "now_ms": self._premises.ledger.time_ms}
        return int(order.amount_fen + order.tip_fen - connection.execute(_REFUNDING, wanted).scalar_one())

    def _demand_left(self, connection: sa.Connection, prepared: Prepared, order: AnyRow) -> None:
        """Again inside the write: another refund may have been prepared meanwhile."""
        if prepared.amount_fen > self._left(connection, prepared.order_id or b"", order):
            raise refund_too_much()

    def _prepare_here(self, connection: sa.Connection, named: Prepared, order: AnyRow) -> tuple[Prepared, LockProof]:
        self._demand_left(connection, named, order)
        payer = Payer(self._premises.settings.home, named.payment_id.hex(), named.anchor)
        terms = self._receiving.for_refund(connection, order.payer_handle, named.amount_fen, payer)
        prepared = replace(named.with_terms(terms), counterparty=named.counterparty)
        self._preparations.insert(connection, prepared)
        return prepared, terms.proof

    async def _prepare_elsewhere(self, named: Prepared, order: AnyRow) -> tuple[Prepared, LockProof]:
        accepted = await self._neighbours.ask(
            named,
            AcceptanceRequest(
                # The payer may have prepared the payment several times, and only one of them was made.
                refund_handle=order.paid_transaction_id.hex(),
                amount_fen=named.amount_fen,
                anchor=named.anchor,
                payer_home=self._premises.settings.home,
                payer_handle=named.payment_id.hex(),
            ),
        )
        prepared = replace(accepted.prepared, order_id=named.order_id, counterparty=named.counterparty)

        def keep(connection: sa.Connection) -> None:
            self._demand_left(connection, prepared, order)
            self._preparations.insert(connection, prepared)

        await self._premises.ports.store.write(keep)
        return prepared, accepted.proof
