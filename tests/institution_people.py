"""Holders of wallets at the institutions of `tests.institution_world`, who sign by hand so that tests can sign wrongly.

alice = await Holder.open(world, 101)
await alice.fund(500)
preparation = await alice.prepare(order_id=order.order_id)
payment = await alice.pay(preparation)
"""

from collections.abc import Awaitable, Sequence
from dataclasses import dataclass, field

from tests.builders import bytes32, public_key, signer
from tests.institution_world import InstitutionWorld, home_url
from tongbao.coin import Authorisation, Body, Coin, Input, KeyLock, Kind, Path, Transaction, Witness, spend_digest
from tongbao.errors import RequestError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.order import (
    Merchant,
    MerchantRequest,
    Order,
    OrderAmendment,
    OrderCancellation,
    OrderRequest,
)
from tongbao.protocol.payment import Payee, Payment, PaymentRequest, Preparation, PrepareRequest
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.stock import StockRequest, sign_stock, wallet_id_of
from tongbao.protocol.wallet import (
    Deposit,
    DepositRequest,
    Exchange,
    ExchangeBatchAnswer,
    ExchangeBatchRequest,
    ExchangeItem,
    ExchangeRequest,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletClass,
    WalletCoin,
    WalletCoinPage,
)

LOCKS_FROM = 1_000  # numbers of salts of the locks that a holder makes


@dataclass
class Holder:
    """A wallet's holder; all locks are over the main key, with salts of the holder's own.

    Attributes:
        world: where the wallet is.
        number: of the main key.
        home: of the wallet.
        salts: of the holder's own locks, by lock id.
    """

    world: InstitutionWorld
    number: int
    home: int = 1
    salts: dict[bytes, bytes] = field(default_factory=dict)
    made: int = 0

    @classmethod
    async def open(
        cls,
        world: InstitutionWorld,
        number: int,
        *,
        home: int = 1,
        wallet_class: WalletClass = WalletClass.I,
        stock: int = 0,
    ) -> "Holder":
        """A holder whose wallet is open, with a stock of locks at its home."""
        holder = cls(world, number, home)
        request = OpenWalletRequest(wallet_class=wallet_class, holder_name=f"Holder {number}", locks=[])
        client = world.client(home_url(home), f"key:{signer(number).public_key.hex()}", number)
        await client.post("/v1/wallets", request, WalletAccount, idempotency_key=world.new_key())
        if stock:
            await holder.add_locks(stock)
        return holder

    @property
    def wallet_id(self) -> bytes:
        return wallet_id_of(public_key(self.number), self.world.genesis.domain())

    @property
    def client(self) -> SignedClient:
        return self.world.client(home_url(self.home), f"wallet:{self.wallet_id.hex()}", self.number)

    @property
    def path(self) -> str:
        return f"/v1/wallets/{self.wallet_id.hex()}"

    def new_lock(self) -> bytes:
        """The id of a fresh lock of the holder's own."""
        salt = bytes32(self.number * 100_000 + LOCKS_FROM + self.made)
        self.made += 1
        lock_id = KeyLock(public_key(self.number), salt).id(self.world.genesis.domain())
        self.salts[lock_id] = salt
        return lock_id

    async def add_locks(self, count: int) -> WalletAccount:
        """Leave a stock at the home."""
        locks = tuple(self.new_lock() for _ in range(count))
        stock = sign_stock(locks, self.world.genesis.domain(), sign=signer(self.number).sign)
        request = StockRequest(lock_ids=list(locks), signature=stock.signature)
        key = self.world.new_key()
        return await self.client.post(f"{self.path}/locks", request, WalletAccount, idempotency_key=key)

    # --- money --------------------------------------------------------------------------------------------------------

    async def exchange_by_teller(self, amount_fen: int, *, deposit_fen: int = 0, payment_fen: int = 0) -> Exchange:
        """The teller's answer to this holder's part of a batch of one."""
        item = ExchangeItem(
            wallet_id=self.wallet_id, amount_fen=amount_fen, deposit_fen=deposit_fen, payment_fen=payment_fen
        )
        answer = await self.world.teller(self.home).post(
            "/v1/exchanges",
            ExchangeBatchRequest(items=[item]),
            ExchangeBatchAnswer,
            idempotency_key=self.world.new_key(),
        )
        return answer.exchanges[0]

    async def fund(self, *amounts_fen: int) -> list[WalletCoin]:
        """Coins of these values, for cash."""
        coins = []
        for amount_fen in amounts_fen:
            exchange = await self.exchange_by_teller(amount_fen, deposit_fen=amount_fen)
            assert exchange.status == "SETTLED", exchange.status
            coins += exchange.coins
        return coins

    async def headers(self) -> dict[str, str]:
        return {MINIMUM_SEQUENCE_HEADER: str((await self.world.centre.status()).sequence)}

    async def account(self) -> WalletAccount:
        return await self.client.get(self.path, WalletAccount, headers=await self.headers())

    async def coins(self) -> list[WalletCoin]:
        page = await self.client.get(f"{self.path}/coins", WalletCoinPage, headers=await self.headers())
        return page.coins

    async def history(self) -> HistoryPage:
        return await self.client.get(f"{self.path}/history", HistoryPage, headers=await self.headers())

    # --- orders -------------------------------------------------------------------------------------------------------

    async def become_merchant(self, name: str = "Tea") -> Merchant:
        key = self.world.new_key()
        return await self.client.post("/v1/merchants", MerchantRequest(name=name), Merchant, idempotency_key=key)

    async def order(
        self, amount_fen: int, number: str = "1", *, expires_in_s: int = 900, tip_fen_max: int = 0
    ) -> Order:
        request = OrderRequest(
            amount_fen=amount_fen, order_number=number, expires_in_s=expires_in_s, tip_fen_max=tip_fen_max
        )
        return await self.client.post("/v1/orders", request, Order, idempotency_key=self.world.new_key())

    async def amend(self, order: Order, amendment: OrderAmendment) -> Order:
        path = f"/v1/orders/{order.order_id}/amend"
        return await self.client.post(path, amendment, Order, idempotency_key=self.world.new_key())

    async def cancel(self, order: Order) -> Order:
        path = f"/v1/orders/{order.order_id}/cancel"
        return await self.client.post(path, OrderCancellation(), Order, idempotency_key=self.world.new_key())

    async def see(self, order: Order) -> Order:
        """The order as it stands now."""
        client = self.world.client(home_url(order.home), f"wallet:{self.wallet_id.hex()}", self.number)
        return await client.get(f"/v1/orders/{order.order_id}", Order, headers=await self.headers())

    # --- paying -------------------------------------------------------------------------------------------------------

    async def prepare(
        self, payee: Payee, *, amount_fen: int | None = None, anchor: bytes | None = None, tip_fen: int = 0
    ) -> Preparation:
        """Ask where and how to pay; the anchor is the first coin of the wallet unless one is named."""
        chosen = (await self.coins())[0].coin.coin_id if anchor is None else anchor
        request = PrepareRequest(payee=payee, amount_fen=amount_fen, anchor=chosen, tip_fen=tip_fen)
        path, headers = "/v1/payments/prepare", await self.headers()
        key = self.world.new_key()
        return await self.client.post(path, request, Preparation, idempotency_key=key, headers=headers)

    def sign(self, body: Body, coins: Sequence[WalletCoin]) -> Transaction:
        """The transaction with this holder's witness for each coin."""
        domain = self.world.genesis.domain()
        signature = signer(self.number).sign(spend_digest(body.transaction_id(domain), domain))
        salts = [self.salts.get(each.coin.lock_id) or each.salt or b"" for each in coins]
        locks = [KeyLock(public_key(self.number), salt) for salt in salts]
        return Transaction(body, tuple(Witness(lock, Path.A, signature) for lock in locks))

    def body(self, preparation: Preparation, coins: Sequence[WalletCoin], *, extra: Sequence[Coin] = ()) -> Body:
        """What the preparation asks for; `extra` outputs come out of the change."""
        inputs = tuple(Input(c.coin.origin, c.coin.index, _coin(c)) for c in coins)
        paid = Coin(0, preparation.amount_fen, preparation.payee_home, preparation.proof.lock_id)
        left = sum(c.coin.value for c in coins) - paid.value - sum(coin.value for coin in extra)
        change = (Coin(0, left, self.home, self.new_lock()),) if left > 0 else ()
        acceptance = preparation.acceptance
        authorisations = () if acceptance is None else (Authorisation(1, acceptance),)
        outputs = (paid, *extra, *change)
        return Body(
            Kind.TRANSFER, preparation.expiry_ms, preparation.reference, inputs, outputs, authorisations=authorisations
        )

    async def send(self, preparation: Preparation, transaction: Transaction | bytes) -> Payment:
        """Hand over a signed transaction."""
        content = transaction if isinstance(transaction, bytes) else transaction.encode()
        request = PaymentRequest(payment_id=preparation.payment_id, transaction=content)
        return await self.client.post("/v1/payments", request, Payment, idempotency_key=self.world.new_key())

    async def pay(self, preparation: Preparation, coins: Sequence[WalletCoin] | None = None) -> Payment:
        """Pay as prepared, with all coins of the wallet unless some are named."""
        chosen = await self.coins() if coins is None else coins
        return await self.send(preparation, self.sign(self.body(preparation, chosen), chosen))

    async def pay_order(self, order: Order, *, tip_fen: int = 0) -> Payment:
        """Prepare and pay an order with all coins."""
        return await self.pay(await self.prepare(Payee(order_id=order.order_id, home=order.home), tip_fen=tip_fen))


