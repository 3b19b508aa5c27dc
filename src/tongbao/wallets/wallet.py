"""A wallet: one holder's keys at one home, with everything that is done with them."""

from typing import Final

from tongbao.coin import Address
from tongbao.errors import RequestError
from tongbao.protocol.disclosure import Disclosure
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Order
from tongbao.protocol.payment import Payee
from tongbao.protocol.refund import Refund
from tongbao.protocol.wallet import Exchange, HistoryPage, WalletAccount, WalletClass, WalletKind, WalletState
from tongbao.vaults.selection import COINS_KEPT
from tongbao.wallets.asking import demand_amount
from tongbao.wallets.history import verified_history
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.merging import COINS_MANY
from tongbao.wallets.money_requests import MoneyRequests
from tongbao.wallets.opening import Opening
from tongbao.wallets.parts import WalletSetting, assemble
from tongbao.wallets.payment import Intent, OwnCoin, PaymentKind, WalletPayment, WalletPaymentState, in_doubt
from tongbao.wallets.payment_codes import PaymentCodes
from tongbao.wallets.plan_store import PlanStore
from tongbao.wallets.plans import Plans
from tongbao.wallets.ports import Ports
from tongbao.wallets.refunds import Refunds
from tongbao.wallets.stock import STOCK_LOCKS, STOCK_LOCKS_LOW

__all__ = ["Wallet"]

HISTORY_PAGE: Final = 50


