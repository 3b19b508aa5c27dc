"""The shop's side of refunds that are offered: making them, taking them back, and hearing what the payer says."""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.orders.orders import read_order_id
from tongbao.institutions.orders.receiving import refund_too_much
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.inbox import RefundInbox
from tongbao.institutions.refunds.offer_book import OfferBook, refund_closed, refund_unknown
from tongbao.institutions.refunds.refundable import left_fen, paid_order
from tongbao.institutions.refunds.tables import offered_refunds
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.refund import HomeRefundAnswer, RefundDecision, RefundOffer, RefundState

__all__ = ["OFFERS_OF_ORDER_MAX", "Offering"]

OFFERS_OF_ORDER_MAX: Final = 20
"""Offers of one order, answered ones included: a payer who says no is not asked for ever."""

_REFUND_ID_BYTES: Final = 16

_COUNT = sa.select(sa.func.count()).where(offered_refunds.c.order_id == sa.bindparam("order"))


class Offering:
    """Keeps what this home's merchants offer."""

    def __init__(self, premises: Premises, book: OfferBook, inbox: RefundInbox) -> None:
        self._premises = premises
        self._book = book
        self._inbox = inbox

    async def offer(self, wallet_id: bytes, request: RefundOffer) -> AnyRow:
        """A new offer, or the same again for the same number and content.

        Raises:
            RequestError: NOT_FOUND, or CONFLICT where the number is that of another offer.
            RefusedError: REFUND_AT_ONCE, ORDER_UNPAID, REFUND_TOO_MUCH, REFUNDS_TOO_MANY.
        """
        order_id = read_order_id(request.order_id)
        named = self._premises.secrets.derive("refund offer", order_id, request.refund_number.encode())
        refund_id = named[:_REFUND_ID_BYTES]

        def keep(connection: sa.Connection) -> AnyRow:
            order = paid_order(connection, order_id, wallet_id)
            known = self._book.find(connection, refund_id)
            if known is not None:
                return _demand_same(known, request)
            self._insert(connection, order, request, refund_id)
            row = self._book.demand(connection, refund_id)
            if row.payer_home == self._premises.settings.home:
                self._deliver_here(connection, row)
            return self._book.demand(connection, refund_id)

        return await self._premises.ports.store.write(keep)

    def _insert(self, connection: sa.Connection, order: AnyRow, request: RefundOffer, refund_id: bytes) -> None:
        if order.refund_answer_s is None:
            raise RefusedError(
                "what was paid for this order is refunded at once, and nobody is asked",
                code="REFUND_AT_ONCE",
                field="order_id",
                cure="refund it: tongbao wallet refund, or a payment whose payee is refund_of",
            )
        if int(connection.execute(_COUNT, {"order": order.order_id}).scalar_one()) >= OFFERS_OF_ORDER_MAX:
            raise RefusedError(
                f"{OFFERS_OF_ORDER_MAX} refunds of this order were offered already",
                code="REFUNDS_TOO_MANY",
                field="order_id",
                cure="settle it with the payer in another way",
            )
        left = left_fen(connection, order, now_ms=self._premises.ledger.time_ms)
        amount = left if request.amount_fen is None else request.amount_fen
        if not 1 <= amount <= left:
            raise refund_too_much()
        self._book.insert(
            connection,
            {
                "refund_id": refund_id,
                "order_id": order.order_id,
                "wallet_id": order.wallet_id,
                "refund_number": request.refund_number,
                "asked_fen": request.amount_fen,
                "amount_fen": amount,
                "reason": request.reason,
                "state": RefundState.OFFERED.value,
                "decided_by": RefundDecision.NOBODY.value,
                "answer_by_ms": None,
                "undelivered": "",
                "told": 0,
                "payment_id": None,
            },
        )

    def _deliver_here(self, connection: sa.Connection, row: AnyRow) -> None:
        answer_by_ms = self._premises.ledger.time_ms + row.refund_answer_s * 1000
        self._inbox.keep(connection, self._book.for_home(row, answer_by_ms=answer_by_ms))
        self._book.delivered(connection, row, answer_by_ms=answer_by_ms, undelivered="")

    async def withdraw(self, wallet_id: bytes, refund_id: bytes) -> AnyRow:
        """Take an offer back that nobody has answered; one that is withdrawn stays so.

        Raises:
            RefusedError: REFUND_CLOSED.
        """

        def withdraw(connection: sa.Connection) -> AnyRow:
            row = self._book.heed_silence(connection, refund_id)
            if row.wallet_id != wallet_id:
                raise refund_unknown()
            if row.state == RefundState.WITHDRAWN:
                return row
            if row.state != RefundState.OFFERED:
                raise refund_closed(RefundState(row.state))
            self._book.decide(connection, row, (RefundState.WITHDRAWN, RefundDecision.NOBODY))
            return self._changed(connection, refund_id)

        return await self._premises.ports.store.write(withdraw)

    async def answered(self, answer: HomeRefundAnswer) -> AnyRow:
        """The payer says yes or no; the same again changes nothing.

        Raises:
            RequestError: NOT_FOUND where the payer's home has no such offer.
            RefusedError: REFUND_CLOSED where something else has been decided.
        """
        identity = bytes.fromhex(answer.refund_id)

        def keep(connection: sa.Connection) -> AnyRow:
            row = self._book.heed_silence(connection, identity)
            if row.payer_home != answer.payer_home:
                raise refund_unknown()
            wanted = RefundState.ACCEPTED if answer.accept else RefundState.DECLINED
            if row.state == wanted or (answer.accept and row.state == RefundState.RETURNED):
                return row
            if row.state != RefundState.OFFERED:
                raise refund_closed(RefundState(row.state))
            self._book.decide(connection, row, (wanted, RefundDecision.PAYER))
            return self._changed(connection, identity)

        return await self._premises.ports.store.write(keep)

    def _changed(self, connection: sa.Connection, refund_id: bytes) -> AnyRow:
        """The offer, of which a payer of this home hears at once."""
        row = self._book.demand(connection, refund_id)
        if row.payer_home == self._premises.settings.home:
            self._inbox.keep(connection, self._book.for_home(row, answer_by_ms=row.answer_by_ms or 0))
        return row


def _demand_same(known: AnyRow, request: RefundOffer) -> AnyRow:
    if (known.asked_fen, known.reason) != (request.amount_fen, request.reason):
        raise RequestError(
            f"refund {request.refund_number} of this order exists with other content",
            code="CONFLICT",
            field="refund_number",
            cure="give a new refund a new number",
        )
    return known
