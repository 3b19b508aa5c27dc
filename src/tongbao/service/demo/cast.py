"""The people of the demonstration, and what they keep of it."""

from dataclasses import dataclass, field

from tongbao.adapters.store import SqlStore
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.service.connections import Connections
from tongbao.wallets import Wallet, WalletKeys, WalletPayment, new_phrase
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
    phrase = new_phrase(connections.entropy.bytes(PHRASE_ENTROPY_BYTES))
    keys = WalletKeys(wallet_seed_of(phrase), connections.data.genesis().domain())
    return connections.wallet(keys, store, home)
