"""The way into a network: what the client library knows of it, and the wallets that it opens there."""

from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.client.loop import LoopThread
from tongbao.client.wallet import ClientWallet
from tongbao.client.wallet_file import WalletFiles
from tongbao.coin import Genesis
from tongbao.coin.ed25519 import SECRET_SEED_BYTES, SigningKey
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.registration import GenesisAnswer
from tongbao.wallets import (
    CentreKeys,
    HomeAddress,
    PhraseLanguage,
    Ports,
    Wallet,
    WalletKeys,
    WalletSetting,
    new_phrase,
    read_phrase,
    seed_of,
)
from tongbao.wallets.phrase import ENTROPY_BYTES

__all__ = ["Client"]

_WORDS: Final = 12


class Client:
    """A program's connection to one network; `connect` makes one, `close` or `with` ends it.

    Attributes:
        genesis: what fixes the network.
    """

    def __init__(self, loop: LoopThread, network: HttpNetwork, genesis: Genesis, *, centre_url: str) -> None:
        self.genesis = genesis
        self._loop = loop
        self._network = network
        self._centre_url = centre_url
        self._centre_keys = CentreKeys(genesis.domain(), genesis.receipt_keys)
        self._entropy = SystemEntropy()
        self._clock = SystemClock()
        self._files = WalletFiles()

    @classmethod
    def connect(cls, *, centre_url: str, network_id: bytes | None = None) -> "Client":
        """Connect to the network of the registration centre at that address.

        A program that handles other people's money gives the `network_id` that it was installed with: then no other
        network, and no centre that only looks like the right one, is taken for it.

        Raises:
            NetworkError: nobody answers there.
            PeerError: it is the centre of another network.
        """
        loop, network = LoopThread(), HttpNetwork()
        try:
            genesis = loop.run(_genesis(network, centre_url))
            _demand_network(genesis, network_id)
        except BaseException:
            loop.run(network.close())
            loop.close()
            raise
        return cls(loop, network, genesis, centre_url=centre_url)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection, and the wallets that are still open."""
        if not self._loop.is_closed:
            self._loop.run(self._files.close())
            self._loop.run(self._network.close())
            self._loop.close()

    @property
    def network_id(self) -> bytes:
        """The network's 32 bytes."""
        return self.genesis.domain().network_id

    def new_phrase(self, language: PhraseLanguage = PhraseLanguage.ENGLISH) -> str:
        """A recovery phrase that nobody has. Who has it has the money: keep it where you would keep that."""
        return new_phrase(self._entropy.bytes(ENTROPY_BYTES[_WORDS]), language)

    def wallet(self, store: Path | str, phrase: str, *, home: int, home_url: str, account: int = 0) -> ClientWallet:
        """The wallet of a phrase at one home, which keeps what it must remember in the file `store`.

        Several wallets may share a file. `account` counts the wallets of one phrase.

        Raises:
            PhraseInvalidError: the text is no phrase; the message says why.
            RequestError: `WALLET_BUSY`, another program has the file open, or this one has the wallet open already;
                `WRONG_HOME`, it is of another home.
        """
        if home < 1:
            raise RequestError("homes are numbered from 1 on", field="home", code="INVALID_FIELD")
        keys = WalletKeys(seed_of(read_phrase(phrase)), self.genesis.domain(), account=account)
        setting = WalletSetting(
            genesis=self.genesis,
            home=HomeAddress(home, home_url),
            centre_keys=self._centre_keys,
            centre_url=self._centre_url,
        )
        return self._loop.run(self._opened(keys, setting, Path(store)))

    async def _opened(self, keys: WalletKeys, setting: WalletSetting, path: Path) -> ClientWallet:
        store = await self._files.use(path, keys.wallet_id)
        try:
            ports = Ports(network=self._network, clock=self._clock, entropy=self._entropy, store=store)
            wallet = Wallet(keys, setting, ports)
            await wallet.start()
        except BaseException:
            await self._files.let_go(path, keys.wallet_id)
            raise
        return ClientWallet(self._loop, wallet, let_go=lambda: self._files.let_go(path, keys.wallet_id))


def _demand_network(genesis: Genesis, network_id: bytes | None) -> None:
    found = genesis.domain().network_id
    if network_id not in {None, found}:
        raise PeerError(f"the registration centre is of network {found.hex()}, not of yours")


async def _genesis(network: HttpNetwork, centre_url: str) -> Genesis:
    entropy, clock = SystemEntropy(), SystemClock()
    key = SigningKey(entropy.bytes(SECRET_SEED_BYTES))
    client = SignedClient(
        network=network,
        clock=clock,
        base_url=centre_url,
        key_id=f"key:{key.public_key.hex()}",
        sign=key.sign,
        patience=Patience(attempts_max=2),
    )
    answer = await client.get("/v1/genesis", GenesisAnswer)
    try:
        return Genesis.decode(answer.genesis)
    except RequestError as error:
        raise PeerError(f"{centre_url} shows a genesis that cannot be read: {error}") from None
