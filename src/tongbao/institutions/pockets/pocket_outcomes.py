"""What follows when money was taken out of a pocket, or a taking will never settle."""

from collections import defaultdict
from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.coin.coin import Coin, Input
from tongbao.institutions.customers.coin_book import (
    NewCoin,
    Owner,
    add_coins,
    change_balances,
    spend_coins,
    value_in_currency,
)
from tongbao.institutions.customers.history import SETTLED, Happening, write_history
from tongbao.institutions.customers.limits import stop_expecting
from tongbao.institutions.events.event_log import Event, tell
from tongbao.institutions.pockets.pocket_book import PocketBook, take
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Settlement
from tongbao.institutions.settlement.settling import VaultNews
from tongbao.institutions.tables import AnyRow, locks
from tongbao.protocol.event import EventKind
from tongbao.protocol.pocket import PocketParty

__all__ = ["PocketOutcomes"]

_LOCK = sa.select(locks.c.wallet_id, locks.c.salt).where(locks.c.lock_id == sa.bindparam("lock"))


class PocketOutcomes:
    """Consequences of takings."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises
        self._book = PocketBook(premises)

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """The money is in the wallet of whoever took it, and the pocket's maker hears of it."""
        for settlement in settlements:
            self._take(connection, settlement)
        return VaultNews()

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Stop expecting the money; the pocket is as it was, or another taking was first."""
        paid = [coin.lock_id for settlement in settlements for coin in settlement.outgoing.body.outputs]
        stop_expecting(connection, paid)
        return VaultNews()

    def _take(self, connection: sa.Connection, settlement: Settlement) -> None:
        outgoing = settlement.outgoing
        (spent,), (paid,) = outgoing.body.inputs, outgoing.body.outputs
        row = self._book.demand(connection, spent.coin.lock_id)
        spend_coins(connection, outgoing.coin_ids)
        taker = self._credit(connection, settlement, paid, row)
        party = PocketParty.MAKER if taker == row.wallet_id else PocketParty.OTHER
        identity = outgoing.transaction_id
        take(connection, row.pocket_id, by=party, transaction_id=identity, at_ms=settlement.time_ms)
        self._tell_maker(connection, row, party, settlement)

    def _credit(self, connection: sa.Connection, settlement: Settlement, paid: Coin, row: AnyRow) -> bytes | None:
        """Book the coin where it is one of this home; return whose wallet it is in."""
        if paid.home != self._premises.settings.home:
            return None
        lock = connection.execute(_LOCK, {"lock": paid.lock_id}).one()
        identity = settlement.outgoing.transaction_id
        opening = Input(identity, 0, paid)
        coin_id = opening.coin_id(self._premises.domain)
        new = NewCoin(coin_id, opening, Owner.WALLET, lock.wallet_id, lock.salt, settlement.sequence)
        balances: defaultdict[bytes, int] = defaultdict(int)
        balances[lock.wallet_id] += value_in_currency(paid)
        add_coins(connection, [new])
        change_balances(connection, balances)
        stop_expecting(connection, [paid.lock_id])
        parties = self._book.address(row.wallet_id), self._book.address(row.other_wallet_id, row.other_home)
        from_whom = parties[lock.wallet_id == row.wallet_id]
        happening = Happening(lock.wallet_id, "received", paid.value, from_whom, identity, SETTLED, settlement.time_ms)
        write_history(connection, [happening])
        return bytes(lock.wallet_id)

    def _tell_maker(self, connection: sa.Connection, row: AnyRow, party: PocketParty, settlement: Settlement) -> None:
        subject = row.pocket_id.hex()
        data = {
            "pocket_id": subject,
            "amount_fen": row.amount_fen,
            "taken_by": party.value,
            "counterparty": self._book.address(row.other_wallet_id, row.other_home),
            "transaction_id": settlement.outgoing.transaction_id.hex(),
        }
        tell(connection, [Event(row.wallet_id, EventKind.POCKET_TAKEN, subject, data, settlement.time_ms)])
