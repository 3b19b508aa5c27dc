"""Paying: the signed transaction is judged, held against its preparation, recorded, and only then sent."""

from dataclasses import dataclass, replace

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY
from tongbao.coin.ed25519 import SlowBudget
from tongbao.coin.transaction import Body, Kind
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.customers.limits import take
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.payments.preparations import FOREIGN_LOCK, Preparations, Prepared, read_payment_id
from tongbao.institutions.premises import Premises, WalletFacts
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, OutgoingState, Settlement, record
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import AnyRow, coins, locks, transactions
from tongbao.kernel.judge import JudgedTransaction, Refusal, judge_transaction
from tongbao.protocol.payment import Payment, PaymentRequest, PaymentState
from tongbao.statements import Statement

__all__ = ["Paying"]


SLOW_JUDGEMENTS_MAX = 4
"""Signatures of one payment that are judged slowly; a wallet of ours makes none that need it."""


@dataclass(frozen=True, slots=True)
class _Signed:
    """A payment that may be recorded."""

    payer: WalletFacts
    prepared: Prepared
    outgoing: Outgoing
    change_locks: tuple[bytes, ...]


_OWN_COINS = sa.select(coins.c.coin_id).where(
    coins.c.coin_id.in_(sa.bindparam("coin_ids", expanding=True)),
    coins.c.wallet_id == sa.bindparam("wallet"),
    coins.c.spent == 0,
)
_OWN_COIN = Statement(
    sa.select(coins.c.coin_id).where(
        coins.c.coin_id == sa.bindparam("coin"), coins.c.wallet_id == sa.bindparam("wallet"), coins.c.spent == 0
    )
)
_FOREIGN_LOCKS = (
    sa.select(locks.c.lock_id)
    .where(
        locks.c.lock_id.in_(sa.bindparam("lock_ids", expanding=True)),
        sa.or_(locks.c.wallet_id.is_(None), locks.c.wallet_id != sa.bindparam("wallet")),
    )
    .limit(1)
)
_SIGNED = Statement(
    sa.select(
        transactions.c.transaction_id,
        transactions.c.content,
        transactions.c.state,
        transactions.c.status,
        transactions.c.receipt,
        transactions.c.sequence,
        transactions.c.time_ms,
    ).where(transactions.c.subject == sa.bindparam("payment"))
)