class Wallet:
    """Pays, is paid and remembers. Call `start` first; `open` once in a wallet's life.

    Attributes:
        keys: the wallet's keys.
        wallet_id: 16 bytes, named after the main key.
        address: where its holder is paid.
        watching: who may see the wallet besides its holder.
        sales: what a merchant does, who asks for money.
        scanning: what codes and links lead to.
        shop_codes: what a merchant shows.
        tills: where a merchant lets others ask for it.
        webhooks: a merchant's servers that are told of events.
        events: what happened, as the home tells it.
        payees: whom its holder pays, and how he is found himself.
        pockets: money that another wallet can open, too.
        statements: statements of its accounts.
        closing: its end.
        refunds: giving money back where the payer is asked, and being asked.
        money_requests: asking others for money, and answering those who ask.
        plans: what it pays by itself when the day comes.
        payment_codes: what its holder shows to a shop.
    """

    def __init__(self, keys: WalletKeys, setting: WalletSetting, ports: Ports) -> None:
        parts = assemble(keys, setting, ports)
        self.keys = keys
        self.wallet_id = keys.wallet_id
        self.address = parts.address
        self.sales = parts.sales
        self.watching = parts.watching
        self.scanning = parts.scanning
        self.shop_codes = parts.shop_codes
        self.tills = parts.tills
        self.webhooks = parts.webhooks
        self.events = parts.events
        self.payees = parts.payees
        self.pockets = parts.pockets
        self.statements = parts.statements
        self.closing = parts.closing
        self.money_requests = MoneyRequests(parts.home, wallet_id=keys.wallet_id, pay_order=self.pay_order)
        self.payment_codes = PaymentCodes(parts.home, self.money_requests, clock=ports.clock, entropy=ports.entropy)
        self.refunds = Refunds(parts.home, wallet_id=keys.wallet_id, pay_refund=self._pay_refund)
        self._setting = setting
        self._entropy = ports.entropy
        self._opening = Opening(parts)
        self._home = parts.home
        self._coins = parts.coins
        self._centre = parts.centre
        self._payments = parts.payments
        self._exchanges = parts.exchanges
        self._locks = parts.locks
        self._store = parts.store
        self.plans = Plans(
            PlanStore(ports.store, parts.store, wallet_id=keys.wallet_id),
            parts.home,
            parts.payments,
            ports.entropy,
            pay=self._pay_planned,
            test_network=setting.genesis.test_network,
        )

    # --- life ---------------------------------------------------------------------------------------------------------

    async def start(self) -> bool:
        """Go on from what the store kept; False for a wallet that was not opened on this machine.

        What was in doubt stays so until `resume`, which needs the network.
        """
        return await self._opening.start()

    async def open(
        self,
        *,
        holder_name: str,
        wallet_class: WalletClass,
        kind: WalletKind = WalletKind.PERSONAL,
        stock: int = STOCK_LOCKS,
        first_lock: int = 0,
    ) -> WalletAccount:
        """Open the wallet at its home with a first stock of locks, or find it open.

        A wallet whose store was lost and that is open at its home is recovered as far as the home's listing goes.
        `first_lock` is for a wallet that has used locks of the same phrase at another home.
        """
        return await self._opening.open(
            holder_name=holder_name, wallet_class=wallet_class, kind=kind, stock=stock, first_lock=first_lock
        )

    async def recover(self) -> int:
        """Make a wallet that is open at its home again from its keys alone; return how many coins were found."""
        return await self._opening.recover()

    async def resume(self) -> list[WalletPayment]:
        """Bring what was in doubt to an end where that can be; return those payments, ended or not."""
        await self._exchanges.resume()
        return await self._payments.resume()

    async def conclude(self) -> None:
        """Bring what was in doubt to an end; raises `InDoubtError` for a payment that has none yet."""
        for payment in await self.resume():
            if payment.state is WalletPaymentState.SIGNED:
                raise in_doubt(payment, "it must have its outcome first")

    # --- what it is and has -------------------------------------------------------------------------------------------

    @property
    def balance_fen(self) -> int:
        """What the coins are worth that the wallet knows of; `sync` asks for news."""
        return self._coins.purse.value

    @property
    def free_fen(self) -> int:
        """What of the balance no payment on its way holds."""
        return self._coins.purse.free_value(now_ms=self._home.time_ms)

    @property
    def coin_count(self) -> int:
        """How many coins make up the balance."""
        return len(self._coins.purse)

    @property
    def locks_used(self) -> int:
        """How many of its locks were given to anybody: the first that never was."""
        return self._locks.next_index

    @property
    def sequence(self) -> int:
        """The newest batch of which it has heard."""
        return self._home.sequence

    def learn_sequence(self, sequence: int) -> None:
        """Let its home answer nothing that is older than this batch, of which its holder knows from elsewhere."""
        self._home.sequence = max(self._home.sequence, sequence)

    async def account(self) -> WalletAccount:
        """The wallet as its home keeps it, with the deposit."""
        return await self._home.account()

    async def sync(self) -> list[OwnCoin]:
        """Hear of coins that came; return those that were new."""
        return await self._coins.sync()

    async def catch_up(self) -> WalletAccount:
        """Hear all news: coins that came, and what the same phrase did on another device meanwhile."""
        await self.sync()
        account = await self.account()
        if account.balance_fen != self.balance_fen and not self._payments.in_doubt:
            await self.resync()
        return account

    async def resync(self) -> None:
        """Compare all coins with the home's listing, after the phrase was used elsewhere."""
        await self._coins.resync()

    async def refill(self, *, below: int = STOCK_LOCKS_LOW, count: int = STOCK_LOCKS) -> WalletAccount:
        """Hand over `count` more locks where the home has fewer than `below` left."""
        account = await self._home.account()
        if account.locks_left >= below or account.state is not WalletState.OPEN:
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

    async def tidy(self, *, many: int = COINS_MANY, keep: int = COINS_KEPT) -> list[WalletPayment]:
        """Make one coin of the smallest, if there are more than `many`; return the transactions that did."""
        return await self._payments.merging.tidy(many=many, keep=keep)

    async def history(self, *, after: str = "", limit: int = HISTORY_PAGE) -> HistoryPage:
        """What happened, as the home tells it, newest first; its receipts are verified.

        Raises:
            PeerError: a receipt proves something else than that its entry settled.
        """
        page = await self._home.history(after=after, limit=limit)
        return await verified_history(page, centre_keys=self._setting.centre_keys, centre=self._centre)

    async def disclosure(self) -> Disclosure:
        """Everything that its home holds about its holder."""
        return await self._home.get(f"/v1/wallets/{self.wallet_id.hex()}/data", Disclosure)

    async def payments(self) -> list[WalletPayment]:
        """What the wallet signed, oldest first, with the receipts of what settled."""
        return await self._store.payments()

    # --- deposit and coins --------------------------------------------------------------------------------------------

    async def exchange(self, amount_fen: int, *, payment_fen: int = 0) -> Exchange:
        """Turn deposit into coins, 1:1."""
        demand_amount(amount_fen)
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
        return await self.scanning.order(OrderLink.parse(link, network_id=self.keys.domain.network_id))

    async def pay_order(self, order: Order, *, tip_fen: int = 0) -> WalletPayment:
        """Pay just this order, with a tip on top; however often it is called, at most one payment settles."""
        intent = Intent(
            name=f"order {order.home} {order.order_id}",
            kind=PaymentKind.ORDER,
            payee=Payee(order_id=order.order_id, home=order.home),
            amount_fen=order.amount_fen + tip_fen,
            tip_fen=tip_fen,
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

    async def _pay_planned(self, address: str, amount_fen: int, request_id: str) -> WalletPayment:
        return await self.pay_person(address, amount_fen, request_id=request_id)

    async def _pay_refund(self, refund: Refund) -> WalletPayment:
        """Pay a refund that was accepted; however often, it is one payment."""
        intent = Intent(
            name=f"refund {refund.order_id} {refund.refund_id}",
            kind=PaymentKind.REFUND,
            payee=Payee(refund_id=refund.refund_id),
            amount_fen=refund.amount_fen,
            payee_home=None,
            payee_wallet_id=None,
        )
        return await self._payments.pay(intent)

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
        demand_amount(amount_fen)
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
