"""Watch-only: who may see a wallet besides its holder, and what they see. A watcher's key opens no lock."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Final

from tongbao.coin import Address
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.wallet import HistoryPage, WalletAccount, WalletCoin, WalletCoinPage
from tongbao.protocol.watching import Watcher, WatcherEnd, WatcherList, WatcherRequest
from tongbao.wallets.asking import asked
from tongbao.wallets.history import verified_history
from tongbao.wallets.home import COINS_PER_PAGE, Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.ports import Clock, Network
from tongbao.wallets.receipts import CentreKeys

__all__ = ["Watch", "WatchPass", "Watching"]

HISTORY_PAGE: Final = 50
PAGES_MAX: Final = 10_000
"""As for wallets: a home that goes on listing for ever is not believed."""


@dataclass(frozen=True, slots=True)
class WatchPass:
    """What a watcher needs; whoever has it sees the wallet until it is ended.

    Attributes:
        address: of the wallet.
        secret_seed: of the watcher's key, 32 bytes.
    """

    address: Address
    secret_seed: bytes = field(repr=False)


class Watching:
    """Admits and ends watchers of one wallet."""

    def __init__(self, keys: WalletKeys, home: Home, address: Address) -> None:
        self._keys = keys
        self._home = home
        self._address = address
        self._path = f"/v1/wallets/{keys.wallet_id.hex()}/watchers"

    async def admit(self, name: str) -> tuple[Watcher, WatchPass]:
        """Let somebody see the wallet, under a name that the holder chooses; what he needs for it.

        The same name again is the same watcher, and gives the same pass.

        Raises:
            RefusedError: `WATCHER_ENDED` for the name of one that was ended; `WATCHERS_TOO_MANY`.
        """
        known = (await self.listed()).watchers
        number = next((each.number for each in known if each.name == name), len(known) + 1)
        secret_seed = self._keys.watcher_seed(number)
        request = asked(WatcherRequest, name=name, public_key=SigningKey(secret_seed).public_key)
        watcher = await self._home.post(self._path, request, Watcher, self._home.new_request())
        if (watcher.public_key, watcher.wallet_id) != (request.public_key, self._keys.wallet_id):
            raise PeerError("the home admits another watcher than it was asked for")
        return watcher, WatchPass(self._address, secret_seed)

    async def listed(self) -> WatcherList:
        """Everybody who sees the wallet, or did, oldest first."""
        return await self._home.get(self._path, WatcherList)

    async def end(self, name: str) -> Watcher:
        """Let the watcher of that name see nothing any more."""
        for each in (await self.listed()).watchers:
            if each.name == name:
                path = f"{self._path}/{each.public_key.hex()}/end"
                return await self._home.post(path, WatcherEnd(), Watcher, self._home.new_request())
        raise RequestError(
            f"the wallet has no watcher {name}", field="name", cure="look among those that it has", code="NOT_FOUND"
        )


class Watch:
    """What a watcher sees, asked of the wallet's home."""

    def __init__(
        self, own: WatchPass, *, network: Network, clock: Clock, home_url: str, centre_keys: CentreKeys
    ) -> None:
        signer = SigningKey(own.secret_seed)
        self._address = own.address
        self._centre_keys = centre_keys
        self._path = f"/v1/wallets/{own.address.wallet_id.hex()}"
        self._client = SignedClient(
            network=network,
            clock=clock,
            base_url=home_url,
            key_id=f"watcher:{signer.public_key.hex()}",
            sign=signer.sign,
            patience=Patience(),
        )

    async def account(self) -> WalletAccount:
        """The wallet as its home keeps it, with balance and deposit."""
        account = await self._client.get(self._path, WalletAccount)
        if account.address != str(self._address):
            raise PeerError("the home speaks of another wallet than the one that is watched")
        return account

    async def coins(self) -> AsyncIterator[WalletCoin]:
        """The wallet's unspent coins, oldest first."""
        after = ""
        for _ in range(PAGES_MAX):
            query: dict[str, str | int] = {"after": after, "limit": COINS_PER_PAGE}
            page = await self._client.get(f"{self._path}/coins", WalletCoinPage, query=query)
            for coin in page.coins:
                yield coin
            if len(page.coins) < COINS_PER_PAGE or page.next in {"", after}:
                return
            after = page.next
        raise PeerError(f"the home lists coins on more than {PAGES_MAX} pages")

    async def history(self, *, after: str = "", limit: int = HISTORY_PAGE) -> HistoryPage:
        """What happened, newest first; its receipts are verified, as the holder's wallet does."""
        query: dict[str, str | int] = {"after": after, "limit": limit}
        page = await self._client.get(f"{self._path}/history", HistoryPage, query=query)
        return await verified_history(page, centre_keys=self._centre_keys, centre=None)
