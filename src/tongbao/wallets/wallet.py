"""A wallet: one holder's keys at one home, with everything that is done with them."""

from dataclasses import dataclass, field
from typing import Final, TypeVar

from pydantic import ValidationError

from tongbao.coin import VALUE_MAX, Address, Genesis
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.client import Patience
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Merchant, MerchantRequest, Order, OrderPage, OrderRequest
from tongbao.protocol.payment import Payee
from tongbao.protocol.stock import STOCK_LOCKS_MAX
from tongbao.protocol.wallet import (
    Exchange,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletClass,
    WalletKind,
)
from tongbao.protocol.wire import Message
from tongbao.wallets.centre import Centre
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.exchanging import Exchanges
from tongbao.wallets.history import verified_history
from tongbao.wallets.home import Home, HomeAddress
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.paying import Payments
from tongbao.wallets.payment import Intent, OwnCoin, PaymentKind, WalletPayment
from tongbao.wallets.ports import Ports
from tongbao.wallets.receipts import CentreKeys
from tongbao.wallets.recovery import recover_coins
from tongbao.wallets.stock import STOCK_LOCKS, STOCK_LOCKS_LOW, LockBook, numbered
from tongbao.wallets.store import WalletSettings, WalletStore

__all__ = ["Wallet", "WalletSetting"]

HISTORY_PAGE: Final = 50

_Asked = TypeVar("_Asked", bound=Message)


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