class Paying:
    """Takes signed payments, and answers what became of them."""

    def __init__(self, premises: Premises, preparations: Preparations, submitter: Submitter) -> None:
        self._premises = premises
        self._preparations = preparations
        self._submitter = submitter

    async def pay(self, payer: WalletFacts, request: PaymentRequest) -> Payment:
        """Record the payment and see it settled; the same bytes again have the same answer.

        Raises:
            RequestError: the transaction is not the one that was prepared, or a rule or limit refuses it; nothing
                of it was recorded.
        """
        payment_id = read_payment_id(request.payment_id)
        prepared = await self._preparations.find(payment_id, payer.wallet_id)
        signed = self._judged(payer, prepared, request.transaction)
        self._submitter.demand_room()
        # Another request with this payment may have come first; then this one is a repeat of it or comes too late.
        if not self._submitter.knows(signed.outgoing.transaction_id) and await carried_through(
            lambda: self._begin(signed), spawn=self._premises.ports.spawn, name="payment"
        ):
            return _payment(prepared, await self._submitter.settle(signed.outgoing))
        return await self._again(signed)

    # --- held against the preparation ---------------------------------------------------------------------------------

    def _judged(self, payer: WalletFacts, prepared: Prepared, content: bytes) -> _Signed:
        home = self._premises.settings.home
        budget = SlowBudget(SLOW_JUDGEMENTS_MAX)
        judged = judge_transaction(content, self._premises.ledger.judging, home=home, budget=budget)
        if isinstance(judged, Refusal):
            raise RefusedError(
                f"the transaction would be refused: {judged.detail}",
                code=judged.status.name,
                field="transaction",
                cure="prepare the payment again and sign what the answer says",
            )
        body = judged.transaction.body
        self._demand_as_prepared(judged, prepared)
        change = tuple([coin.lock_id for coin in body.outputs if coin.lock_id != prepared.lock_id])
        outgoing = Outgoing(
            OutgoingKind.PAYMENT,
            prepared.payment_id,
            judged.id,
            content,
            body,
            judged.coin_ids,
            self._premises.ledger.time_ms,
        )
        return _Signed(payer, prepared, outgoing, change)

    def _demand_as_prepared(self, judged: JudgedTransaction, prepared: Prepared) -> None:
        body, here = judged.transaction.body, self._premises.settings.home
        _demand(body.kind == Kind.TRANSFER, "it must be a transfer")
        _demand(body.reference == prepared.reference, "its reference must be the preparation's")
        _demand(body.expiry_ms == prepared.expiry_ms, f"its expiry must be {prepared.expiry_ms}")
        _demand(prepared.anchor in judged.coin_ids, "it must spend the anchor that the preparation names")
        _demand(_pays_once(body, prepared), "exactly one output must pay the amount to the payee's lock and home")
        change = [coin for coin in body.outputs if coin.lock_id != prepared.lock_id]
        _demand(all([coin.home == here for coin in change]), "change must stay at this home")
        _demand(all([coin.asset == CURRENCY for coin in body.outputs]), "a payment is made in the currency alone")
        carried = [each.content for each in body.authorisations]
        wanted = [] if prepared.acceptance is None else [prepared.acceptance]
        _demand(carried == wanted, "it must carry the preparation's acceptance and no other")

    async def _begin(self, signed: _Signed) -> bool:
        """Record and send: what is recorded holds the payer's limits and the payee's order until it has an outcome."""
        recorded = await self._premises.ports.store.write(lambda connection: self._record(connection, signed))
        if recorded:
            self._preparations.forget(signed.prepared.payment_id)
            self._submitter.send(signed.outgoing)
        return recorded

    # --- recorded -----------------------------------------------------------------------------------------------------

    def _record(self, connection: sa.Connection, signed: _Signed) -> bool:
        """Use the limits' room and store the signed bytes; False where a transaction of this payment is stored."""
        premises, prepared, outgoing = self._premises, signed.prepared, signed.outgoing
        if premises.ledger.time_ms > prepared.expiry_ms:
            if _SIGNED.first(connection, {"payment": prepared.payment_id}) is not None:
                return False
            raise RefusedError(
                "the preparation has expired", code="EXPIRED", field="payment_id", cure="prepare the payment again"
            )
        if not record(connection, outgoing):
            return False
        self._demand_own_coins(connection, signed)
        self._demand_own_change(connection, signed)
        if prepared.kind in PaymentKind.LIMITED:
            periods = premises.settings.policy.periods(outgoing.recorded_ms)
            limits = premises.limits_of(signed.payer)
            take(connection, prepared.wallet_id, prepared.amount_fen, periods=periods, limits=limits)
        return True

    def _demand_own_coins(self, connection: sa.Connection, signed: _Signed) -> None:
        coin_ids, wallet_id = signed.outgoing.coin_ids, signed.payer.wallet_id
        if len(coin_ids) == 1:
            found = _OWN_COIN.all(connection, {"coin": coin_ids[0], "wallet": wallet_id})
        else:
            found = list(connection.execute(_OWN_COINS, {"coin_ids": list(coin_ids), "wallet": wallet_id}))
        if len(found) != len(coin_ids):
            raise RefusedError(
                "it spends a coin that is spent, or that is not this wallet's",
                code="INPUT_NOT_UNSPENT",
                field="transaction",
                cure="read the wallet's coins again and pay with those",
            )

    def _demand_own_change(self, connection: sa.Connection, signed: _Signed) -> None:
        """Change that went to another's lock would be a payment that no limit has seen."""
        lock_ids, wallet_id = signed.change_locks, signed.payer.wallet_id
        if not lock_ids:
            return
        if len(lock_ids) == 1:
            foreign = FOREIGN_LOCK.first(connection, {"lock": lock_ids[0], "wallet": wallet_id})
        else:
            foreign = connection.execute(_FOREIGN_LOCKS, {"lock_ids": list(lock_ids), "wallet": wallet_id}).first()
        _demand(foreign is None, "change must go to a lock of the payer's own")

    # --- asked again --------------------------------------------------------------------------------------------------

    async def _again(self, signed: _Signed) -> Payment:
        prepared, outgoing = signed.prepared, signed.outgoing
        row = await self._signed(prepared.payment_id)
        if row is None or row.transaction_id != outgoing.transaction_id:
            raise RefusedError(
                "another transaction has been signed for this payment",
                code="PAYMENT_SIGNED",
                field="transaction",
                cure="send the first one again, or prepare the payment again with the same anchor",
            )
        if OutgoingState(row.state).is_final:
            return _answer(prepared, row)
        # The bytes that were stored are sent, even if these are signed in another valid way.
        return _payment(prepared, await self._submitter.settle(replace(outgoing, content=row.content)))

    async def find(self, wallet_id: bytes, payment_id: str) -> Payment:
        """The payment as it stands."""
        prepared = await self._preparations.find(read_payment_id(payment_id), wallet_id)
        row = await self._signed(prepared.payment_id)
        if row is not None:
            return _answer(prepared, row)
        ledger = self._premises.ledger
        return _message(prepared, PaymentState.PREPARED, sequence=ledger.sequence, time_ms=ledger.time_ms)

    async def _signed(self, payment_id: bytes) -> AnyRow | None:
        found: AnyRow | None = await self._premises.ports.store.read(
            lambda connection: _SIGNED.first(connection, {"payment": payment_id})
        )
        return found


def _demand(condition: bool, reason: str) -> None:  # noqa: FBT001 - the condition is the point
    if not condition:
        raise RequestError(
            f"the transaction is not the one that was prepared: {reason}",
            code="PAYMENT_DIFFERS",
            field="transaction",
            cure="sign what the preparation says",
        )


def _pays_once(body: Body, prepared: Prepared) -> bool:
    paid = [coin for coin in body.outputs if coin.lock_id == prepared.lock_id]
    return [(coin.home, coin.value) for coin in paid] == [(prepared.payee_home, prepared.amount_fen)]


def _payment(prepared: Prepared, settlement: Settlement) -> Payment:
    return _message(
        prepared,
        PaymentState(settlement.state.value),
        status=settlement.status,
        transaction_id=settlement.outgoing.transaction_id,
        receipt=settlement.receipt,
        sequence=settlement.sequence,
        time_ms=settlement.time_ms,
    )


def _answer(prepared: Prepared, row: AnyRow) -> Payment:
    return _message(
        prepared,
        PaymentState(row.state),
        status=row.status,
        transaction_id=row.transaction_id,
        receipt=row.receipt,
        sequence=row.sequence,
        time_ms=row.time_ms,
    )


def _message(
    prepared: Prepared,
    state: PaymentState,
    *,
    status: str = "",
    transaction_id: bytes | None = None,
    receipt: bytes | None = None,
    sequence: int,
    time_ms: int,
) -> Payment:
    return Payment.model_construct(
        payment_id=prepared.payment_id.hex(),
        kind=prepared.kind,
        amount_fen=prepared.amount_fen,
        tip_fen=prepared.tip_fen,
        state=state,
        status=status,
        transaction_id=transaction_id,
        receipt=receipt,
        sequence=sequence,
        time_ms=time_ms,
    )
