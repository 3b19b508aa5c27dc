"""What an exchange came to, told to whoever asked for it."""

import sqlalchemy as sa

from tongbao.coin.coin import Input
from tongbao.coin.transaction import Transaction
from tongbao.institutions.customers.coin_book import NewCoin, Owner, wallet_coin
from tongbao.institutions.exchange.exchange_judging import ACCEPTED
from tongbao.institutions.exchange.exchange_planning import ExchangeLine
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, OutgoingState, Settlement
from tongbao.institutions.tables import exchanges, transactions
from tongbao.protocol.wallet import Exchange, ExchangeState, WalletCoin

__all__ = ["exchange_message", "load_answers"]

_STATES = {
    OutgoingState.ENDORSED: ExchangeState.PENDING,
    OutgoingState.SETTLED: ExchangeState.SETTLED,
    # The centre refused it for now; until that is final the deposit stays in transit.
    OutgoingState.REFUSED: ExchangeState.PENDING,
    OutgoingState.ABSENT: ExchangeState.REFUSED,
}

_LINES = sa.select(exchanges).where(exchanges.c.request_id == sa.bindparam("request")).order_by(exchanges.c.item)
_TRANSACTION = sa.select(transactions).where(transactions.c.transaction_id == sa.bindparam("identity"))


def exchange_message(line: ExchangeLine, settlement: Settlement | None, premises: Premises) -> Exchange:
    """One wallet's part; the receipt, which all parts of a transaction share, comes with its first output alone."""
    ledger = premises.ledger
    if line.status != ACCEPTED or settlement is None:
        return Exchange.model_construct(
            exchange_id=f"{line.request_id.hex()}-{line.item}",
            wallet_id=line.wallet_id,
            amount_fen=line.amount_fen,
            state=ExchangeState.REFUSED,
            status=line.status,
            transaction_id=None,
            coins=[],
            receipt=None,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )
    return Exchange.model_construct(
        exchange_id=f"{line.request_id.hex()}-{line.item}",
        wallet_id=line.wallet_id,
        amount_fen=line.amount_fen,
        state=_STATES[settlement.state],
        status=settlement.status,
        transaction_id=settlement.outgoing.transaction_id,
        coins=_coins(line, settlement, premises) if settlement.state == OutgoingState.SETTLED else [],
        receipt=settlement.receipt if line.output_index == 0 or line.item == 0 else None,
        sequence=settlement.sequence or ledger.sequence,
        time_ms=settlement.time_ms or ledger.time_ms,
    )


def _coins(line: ExchangeLine, settlement: Settlement, premises: Premises) -> list[WalletCoin]:
    index = line.output_index or 0
    outgoing = settlement.outgoing
    opening = Input(outgoing.transaction_id, index, outgoing.body.outputs[index])
    coin_id = opening.coin_id(premises.domain)
    return [wallet_coin(NewCoin(coin_id, opening, Owner.WALLET, line.wallet_id, line.salt, settlement.sequence))]


def load_answers(connection: sa.Connection, request_id: bytes, premises: Premises) -> list[Exchange]:
    """The answer to a request that was performed before."""
    rows = connection.execute(_LINES, {"request": request_id}).all()
    identity = next((row.transaction_id for row in rows if row.transaction_id is not None), None)
    settlement = None if identity is None else _settlement(connection, identity)
    lines = [
        ExchangeLine(row.request_id, row.item, row.wallet_id, row.amount_fen, row.status, row.output_index, row.salt)
        for row in rows
    ]
    return [exchange_message(line, settlement, premises) for line in lines]


def _settlement(connection: sa.Connection, identity: bytes) -> Settlement:
    row = connection.execute(_TRANSACTION, {"identity": identity}).one()
    body = Transaction.decode(row.content).body
    kind = OutgoingKind(row.kind)
    outgoing = Outgoing(kind, row.subject, identity, row.content, body, (), row.recorded_ms)
    return Settlement(outgoing, OutgoingState(row.state), row.status, row.receipt, row.sequence, row.time_ms)
