"""The payer's side of refunds that are offered: kept at the payer's home, as the shop's home has told of them last."""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RequestError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.orders.receiving import refunded_payment
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.offer_book import refund_unknown
from tongbao.institutions.refunds.tables import received_refunds
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.cursor import read_place
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.refund import (
    HomeRefund,
    HomeRefundAnswer,
    Refund,
    RefundDecision,
    RefundPage,
    RefundSilence,
    RefundState,
)

__all__ = ["RefundInbox"]

_BOX = received_refunds
_ONE = sa.select(_BOX).where(_BOX.c.home == sa.bindparam("at"), _BOX.c.refund_id == sa.bindparam("refund"))
_PAGE = (
    sa.select(_BOX)
    .where(_BOX.c.wallet_id == sa.bindparam("wallet"), _BOX.c.number < sa.bindparam("before"))
    .order_by(_BOX.c.number.desc())
    .limit(sa.bindparam("count"))
)
_INSERT = sa.insert(_BOX)
_UPDATE = sa.update(_BOX).where(_BOX.c.home == sa.bindparam("at"), _BOX.c.refund_id == sa.bindparam("refund"))

# News may come in another order than it happened: nothing is open again, and nothing owed again.
_RANKS: Final = {RefundState.OFFERED: 0, RefundState.ACCEPTED: 1, RefundState.RETURNED: 2}
_LAST: Final = 2


class RefundInbox:
    """Keeps what this home's wallets are offered."""

    def __init__(self, premises: Premises, neighbours: Neighbours) -> None:
        self._premises = premises
        self._neighbours = neighbours
        self._own = premises.settings.home

    def keep(self, connection: sa.Connection, told: HomeRefund) -> None:
        """Keep an offer, or how far it is now. Part of a write.

        Raises:
            RequestError: NOT_FOUND where no wallet here has paid that shop so; INVALID_FIELD where another offer has
                this id.
        """
        identity = bytes.fromhex(told.refund_id)
        known = self._row(connection, told.shop_home, identity)
        if known is None:
            self._insert(connection, told, identity)
        elif known.amount_fen != told.amount_fen:
            raise RequestError(
                "refund_id: another refund has this id",
                code="INVALID_FIELD",
                field="refund_id",
                cure="give a new refund a new id",
            )
        elif _rank(told.state) > _rank(RefundState(known.state)) or told.answer_by_ms > known.answer_by_ms:
            self._update(connection, known, told.state, told.decided_by, told.answer_by_ms)

    def _insert(self, connection: sa.Connection, told: HomeRefund, identity: bytes) -> None:
        paid = refunded_payment(connection, told.refund_handle, home=told.shop_home, amount_fen=told.amount_fen)
        row = {
            "home": told.shop_home,
            "refund_id": identity,
            "wallet_id": paid.wallet_id,
            "order_id": bytes.fromhex(told.order_id),
            "order_number": told.order_number,
            "refund_number": told.refund_number,
            "merchant_wallet_id": told.merchant_wallet_id,
            "merchant_name": told.merchant_name,
            "amount_fen": told.amount_fen,
            "reason": told.reason,
            "state": told.state.value,
            "decided_by": told.decided_by.value,
            "unanswered": told.unanswered.value,
            "answer_by_ms": told.answer_by_ms,
        }
        connection.execute(_INSERT, row)
        if told.state is RefundState.OFFERED:
            kept = connection.execute(_ONE, {"at": told.shop_home, "refund": identity}).one()
            self._tell(connection, kept, EventKind.REFUND_OFFERED)

    def _update(
        self, connection: sa.Connection, row: AnyRow, state: RefundState, by: RefundDecision, answer_by_ms: int
    ) -> None:
        if _rank(state) > _rank(RefundState(row.state)):
            changes: dict[str, object] = {"state": state.value, "decided_by": by.value}
            if state is RefundState.WITHDRAWN:
                self._tell(connection, row, EventKind.REFUND_WITHDRAWN)
        else:
            changes = {"answer_by_ms": answer_by_ms}
        connection.execute(_UPDATE.values(changes), {"at": row.home, "refund": row.refund_id})

    def _tell(self, connection: sa.Connection, row: AnyRow, kind: EventKind) -> None:
        identity = row.refund_id.hex()
        data: EventData = {
            "refund_id": identity,
            "order_id": row.order_id.hex(),
            "order_number": row.order_number,
            "amount_fen": row.amount_fen,
            "answer_by_ms": row.answer_by_ms,
        }
        tell(connection, [Event(row.wallet_id, kind, identity, data, self._premises.ledger.time_ms)])

    # --- for the payer ------------------------------------------------------------------------------------------------

    async def page(self, wallet_id: bytes, *, after: str, count: int) -> RefundPage:
        """What the wallet is offered, newest first."""
        wanted = {"wallet": wallet_id, "before": read_place(after, newest_first=True), "count": count}
        rows = await self._premises.ports.store.read(lambda connection: connection.execute(_PAGE, wanted).all())
        following = str(rows[-1].number) if len(rows) == count else ""
        return RefundPage(refunds=[self._describe(row) for row in rows], next=following)

    async def demand_own(self, wallet_id: bytes, home: int, refund_id: bytes) -> None:
        """Return if the offer is the wallet's to answer; raises NOT_FOUND."""
        row = await self._premises.ports.store.read(lambda connection: self._row(connection, home, refund_id))
        if row is None or row.wallet_id != wallet_id:
            raise refund_unknown()

    async def answer_elsewhere(self, home: int, answer: HomeRefundAnswer) -> Refund:
        """Have the shop's home decide, and keep what it says; where it does not answer, nothing is decided."""
        refund = await self._neighbours.client(home).post(
            "/v1/refunds/answers",
            answer,
            Refund,
            idempotency_key=f"refund-answer-{int(answer.accept)}-{answer.refund_id}",
            headers=self._neighbours.minimum_sequence(),
        )

        def keep(connection: sa.Connection) -> None:
            row = self._row(connection, home, bytes.fromhex(answer.refund_id))
            if row is not None and _rank(refund.state) > _rank(RefundState(row.state)):
                self._update(connection, row, refund.state, refund.decided_by, row.answer_by_ms)

        await self._premises.ports.store.write(keep)
        return refund

    def _row(self, connection: sa.Connection, home: int, refund_id: bytes) -> AnyRow | None:
        return connection.execute(_ONE, {"at": home, "refund": refund_id}).one_or_none()

    def _describe(self, row: AnyRow) -> Refund:
        ledger = self._premises.ledger
        return Refund(
            refund_id=row.refund_id.hex(),
            home=row.home,
            order_id=row.order_id.hex(),
            order_number=row.order_number,
            refund_number=row.refund_number,
            merchant_wallet_id=row.merchant_wallet_id,
            merchant_name=row.merchant_name,
            amount_fen=row.amount_fen,
            reason=row.reason,
            state=RefundState(row.state),
            decided_by=RefundDecision(row.decided_by),
            unanswered=RefundSilence(row.unanswered),
            answer_by_ms=row.answer_by_ms,
            undelivered="",
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _rank(state: RefundState) -> int:
    return _RANKS.get(state, _LAST)