async def batch(world: InstitutionWorld, items: list[ExchangeItem], *, key: str = "") -> list[Exchange]:
    """A teller's batch."""
    answer = await world.teller().post(
        "/v1/exchanges",
        ExchangeBatchRequest(items=items),
        ExchangeBatchAnswer,
        idempotency_key=key or world.new_key(),
    )
    return answer.exchanges


def item(holder: Holder, amount_fen: int, *, deposit_fen: int | None = None, payment_fen: int = 0) -> ExchangeItem:
    """The holder's part, with just enough cash unless told otherwise."""
    return ExchangeItem(
        wallet_id=holder.wallet_id,
        amount_fen=amount_fen,
        deposit_fen=amount_fen if deposit_fen is None else deposit_fen,
        payment_fen=payment_fen,
    )


async def deposited(world: InstitutionWorld, holder: Holder, amount_fen: int) -> None:
    """Cash for the account beside the holder's wallet."""
    request = DepositRequest(wallet_id=holder.wallet_id, amount_fen=amount_fen)
    await world.teller().post("/v1/deposits", request, Deposit, idempotency_key=world.new_key())


async def exchange(holder: Holder, amount_fen: int, *, payment_fen: int = 0, key: str = "") -> Exchange:
    """The holder's own exchange."""
    request = ExchangeRequest(amount_fen=amount_fen, payment_fen=payment_fen)
    path = f"{holder.path}/exchanges"
    return await holder.client.post(path, request, Exchange, idempotency_key=key or holder.world.new_key())


async def refusal(answer: Awaitable[object]) -> str:
    """The code with which something is refused; "" where it is not."""
    try:
        await answer
    except RequestError as error:
        return error.code
    return ""


def _coin(coin: WalletCoin) -> Coin:
    record = coin.coin
    return Coin(record.asset, record.value, record.home, record.lock_id)
