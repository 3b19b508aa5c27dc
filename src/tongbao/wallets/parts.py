"""Where a wallet lives, and putting it together: each part has one task, and a new capability is one part more."""

from dataclasses import dataclass, field

from tongbao.coin import Address, Genesis
from tongbao.protocol.client import Patience
from tongbao.wallets.centre import Centre
from tongbao.wallets.closing import Closing
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.events import Events
from tongbao.wallets.exchanging import Exchanges
from tongbao.wallets.home import Home, HomeAddress
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.payees import Payees
from tongbao.wallets.paying import Payments
from tongbao.wallets.pocket_shelf import PocketShelf
from tongbao.wallets.pocket_taking import TakingOut
from tongbao.wallets.pockets import Pockets
from tongbao.wallets.ports import Ports
from tongbao.wallets.receipts import CentreKeys
from tongbao.wallets.sales import Sales
from tongbao.wallets.scanning import Scanning
from tongbao.wallets.shop_codes import ShopCodes
from tongbao.wallets.statements import Statements
from tongbao.wallets.stock import LockBook
from tongbao.wallets.store import WalletStore
from tongbao.wallets.tills import Tills
from tongbao.wallets.watching import Watching
from tongbao.wallets.webhooks import Webhooks

__all__ = ["Parts", "WalletSetting", "assemble"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletSetting:
    """Where a wallet lives; one may serve all wallets of a process at one home.

    Attributes:
        genesis: of the network.
        home: the institution that serves the wallet.
        centre_keys: the keys that receipts are checked against; shared, so that a batch is verified once for all.
        centre_url: where the registration centre is asked if the home's word is not enough; "" for never.
        patience: how long a request waits for its answer.
    """

    genesis: Genesis
    home: HomeAddress
    centre_keys: CentreKeys
    centre_url: str = ""
    patience: Patience = field(default_factory=Patience)

    def address_of(self, wallet_id: bytes) -> Address:
        """Where the holder of a wallet that lives here is paid."""
        return Address(self.home.home, wallet_id, self.genesis.test_network)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of one wallet."""

    address: Address
    store: WalletStore
    home: Home
    locks: LockBook
    coins: CoinStock
    centre: Centre | None
    payments: Payments
    exchanges: Exchanges
    sales: Sales
    watching: Watching
    scanning: Scanning
    shop_codes: ShopCodes
    tills: Tills
    payees: Payees
    pockets: Pockets
    statements: Statements
    closing: Closing
    webhooks: Webhooks
    events: Events


def assemble(keys: WalletKeys, setting: WalletSetting, ports: Ports) -> Parts:
    """The parts of the wallet with these keys, none of which has asked anything yet."""
    url, centre_keys, patience = setting.centre_url, setting.centre_keys, setting.patience
    store = WalletStore(ports.store, keys)
    home = Home(setting.home, keys, ports, patience=patience)
    locks = LockBook(keys, store)
    coins = CoinStock(
        keys=keys,
        home=home,
        locks=locks,
        store=store,
        centre_keys=centre_keys,
        inputs_max=setting.genesis.limits.inputs_max,
    )
    centre = Centre(url, centre_keys, ports, patience=patience) if url else None
    payments = Payments(
        keys=keys,
        home=home,
        locks=locks,
        coins=coins,
        store=store,
        centre_keys=centre_keys,
        centre=centre,
        clock=ports.clock,
        limits=setting.genesis.limits,
    )
    address, payees = setting.address_of(keys.wallet_id), Payees(home, keys.domain)
    return Parts(
        address=address,
        store=store,
        home=home,
        locks=locks,
        coins=coins,
        centre=centre,
        payments=payments,
        exchanges=Exchanges(home=home, coins=coins, store=store, clock=ports.clock),
        sales=Sales(home, wallet_id=keys.wallet_id),
        watching=Watching(keys, home, address),
        scanning=Scanning(home, store, domain=keys.domain, test_network=setting.genesis.test_network),
        statements=Statements(home, keys.wallet_id),
        closing=Closing(home, wallet_id=keys.wallet_id),
        shop_codes=ShopCodes(home, wallet_id=keys.wallet_id, domain=keys.domain, asset_code=setting.genesis.asset_code),
        tills=Tills(home, keys),
        payees=payees,
        pockets=_pockets(keys, home, coins, payments, payees=payees, setting=setting, ports=ports),
        webhooks=Webhooks(home),
        events=Events(home, keys.wallet_id),
    )


def _pockets(
    keys: WalletKeys,
    home: Home,
    coins: CoinStock,
    payments: Payments,
    *,
    payees: Payees,
    setting: WalletSetting,
    ports: Ports,
) -> Pockets:
    shelf = PocketShelf(keys, home)
    taking = TakingOut(keys, shelf, home=home, coins=coins, centre_keys=setting.centre_keys, clock=ports.clock)
    return Pockets(
        keys,
        shelf,
        taking,
        home=home,
        payments=payments,
        payees=payees,
        entropy=ports.entropy,
        address=setting.address_of(keys.wallet_id),
    )
