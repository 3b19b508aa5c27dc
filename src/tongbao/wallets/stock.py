"""The wallet's locks: which index comes next, stocks for its home to hand out, and whose lock a coin lies under."""

from collections.abc import Iterable, Sequence
from typing import Final

from tongbao.coin import KeyLock
from tongbao.protocol.stock import STOCK_LOCKS_MAX, LockStock, sign_stock
from tongbao.protocol.wallet import WalletCoin
from tongbao.wallets.keys import LockSource, WalletKeys
from tongbao.wallets.store import WalletStore

__all__ = ["LOCKS_GAP", "STOCK_LOCKS", "LockBook"]

STOCK_LOCKS: Final = 64
"""What a person is paid in some weeks: derived in milliseconds, a proof of six hashes."""

STOCK_LOCKS_LOW: Final = 16
"""Below this many locks left a wallet hands over more, long before its home would fall back on the main key."""


LOCKS_GAP: Final = 2 * STOCK_LOCKS_MAX
"""Beyond the last lock that is known: a full stock at the home, and another that was signed and never arrived."""

LOCKS_SEARCHED_AHEAD: Final = 4 * LOCKS_GAP
"""A device that is recovered begins a gap further on: room for four of them, in less than half a second."""


class LockBook:
    """Counts the locks, so that none is given out twice, and finds them again by id.

    Attributes:
        next_index: the first lock that was never used.
    """

    def __init__(self, keys: WalletKeys, store: WalletStore) -> None:
        self.next_index = 0
        self._keys = keys
        self._store = store
        # Locks made since the start. Those of earlier days are asked of the store when a coin arrives on one.
        self._indexes: dict[bytes, int] = {}
        self._not_ours: set[bytes] = set()

    def take_for_change(self) -> int:
        """The index of a fresh lock; whoever takes it keeps `next_index` before anybody else sees the lock."""
        index = self.next_index
        self.next_index += 1
        return index

    async def take(self) -> tuple[int, bytes]:
        """A fresh lock for the wallet's own use, kept as used before anybody sees it, and its index."""
        index = self.take_for_change()
        lock_id = self._keys.lock_id(index)
        await self._store.save_locks([(lock_id, index)], next_lock_index=self.next_index)
        return index, lock_id

    def stock_of(self, first: int, count: int) -> LockStock:
        """A signed stock of the locks from `first` on."""
        lock_ids = tuple([self._keys.lock_id(index) for index in range(first, first + count)])
        self._indexes.update(zip(lock_ids, range(first, first + count), strict=True))
        return sign_stock(lock_ids, self._keys.domain, sign=self._keys.main.sign)

    async def new_stock(self, count: int) -> tuple[int, LockStock]:
        """Fresh locks, kept as used before anybody sees them, and the index of the first."""
        count = min(count, STOCK_LOCKS_MAX)
        first = self.next_index
        self.next_index += count
        stock = self.stock_of(first, count)
        await self._store.save_locks(numbered(stock, first), next_lock_index=self.next_index)
        return first, stock

    async def derive_on(self, count: int) -> list[bytes]:
        """The next locks, kept as used though nobody was given them: an earlier life of the wallet may have been."""
        first = self.next_index
        lock_ids = [self._keys.lock_id(index) for index in range(first, first + count)]
        self.next_index += count
        rows = [(lock_id, first + place) for place, lock_id in enumerate(lock_ids)]
        await self._store.save_locks(rows, next_lock_index=self.next_index)
        return lock_ids

    async def search(self, lock_ids: set[bytes]) -> bool:
        """Find locks that another device with the same phrase has taken; whether any was found.

        That device counts for itself, so they may lie before as well as behind the first that is unused here. What
        is not found is not searched for again.
        """
        wanted = lock_ids - self._not_ours
        if not wanted:
            return False
        found: dict[bytes, int] = {}
        ahead = range(self.next_index, self.next_index + LOCKS_SEARCHED_AHEAD)
        for index in [*ahead, *range(self.next_index - 1, -1, -1)]:
            lock_id = self._keys.lock_id(index)
            if lock_id in wanted:
                found[lock_id] = index
                if len(found) == len(wanted):
                    break
        self._not_ours |= wanted - found.keys()
        if found:
            self.next_index = max(self.next_index, *[index + 1 for index in found.values()])
            await self._store.save_locks(sorted(found.items()), next_lock_index=self.next_index)
        return bool(found)

    def give_up(self, lock_ids: Iterable[bytes]) -> None:
        """Search for these locks no more: they have been searched for everywhere."""
        self._not_ours.update(lock_ids)

    async def sources_of(self, coins: Sequence[WalletCoin]) -> list[LockSource | None]:
        """Where the lock of each coin comes from; None where it is not this wallet's."""
        wanted = [coin.coin.lock_id for coin in coins if coin.salt is None]
        await self._look_up([lock_id for lock_id in wanted if lock_id not in self._indexes])
        return [self._source_of(coin) for coin in coins]

    async def _look_up(self, lock_ids: list[bytes]) -> None:
        if lock_ids:
            self._indexes.update(await self._store.find_locks(lock_ids))

    def _source_of(self, coin: WalletCoin) -> LockSource | None:
        if coin.salt is not None:
            ours = KeyLock(self._keys.main_key, coin.salt).id(self._keys.domain) == coin.coin.lock_id
            return LockSource(None, coin.salt) if ours else None
        index = self._indexes.get(coin.coin.lock_id)
        return None if index is None else LockSource(index)

    def forget(self, lock_ids: Iterable[bytes]) -> None:
        """Free the memory of locks whose coins have come; the store still knows them."""
        for lock_id in lock_ids:
            self._indexes.pop(lock_id, None)


def numbered(stock: LockStock, first: int) -> list[tuple[bytes, int]]:
    """Each lock of the stock with its index."""
    return [(lock_id, first + place) for place, lock_id in enumerate(stock.lock_ids)]
