"""What wallets ask to see: their coins and their history, page by page."""

import sqlalchemy as sa

from tongbao.institutions.customers.coin_book import COIN_COLUMNS, NewCoin, Owner, opening_of, wallet_coin
from tongbao.institutions.customers.history import EVERYTHING, HistoryFilter, read_history, unproven, with_receipts
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.proving import Proving
from tongbao.institutions.tables import AnyRow, coins
from tongbao.protocol.cursor import read_place
from tongbao.protocol.wallet import HistoryPage, WalletCoinPage

__all__ = ["PAGE_MAX", "Reading"]

PAGE_MAX = 200
"""A page of a hundred kilobytes at most."""

_COINS = (
    sa.select(*COIN_COLUMNS)
    .where(
        coins.c.wallet_id == sa.bindparam("wallet"), coins.c.spent == 0, coins.c.number > sa.bindparam("after_number")
    )
    .order_by(coins.c.number)
    .limit(sa.bindparam("count"))
)


class Reading:
    """Reads what belongs to one wallet."""

    def __init__(self, premises: Premises, proving: Proving) -> None:
        self._premises = premises
        self._proving = proving

    async def coins(self, wallet_id: bytes, *, after: str, limit: int) -> WalletCoinPage:
        """Unspent coins of the wallet, oldest first; `next` leads on also from the last page."""
        wanted = {"wallet": wallet_id, "after_number": read_place(after), "count": limit}
        rows = await self._premises.ports.store.read(lambda connection: connection.execute(_COINS, wanted).all())
        ledger = self._premises.ledger
        return WalletCoinPage(
            coins=[wallet_coin(self._coin(row, wallet_id)) for row in rows],
            # Also at the end: the wallet goes on from here when it asks for news.
            next=str(rows[-1].number) if rows else after,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )

    def _coin(self, row: AnyRow, wallet_id: bytes) -> NewCoin:
        opening = opening_of(row)
        return NewCoin(row.coin_id, opening, Owner.WALLET, wallet_id, row.salt, row.sequence)

    async def history(
        self, wallet_id: bytes, wanted: HistoryFilter = EVERYTHING, *, after: str, limit: int
    ) -> HistoryPage:
        """What happened to the wallet, newest first, with the receipts of what settled as far as they are to be had."""
        before = read_place(after, newest_first=True)
        page = await self._premises.ports.store.read(
            lambda connection: read_history(connection, wallet_id, wanted, before=before, count=limit)
        )
        missing = unproven(page)
        return with_receipts(page, await self._proving.find(missing)) if missing else page
