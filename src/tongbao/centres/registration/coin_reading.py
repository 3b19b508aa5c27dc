"""Coins as their home reads them: a feed of what is made at it, and a search by lock."""

import asyncio

from tongbao.centres.registration.answers import coin_record
from tongbao.centres.registration.arrivals import Arrivals
from tongbao.centres.registration.index import FoundCoin, Standing
from tongbao.centres.registration.ledger import Ledger
from tongbao.errors import RequestError
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.cursor import read_place
from tongbao.protocol.registration import COINS_PAGE_MAX, WAIT_S_MAX, CoinPage, CoinSearch

__all__ = ["CoinReading"]


class CoinReading:
    """Answers a home's questions about the coins that it serves, and nobody else's."""

    def __init__(self, ledger: Ledger, arrivals: Arrivals) -> None:
        self._ledger = ledger
        self._arrivals = arrivals

    async def feed(self, caller: int, *, after: str, limit: int, wait_s: float) -> CoinPage:
        """Coins made since the cursor; where there are none, wait for some."""
        homes, place = self._homes_of(caller), read_place(after)
        now_s = asyncio.get_running_loop().time
        until_s = now_s() + min(wait_s, WAIT_S_MAX)
        while True:
            standing = self._ledger.standing
            found = await self._ledger.index.coins_of(homes, after=place, limit=limit)
            left_s = until_s - now_s()
            if found or left_s <= 0 or self._arrivals.released:
                return self._page(found, standing, after=after)
            if standing.sequence == self._ledger.standing.sequence:
                await self._arrivals.wait_for_coins(homes, timeout_s=left_s)

    async def search(self, caller: int, search: CoinSearch) -> CoinPage:
        """Coins under the locks, a page at a time."""
        homes, place = self._homes_of(caller), read_place(search.after)
        standing = self._ledger.standing
        index = self._ledger.index
        found = await index.coins_under(set(search.locks), homes, after=place, limit=COINS_PAGE_MAX)
        return self._page(found, standing, after=search.after)

    def _page(self, found: list[FoundCoin], standing: Standing, *, after: str) -> CoinPage:
        unspent = self._ledger.kernel.are_unspent([each.coin_id for each in found])
        coins = [coin_record(each, spent=not is_unspent) for each, is_unspent in zip(found, unspent, strict=True)]
        return CoinPage.model_construct(
            coins=coins,
            next=str(found[-1].place) if found else after,
            sequence=standing.sequence,
            time_ms=standing.time_ms,
        )

    def _homes_of(self, caller: int) -> list[int]:
        """The homes whose coins the caller serves."""
        control = self._ledger.kernel.control
        homes = [home for home in control.institutions if home != CENTRAL_BANK and control.serving(home) == caller]
        if not homes:
            raise RequestError(
                f"home {caller} serves no coins",
                code="FORBIDDEN",
                cure="the home that serves them, its successor where it has one, may read them",
            )
        return homes
