"""A wallet from its phrase alone, at the home that it had: find the locks again of every coin that the home lists.

The phrase gives every lock by its index; what is lost is how many were used. Locks are derived until every listed coin
has found its own, and a gap beyond the last of them is left unused, since the home may still hold locks of the old
stock that nobody was paid on yet. Payments signed elsewhere and not settled are not found: their coins are still
listed, and whichever payment comes first spends them.
"""

from typing import Final

from tongbao.protocol.stock import STOCK_LOCKS_MAX
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.stock import LOCKS_GAP, LockBook

__all__ = ["recover_coins"]

LOCKS_SEARCHED_MAX: Final = 100_000
"""Some ten seconds of deriving: a shop's locks of a year or two. A coin beyond them counts as somebody else's."""

_LOCKS_AT_ONCE: Final = STOCK_LOCKS_MAX


async def recover_coins(*, locks: LockBook, coins: CoinStock) -> int:
    """Take in every coin that the home lists for the wallet, and return how many there are."""
    unknown = await coins.listed_under_unknown_locks()
    searched, gap = 0, 0
    while gap < LOCKS_GAP or (unknown and searched < LOCKS_SEARCHED_MAX):
        derived = await locks.derive_on(_LOCKS_AT_ONCE)
        searched += len(derived)
        gap = gap + len(derived) if unknown.isdisjoint(derived) else 0
        unknown.difference_update(derived)
    locks.give_up(unknown)
    await coins.resync()
    return len(coins.purse)
