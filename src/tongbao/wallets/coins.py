"""The wallet's coins: taken in only where this wallet can spend them, reserved, spent, and kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from tongbao.coin import CURRENCY
from tongbao.errors import PeerError
from tongbao.protocol.wallet import Exchange, WalletCoin, WalletCoinPage
from tongbao.vaults.purse import Purse, PurseCoin, Reservation
from tongbao.wallets.home import COINS_PER_PAGE, Home
from tongbao.wallets.keys import LockSource, WalletKeys
from tongbao.wallets.payment import OwnCoin
from tongbao.wallets.receipts import CentreKeys
from tongbao.wallets.stock import LockBook
from tongbao.wallets.store import WalletStore

__all__ = ["CoinStock"]

PAGES_MAX: Final = 10_000
"""A home that goes on listing for ever is not believed; this many pages are two million coins."""


class CoinStock:
    """The purse, with the source of each coin's lock, held together with what the store and the home say.

    Attributes:
        purse: the coins and their reservations.
        cursor: up to where the home's listing has been read.
        change_on_its_way: asked for the ids of coins that payments in doubt return; they come with their payments.
    """

    def __init__(
        self,
        *,
        keys: WalletKeys,
        home: Home,
        locks: LockBook,
        store: WalletStore,
        centre_keys: CentreKeys,
        inputs_max: int,
    ) -> None:
        self.purse = Purse(inputs_max=inputs_max)
        self.cursor = ""
        self.change_on_its_way: Callable[[], AbstractSet[bytes]] = frozenset
        self._keys = keys
        self._home = home
        self._locks = locks
        self._store = store
        self._centre_keys = centre_keys
        self._sources: dict[bytes, LockSource] = {}
        self._unsaved: dict[bytes, OwnCoin] = {}
        self._restored = False

    def take_in(self, coins: Iterable[OwnCoin]) -> list[OwnCoin]:
        """Add coins to the purse and return those that were new; they are kept with the next write."""
        new = [coin for coin in coins if self.purse.add(coin.held)]
        for coin in new:
            self._sources[coin.held.coin_id] = coin.source
            self._unsaved[coin.held.coin_id] = coin
        return new

    async def take_in_unspent(self, coins: Sequence[OwnCoin]) -> list[OwnCoin]:
        """`take_in` of coins that somebody told of who may not know, or have forgotten, that they were spent.

        An answer that is repeated after a restart tells of coins as they were when it was first given.
        """
        if self._restored or not self.purse.remembers_all_spent:
            spent = await self._store.find_spent([coin.held.coin_id for coin in coins])
            coins = [coin for coin in coins if coin.held.coin_id not in spent]
        return self.take_in(coins)

    def restore(self, coins: Iterable[OwnCoin]) -> None:
        """Add coins that were kept."""
        self.take_in(coins)
        self._unsaved.clear()
        self._restored = True

    def spend(self, coin_ids: Iterable[bytes]) -> None:
        """Let coins go for good."""
        for coin in self.purse.spend(coin_ids):
            self._sources.pop(coin.coin_id, None)
            self._unsaved.pop(coin.coin_id, None)

    def reserved(self, reservation: Reservation) -> list[OwnCoin]:
        """The coins of a reservation, each with the source of its lock."""
        return [OwnCoin(coin, self._sources[coin.coin_id]) for coin in reservation.coins]

    async def save_along(self, write: Callable[[list[OwnCoin]], Awaitable[None]]) -> None:
        """Let `write` keep the coins that no write has kept; if it fails, the next one will.

        Without any they are found again in the home's listing, which is read on from where it was last kept.
        """
        unsaved, self._unsaved = self._unsaved, {}
        try:
            await write(list(unsaved.values()))
        except BaseException:
            # Also where it was cancelled: it may have been written or not, and writing it twice is harmless.
            self._unsaved = {**unsaved, **self._unsaved}
            raise

    async def receive(self, exchange: Exchange) -> list[OwnCoin]:
        """Take in the coins of an exchange that settled; they are kept with the next write.

        Received once more, also after a restart, it brings nothing. Of exchanges for many wallets in one transaction
        only the first carries the receipt. It proves the others, too, where their wallets share the centre's keys, and
        is received first.

        Raises:
            PeerError: they are not what the receipt proves, or not this wallet's.
        """
        if exchange.transaction_id is None or exchange.wallet_id != self._keys.wallet_id:
            raise PeerError("the exchange is not this wallet's, or names no transaction")
        self._centre_keys.demand_settled(exchange.receipt, transaction_id=exchange.transaction_id)
        coins = await self._own(exchange.coins)
        if len(coins) < len(exchange.coins) or any(
            coin.coin.origin != exchange.transaction_id for coin in exchange.coins
        ):
            raise PeerError("the home credits coins of the exchange that are not this wallet's")
        if sum(coin.held.value for coin in coins) != exchange.amount_fen:
            raise PeerError(f"the home exchanges {exchange.amount_fen} fen into coins of another sum")
        new = await self.take_in_unspent(coins)
        self._locks.forget(coin.held.opening.coin.lock_id for coin in new)
        return new

    async def sync(self) -> list[OwnCoin]:
        """Read on in the home's listing; return the coins that were new."""
        found = []
        async for page in self._pages(self.cursor):
            new = self.take_in(await self._own(page.coins))
            self._locks.forget(coin.held.opening.coin.lock_id for coin in new)
            found += new
            await self._keep_page(gone=(), cursor=page.next or self.cursor)
        return found

    async def resync(self) -> None:
        """Read the whole listing, and let go of coins that it lacks: they were spent elsewhere with the same phrase."""
        gone = {coin.coin_id for coin in self.purse}
        least_sequence = self._home.sequence
        listed: list[OwnCoin] = []
        cursor = self.cursor
        async for page in self._pages(""):
            if page.sequence < least_sequence:
                raise PeerError("the home lists the coins of an earlier time than it has told of already")
            listed += await self._own(page.coins)
            gone.difference_update(coin.coin.coin_id for coin in page.coins)
            cursor = page.next or cursor
        self.spend(gone)
        self.take_in(listed)
        await self._keep_page(gone=gone, cursor=cursor)

    async def listed_under_unknown_locks(self) -> set[bytes]:
        """The locks of listed coins whose index the wallet does not know, as after the loss of its store."""
        unknown: set[bytes] = set()
        async for page in self._pages(""):
            sources = await self._locks.sources_of(page.coins)
            pairs = zip(page.coins, sources, strict=True)
            unknown.update(each.coin.lock_id for each, source in pairs if source is None and each.salt is None)
        return unknown

    async def _pages(self, cursor: str) -> AsyncIterator[WalletCoinPage]:
        for _ in range(PAGES_MAX):
            page = await self._home.coins(after=cursor)
            if page.coins:
                yield page
            if len(page.coins) < COINS_PER_PAGE or page.next in {"", cursor}:
                return
            cursor = page.next
        raise PeerError(f"the home lists coins on more than {PAGES_MAX} pages")

    async def _keep_page(self, *, gone: Iterable[bytes], cursor: str) -> None:
        async def write(new: list[OwnCoin]) -> None:
            await self._store.save_page(new, gone, cursor=cursor)

        await self.save_along(write)
        self.cursor = cursor

    async def _own(self, coins: Sequence[WalletCoin]) -> list[OwnCoin]:
        """Those that this wallet can spend as money; a home may list others, which are not counted as any."""
        sources = await self._locks.sources_of(coins)
        if await self._locks.search(self._taken_elsewhere(coins, sources)):
            sources = await self._locks.sources_of(coins)
        own = []
        for coin, source in zip(coins, sources, strict=True):
            opening = coin.coin.opening()
            if opening.coin_id(self._keys.domain) != coin.coin.coin_id:
                raise PeerError("the home lists a coin under an id that is not the coin's")
            if (
                source
                and not coin.coin.spent
                and (opening.coin.asset, opening.coin.home) == (CURRENCY, self._home.number)
            ):
                own.append(OwnCoin(PurseCoin(coin.coin.coin_id, opening), source))
        return own

    def _taken_elsewhere(self, coins: Sequence[WalletCoin], sources: Sequence[LockSource | None]) -> set[bytes]:
        """Locks of coins that are news and lie on no lock that this device has taken: another one may have."""
        on_its_way = self.change_on_its_way()
        return {
            each.coin.lock_id
            for each, source in zip(coins, sources, strict=True)
            if source is None
            and each.salt is None
            and each.coin.coin_id not in on_its_way
            and not self.purse.has_held(each.coin.coin_id)
        }
