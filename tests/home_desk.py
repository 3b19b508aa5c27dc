"""A home as wallets see it: accounts, stocks of locks, preparations, payments, orders. Kept in memory, and honest."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from tests.builders import DOMAIN, INSTITUTIONS, bytes32, key_lock, public_key, signer
from tongbao.coin import CURRENCY, Acceptance, AcceptedLock, Address, Coin, KeyLock, PublicKey, Transaction
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Status
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Merchant, MerchantRequest, Order, OrderPage, OrderRequest, OrderState
from tongbao.protocol.payment import Payment, PaymentRequest, PaymentState, Preparation, PrepareRequest
from tongbao.protocol.stock import LockProof, LockStock, StockRequest, stock_proof, verify_stock, wallet_id_of
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeRequest,
    ExchangeState,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletClass,
    WalletCoin,
    WalletCoinPage,
    WalletKind,
)
from tongbao.protocol.wire import Message

if TYPE_CHECKING:
    from tests.wallet_world import World

VAULT = 300  # the number of each home's vault key
LIFE_MS = 120_000

_Known = TypeVar("_Known")


@dataclass(frozen=True)
class Ask:
    """A request whose signature holds."""

    method: str
    path: str
    query: Mapping[str, str]
    body: bytes
    key_id: str
    idempotency_key: str

    @property
    def wallet_id(self) -> bytes:
        """Whose request it is."""
        return bytes.fromhex(self.key_id.removeprefix("wallet:"))


@dataclass
class Customer:
    """A wallet at its home."""

    key: PublicKey
    name: str
    wallet_class: WalletClass
    stocks: list[LockStock] = field(default_factory=list)
    given: int = 0
    deposit_fen: int = 0


@dataclass
class Prepared:
    """A preparation and what came of it."""

    payer: bytes
    preparation: Preparation
    order_id: str | None
    kind: str
    transaction: bytes = b""


class HomeDesk:
    """One home.

    Attributes:
        customers: by wallet id.
        owners: whose each handed-out or made lock is.
        refuse: what to refuse payments with, by code; "" for nothing.
        hold_back: how many of the next payments are kept and not submitted yet.
        lies: say of transactions past their expiry that they are absent, and of spent coins that they are not.
    """

    def __init__(self, home: int, world: "World") -> None:
        self.home = home
        self.customers: dict[bytes, Customer] = {}
        self.owners: dict[bytes, bytes] = {}
        self.salts: dict[bytes, bytes] = {}
        self.orders: dict[str, Order] = {}
        self.anchors: dict[str, tuple[bytes, int]] = {}
        self.payers: dict[str, tuple[int, bytes]] = {}
        self.prepared: dict[str, Prepared] = {}
        self.exchanges: dict[str, Exchange] = {}
        self.refuse = ""
        self.hold_back = 0
        self.lies = False
        self._world = world
        self._salt = 1000 * home

    def answer(self, ask: Ask) -> Message:
        """Do what is asked."""
        parts = ask.path.strip("/").split("/")[1:]
        match ask.method, parts:
            case "POST", ["wallets"]:
                return self._open(ask)
            case ("GET", ["wallets", _]) | ("POST", ["wallets", _, "closing"]):
                return self._account(ask.wallet_id)
            case "POST", ["wallets", _, "locks"]:
                request = StockRequest.model_validate_json(ask.body)
                return self._add_stock(ask.wallet_id, LockStock(tuple(request.lock_ids), request.signature))
            case "GET", ["wallets", _, "coins"]:
                return self._coins(ask.wallet_id, after=ask.query["after"], limit=int(ask.query["limit"]))
            case "GET", ["wallets", _, "history" | "statement"]:
                return HistoryPage(entries=[], next="")  # tests bend it into what they are about
            case "POST", ["wallets", _, "exchanges"]:
                return self._exchange(ask)
            case _, ["payments", *rest]:
                return self._answer_payment(ask, rest)
            case _:
                return self._answer_order(ask, parts)

    def _answer_payment(self, ask: Ask, rest: list[str]) -> Message:
        if rest == ["prepare"]:
            return self._prepare(ask.wallet_id, PrepareRequest.model_validate_json(ask.body))
        if ask.method == "POST":
            return self._pay(PaymentRequest.model_validate_json(ask.body))
        return self._payment(found(self.prepared.get(rest[0])))

    def _answer_order(self, ask: Ask, parts: list[str]) -> Message:
        match ask.method, parts:
            case "POST", ["merchants"]:
                request = MerchantRequest.model_validate_json(ask.body)
                return Merchant(wallet_id=ask.wallet_id, name=request.name, category=request.category)
            case "POST", ["orders"]:
                return self._create_order(ask.wallet_id, OrderRequest.model_validate_json(ask.body))
            case "GET", ["orders"]:
                return OrderPage(orders=list(reversed(self.orders.values())), next="")
            case "GET", ["homes", home, "orders", order_id]:
                return found(self._world.homes[int(home)].orders.get(order_id))
            case _:
                raise RequestError("nothing is there", code="NOT_FOUND")

    # --- wallets ------------------------------------------------------------------------------------------------------

    def _open(self, ask: Ask) -> WalletAccount:
        request = OpenWalletRequest.model_validate_json(ask.body)
        key = PublicKey.ed25519(bytes.fromhex(ask.key_id.removeprefix("key:")))
        wallet_id = wallet_id_of(key, DOMAIN)
        self.customers.setdefault(wallet_id, Customer(key, request.holder_name, request.wallet_class))
        stock = LockStock(tuple(request.locks), request.locks_signature)
        return self._add_stock(wallet_id, stock) if request.locks else self._account(wallet_id)

    def _add_stock(self, wallet_id: bytes, stock: LockStock) -> WalletAccount:
        customer = self.customers[wallet_id]
        verify_stock(stock, customer.key, DOMAIN)
        if stock not in customer.stocks:
            customer.stocks.append(stock)
            self.owners.update(dict.fromkeys(stock.lock_ids, wallet_id))
        return self._account(wallet_id)

    def _account(self, wallet_id: bytes) -> WalletAccount:
        customer = self.customers[wallet_id]
        return WalletAccount(
            wallet_id=wallet_id,
            address=str(Address(self.home, wallet_id, test_network=True)),
            home=self.home,
            wallet_class=customer.wallet_class,
            kind=WalletKind.PERSONAL,
            holder_name=customer.name,
            balance_fen=sum(coin.coin.value for coin in self._unspent(wallet_id)),
            deposit_fen=customer.deposit_fen,
            locks_left=max(sum(len(stock.lock_ids) for stock in customer.stocks) - customer.given, 0),
            sequence=self._world.sequence,
            time_ms=self._world.now_ms,
        )

    def lock_for(self, wallet_id: bytes) -> LockProof:
        """The next lock of the wallet's stock, or one over its main key."""
        customer = self.customers[wallet_id]
        place = customer.given
        customer.given += 1
        for stock in customer.stocks:
            if place < len(stock.lock_ids):
                return stock_proof(stock, place, customer.key, DOMAIN)
            place -= len(stock.lock_ids)
        self._salt += 1
        proof = open_proof(KeyLock(customer.key, bytes32(self._salt)))
        self.owners[proof.lock_id] = wallet_id
        self.salts[proof.lock_id] = bytes32(self._salt)
        return proof

    def _unspent(self, wallet_id: bytes) -> list[WalletCoin]:
        return [
            WalletCoin(coin=coin, salt=self.salts.get(coin.lock_id))
            for coin in self._world.coins
            if not coin.spent and coin.home == self.home and self.owners.get(coin.lock_id) == wallet_id
        ]

    def _coins(self, wallet_id: bytes, *, after: str, limit: int) -> WalletCoinPage:
        numbers = {coin.coin_id: number for number, coin in enumerate(self._world.coins, 1)}
        seen = self.read_cursor(after)
        page = [coin for coin in self._unspent(wallet_id) if numbers[coin.coin.coin_id] > seen][:limit]
        cursor = str(numbers[page[-1].coin.coin_id]) if page else after
        return WalletCoinPage(coins=page, next=cursor, sequence=self._world.sequence, time_ms=self._world.now_ms)

    def read_cursor(self, text: str) -> int:
        """How many coins of the world a reader has seen."""
        return int(text or 0)

    def credit(self, wallet_id: bytes, *values: int) -> list[WalletCoin]:
        """Issue coins straight to the wallet."""
        locks = [self.lock_for(wallet_id).lock_id for _ in values]
        origin = self._world.issue(
            *[Coin(CURRENCY, value, self.home, lock) for value, lock in zip(values, locks, strict=True)]
        )
        return [coin for coin in self._unspent(wallet_id) if coin.coin.origin == origin]

    def _exchange(self, ask: Ask) -> Exchange:
        request = ExchangeRequest.model_validate_json(ask.body)
        return self.exchange(ask.wallet_id, request.amount_fen, key=ask.idempotency_key)

    def exchange(self, wallet_id: bytes, amount_fen: int, *, key: str) -> Exchange:
        """Turn deposit into one coin; the same key is the same exchange."""
        customer = self.customers[wallet_id]
        if key not in self.exchanges:
            if customer.deposit_fen < amount_fen:
                raise RefusedError("the deposit is too small", code="DEPOSIT_TOO_SMALL", field="amount_fen")
            customer.deposit_fen -= amount_fen
            coins = self.credit(wallet_id, amount_fen)
            origin = coins[0].coin.origin
            self.exchanges[key] = Exchange(
                exchange_id=str(len(self.exchanges)),
                wallet_id=wallet_id,
                amount_fen=amount_fen,
                state=ExchangeState.SETTLED,
                status="SETTLED",
                transaction_id=origin,
                coins=coins,
                receipt=self._world.verdicts[origin][1],
                sequence=self._world.sequence,
                time_ms=self._world.now_ms,
            )
        return self.exchanges[key]

    # --- orders -------------------------------------------------------------------------------------------------------

    def _create_order(self, wallet_id: bytes, request: OrderRequest) -> Order:
        order_id = f"{wallet_id.hex()[:8]}-{request.order_number}"
        self.orders.setdefault(
            order_id,
            Order(
                order_id=order_id,
                order_number=request.order_number,
                home=self.home,
                merchant_wallet_id=wallet_id,
                merchant_name=self.customers[wallet_id].name,
                amount_fen=request.amount_fen,
                refunded_fen=0,
                description=request.description,
                state=OrderState.OPEN,
                expires_at_ms=self._world.now_ms + request.expires_in_s * 1000,
                paid_at_ms=None,
                link=str(OrderLink.of(order_id, home=self.home, network_id=DOMAIN.network_id)),
                sequence=self._world.sequence,
                time_ms=self._world.now_ms,
            ),
        )
        return self.orders[order_id]

    # --- payments -----------------------------------------------------------------------------------------------------

    def _prepare(self, payer: bytes, request: PrepareRequest) -> Preparation:
        if self._world.opening(request.anchor) is None and not self.lies:
            raise RefusedError("the coin is spent", code="ANCHOR_SPENT", field="anchor")
        home, wallet_id, proof, amount_fen = self._payee(payer, request)
        desk = self._world.homes[home]
        acceptance = None if desk is self else desk.accept(request.anchor, proof.lock_id, amount_fen)
        payment_id = f"{self.home}-{len(self.prepared)}"
        preparation = Preparation(
            payment_id=payment_id,
            amount_fen=amount_fen,
            payee_home=home,
            payee_wallet_id=wallet_id,
            proof=proof,
            acceptance=acceptance,
            reference=bytes32(7_000 + len(self.prepared)),
            expiry_ms=self._world.now_ms + LIFE_MS,
            description="",
            sequence=self._world.sequence,
            time_ms=self._world.now_ms,
        )
        payee = request.payee
        kind = "refund" if payee.refund_of else "deposit" if payee.deposit else "payment"
        self.prepared[payment_id] = Prepared(payer, preparation, payee.order_id or payee.refund_of, kind)
        return preparation

    def _payee(self, payer: bytes, request: PrepareRequest) -> tuple[int, bytes | None, LockProof, int]:
        payee, amount_fen = request.payee, request.amount_fen or 0
        if payee.order_id is not None and payee.home is not None:
            desk = self._world.homes[payee.home]
            order = desk.reserve(payee.order_id, request.anchor)
            return payee.home, order.merchant_wallet_id, desk.lock_for(order.merchant_wallet_id), order.amount_fen
        if payee.own_lock is not None:
            self.owners[payee.own_lock] = payer
            proof = LockProof(lock_id=payee.own_lock, key=b"", index=0, count=0, path=[], signature=b"")
            return self.home, payer, proof, amount_fen
        if payee.deposit:
            return self.home, None, open_proof(key_lock(VAULT, salt=len(self.prepared))), amount_fen
        address = Address.parse(payee.address) if payee.address else None
        person = (address.home, address.wallet_id) if address else found(self.payers.get(payee.refund_of or ""))
        return *person, self._world.homes[person[0]].lock_for(person[1]), amount_fen

    def reserve(self, order_id: str, anchor: bytes) -> Order:
        """The order, promised to whoever spends the anchor until that would expire."""
        order = found(self.orders.get(order_id))
        if order.state is not OrderState.OPEN:
            raise RefusedError("the order is paid", code="ORDER_PAID", field="order_id")
        holder, until_ms = self.anchors.get(order_id, (anchor, 0))
        if holder != anchor and self._world.now_ms <= until_ms:
            raise RefusedError("somebody else is paying the order", code="ORDER_RESERVED", field="order_id")
        self.anchors[order_id] = anchor, self._world.now_ms + LIFE_MS
        return order

    def accept(self, anchor: bytes, lock_id: bytes, amount_fen: int) -> bytes:
        """This home's word that the money is welcome."""
        number = INSTITUTIONS[self.home]
        locks = (AcceptedLock(lock_id, CURRENCY, amount_fen),)
        terms = self.home, anchor, self._world.now_ms + LIFE_MS, locks, public_key(number)
        return Acceptance(*terms, signer(number).sign(Acceptance(*terms, b"").signing_digest(DOMAIN))).encode()

    def _pay(self, request: PaymentRequest) -> Payment:
        prepared = found(self.prepared.get(request.payment_id))
        if self.refuse:
            raise RefusedError("a rule says no", code=self.refuse)
        assert prepared.transaction in {b"", request.transaction}, "a payment has one transaction"
        prepared.transaction = request.transaction
        return self._payment(prepared)

    def _payment(self, prepared: Prepared) -> Payment:
        if not prepared.transaction:
            return self._payment_in(prepared, PaymentState.PREPARED, "", None)
        if self.hold_back:
            self.hold_back -= 1
            return self._payment_in(prepared, PaymentState.ENDORSED, "", None)
        transaction = Transaction.decode(prepared.transaction)
        expired = self._world.now_ms > transaction.body.expiry_ms
        if expired and (self.lies or transaction.id(DOMAIN) not in self._world.verdicts):
            return self._payment_in(prepared, PaymentState.ABSENT, "ABSENT_PROVEN", None)
        # A lost race leaves its mark on the ledger only where it settles.
        status, receipt = self._world.settle(prepared.transaction, home=self.home)
        if status is not Status.SETTLED:
            return self._payment_in(prepared, PaymentState.REFUSED, status.name, receipt)
        self._book(prepared, transaction)
        return self._payment_in(prepared, PaymentState.SETTLED, status.name, receipt)

    def _book(self, prepared: Prepared, transaction: Transaction) -> None:
        for coin in transaction.body.outputs[1:]:
            self.owners[coin.lock_id] = prepared.payer
        if prepared.kind == "deposit":
            self.customers[prepared.payer].deposit_fen += prepared.preparation.amount_fen
        if prepared.kind == "payment" and prepared.order_id is not None:
            desk = self._world.homes[prepared.preparation.payee_home]
            paid = {"state": OrderState.PAID, "paid_at_ms": self._world.now_ms}
            desk.orders[prepared.order_id] = desk.orders[prepared.order_id].model_copy(update=paid)
            desk.payers[prepared.order_id] = self.home, prepared.payer

    def _payment_in(self, prepared: Prepared, state: PaymentState, status: str, receipt: bytes | None) -> Payment:
        transaction = prepared.transaction
        return Payment(
            payment_id=prepared.preparation.payment_id,
            kind=prepared.kind,
            amount_fen=prepared.preparation.amount_fen,
            state=state,
            status=status,
            transaction_id=Transaction.decode(transaction).id(DOMAIN) if transaction else None,
            receipt=receipt,
            sequence=self._world.sequence,
            time_ms=self._world.now_ms,
        )


def open_proof(lock: KeyLock) -> LockProof:
    """The proof of a lock over a main key: its salt."""
    return LockProof(
        lock_id=lock.id(DOMAIN), key=lock.key.encode(), index=0, count=0, path=[], signature=b"", salt=lock.salt
    )


def found(known: _Known | None) -> _Known:
    """What was looked for, or NOT_FOUND."""
    if known is None:
        raise RequestError("there is no such thing", code="NOT_FOUND")
    return known
