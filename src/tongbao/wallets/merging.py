"""Keeping coins few: many small ones become one, by a transaction of the wallet to itself that no limit counts.

Payments sweep a few small coins along as they go (`tongbao.vaults.selection`), which is enough for a person. A shop is
paid a thousand times before it spends once, and its coins would outgrow what one transaction may carry. Coins that are
merged can be seen to belong together; therefore a wallet merges only where it must, or holds very many.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from tongbao.coin import VALUE_MAX
from tongbao.protocol.payment import Payee
from tongbao.vaults.purse import PurseCoin
from tongbao.vaults.selection import COINS_KEPT
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.payment import Intent, PaymentKind, WalletPayment
from tongbao.wallets.stock import LockBook

__all__ = ["COINS_MANY", "Merging"]

COINS_MANY: Final = 256
"""With more free coins than this a wallet merges by itself: as many as one transaction may spend in every network of
ours, so that below it everything can be paid at once."""

MERGES_MAX: Final = 64
"""Merges of one call: sixteen thousand coins, and half a minute."""


class Merging:
    """Merges the coins of one wallet; `pay` is how it pays anything."""

    def __init__(
        self,
        *,
        keys: WalletKeys,
        home: Home,
        locks: LockBook,
        coins: CoinStock,
        inputs_max: int,
        pay: Callable[[Intent], Awaitable[WalletPayment]],
    ) -> None:
        self._keys = keys
        self._home = home
        self._locks = locks
        self._coins = coins
        self._inputs_max = inputs_max
        self._pay = pay

    async def tidy(self, *, many: int = COINS_MANY, keep: int = COINS_KEPT) -> list[WalletPayment]:
        """Merge the smallest coins until `keep` are left, if there are more than `many`; return what was signed.

        Raises:
            InDoubtError: a merge was sent, and nobody can say yet; the money is the wallet's either way.
        """
        purse = self._coins.purse
        merged: list[WalletPayment] = []
        count = purse.free_count(now_ms=self._home.time_ms)
        if count <= max(many, keep):
            return merged
        while count > keep and len(merged) < MERGES_MAX:
            # One comes back for those that go.
            merged.append(await self._merge(purse.smallest(count - keep + 1, now_ms=self._home.time_ms)))
            count = purse.free_count(now_ms=self._home.time_ms)
        return merged

    async def make_payable(self, amount_fen: int) -> None:
        """Merge the largest coins until one payment can spend so much, or all of them are one."""
        purse = self._coins.purse
        for _ in range(MERGES_MAX):
            now_ms = self._home.time_ms
            if purse.payable_value(now_ms=now_ms) >= amount_fen or purse.free_count(now_ms=now_ms) <= 1:
                return
            await self._merge(purse.largest(self._inputs_max, now_ms=now_ms))

    async def _merge(self, coins: Sequence[PurseCoin]) -> WalletPayment:
        coins = _payable(coins[: self._inputs_max])
        index, lock_id = await self._locks.take()
        return await self._pay(
            Intent(
                name=f"{PaymentKind.OWN} {index}",
                kind=PaymentKind.OWN,
                payee=Payee(own_lock=lock_id),
                amount_fen=sum(coin.value for coin in coins),
                payee_home=self._home.number,
                payee_wallet_id=self._keys.wallet_id,
                coin_ids=tuple([coin.coin_id for coin in coins]),
                lock_index=index,
            )
        )


def _payable(coins: Sequence[PurseCoin]) -> Sequence[PurseCoin]:
    """As many as one coin can be worth; two are always below that on a network whose money fits its type."""
    total = 0
    for count, coin in enumerate(coins):
        total += coin.value
        if total > VALUE_MAX:
            return coins[:count]
    return coins
