"""Shoppers who buy, send, refund, cancel and press twice, over a network that keeps them waiting; each keeps a diary.

What a shopper wants follows from a seed. What comes of it depends on moments, as when a payment and a cancellation of
one order cross. So each writes down what was answered, and at the end the diaries of all must be what wallets, orders,
books and ledger say.
"""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Final, TypeVar

from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.adapters.store import SqlStore
from tongbao.errors import PeerError, RefusedError, TongbaoError, WorldError
from tongbao.protocol.client import Patience
from tongbao.protocol.order import Order
from tongbao.protocol.wallet import ExchangeBatchAnswer, ExchangeBatchRequest, ExchangeItem, ExchangeState
from tongbao.service.connections import Connections
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletPayment, WalletSetting

T = TypeVar("T")

FUNDED_FEN: Final = 200_000
"""A shopper's money at one time, in four coins; a purchase costs at most a hundredth."""
FUNDED_COINS: Final = 4
AMOUNT_FEN_MAX: Final = 2_000
LOCKS_LOW: Final = 128
DEEDS_BETWEEN_REFILLS: Final = 64
ORDER_LIFE_S: Final = 86_400

GIVES_UP_AFTER_S: Final = 200.0
"""Longer than a restart takes with the queue behind it, and than a refund is held whose preparation got lost."""
PAUSE_S: Final = 0.1
PATIENCE: Final = Patience(timeout_s=10.0, attempts_max=2, pause_s_first=0.05, pause_s_max=0.5)

IMPATIENT_ONE_IN: Final = 40
"""Of so many requests, one is given up after less than it can take, though it may have arrived."""
IMPATIENCE_S_MAX: Final = 0.05

CANCELLED: Final = "ORDER_CANCELLED"
TOO_LATE: Final = frozenset({"ORDER_PAID", "ORDER_RESERVED"})
"""What a shop hears that cancels an order for which money is on its way, or there."""


class Deed(StrEnum):
    """What a shopper may want."""

    BUY = "buy"
    BUY_TWICE = "double click"
    REFUND = "buy and return"
    CANCEL = "order and cancel"
    CROSS = "pay while it is cancelled"
    SEND = "send to a person"
    SEND_TWICE = "send, pressed twice"
    DEPOSIT = "deposit"


WEIGHTS: Final = {
    Deed.BUY: 40,
    Deed.BUY_TWICE: 8,
    Deed.REFUND: 12,
    Deed.CANCEL: 5,
    Deed.CROSS: 5,
    Deed.SEND: 18,
    Deed.SEND_TWICE: 6,
    Deed.DEPOSIT: 6,
}


