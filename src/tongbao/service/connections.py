"""Connections of the command line to the roles of a network, each speaking as whoever sits at the desk."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.network import HttpNetwork
from tongbao.coin.ed25519 import SigningKey
from tongbao.protocol.client import SignedClient
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting
from tongbao.wallets.ports import Store

__all__ = ["Connections", "connected"]


@dataclass(frozen=True, slots=True)
class Connections:
    """One pool of connections and the network that they lead into.

    Attributes:
        data: the network's data directory.
        network: the Network port.
        clock: the Clock port.
        entropy: the Entropy port.
    """

    data: DataDirectory
    network: HttpNetwork
    clock: SystemClock
    entropy: SystemEntropy

    def client(self, url: str, *, key_id: str, key: SigningKey) -> SignedClient:
        """Speak with the role at `url` as the party with that key."""
        return SignedClient(network=self.network, clock=self.clock, base_url=url, key_id=key_id, sign=key.sign)

    def registration(self) -> SignedClient:
        """Speak with the registration centre as nobody in particular: for what is open to anyone."""
        key = SigningKey(self.entropy.bytes(32))
        url = self.data.network.registration.url
        return self.client(url, key_id=f"key:{key.public_key.hex()}", key=key)

    def as_central_bank(self) -> SignedClient:
        """Speak with the registration centre as the central bank."""
        key = read_key(self.data.root / "central-bank" / "operator.key")
        return self.client(self.data.network.registration.url, key_id="home:0", key=key)

    def as_officer(self, path: Path) -> SignedClient:
        """Speak with the central bank's office as the officer whose key file it is."""
        key = read_key(path)
        return self.client(self.data.network.central_bank.url, key_id=f"officer:{key.public_key.hex()}", key=key)

    def as_teller(self, home: int) -> SignedClient:
        """Speak with an institution as its teller."""
        place = self.data.institution(home)
        key = read_key(self.data.root / place.name / "teller.key")
        return self.client(place.url, key_id="teller", key=key)

    def wallet(self, keys: WalletKeys, store: Store, home: int) -> Wallet:
        """The wallet of the keys at an institution, with what `store` keeps of it."""
        genesis, place = self.data.genesis(), self.data.institution(home)
        setting = WalletSetting(
            genesis=genesis,
            home=HomeAddress(place.home, place.url),
            centre_keys=CentreKeys(keys.domain, genesis.receipt_keys),
            centre_url=self.data.network.registration.url,
        )
        return Wallet(keys, setting, Ports(network=self.network, clock=self.clock, entropy=self.entropy, store=store))

    def new_key(self) -> str:
        """An Idempotency-Key that nobody used before."""
        return self.entropy.bytes(16).hex()


@asynccontextmanager
async def connected(root: Path) -> AsyncIterator[Connections]:
    """Connections into the network of a data directory; closed at the end."""
    network = HttpNetwork()
    try:
        yield Connections(DataDirectory.open(root), network, SystemClock(), SystemEntropy())
    finally:
        await network.close()
