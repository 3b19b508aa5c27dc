"""Taking the money out of a pocket: judged, held against what may be done with it, recorded, and only then sent."""

from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.coin.coin import Coin
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.transaction import Kind
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.payments.paying import SLOW_JUDGEMENTS_MAX
from tongbao.institutions.pockets.pocket_book import PocketBook
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, OutgoingState, Settlement, record
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import AnyRow, locks, transactions
from tongbao.kernel.judge import Refusal, judge_transaction
from tongbao.protocol.payment import PaymentState
from tongbao.protocol.pocket import PocketTaken

__all__ = ["Taking"]

_RECORDED = sa.select(transactions).where(transactions.c.transaction_id == sa.bindparam("identity"))
_LOCK_OWNER = sa.select(locks.c.wallet_id).where(locks.c.lock_id == sa.bindparam("lock"))


class Taking:
    """Settles takings; several of one pocket may be on their way, and the first that is ordered counts."""

    def __init__(self, premises: Premises, book: PocketBook, submitter: Submitter) -> None:
        self._premises = premises
        self._book = book
        self._submitter = submitter

    async def take(self, pocket_id: bytes, content: bytes) -> PocketTaken:
        """Record the transaction and see it settled; the same bytes again have the same answer.

        Raises:
            RequestError: NOT_FOUND, TAKING_INVALID where it does something else than to empty the pocket.
            RefusedError: POCKET_TAKEN, POCKET_EMPTY, or the kernel's status where it would be refused anyway.
        """
        outgoing = self._judged(pocket_id, content)
        self._submitter.demand_room()
        if not self._submitter.knows(outgoing.transaction_id):
            await carried_through(
                lambda: self._begin(pocket_id, outgoing), spawn=self._premises.ports.spawn, name="taking"
            )
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_RECORDED, {"identity": outgoing.transaction_id}).one()
        )
        if OutgoingState(row.state).is_final:
            return _taken(row.transaction_id, row)
        return _taken(outgoing.transaction_id, await self._submitter.settle(outgoing))

    def _judged(self, pocket_id: bytes, content: bytes) -> Outgoing:
        home, ledger = self._premises.settings.home, self._premises.ledger
        judged = judge_transaction(content, ledger.judging, home=home, budget=SlowBudget(SLOW_JUDGEMENTS_MAX))
        if isinstance(judged, Refusal):
            raise RefusedError(
                f"the transaction would be refused: {judged.detail}",
                code=judged.status.name,
                field="transaction",
                cure="ask for the terms again and sign what they say",
            )
        body = judged.transaction.body
        spent = [each.coin.lock_id for each in body.inputs]
        if body.kind != Kind.TRANSFER or spent != [pocket_id] or len(body.outputs) != 1:
            raise _invalid("it must turn the pocket's coin, and nothing else, into one coin")
        subject = pocket_id + judged.id
        return Outgoing(
            OutgoingKind.POCKET, subject, judged.id, content, body, judged.coin_ids, self._premises.ledger.time_ms
        )

    async def _begin(self, pocket_id: bytes, outgoing: Outgoing) -> None:
        recorded = await self._premises.ports.store.write(
            lambda connection: self._record(connection, pocket_id, outgoing)
        )
        if recorded:
            self._submitter.send(outgoing)

    def _record(self, connection: sa.Connection, pocket_id: bytes, outgoing: Outgoing) -> bool:
        if connection.execute(_RECORDED, {"identity": outgoing.transaction_id}).first() is not None:
            return False
        row = self._book.demand(connection, pocket_id)
        coin = self._book.coin(connection, pocket_id)
        if coin is None or (coin.coin_id,) != tuple(outgoing.coin_ids):
            raise _gone(row)
        self._demand_to_party(connection, row, outgoing.body.outputs)
        return record(connection, outgoing)

    def _demand_to_party(self, connection: sa.Connection, row: AnyRow, outputs: Sequence[Coin]) -> None:
        """At this home the money goes to a lock of one of the two; another home has accepted it under its own rules."""
        (paid,) = outputs
        if paid.home != self._premises.settings.home:
            return
        owner = connection.execute(_LOCK_OWNER, {"lock": paid.lock_id}).scalar_one_or_none()
        if owner not in {row.wallet_id, row.other_wallet_id}:
            raise _invalid("the money goes to the lock that the terms name")


def _taken(transaction_id: bytes, found: "AnyRow | Settlement") -> PocketTaken:
    return PocketTaken(
        state=PaymentState(found.state),
        status=found.status,
        transaction_id=transaction_id,
        receipt=found.receipt,
        sequence=found.sequence,
        time_ms=found.time_ms,
    )


def _gone(row: AnyRow) -> RefusedError:
    if row.taken_ms is None:
        return RefusedError(
            "nothing is in the pocket yet", code="POCKET_EMPTY", field="pocket_id", cure="wait until it is filled"
        )
    return RefusedError(
        "the money of this pocket has been taken",
        code="POCKET_TAKEN",
        field="pocket_id",
        cure="the pocket says who took it, and when",
    )


def _invalid(reason: str) -> RequestError:
    return RequestError(
        f"the transaction does not take the money out of the pocket: {reason}",
        code="TAKING_INVALID",
        field="transaction",
        cure="sign what the terms say",
    )
