"""The people of the demonstration, and what they keep of it."""

from dataclasses import dataclass, field

from tongbao.adapters.store import SqlStore
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.service.connections import Connections
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletPayment, WalletSetting, new_phrase
from tongbao.wallets import seed_of as wallet_seed_of

__all__ = ["Cast"]

PHRASE_ENTROPY_BYTES = 16  # twelve words


@dataclass(slots=True)
class Cast:
    """Alice and her shop at the first institution, Bob at the second.

    Attributes:
        connections: into the network.
        alice: pays; class II at home 1.
        shop: is paid; a company's wallet at home 1.
        bob: is paid by Alice from another institution; class II at home 2.
        receipts: of everything that settled, by what it was.
        purchase: Alice's payment of the shop's order.
        order_id: that order.
    """

    connections: Connections
    alice: Wallet
    shop: Wallet
    bob: Wallet
    receipts: dict[str, bytes] = field(default_factory=dict)
    purchase: WalletPayment | None = None
    order_id: str = ""

    @classmethod
    def of(cls, connections: Connections, store: SqlStore) -> "Cast":
        """Everybody, each with a wallet from a phrase of their own, not opened yet."""
        alice, shop, bob = (_wallet(connections, store, home) for home in (1, 1, 2))
        return cls(connections, alice, shop, bob)

    async def open(self) -> None:
        """Open the three wallets."""
        await self.alice.open(holder_name="Alice", wallet_class=WalletClass.II)
        await self.shop.open(holder_name="Tea House", wallet_class=WalletClass.I, kind=WalletKind.CORPORATE)
        await self.shop.sales.register("Tea House", category="5812")
        await self.bob.open(holder_name="Bob", wallet_class=WalletClass.II)


def _wallet(connections: Connections, store: SqlStore, home: int) -> Wallet:
    genesis = connections.data.genesis()
    domain = genesis.domain()
    place = connections.data.institution(home)
    setting = WalletSetting(
        genesis=genesis,
        home=HomeAddress(place.home, place.url),
        centre_keys=CentreKeys(domain, genesis.receipt_keys),
        centre_url=connections.data.network.registration.url,
    )
    keys = WalletKeys(wallet_seed_of(new_phrase(connections.entropy.bytes(PHRASE_ENTROPY_BYTES))), domain)
    ports = Ports(network=connections.network, clock=connections.clock, entropy=connections.entropy, store=store)
    return Wallet(keys, setting, ports)