@dataclass
class Measured:
    """What the crowd went through.

    Attributes:
        seconds: of each answered step, by its name, repetitions included.
        attempts: by step.
        errors: by step and what was wrong; each was asked again.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    attempts: Counter[str] = field(default_factory=Counter)
    errors: Counter[tuple[str, str]] = field(default_factory=Counter)

    async def insist(self, step: str, action: Callable[[], Awaitable[T]], *, final: frozenset[str] = frozenset()) -> T:
        """Ask until there is an answer; every one of these steps may be repeated. A refusal in `final` is an answer."""
        started_s = time.monotonic()
        while True:
            self.attempts[step] += 1
            try:
                answer = await action()
            except (WorldError, PeerError, RefusedError) as error:
                self._count(step, error, started_s=started_s, final=final)
                await asyncio.sleep(PAUSE_S)
            else:
                self.seconds.setdefault(step, []).append(time.monotonic() - started_s)
                return answer

    def _count(self, step: str, error: TongbaoError, *, started_s: float, final: frozenset[str]) -> None:
        code = getattr(error, "code", "") or type(error).__name__
        if code in final:
            self.seconds.setdefault(step, []).append(time.monotonic() - started_s)
            raise error
        self.errors[step, code] += 1
        if time.monotonic() - started_s > GIVES_UP_AFTER_S:
            raise error


@dataclass
class Diary:
    """What was answered to everybody.

    Attributes:
        moved_fen: what each wallet has more than at the start, by name.
        deposited_fen: what each deposit account has.
        paid: transactions by what they paid for; more than one would be a payment made twice.
        orders: what was paid for each order, and refunded of it, by its number; cancelled ones at 0.
        deeds: how often each was done.
    """

    moved_fen: Counter[str] = field(default_factory=Counter)
    deposited_fen: Counter[str] = field(default_factory=Counter)
    paid: dict[str, set[bytes]] = field(default_factory=dict)
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    deeds: Counter[str] = field(default_factory=Counter)

    def move(self, what: str, payment: WalletPayment, *, payer: str, payee: str, amount_fen: int) -> None:
        """Note a settled payment once, however often it was answered."""
        known = self.paid.setdefault(what, set())
        if not known:
            self.moved_fen[payer] -= amount_fen
            self.moved_fen[payee] += amount_fen
        known.add(payment.transaction_id)


class Impatient:
    """A network behind which somebody gives up too early now and then."""

    def __init__(self, network: HttpNetwork, dice: Random) -> None:
        self._network = network
        self._dice = dice

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        """Ask, and wait for as long as the dice say."""
        if self._dice.randrange(IMPATIENT_ONE_IN) == 0:
            timeout_s = self._dice.uniform(0.001, IMPATIENCE_S_MAX)
        return await self._network.request(method, url, headers=headers, body=body, timeout_s=timeout_s)


def wallets_of(connections: Connections, store: SqlStore, names: Sequence[str], *, seed: int) -> dict[str, Wallet]:
    """Everybody's wallets by name, not opened, spread over the homes; each network loses patience as the seed says."""
    genesis = connections.data.genesis()
    domain, places = genesis.domain(), connections.data.network.institutions
    # Shared: of an exchange for many, the first part alone carries the receipt of all.
    centre_keys = CentreKeys(domain, genesis.receipt_keys)
    wallets = {}
    for name, place in zip(names, itertools.cycle(places), strict=False):
        dice = Random(f"{seed} {name}")
        setting = WalletSetting(
            genesis=genesis,
            home=HomeAddress(place.home, place.url),
            centre_keys=centre_keys,
            centre_url=connections.data.network.registration.url,
            patience=PATIENCE,
        )
        network = Impatient(connections.network, dice)
        ports = Ports(network=network, clock=connections.clock, entropy=connections.entropy, store=store)
        wallets[name] = Wallet(WalletKeys(dice.randbytes(64), domain), setting, ports)
    return wallets


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody who can be paid.

    Attributes:
        shops: wallets by name.
        persons: wallets by name.
    """

    connections: Connections
    shops: Mapping[str, Wallet]
    persons: Mapping[str, Wallet]
    diary: Diary
    measured: Measured

    async def fund(self, names: Sequence[str], *, home: int, key: str) -> None:
        """Let a teller take cash for each, and exchange it."""
        wallets = [self.persons[name] for name in names]
        items = [
            ExchangeItem(wallet_id=wallet.wallet_id, amount_fen=FUNDED_FEN, deposit_fen=FUNDED_FEN)
            for wallet in wallets
        ]

        async def exchange() -> ExchangeBatchAnswer:
            teller = self.connections.as_teller(home)
            answer = await teller.post(
                "/v1/exchanges", ExchangeBatchRequest(items=items), ExchangeBatchAnswer, idempotency_key=key
            )
            if any(each.state is not ExchangeState.SETTLED for each in answer.exchanges):
                raise WorldError("not every exchange has settled yet")
            return answer

        answer = await self.measured.insist("fund", exchange)
        for name, wallet, each in zip(names, wallets, answer.exchanges, strict=True):
            await wallet.receive(each)
            self.diary.moved_fen[name] += FUNDED_FEN


class Shopper:
    """One client: one deed after another, as fast as they are answered."""

    def __init__(self, name: str, town: Town, seed: int) -> None:
        self._name = name
        self._town = town
        self._wallet = town.persons[name]
        self._dice = Random(f"{seed} deeds of {name}")
        self._measured = town.measured
        self._diary = town.diary

    async def run(self, until_s: float) -> None:
        """Do what comes to mind until the time is up."""
        for number in itertools.count(1):
            if time.monotonic() >= until_s:
                return
            deed, amount_fen = self._next()
            await self._do(deed, f"{self._name}-{number}", amount_fen)
            self._diary.deeds[deed] += 1
            if number % DEEDS_BETWEEN_REFILLS == 0:
                await self._measured.insist("refill", lambda: self._wallet.refill(below=LOCKS_LOW))
            if self._wallet.balance_fen < FUNDED_FEN // 4:
                await self._town.fund([self._name], home=self._wallet.address.home, key=f"more-{self._name}-{number}")

    def _next(self) -> tuple[Deed, int]:
        deed = self._dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        return deed, self._dice.randint(1, AMOUNT_FEN_MAX)

    async def _do(self, deed: Deed, name: str, amount_fen: int) -> None:
        match deed:
            case Deed.BUY | Deed.BUY_TWICE:
                shop, order = await self._order(name, amount_fen)
                await self._pay(shop, order, presses=2 if deed is Deed.BUY_TWICE else 1)
            case Deed.REFUND:
                shop, order = await self._order(name, amount_fen)
                await self._pay(shop, order)
                await self._give_back(shop, order)
            case Deed.CANCEL:
                shop, order = await self._order(name, amount_fen)
                await self._cancel(shop, order)
                await self._cross_out(order)
            case Deed.CROSS:
                shop, order = await self._order(name, amount_fen)
                await self._pay_while_cancelled(shop, order)
            case Deed.SEND | Deed.SEND_TWICE:
                await self._send(name, amount_fen, presses=2 if deed is Deed.SEND_TWICE else 1)
            case Deed.DEPOSIT:
                await self._deposit(name, amount_fen)

    async def _press(self, presses: int, step: str, action: Callable[[], Awaitable[T]]) -> list[T]:
        """Do the same thing so often at the same moment."""
        return await asyncio.gather(*(self._measured.insist(step, action) for _ in range(presses)))

    # --- at a shop ----------------------------------------------------------------------------------------------------

    async def _order(self, name: str, amount_fen: int) -> tuple[str, Order]:
        shop = self._dice.choice(list(self._town.shops))
        sales = self._town.shops[shop].sales
        first, *others = await self._press(
            1 + (self._dice.random() < 0.1),
            "order",
            lambda: sales.create_order(amount_fen, name, expires_in_s=ORDER_LIFE_S),
        )
        assert all(other.order_id == first.order_id for other in others), f"two orders with the number {name}"
        self._diary.orders[name] = (0, 0)
        return shop, first

    async def _pay(self, shop: str, order: Order, *, presses: int = 1) -> None:
        for payment in await self._press(presses, "pay an order", lambda: self._wallet.pay_order(order)):
            self._paid(shop, order, payment)

    def _paid(self, shop: str, order: Order, payment: WalletPayment) -> None:
        self._diary.move(order.order_number, payment, payer=self._name, payee=shop, amount_fen=order.amount_fen)
        self._diary.orders[order.order_number] = (order.amount_fen, 0)

    async def _give_back(self, shop: str, order: Order) -> None:
        wallet, refunded_fen = self._town.shops[shop], 0
        for part_fen, number in zip(_parts(order.amount_fen, self._dice), itertools.count(1), strict=False):
            what = f"{order.order_number} back {number}"
            refund = lambda: wallet.refund(order.order_id, part_fen, request_id=what)  # noqa: B023, E731
            payment = await self._measured.insist("refund", refund)
            self._diary.move(what, payment, payer=shop, payee=self._name, amount_fen=part_fen)
            refunded_fen += part_fen
        self._diary.orders[order.order_number] = (order.amount_fen, refunded_fen)
        await self._measured.insist("sync", self._wallet.sync)

    async def _cancel(self, shop: str, order: Order) -> None:
        cancel = lambda: self._town.shops[shop].sales.cancel_order(order.order_id)  # noqa: E731
        await self._measured.insist("cancel", cancel, final=TOO_LATE)

    async def _cross_out(self, order: Order) -> None:
        """Pay a cancelled order, which must not be possible."""
        pay = lambda: self._wallet.pay_order(order)  # noqa: E731
        try:
            await self._measured.insist("pay a cancelled order", pay, final=frozenset({CANCELLED}))
        except RefusedError:
            return
        raise AssertionError(f"the cancelled order {order.order_number} was paid")

    async def _pay_while_cancelled(self, shop: str, order: Order) -> None:
        """Pay and cancel at one moment: just one of the two happens."""
        pay = lambda: self._wallet.pay_order(order)  # noqa: E731
        paid, cancelled = await asyncio.gather(
            self._measured.insist("pay an order", pay, final=frozenset({CANCELLED})),
            self._cancel(shop, order),
            return_exceptions=True,
        )
        for outcome in (paid, cancelled):
            if isinstance(outcome, BaseException) and not isinstance(outcome, RefusedError):
                raise outcome
        was_paid, was_cancelled = not isinstance(paid, BaseException), not isinstance(cancelled, BaseException)
        assert was_paid != was_cancelled, f"order {order.order_number}: paid {was_paid}, cancelled {was_cancelled}"
        if not isinstance(paid, BaseException):
            self._paid(shop, order, paid)

    # --- among people -------------------------------------------------------------------------------------------------

    async def _send(self, name: str, amount_fen: int, *, presses: int) -> None:
        friend = self._dice.choice([each for each in self._town.persons if each != self._name])
        address = str(self._town.persons[friend].address)
        send = lambda: self._wallet.pay_person(address, amount_fen, request_id=name)  # noqa: E731
        for payment in await self._press(presses, "send", send):
            self._diary.move(name, payment, payer=self._name, payee=friend, amount_fen=amount_fen)

    async def _deposit(self, name: str, amount_fen: int) -> None:
        deposit = lambda: self._wallet.deposit(amount_fen, request_id=name)  # noqa: E731
        payment = await self._measured.insist("deposit", deposit)
        if name not in self._diary.paid:
            self._diary.deposited_fen[self._name] += amount_fen
        self._diary.move(name, payment, payer=self._name, payee="deposits", amount_fen=amount_fen)


def _parts(amount_fen: int, dice: Random) -> Iterator[int]:
    """What is given back: all, a part, or two parts."""
    first = dice.randint(1, amount_fen)
    yield first
    if first < amount_fen and dice.random() < 0.5:
        yield dice.randint(1, amount_fen - first)