class Wallet:
    """Pays, is paid and remembers. Call `start` first; `open` once in a wallet's life.

    Attributes:
        keys: the wallet's keys.
        wallet_id: 16 bytes, named after the main key.
    """

    def __init__(self, keys: WalletKeys, setting: WalletSetting, ports: Ports) -> None:
        patience = setting.patience
        self.keys = keys
        self.wallet_id = keys.wallet_id
        self._setting = setting
        self._entropy = ports.entropy
        self._store = WalletStore(ports.store, keys)
        self._home = Home(setting.home, keys, ports, patience=patience)
        self._locks = LockBook(keys, self._store)
        self._coins = CoinStock(
            keys=keys,
            home=self._home,
            locks=self._locks,
            store=self._store,
            centre_keys=setting.centre_keys,
            inputs_max=setting.genesis.limits.inputs_max,
        )
        url, centre_keys = setting.centre_url, setting.centre_keys
        self._centre = Centre(url, centre_keys, ports, patience=patience) if url else None
        self._payments = Payments(
            keys=keys,
            home=self._home,
            locks=self._locks,
            coins=self._coins,
            store=self._store,
            centre_keys=centre_keys,
            centre=self._centre,
            clock=ports.clock,
            limits=setting.genesis.limits,
        )
        self._exchanges = Exchanges(home=self._home, coins=self._coins, store=self._store, clock=ports.clock)
        self._opened = False

    # --- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> bool:
        """Go on from what the store kept; False for a wallet that was not opened on this machine.

        What was in doubt stays so until `resume`, which needs the network.
        """
        state = await self._store.load()
        if state is None:
            return False
        if state.settings.home != self._setting.home.home:
            raise RequestError(
                f"the wallet belongs to home {state.settings.home}, not {self._setting.home.home}",
                field="home",
                cure="use it with its home",
                code="WRONG_HOME",
            )
        self._opened = True
        self._locks.next_index = state.settings.next_lock_index
        self._coins.cursor = state.settings.coins_cursor
        self._coins.restore(state.coins)
        self._payments.count = state.payments
        self._payments.restore(state.signed)
        self._exchanges.restore(state.pending)
        return True

    async def open(
        self,
        *,
        holder_name: str,
        wallet_class: WalletClass,
        kind: WalletKind = WalletKind.PERSONAL,
        stock: int = STOCK_LOCKS,
    ) -> WalletAccount:
        """Open the wallet at its home with a first stock of locks, or find it open.

        A wallet whose store was lost and that is open at its home is recovered as far as the home's listing goes.
        """
        if self._opened:
            return await self._home.account()
        first = self._locks.stock_of(0, min(stock, STOCK_LOCKS_MAX))
        request = _asked(
            OpenWalletRequest,
            wallet_class=wallet_class,
            kind=kind,
            holder_name=holder_name,
            locks=list(first.lock_ids),
            locks_signature=first.signature,
        )
        account = self._checked(await self._home.open(request))
        self._locks.next_index = len(first.lock_ids)
        await self._store.save_settings(WalletSettings(account.home, self._locks.next_index), numbered(first, 0))
        self._opened = True
        if account.locks_left != len(first.lock_ids):
            await recover_coins(locks=self._locks, coins=self._coins)
        return account

    async def recover(self) -> int:
        """Make a wallet that is open at its home again from its keys alone; return how many coins were found."""
        account = self._checked(await self._home.account())
        if not self._opened:
            await self._store.save_settings(WalletSettings(account.home, 0), [])
            self._opened = True
        return await recover_coins(locks=self._locks, coins=self._coins)

    async def resume(self) -> list[WalletPayment]:
        """Bring what was in doubt to an end where that can be; return those payments, ended or not."""
        await self._exchanges.resume()
        return await self._payments.resume()

    def _checked(self, account: WalletAccount) -> WalletAccount:
        address = Address(self._setting.home.home, self.wallet_id, self._setting.genesis.test_network)
        if (account.wallet_id, account.home, account.address) != (self.wallet_id, address.home, str(address)):
            raise PeerError("the home speaks of another wallet than this")
        return account

    # --- what it is and has -------------------------------------------------------------------------------------------

    @property
    def address(self) -> Address:
        """Where its holder is paid."""
        return Address(self._setting.home.home, self.wallet_id, self._setting.genesis.test_network)

    @property
    def balance_fen(self) -> int:
        """What the coins are worth that the wallet knows of; `sync` asks for news."""
        return self._coins.purse.value

    @property
    def free_fen(self) -> int:
        """What of the balance no payment on its way holds."""
        return self._coins.purse.free_value(now_ms=self._home.time_ms)

    async def account(self) -> WalletAccount:
        """The wallet as its home keeps it, with the deposit."""
        return await self._home.account()

    async def sync(self) -> list[OwnCoin]:
        """Hear of coins that came; return those that were new."""
        return await self._coins.sync()

    async def resync(self) -> None:
        """Compare all coins with the home's listing, after the phrase was used elsewhere."""
        await self._coins.resync()

    async def refill(self, *, below: int = STOCK_LOCKS_LOW, count: int = STOCK_LOCKS) -> WalletAccount:
        """Hand over `count` more locks where the home has fewer than `below` left."""
        account = await self._home.account()
        if account.locks_left >= below:
            return account
        return await self.add_locks(count)

    async def add_locks(self, count: int) -> WalletAccount:
        """Hand over more locks, in stocks of at most 512."""
        while True:
            first, stock = await self._locks.new_stock(count)
            account = await self._home.add_stock(stock, first_index=first)
            count -= len(stock.lock_ids)
            if count <= 0:
                return account

    async def history(self, *, after: str = "", limit: int = HISTORY_PAGE) -> HistoryPage:
        """What happened, as the home tells it, newest first; its receipts are verified.

        Raises:
            PeerError: a receipt proves something else than that its entry settled.
        """
        page = await self._home.history(after=after, limit=limit)
        return await verified_history(page, centre_keys=self._setting.centre_keys, centre=self._centre)

    async def payments(self) -> list[WalletPayment]:
        """What the wallet signed, oldest first, with the receipts of what settled."""
        return await self._store.payments()

    # --- deposit and coins --------------------------------------------------------------------------------------------

    async def exchange(self, amount_fen: int, *, payment_fen: int = 0) -> Exchange:
        """Turn deposit into coins, 1:1."""
        _demand_amount(amount_fen)
        return await self._exchanges.exchange(amount_fen, payment_fen=payment_fen)

    async def receive(self, exchange: Exchange) -> list[OwnCoin]:
        """Take in the coins of an exchange that a teller made for this wallet."""
        return await self._coins.receive(exchange)

    async def deposit(self, amount_fen: int, *, request_id: str = "") -> WalletPayment:
        """Turn coins back into deposit; the same request id is the same deposit."""
        home = self._setting.home.home
        return await self._pay(
            PaymentKind.DEPOSIT, Payee(deposit=True), amount_fen, request_id=request_id, home=home, wallet_id=None
        )

    # --- paying -------------------------------------------------------------------------------------------------------

    async def order(self, link: str) -> Order:
        """The order that a link names, for its holder to look at before paying."""
        found = OrderLink.parse(link, network_id=self.keys.domain.network_id)
        order = await self._home.order(found.order_id, home=found.home)
        if (order.order_id, order.home) != (found.order_id, found.home):
            raise PeerError("the home answers with another order than the link names")
        return order

    async def pay_order(self, order: Order) -> WalletPayment:
        """Pay just this order; however often it is called, at most one payment settles."""
        intent = Intent(
            name=f"order {order.home} {order.order_id}",
            kind=PaymentKind.ORDER,
            payee=Payee(order_id=order.order_id, home=order.home),
            amount_fen=order.amount_fen,
            payee_home=order.home,
            payee_wallet_id=order.merchant_wallet_id,
        )
        return await self._payments.pay(intent)

    async def pay_person(self, address: str, amount_fen: int, *, request_id: str = "") -> WalletPayment:
        """Pay a person; the same request id is the same payment."""
        payee = Address.parse(address)
        if payee.test_network != self._setting.genesis.test_network:
            raise RequestError(
                "the address is of another network", field="address", cure="ask for another", code="WRONG_NETWORK"
            )
        return await self._pay(
            PaymentKind.PERSON,
            Payee(address=str(payee)),
            amount_fen,
            request_id=request_id,
            home=payee.home,
            wallet_id=payee.wallet_id,
        )

    async def refund(self, order_id: str, amount_fen: int, *, request_id: str = "") -> WalletPayment:
        """Return all or part of what was paid for an order of this merchant; the same request id is the same refund."""
        return await self._pay(
            PaymentKind.REFUND,
            Payee(refund_of=order_id),
            amount_fen,
            request_id=request_id,
            home=None,
            wallet_id=None,
        )

    async def _pay(
        self,
        kind: PaymentKind,
        payee: Payee,
        amount_fen: int,
        *,
        request_id: str,
        home: int | None,
        wallet_id: bytes | None,
    ) -> WalletPayment:
        _demand_amount(amount_fen)
        name = f"{kind} {payee.address or payee.refund_of or ''} {request_id or self._entropy.bytes(16).hex()}"
        intent = Intent(
            name=name,
            kind=kind,
            payee=payee,
            amount_fen=amount_fen,
            payee_home=home,
            payee_wallet_id=wallet_id,
        )
        return await self._payments.pay(intent)

    # --- taking payment -----------------------------------------------------------------------------------------------

    async def register_merchant(self, name: str, *, category: str = "5999") -> Merchant:
        """Take orders under a shop's name from now on."""
        return await self._home.register_merchant(_asked(MerchantRequest, name=name, category=category))

    async def create_order(
        self, amount_fen: int, order_number: str, *, description: str = "", expires_in_s: int = 900
    ) -> Order:
        """Ask for money; the same number with the same content is the same order."""
        request = _asked(
            OrderRequest,
            amount_fen=amount_fen,
            order_number=order_number,
            description=description,
            expires_in_s=expires_in_s,
        )
        order = await self._home.create_order(request)
        if (order.amount_fen, order.merchant_wallet_id) != (amount_fen, self.wallet_id):
            raise PeerError("the home has made another order than it was asked for")
        return order

    async def own_order(self, order_id: str) -> Order:
        """An order of this merchant as it stands."""
        return await self._home.order(order_id, home=self._setting.home.home)

    async def orders(self, *, after: str = "", limit: int = HISTORY_PAGE) -> OrderPage:
        """This merchant's orders, newest first."""
        return await self._home.orders(after=after, limit=limit)


def _demand_amount(amount_fen: int) -> None:
    if not 1 <= amount_fen <= VALUE_MAX:
        raise RequestError(
            f"an amount is a whole number of fen from 1 on, was {amount_fen}",
            field="amount_fen",
            cure="give a positive amount",
            code="INVALID_FIELD",
        )


def _asked(message: type[_Asked], **fields: object) -> _Asked:
    """The message with these fields, or what is wrong with the first that does not fit."""
    try:
        return message.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise RequestError(
            f"{field}: {first['msg']}", field=field, cure="see docs/reference/http-api.md", code="INVALID_FIELD"
        ) from None
