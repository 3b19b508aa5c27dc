"""What follows when an exchange has settled, or never will."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.coin.coin import Coin, Input
from tongbao.institutions.books.bank_ledger import Account, Entry, book
from tongbao.institutions.customers.coin_book import NewCoin, Owner, add_coins, change_balances, spend_coins
from tongbao.institutions.customers.history import Happening, write_history
from tongbao.institutions.customers.limits import stop_expecting
from tongbao.institutions.exchange.exchange_judging import exchange_holder
from tongbao.institutions.exchange.exchange_planning import CHANGE_SALT
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Settlement
from tongbao.institutions.settlement.settling import VaultNews
from tongbao.institutions.tables import AnyRow, exchanges
from tongbao.statements import Statement

__all__ = ["ExchangeOutcomes"]

_LINES = Statement(
    sa.select(exchanges.c.wallet_id, exchanges.c.amount_fen, exchanges.c.output_index, exchanges.c.salt)
    .where(exchanges.c.transaction_id == sa.bindparam("identity"))
    .order_by(exchanges.c.output_index)
)


class ExchangeOutcomes:
    """Consequences of exchanges."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Give the wallets their coins and the vault its change, and book what was in transit."""
        news = VaultNews()
        for settlement in settlements:
            lines = _LINES.all(connection, {"identity": settlement.outgoing.transaction_id})
            self._settled(connection, settlement, lines, news)
        return news

    def _settled(
        self, connection: sa.Connection, settlement: Settlement, lines: Sequence[AnyRow], news: VaultNews
    ) -> None:
        outgoing = settlement.outgoing
        made = [
            self._coin(settlement, index, coin, lines[index] if index < len(lines) else None)
            for index, coin in enumerate(outgoing.body.outputs)
        ]
        held: defaultdict[bytes, int] = defaultdict(int)
        for line in lines:
            held[line.wallet_id] += line.amount_fen
        add_coins(connection, made)
        spend_coins(connection, outgoing.coin_ids)
        change_balances(connection, held)
        stop_expecting(connection, [coin.lock_id for coin in outgoing.body.outputs])
        total = sum(held.values())
        moved = ((Account.EXCHANGE_IN_TRANSIT, -total), (Account.VAULT, total))
        book(connection, [Entry("exchange settled", outgoing.transaction_id, settlement.time_ms, moved)])
        write_history(connection, [_happening(line, settlement, "settled") for line in lines])
        news.spent += outgoing.coin_ids
        news.added += [(coin.opening, coin.salt) for coin in made if coin.owner == Owner.VAULT and coin.salt]

    def _coin(self, settlement: Settlement, index: int, coin: Coin, line: AnyRow | None) -> NewCoin:
        """Outputs stand in the order of the lines; one more is the vault's change."""
        premises, outgoing = self._premises, settlement.outgoing
        opening = Input(outgoing.transaction_id, index, coin)
        coin_id = opening.coin_id(premises.domain)
        if line is None:
            salt = premises.secrets.derive(CHANGE_SALT, outgoing.coin_ids[0])
            return NewCoin(coin_id, opening, Owner.VAULT, None, salt, settlement.sequence)
        return NewCoin(coin_id, opening, Owner.WALLET, line.wallet_id, line.salt, settlement.sequence)

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Give the deposits back."""
        news = VaultNews()
        for settlement in settlements:
            outgoing = settlement.outgoing
            lines = _LINES.all(connection, {"identity": outgoing.transaction_id})
            facts = self._premises.wallets.find_all(connection, [line.wallet_id for line in lines])
            back = [(facts[line.wallet_id].account_id, line.amount_fen) for line in lines]
            transit = (Account.EXCHANGE_IN_TRANSIT, -sum(amount for _, amount in back))
            book(connection, [Entry("exchange undone", outgoing.transaction_id, settlement.time_ms, (transit, *back))])
            stop_expecting(connection, [coin.lock_id for coin in outgoing.body.outputs])
            write_history(connection, [_happening(line, settlement, "absent") for line in lines])
            news.released.append(exchange_holder(outgoing.subject))
        return news


def _happening(line: AnyRow, settlement: Settlement, state: str) -> Happening:
    identity, time_ms = settlement.outgoing.transaction_id, settlement.time_ms
    return Happening(line.wallet_id, "exchange", line.amount_fen, "", identity, state, time_ms)
