"""Offers of refunds as the shop's home keeps them, what became of each, and what silence makes of it.

Everything here runs inside a read or a write of the store.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.premises import Premises
from tongbao.institutions.refunds.refundable import ON_ITS_WAY
from tongbao.institutions.refunds.tables import offered_refunds
from tongbao.institutions.tables import AnyRow, merchants, orders, payments, transactions
from tongbao.protocol.event import EventData, EventKind
from tongbao.protocol.refund import HomeRefund, Refund, RefundDecision, RefundSilence, RefundState

__all__ = ["OfferBook", "OfferState", "refund_closed", "refund_unknown"]

_OFFERS = offered_refunds
_SELECT = (
    sa.select(
        _OFFERS,
        orders.c.order_number,
        orders.c.refund_unanswered,
        orders.c.refund_answer_s,
        orders.c.payer_home,
        orders.c.payer_handle,
        orders.c.paid_transaction_id,
        merchants.c.name.label("merchant_name"),
    )
    .join(orders, orders.c.order_id == _OFFERS.c.order_id)
    .join(merchants, merchants.c.wallet_id == _OFFERS.c.wallet_id)
)
_ONE = _SELECT.where(_OFFERS.c.refund_id == sa.bindparam("refund"))
_PAGE = (
    _SELECT.where(_OFFERS.c.wallet_id == sa.bindparam("wallet"), _OFFERS.c.number < sa.bindparam("before"))
    .order_by(_OFFERS.c.number.desc())
    .limit(sa.bindparam("count"))
)
_SILENT = (
    _SELECT.where(_OFFERS.c.state == RefundState.OFFERED.value, _OFFERS.c.answer_by_ms < sa.bindparam("now_ms"))
    .order_by(_OFFERS.c.answer_by_ms)
    .limit(sa.bindparam("count"))
)
_UNTOLD = (
    _SELECT.where(_OFFERS.c.told == 0, orders.c.payer_home.not_in(sa.bindparam("besides", expanding=True)))
    .order_by(_OFFERS.c.number)
    .limit(sa.bindparam("count"))
)
_INSERT = sa.insert(_OFFERS)
_UPDATE = sa.update(_OFFERS).where(_OFFERS.c.refund_id == sa.bindparam("refund"))
# Whoever has answered meanwhile was not told of this state.
_TOLD = _UPDATE.where(_OFFERS.c.state == sa.bindparam("in_state"))
_PAYMENT_ON_ITS_WAY = (
    sa.select(payments.c.payment_id)
    .outerjoin(transactions, transactions.c.subject == payments.c.payment_id)
    .where(payments.c.payment_id == sa.bindparam("payment"), ON_ITS_WAY)
)

OfferState = tuple[RefundState, RefundDecision]

_KINDS = {
    RefundState.ACCEPTED: EventKind.REFUND_ACCEPTED,
    RefundState.DECLINED: EventKind.REFUND_DECLINED,
    RefundState.LAPSED: EventKind.REFUND_LAPSED,
}


class OfferBook:
    """The shop's home's offers, whose state it alone decides."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def find(self, connection: sa.Connection, refund_id: bytes) -> AnyRow | None:
        """An offer, if there is one with this id."""
        return connection.execute(_ONE, {"refund": refund_id}).one_or_none()

    def demand(self, connection: sa.Connection, refund_id: bytes) -> AnyRow:
        """The same; raises NOT_FOUND."""
        row = self.find(connection, refund_id)
        if row is None:
            raise refund_unknown()
        return row

    def page(self, connection: sa.Connection, wallet_id: bytes, *, before: int, count: int) -> list[AnyRow]:
        """A merchant's offers, newest first."""
        return list(connection.execute(_PAGE, {"wallet": wallet_id, "before": before, "count": count}).all())

    def silent(self, connection: sa.Connection, *, count: int) -> list[AnyRow]:
        """Offers whose time to answer has passed."""
        now_ms = self._premises.ledger.time_ms
        return list(connection.execute(_SILENT, {"now_ms": now_ms, "count": count}).all())

    def untold(self, connection: sa.Connection, *, besides: Sequence[int], count: int) -> list[AnyRow]:
        """Offers whose state the payer's home does not know, but for those of some homes."""
        return list(connection.execute(_UNTOLD, {"besides": list(besides), "count": count}).all())

    def insert(self, connection: sa.Connection, row: dict[str, object]) -> None:
        """Keep a new offer."""
        connection.execute(_INSERT, row)

    # --- what became of it --------------------------------------------------------------------------------------------

    def state_of(self, row: AnyRow) -> OfferState:
        """How far an offer is now, and who decided it."""
        state = RefundState(row.state)
        silent = row.answer_by_ms is not None and self._premises.ledger.time_ms > row.answer_by_ms
        if state is not RefundState.OFFERED or not silent:
            return state, RefundDecision(row.decided_by)
        returns = row.refund_unanswered == RefundSilence.RETURNS
        return RefundState.ACCEPTED if returns else RefundState.LAPSED, RefundDecision.SILENCE

    def decide(self, connection: sa.Connection, row: AnyRow, decided: OfferState) -> None:
        """Write a decision down, and tell the merchant. Part of a write."""
        state, by = decided
        changes = {"state": state.value, "decided_by": by.value, "told": 0}
        connection.execute(_UPDATE.values(changes), {"refund": row.refund_id})
        identity = row.refund_id.hex()
        data: EventData = {
            "refund_id": identity,
            "order_id": row.order_id.hex(),
            "order_number": row.order_number,
            "amount_fen": row.amount_fen,
            "decided_by": by.value,
        }
        kind = _KINDS.get(state)
        if kind is not None:
            tell(connection, [Event(row.wallet_id, kind, row.order_id.hex(), data, self._premises.ledger.time_ms)])

    def heed_silence(self, connection: sa.Connection, refund_id: bytes) -> AnyRow:
        """The offer, with what silence has made of it written down. Part of a write; raises NOT_FOUND."""
        row = self.demand(connection, refund_id)
        decided = self.state_of(row)
        if decided[0].value == row.state:
            return row
        self.decide(connection, row, decided)
        return self.demand(connection, refund_id)

    def delivered(self, connection: sa.Connection, row: AnyRow, *, answer_by_ms: int, undelivered: str) -> None:
        """The payer's home has it, or will not have it; from now on the payer's time runs. Part of a write."""
        now = self.demand(connection, row.refund_id)
        changes: dict[str, object] = {"told": 1}
        if row.answer_by_ms is None:
            # Where two told it at once, the payer was shown the later time.
            changes |= {"answer_by_ms": max(answer_by_ms, now.answer_by_ms or 0), "undelivered": undelivered}
        connection.execute(_TOLD.values(changes), {"refund": row.refund_id, "in_state": row.state})

    # --- carried out --------------------------------------------------------------------------------------------------

    def demand_owed(self, connection: sa.Connection, refund_id: bytes, wallet_id: bytes) -> AnyRow:
        """The merchant's own offer, if it is accepted and nothing pays it yet.

        Raises:
            RequestError: NOT_FOUND.
            RefusedError: REFUND_NOT_ACCEPTED, REFUND_CLOSED, REFUND_UNDER_WAY.
        """
        row = self.find(connection, refund_id)
        if row is None or row.wallet_id != wallet_id:
            raise refund_unknown()
        state, _ = self.state_of(row)
        if state is RefundState.OFFERED:
            raise RefusedError(
                "the payer has not answered yet",
                code="REFUND_NOT_ACCEPTED",
                field="payee.refund_id",
                cure="wait for refund.accepted, or until the time to answer has passed",
            )
        if state is not RefundState.ACCEPTED:
            raise refund_closed(state)
        wanted = {"payment": row.payment_id, "now_ms": self._premises.ledger.time_ms}
        if row.payment_id is not None and connection.execute(_PAYMENT_ON_ITS_WAY, wanted).first() is not None:
            raise RefusedError(
                "a payment of this refund is on its way",
                code="REFUND_UNDER_WAY",
                field="payee.refund_id",
                cure="pay with the coin that was named first, or ask again when that attempt has expired",
            )
        return row

    def begin(self, connection: sa.Connection, refund_id: bytes, wallet_id: bytes, payment_id: bytes) -> None:
        """A payment is prepared that carries it out. Part of a write; raises as `demand_owed`."""
        self.demand_owed(connection, refund_id, wallet_id)
        self.heed_silence(connection, refund_id)
        connection.execute(_UPDATE.values(payment_id=payment_id), {"refund": refund_id})

    # --- described ----------------------------------------------------------------------------------------------------

    def describe(self, row: AnyRow) -> Refund:
        """The offer as it stands."""
        ledger, (state, by) = self._premises.ledger, self.state_of(row)
        return Refund(
            refund_id=row.refund_id.hex(),
            home=self._premises.settings.home,
            order_id=row.order_id.hex(),
            order_number=row.order_number,
            refund_number=row.refund_number,
            merchant_wallet_id=row.wallet_id,
            merchant_name=row.merchant_name,
            amount_fen=row.amount_fen,
            reason=row.reason,
            state=state,
            decided_by=by,
            unanswered=RefundSilence(row.refund_unanswered),
            answer_by_ms=row.answer_by_ms,
            undelivered=row.undelivered,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )

    def for_home(self, row: AnyRow, *, answer_by_ms: int) -> HomeRefund:
        """The offer as the payer's home is told of it."""
        state, by = self.state_of(row)
        own = row.payer_home == self._premises.settings.home
        return HomeRefund(
            refund_id=row.refund_id.hex(),
            shop_home=self._premises.settings.home,
            order_id=row.order_id.hex(),
            order_number=row.order_number,
            refund_number=row.refund_number,
            # The payer may have prepared the payment several times, and only one of them was made.
            refund_handle=row.payer_handle if own else row.paid_transaction_id.hex(),
            merchant_wallet_id=row.wallet_id,
            merchant_name=row.merchant_name,
            amount_fen=row.amount_fen,
            reason=row.reason,
            state=state,
            decided_by=by,
            unanswered=RefundSilence(row.refund_unanswered),
            answer_by_ms=answer_by_ms,
        )


def refund_unknown() -> RequestError:
    """There is no such offer of or to the wallet."""
    return RequestError(
        "there is no such refund",
        code="NOT_FOUND",
        field="refund_id",
        cure="list the refunds that the wallet offers and is offered",
    )


def refund_closed(state: RefundState) -> RefusedError:
    """What has been decided stays so."""
    return RefusedError(
        f"the refund is {state} already",
        code="REFUND_CLOSED",
        field="refund_id",
        cure="nothing is left to be answered; the merchant may offer another refund",
    )
