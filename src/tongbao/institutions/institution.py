"""The operating institution: what it answers to wallets, merchants, tellers and other homes."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from tongbao.errors import InvariantError, NetworkError, PeerError, RequestError, TongbaoError, WorldError
from tongbao.institutions.books.depositing import Depositing
from tongbao.institutions.books.reconciling import Reconciling
from tongbao.institutions.codes.payment_codes import PaymentCodes
from tongbao.institutions.codes.scanning import Scanning
from tongbao.institutions.customers.closing import Closing
from tongbao.institutions.customers.history import EVERYTHING, HistoryFilter
from tongbao.institutions.customers.statements import Statements
from tongbao.institutions.disclosure.disclosing import Disclosing
from tongbao.institutions.events.feed import EventFeed
from tongbao.institutions.metrics import InstitutionMetrics
from tongbao.institutions.opening import Parts, assemble, known_genesis, take_up
from tongbao.institutions.orders.orders import Orders
from tongbao.institutions.orders.shops import Shops
from tongbao.institutions.payees.payees import Payees
from tongbao.institutions.pockets.pockets import Pockets
from tongbao.institutions.ports import Ports, Task
from tongbao.institutions.premises import InstitutionSettings
from tongbao.institutions.refunds.refunds import Refunds
from tongbao.institutions.requests.money_requests import MoneyRequests
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.watching.watchers import Watchers
from tongbao.institutions.webhooks.endpoints import Webhooks
from tongbao.protocol.banking import BankOperation, BankOperationState, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.order import Merchant, MerchantRequest, Order
from tongbao.protocol.payment import (
    AcceptanceAnswer,
    AcceptanceRequest,
    Payment,
    PaymentRequest,
    Preparation,
    PrepareRequest,
)
from tongbao.protocol.stock import StockRequest
from tongbao.protocol.wallet import (
    Deposit,
    DepositRequest,
    Exchange,
    ExchangeBatchAnswer,
    ExchangeBatchRequest,
    ExchangeRequest,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletCoinPage,
)

__all__ = ["Institution", "Repeatable"]

_AT_OFFICE = frozenset({BankOperationState.PROPOSED, BankOperationState.APPROVED})

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Repeatable:
    """What makes a repeat of a request the same request.

    Attributes:
        request_id: of caller and Idempotency-Key, 32 bytes.
        request_hash: of what is asked.
    """

    request_id: bytes
    request_hash: bytes


class Institution:
    """Serves its wallets: `open` it, `start` it, `stop` it at the end; `failed` returns when the process must stop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._tasks: list[Task] = []
        self._failure: TongbaoError | None = None
        self._stopped = asyncio.Event()

    @staticmethod
    async def open(settings: InstitutionSettings, ports: Ports) -> "Institution":
        """The institution on a database that is migrated; asks the centre for genesis at the first start.

        Raises:
            ConfigurationError: settings and network do not fit.
            NetworkError: the centre did not answer at the first start.
        """
        return Institution(assemble(settings, ports, await known_genesis(settings, ports)))

    # --- its life -----------------------------------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up what was left open, and go to work.

        Raises:
            ConfigurationError: the registration centre serves another network than the database is of.
        """
        parts = self._parts
        try:
            await parts.premises.ledger.refresh()
        except (NetworkError, PeerError) as error:
            _log.warning("starting without the registration centre: %s", error)
        await take_up(parts)
        parts.progress.begin()
        self._begin(parts.submitter.run(), "submitter")
        self._begin(parts.submitter.finish(), "outcomes")
        self._begin(parts.arrivals.run(), "arrivals")
        self._begin(parts.progress.run(), "bank operations")
        self._begin(parts.expiring.run(), "expired orders")
        self._begin(parts.pruning.run(), "old events")
        self._begin(parts.refunds.waiting.run(), "offered refunds")
        self._begin(parts.feed.run(), "events")
        self._begin(parts.sender.run(), "webhooks")
        self._begin(parts.pockets.delivering.run(), "pockets")

    def _begin(self, work: Coroutine[object, object, None], name: str) -> None:
        self._tasks.append(self._parts.premises.ports.spawn.task(self._watched(work, name), name=name))

    async def _watched(self, work: Coroutine[object, object, None], name: str) -> None:
        try:
            await work
        except TongbaoError as error:
            self._fail(error)
        except Exception as error:
            self._fail(InvariantError(f"{name} failed: {type(error).__name__}: {error}"))
            raise

    def _fail(self, error: TongbaoError) -> None:
        _log.critical("the institution steps down: %s", error)
        self._failure = error
        self._stopped.set()

    async def failed(self) -> TongbaoError | None:
        """Return why the institution must stop once it must; None after `stop`."""
        await self._stopped.wait()
        return self._failure

    async def stop(self) -> None:
        """Let the work lie where it is: everything that matters is in the database."""
        for task in self._tasks:
            task.cancel()
        self._tasks.clear()
        self._stopped.set()

    def measure(self, registry: CollectorRegistry) -> None:
        """Show figures of the whole institution in this registry."""
        InstitutionMetrics(registry, self._parts.premises, self._parts.submitter)

    async def demand_ready(self) -> None:
        """Return if work is accepted, else raise what stands in its way."""
        if self._failure is not None:
            raise WorldError(f"the institution has stepped down: {self._failure}")
        if not self._parts.premises.ledger.is_known:
            await self._parts.premises.ledger.refresh()

    def release(self) -> None:
        """Let everybody who waits for events go, before the server stops answering."""
        self._parts.feed.release()

    @property
    def events(self) -> EventFeed:
        """What happened to its wallets."""
        return self._parts.feed

    @property
    def webhooks(self) -> Webhooks:
        """The merchants' servers that are told of events."""
        return self._parts.webhooks

    @property
    def home(self) -> int:
        """Its number."""
        return self._parts.premises.settings.home

    async def reach(self, sequence: int, *, with_coins: bool = False) -> None:
        """Return once the ledger is known up to a batch, `with_coins` also what it brought to this home."""
        if with_coins:
            await self._parts.arrivals.reach(sequence)
        else:
            await self._parts.premises.ledger.reach(sequence)

    @property
    def teller_key(self) -> bytes:
        """The Ed25519 key of its tellers."""
        return self._parts.premises.settings.teller_key

    async def home_keys(self, home: int) -> tuple[bytes, ...]:
        """The Ed25519 keys that speak for a home, as far as is known; none where there is no such home."""
        return await self._parts.premises.ledger.keys_of_home(home)

    async def learn_home_keys(self) -> bool:
        """Ask for the keys of homes anew; False where that happened a moment ago."""
        return await self._parts.premises.ledger.refresh_directory()

    async def wallet_key(self, wallet_id: bytes) -> bytes | None:
        """The main key of a wallet, or None where it is not here."""
        try:
            return (await self._parts.customers.facts(wallet_id)).main_key.key
        except RequestError:
            return None

    def repeatable(self, caller: str, key: str, request_hash: bytes) -> Repeatable:
        """Name a request by who asks and under which Idempotency-Key."""
        named = caller.encode() + b"\x00" + key.encode()
        return Repeatable(self._parts.premises.domain.hash("tongbao/request/1", named), request_hash)

    @property
    def payees(self) -> Payees:
        """The names behind addresses, and the addresses behind telephone numbers."""
        return self._parts.payees

    # --- wallets ------------------------------------------------------------------------------------------------------

    async def open_wallet(self, request: OpenWalletRequest, *, public_key: bytes) -> WalletAccount:
        """Open the wallet of a key, with a deposit account beside it."""
        return await self._parts.customers.open_wallet(request, public_key=public_key)

    async def account(self, wallet_id: bytes) -> WalletAccount:
        """The wallet as it stands."""
        return await self._parts.customers.account(wallet_id)

    async def add_locks(self, wallet_id: bytes, request: StockRequest) -> WalletAccount:
        """Keep a signed stock of locks for the wallet."""
        return await self._parts.customers.add_locks(wallet_id, request)

    async def coins(self, wallet_id: bytes, *, after: str, limit: int) -> WalletCoinPage:
        """The wallet's unspent coins."""
        return await self._parts.reading.coins(wallet_id, after=after, limit=limit)

    async def history(
        self, wallet_id: bytes, wanted: HistoryFilter = EVERYTHING, *, after: str, limit: int
    ) -> HistoryPage:
        """What happened to the wallet."""
        return await self._parts.reading.history(wallet_id, wanted, after=after, limit=limit)

    async def exchange(self, wallet_id: bytes, request: ExchangeRequest, *, repeatable: Repeatable) -> Exchange:
        """Turn deposit into coins."""
        return await self._parts.exchanging.exchange(
            wallet_id, request, request_id=repeatable.request_id, request_hash=repeatable.request_hash
        )

    @property
    def statements(self) -> Statements:
        """Statements of wallets and deposit accounts."""
        return self._parts.statements

    @property
    def pockets(self) -> Pockets:
        """Money that two wallets can open."""
        return self._parts.pockets

    @property
    def closing(self) -> Closing:
        """The end of wallets."""
        return self._parts.closing

    @property
    def cash(self) -> Depositing:
        """Cash over the counter."""
        return self._parts.depositing

    @property
    def reconciling(self) -> Reconciling:
        """The books against themselves and against the ledger."""
        return self._parts.reconciling

    @property
    def disclosing(self) -> Disclosing:
        """What customers may know that is known of them."""
        return self._parts.disclosing

    # --- merchants and orders -----------------------------------------------------------------------------------------

    async def open_merchant(self, wallet_id: bytes, request: MerchantRequest) -> Merchant:
        """Let a wallet take orders."""
        return await self._parts.customers.open_merchant(wallet_id, request)

    @property
    def orders(self) -> Orders:
        """What merchants ask to be paid at this home."""
        return self._parts.orders

    @property
    def watchers(self) -> Watchers:
        """Who sees which wallet besides its holder."""
        return self._parts.watchers

    @property
    def shops(self) -> Shops:
        """What merchants have beside their orders: tills, checkouts, reports."""
        return self._parts.shops

    async def order_at(self, home: int, order_id: str) -> Order:
        """An order at any home."""
        return await (self.orders.find(order_id) if home == self.home else self._parts.neighbours.order(home, order_id))

    @property
    def scanning(self) -> Scanning:
        """What those are answered who scan a shop's code."""
        return self._parts.scanning

    @property
    def payment_codes(self) -> PaymentCodes:
        """What wallets show to shops."""
        return self._parts.payment_codes

    @property
    def money_requests(self) -> MoneyRequests:
        """What wallets ask of each other."""
        return self._parts.money_requests

    @property
    def refunds(self) -> Refunds:
        """What merchants offer to give back, and what wallets are offered."""
        return self._parts.refunds

    # --- payments -----------------------------------------------------------------------------------------------------

    async def prepare(self, wallet_id: bytes, request: PrepareRequest) -> Preparation:
        """Where and how to pay."""
        payer = await self._parts.customers.facts(wallet_id)
        return await self._parts.news.heeded(lambda: self._parts.preparing.prepare(payer, request))

    async def pay(self, wallet_id: bytes, request: PaymentRequest) -> Payment:
        """Settle a signed payment."""
        payer = await self._parts.customers.facts(wallet_id)
        return self._parts.pockets.noticed(await self._parts.paying.pay(payer, request))

    async def payment(self, wallet_id: bytes, payment_id: str) -> Payment:
        """A payment as it stands."""
        return await self._parts.paying.find(wallet_id, payment_id)

    async def accept(self, request: AcceptanceRequest) -> AcceptanceAnswer:
        """Accept money from another home."""
        return await self._parts.news.heeded(lambda: self._parts.accepting.accept(request))

    # --- tellers ------------------------------------------------------------------------------------------------------

    async def deposit(self, request: DepositRequest, *, repeatable: Repeatable) -> Deposit:
        """Take cash."""
        return await self._parts.depositing.deposit(
            request, request_id=repeatable.request_id, request_hash=repeatable.request_hash
        )

    async def exchange_many(self, request: ExchangeBatchRequest, *, repeatable: Repeatable) -> ExchangeBatchAnswer:
        """Turn deposits of many into coins at once."""
        return await self._parts.exchanging.exchange_many(
            request, request_id=repeatable.request_id, request_hash=repeatable.request_hash
        )

    async def request_issuance(self, request: RequestIssuance, *, repeatable: Repeatable) -> BankOperation:
        """Ask the central bank for money."""
        return await self._carried_through(lambda: self._request_issuance(request, repeatable), "issuance")

    async def _request_issuance(self, request: RequestIssuance, repeatable: Repeatable) -> BankOperation:
        identity, asked = repeatable.request_id, repeatable.request_hash
        await self._parts.operations.issue(request, request_id=identity, request_hash=asked)
        return await self._carried_on(identity)

    async def request_redemption(self, request: RequestRedemption, *, repeatable: Repeatable) -> BankOperation:
        """Give money back to the central bank."""
        return await self._carried_through(lambda: self._request_redemption(request, repeatable), "redemption")

    async def _request_redemption(self, request: RequestRedemption, repeatable: Repeatable) -> BankOperation:
        identity = repeatable.request_id
        split = await self._parts.operations.redeem(request, request_id=identity, request_hash=repeatable.request_hash)
        if split is not None:
            await self._parts.submitter.settle(split)
        return await self._carried_on(identity)

    async def _carried_through(
        self, work: Callable[[], Coroutine[object, object, BankOperation]], name: str
    ) -> BankOperation:
        return await carried_through(work, spawn=self._parts.premises.ports.spawn, name=name)

    async def _carried_on(self, operation_id: bytes) -> BankOperation:
        await self._parts.progress.step(operation_id)
        self._parts.progress.begin()
        return await self.bank_operation(operation_id)

    async def bank_operation(self, operation_id: bytes) -> BankOperation:
        """An issuance or a redemption as it stands."""
        found = await self._parts.operations.find(operation_id)
        if await self._parts.progress.prove(found):
            found = await self._parts.operations.find(operation_id)
        # Coins may have come since the office was asked: what has ended waits for nothing.
        waits_for = self._parts.progress.waits_for(operation_id) if found.state in _AT_OFFICE else None
        return found.model_copy(update={"waits_for": waits_for})

    async def report(self) -> BankReport:
        """The institution's books and vault."""
        return await self._parts.reporting.report()
