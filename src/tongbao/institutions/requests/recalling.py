"""Recalls: a payer asks back what he paid to the wrong person, who pays it back or does not.

Nobody's money moves without his signature, so a recall is a money request for one settled payment: of just its amount,
once for each payment, and only from whoever received it. Both homes hold it against their own books.
"""

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.payments.preparations import payment_unknown, read_payment_id
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, history, payments, transactions
from tongbao.protocol.money_request import AskForMoney, RecallRequest

__all__ = ["Recalled", "Recalling", "demand_received", "recall_number"]

RECALL_WITHIN_DAYS = 90
"""Who finds a mistake later than in a quarter's statement must settle it with the other one himself."""

_DAY_MS = 86_400_000

_PAID = (
    sa.select(
        payments.c.kind,
        payments.c.counterparty,
        payments.c.amount_fen,
        transactions.c.transaction_id,
        transactions.c.state,
        transactions.c.time_ms,
    )
    .join(transactions, transactions.c.subject == payments.c.payment_id)
    .where(payments.c.payment_id == sa.bindparam("payment"), payments.c.wallet_id == sa.bindparam("wallet"))
)
_RECEIVED = sa.select(history.c.amount_fen).where(
    history.c.wallet_id == sa.bindparam("wallet"),
    history.c.transaction_id == sa.bindparam("identity"),
    history.c.kind == "received",
)


class Recalled:
    """A payment that is asked back, and the request that asks for it."""

    def __init__(self, transaction_id: bytes, request: AskForMoney) -> None:
        self.transaction_id = transaction_id
        self.request = request


class Recalling:
    """Makes money requests of recalls."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def made_out(self, wallet_id: bytes, recall: RecallRequest) -> Recalled:
        """What asks the payee of a payment for it.

        Raises:
            RequestError: NOT_FOUND where the wallet made no such payment.
            RefusedError: RECALL_REFUSED where it is no settled payment to a person, or was made too long ago.
        """
        wanted = {"payment": read_payment_id(recall.payment_id), "wallet": wallet_id}
        row = await self._premises.ports.store.read(lambda connection: connection.execute(_PAID, wanted).one_or_none())
        if row is None:
            raise payment_unknown()
        self._demand_recallable(row)
        request = AskForMoney(
            address=row.counterparty,
            amount_fen=row.amount_fen,
            request_number=recall_number(row.transaction_id),
            description=recall.reason,
        )
        return Recalled(row.transaction_id, request)

    def _demand_recallable(self, row: AnyRow) -> None:
        if row.kind != PaymentKind.PERSON:
            raise RefusedError(
                "only a payment to a person is asked back; a shop refunds",
                code="RECALL_REFUSED",
                field="payment_id",
                cure="ask the shop for a refund",
            )
        if row.state != "settled":
            raise RefusedError(
                "the payment has not settled",
                code="RECALL_REFUSED",
                field="payment_id",
                cure="wait until it has, or until it never can",
            )
        if self._premises.ledger.time_ms - row.time_ms > RECALL_WITHIN_DAYS * _DAY_MS:
            raise RefusedError(
                f"the payment was made more than {RECALL_WITHIN_DAYS} days ago",
                code="RECALL_REFUSED",
                field="payment_id",
                cure="ask the payee for money yourself",
            )


def recall_number(transaction_id: bytes) -> str:
    """The number of the request that asks a payment back: one payment has just one."""
    return f"recall-{transaction_id.hex()[:40]}"


def demand_received(connection: sa.Connection, wallet_id: bytes, transaction_id: bytes, amount_fen: int) -> None:
    """Return if the wallet received so much by that transaction. Part of a write.

    Raises:
        RequestError: RECALL_UNKNOWN.
    """
    received = connection.execute(_RECEIVED, {"wallet": wallet_id, "identity": transaction_id}).scalars().all()
    if amount_fen not in received:
        raise RequestError(
            "the wallet that is asked has received no such payment",
            code="RECALL_UNKNOWN",
            field="recall_of",
            cure="ask back what was paid to that wallet, in full",
        )
