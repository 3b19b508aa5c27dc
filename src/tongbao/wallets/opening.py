"""The beginnings of a wallet: opened at its home, taken up from the store, or recovered from the phrase."""

from tongbao.errors import PeerError, RequestError
from tongbao.protocol.stock import STOCK_LOCKS_MAX
from tongbao.protocol.wallet import OpenWalletRequest, WalletAccount, WalletClass, WalletKind
from tongbao.wallets.asking import asked
from tongbao.wallets.parts import Parts
from tongbao.wallets.recovery import recover_coins
from tongbao.wallets.stock import numbered
from tongbao.wallets.store import WalletSettings

__all__ = ["Opening"]


class Opening:
    """Brings the parts of one wallet to life."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._opened = False

    async def start(self) -> bool:
        """Go on from what the store kept; False for a wallet that was not opened on this machine."""
        parts = self._parts
        state = await parts.store.load()
        if state is None:
            return False
        if state.settings.home != parts.home.number:
            raise RequestError(
                f"the wallet belongs to home {state.settings.home}, not {parts.home.number}",
                field="home",
                cure="use it with its home",
                code="WRONG_HOME",
            )
        self._opened = True
        parts.locks.next_index = state.settings.next_lock_index
        parts.coins.cursor = state.settings.coins_cursor
        parts.coins.restore(state.coins)
        parts.payments.count = state.payments
        parts.payments.restore(state.signed)
        parts.exchanges.restore(state.pending)
        return True

    async def open(
        self, *, holder_name: str, wallet_class: WalletClass, kind: WalletKind, stock: int, first_lock: int
    ) -> WalletAccount:
        """Open the wallet at its home with a first stock of locks from `first_lock` on, or find it open."""
        parts = self._parts
        if self._opened:
            return await parts.home.account()
        first = parts.locks.stock_of(first_lock, min(stock, STOCK_LOCKS_MAX))
        request = asked(
            OpenWalletRequest,
            wallet_class=wallet_class,
            kind=kind,
            holder_name=holder_name,
            locks=list(first.lock_ids),
            locks_signature=first.signature,
        )
        account = self._checked(await parts.home.open(request))
        parts.locks.next_index = first_lock + len(first.lock_ids)
        settings = WalletSettings(account.home, parts.locks.next_index)
        await parts.store.save_settings(settings, numbered(first, first_lock))
        self._opened = True
        if account.locks_left != len(first.lock_ids):
            await recover_coins(locks=parts.locks, coins=parts.coins)
        return account

    async def recover(self) -> int:
        """Make a wallet that is open at its home again from its keys alone; return how many coins were found."""
        parts = self._parts
        account = self._checked(await parts.home.account())
        if not self._opened:
            await parts.store.save_settings(WalletSettings(account.home, 0), [])
            self._opened = True
        return await recover_coins(locks=parts.locks, coins=parts.coins)

    def _checked(self, account: WalletAccount) -> WalletAccount:
        address = self._parts.address
        if (account.wallet_id, account.home, account.address) != (address.wallet_id, address.home, str(address)):
            raise PeerError("the home speaks of another wallet than this")
        return account
