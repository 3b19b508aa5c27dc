"""The wallet's side of every conversation with its home, and the newest ledger time that it heard there."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol, TypeVar
from urllib.parse import quote

from tongbao.errors import RequestError
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.order import Merchant, MerchantRequest, Order, OrderPage, OrderRequest
from tongbao.protocol.payment import Payment, PaymentRequest, Preparation, PrepareRequest
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.stock import LockStock, StockRequest
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeRequest,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletCoinPage,
)
from tongbao.protocol.wire import Message
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.ports import Ports

__all__ = ["COINS_PER_PAGE", "Home", "HomeAddress"]

_KEY_UNKNOWN: Final = ("UNAUTHENTICATED", "signature-input")
"""Code and field of a home's answer to a key id that nobody has there."""

COINS_PER_PAGE: Final = 200
"""A page of coins takes about 100 KiB."""


class _Dated(Protocol):
    @property
    def sequence(self) -> int: ...
    @property
    def time_ms(self) -> int: ...


_DatedAnswer = TypeVar("_DatedAnswer", bound=_Dated)
_Answer = TypeVar("_Answer", bound=Message)


@dataclass(frozen=True, slots=True)
class HomeAddress:
    """Which institution serves a wallet, and where it is found."""

    home: int
    url: str


class Home:
    """Asks the home as this wallet.

    Attributes:
        number: the institution's number.
        sequence: the latest batch of which an answer took account; the next answer may not be older.
        time_ms: the newest ledger time of an answer; 0 before the first.
        path: of the wallet at its home.
    """

    def __init__(self, address: HomeAddress, keys: WalletKeys, ports: Ports, *, patience: Patience) -> None:
        self.number = address.home
        self.sequence = 0
        self.time_ms = 0
        self._keys = keys
        self.path = f"/v1/wallets/{keys.wallet_id.hex()}"
        self._entropy = ports.entropy

        def client(key_id: str) -> SignedClient:
            return SignedClient(
                network=ports.network,
                clock=ports.clock,
                base_url=address.url,
                key_id=key_id,
                sign=keys.main.sign,
                patience=patience,
            )

        self._as_key = client(f"key:{keys.main_key.key.hex()}")
        self._as_wallet = client(f"wallet:{keys.wallet_id.hex()}")

    def new_request(self) -> str:
        """An idempotency key for a request that was never sent."""
        return self._entropy.bytes(16).hex()

    async def open(self, request: OpenWalletRequest) -> WalletAccount:
        """Open the wallet; the same content is the same request, also after a crash."""
        request_key = sha256(request.encode()).hexdigest()
        answer = await self._as_key.post("/v1/wallets", request, WalletAccount, idempotency_key=request_key)
        return self.dated(answer)

    async def account(self) -> WalletAccount:
        """The wallet as its home keeps it."""
        return self.dated(await self.get(self.path, WalletAccount))

    async def add_stock(self, stock: LockStock, *, first_index: int) -> WalletAccount:
        """Hand over fresh locks."""
        request = StockRequest(lock_ids=list(stock.lock_ids), signature=stock.signature)
        request_key = f"locks-{self._keys.wallet_id.hex()}-{first_index}-{len(stock.lock_ids)}"
        return self.dated(await self.post(f"{self.path}/locks", request, WalletAccount, request_key))

    async def coins(self, *, after: str) -> WalletCoinPage:
        """The wallet's unspent coins after the cursor."""
        query: dict[str, str | int] = {"after": after, "limit": COINS_PER_PAGE}
        return self.dated(await self.get(f"{self.path}/coins", WalletCoinPage, query))

    async def history(self, *, after: str, limit: int) -> HistoryPage:
        """What happened to the wallet."""
        return await self.get(f"{self.path}/history", HistoryPage, {"after": after, "limit": limit})

    async def exchange(self, request: ExchangeRequest, *, request_key: str) -> Exchange:
        """Turn deposit into coins."""
        return self.dated(await self.post(f"{self.path}/exchanges", request, Exchange, request_key))

    async def prepare(self, request: PrepareRequest) -> Preparation:
        """Ask where and how to pay."""
        path = "/v1/payments/prepare"
        return self.dated(await self.post(path, request, Preparation, self.new_request()))

    async def pay(self, request: PaymentRequest) -> Payment:
        """Hand over signed bytes.

        Each call is a new request to the home, because an answer that was not the last word would otherwise be repeated
        for ever; the transaction inside is the same, and settles once however often it is handed over.
        """
        return self.dated(await self.post("/v1/payments", request, Payment, self.new_request()))

    async def payment(self, payment_id: str) -> Payment:
        """What became of a payment."""
        return self.dated(await self.get(f"/v1/payments/{payment_id}", Payment))

    async def register_merchant(self, request: MerchantRequest) -> Merchant:
        """Let this wallet take orders."""
        return await self.post("/v1/merchants", request, Merchant, self.new_request())

    async def create_order(self, request: OrderRequest) -> Order:
        """Ask for money; the order number makes a repetition the same order."""
        return self.dated(await self.post("/v1/orders", request, Order, self.new_request()))

    async def order(self, order_id: str, *, home: int) -> Order:
        """An order, here or at another home."""
        return self.dated(await self.get(f"/v1/homes/{home}/orders/{quote(order_id, safe='')}", Order))

    async def orders(self, *, after: str, limit: int) -> OrderPage:
        """This merchant's orders."""
        return await self.get("/v1/orders", OrderPage, {"after": after, "limit": limit})

    async def get(self, path: str, answer: type[_Answer], query: dict[str, str | int] | None = None) -> _Answer:
        """Ask something of the home, which must know of all that this wallet knows."""
        headers = {MINIMUM_SEQUENCE_HEADER: str(self.sequence)} if self.sequence else None
        try:
            return await self._as_wallet.get(path, answer, query=query, headers=headers)
        except RequestError as error:
            self._demand_known(error)
            raise

    async def post(self, path: str, request: Message, answer: type[_Answer], request_key: str) -> _Answer:
        """Let the home change something; the same key and request again are the same change."""
        try:
            return await self._as_wallet.post(path, request, answer, idempotency_key=request_key)
        except RequestError as error:
            self._demand_known(error)
            raise

    def _demand_known(self, error: RequestError) -> None:
        """Return unless the error means that the home has no such wallet, which is not how it says it."""
        if (error.code, error.field) == _KEY_UNKNOWN:
            raise RequestError(
                f"home {self.number} has no wallet of this phrase",
                field="home",
                cure="look for a slip in the phrase and in the home's number, or open a wallet there first",
                code="WALLET_UNKNOWN",
            ) from error

    def dated(self, answer: _DatedAnswer) -> _DatedAnswer:
        """Remember the batch and the time of which an answer tells; returns it."""
        self.sequence = max(self.sequence, answer.sequence)
        self.time_ms = max(self.time_ms, answer.time_ms)
        return answer
