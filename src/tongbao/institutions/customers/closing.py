"""Closing a wallet: nobody can pay it any more, then it is emptied, then it is closed for good, and its past stays.

What was promised before the closing began may still arrive, so a wallet is closed only when that time is over and
everything that arrived in it has been read. It is opened again like any wallet, with the same key.
"""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.books.bank_ledger import balances
from tongbao.institutions.customers.customers import Customers
from tongbao.institutions.payees.tables import alias_claims, aliases
from tongbao.institutions.pockets.pocket_book import has_filled
from tongbao.institutions.premises import PREPARATION_MS, Premises, WalletFacts
from tongbao.institutions.settlement.arrivals import Arrivals
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.tables import coins, exchanges, payments, transactions, wallets
from tongbao.protocol.wallet import ClosingRequest, WalletAccount

__all__ = ["CLOSING_MS", "Closing"]

CLOSING_MS: Final = 2 * PREPARATION_MS
"""Twice what a promise to a payer lasts: one may be given a moment after, by facts that were read before."""

_BEGIN = (
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"), wallets.c.closing_ms.is_(None))
    .values(closing_ms=sa.bindparam("now_ms"))
)
_FORWARD = (
    sa.update(wallets).where(wallets.c.wallet_id == sa.bindparam("wallet")).values(moved_to=sa.bindparam("address"))
)
_END = (
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"), wallets.c.closed_ms.is_(None))
    .values(closed_ms=sa.bindparam("now_ms"))
)
# Its holder's number may find another wallet now, here or at another home.
_RELEASE_ALIASES = tuple(
    sa.delete(each).where(each.c.wallet_id == sa.bindparam("wallet")) for each in (aliases, alias_claims)
)
_SINCE = sa.select(wallets.c.closing_ms).where(wallets.c.wallet_id == sa.bindparam("wallet"))
_COIN = sa.select(coins.c.number).where(coins.c.wallet_id == sa.bindparam("wallet"), coins.c.spent == 0).limit(1)
# Few are open at any time, and each is found by its key in the other table.
_PAYING = (
    sa.select(transactions.c.number)
    .join(payments, payments.c.payment_id == transactions.c.subject)
    .where(transactions.c.open == 1, payments.c.wallet_id == sa.bindparam("wallet"))
    .limit(1)
)
_EXCHANGING = (
    sa.select(transactions.c.number)
    .join(exchanges, exchanges.c.transaction_id == transactions.c.transaction_id)
    .where(transactions.c.open == 1, exchanges.c.wallet_id == sa.bindparam("wallet"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class _Asked:
    facts: WalletFacts
    moved_to: str


class Closing:
    """Closes wallets."""

    def __init__(self, premises: Premises, customers: Customers, arrivals: Arrivals) -> None:
        self._premises = premises
        self._customers = customers
        self._arrivals = arrivals

    async def close(self, wallet_id: bytes, request: ClosingRequest) -> WalletAccount:
        """Begin to close, or close what is empty and was long enough in closing; asked again, it goes on from there.

        Raises:
            RefusedError: POCKETS_OPEN while money of the wallet lies in a pocket.
            RequestError: INVALID_FIELD where the new address is not the same holder's at another home.
        """
        facts = await self._customers.facts(wallet_id)
        await self._premises.ports.store.read(lambda connection: _demand_no_pockets(connection, facts))
        asked = _Asked(facts, self._demand_own(facts, request.moved_to))
        # Whether everything has arrived that could is what the centre says now, not what was heard last.
        await self._premises.ledger.refresh()
        await self._arrivals.reach(self._premises.ledger.sequence)
        await carried_through(lambda: self._close(asked), spawn=self._premises.ports.spawn, name="closing")
        return await self._customers.account(wallet_id)

    async def _close(self, asked: _Asked) -> None:
        wallet_id = asked.facts.wallet_id
        try:
            await self._premises.ports.store.write(lambda connection: self._go_on(connection, asked))
        finally:
            self._premises.wallets.forget(wallet_id)

    def _demand_own(self, facts: WalletFacts, moved_to: str) -> str:
        """Payers are sent on to the same key alone: an address of another would be a door for thieves."""
        if not moved_to:
            return ""
        address, here = Address.parse(moved_to), self._premises.settings.home
        genesis = self._premises.genesis
        if (address.wallet_id, address.test_network) != (facts.wallet_id, genesis.test_network) or address.home == here:
            raise RequestError(
                f"{moved_to} is not this wallet's address at another home",
                code="INVALID_FIELD",
                field="moved_to",
                cure="open the wallet of the same phrase at the other home, and give its address",
            )
        return moved_to

    def _go_on(self, connection: sa.Connection, asked: _Asked) -> None:
        ledger, wallet = self._premises.ledger, {"wallet": asked.facts.wallet_id}
        connection.execute(_BEGIN, {**wallet, "now_ms": ledger.time_ms})
        if asked.moved_to:
            connection.execute(_FORWARD, {**wallet, "address": asked.moved_to})
        since_ms = int(connection.execute(_SINCE, wallet).scalar_one())
        if ledger.seen_ms > since_ms + CLOSING_MS and self._is_empty(connection, asked.facts):
            connection.execute(_END, {**wallet, "now_ms": ledger.time_ms})
            for release in _RELEASE_ALIASES:
                connection.execute(release, wallet)

    @staticmethod
    def _is_empty(connection: sa.Connection, facts: WalletFacts) -> bool:
        """Neither coins nor deposit, and nothing on its way from the one to the other."""
        wallet = {"wallet": facts.wallet_id}
        found = [connection.execute(query, wallet).first() for query in (_COIN, _PAYING, _EXCHANGING)]
        return found == [None, None, None] and balances(connection, [facts.account_id])[facts.account_id] == 0


def _demand_no_pockets(connection: sa.Connection, facts: WalletFacts) -> None:
    """What comes back from a pocket would find the wallet closed."""
    if facts.closed_ms is None and has_filled(connection, facts.wallet_id):
        raise RefusedError(
            "money of this wallet lies in a pocket, where it may come back from",
            code="POCKETS_OPEN",
            field="wallet_id",
            cure="take it back once its time has come, or wait until the other one takes it; then close the wallet",
        )
