"""A payer who retries an order with other coins, after everything between him and the shop broke, pays it once."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.fault.judge import demand_exact_supply
from tests.fault.network import Network, network_of
from tests.fault.town import Resident, found_town, wallets_of
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.adapters.store import SqlStore
from tongbao.errors import NetworkError, PeerError, RefusedError, WorldError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.order import Order, OrderState
from tongbao.protocol.payment import Payment, PaymentState
from tongbao.protocol.registration import LedgerStatus
from tongbao.protocol.wallet import ExchangeBatchAnswer, ExchangeBatchRequest, ExchangeItem, WalletClass
from tongbao.service.connections import Connections, connected
from tongbao.service.sandbox import heartbeat, issue
from tongbao.wallets import Wallet, WalletPayment, WalletPaymentState, prepare_store

PRICE_FEN, FIRST_COIN_FEN = 600, 1_000
PASSED_MS = 130_000
PAID_WITHIN_S = 45.0

pytestmark = pytest.mark.fault


class Line(HttpNetwork):
    """A connection to the home on which something happens to signed payments before they are sent."""

    def __init__(self) -> None:
        super().__init__()
        self.happens: Callable[[], None] | None = None

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        if self.happens is not None and method == "POST" and url.endswith("/v1/payments"):
            self.happens()
        return await super().request(method, url, headers=headers, body=body, timeout_s=timeout_s)


def lose() -> None:
    """What happens on a line that is cut."""
    raise NetworkError("the line is cut")


class Scene:
    """A payer with two lives from one phrase, and a shop.

    Attributes:
        first: the payer's wallet that pays first and knows of one coin.
        line: from there to its home.
        second: the same wallet restored elsewhere, which finds another coin that suits better.
        shop: at the home that the test names.
    """

    def __init__(self, connections: Connections, stores: Mapping[str, SqlStore], *, shop_home: int) -> None:
        payer, shop = Resident("payer", 1, bytes(31) + b"1"), Resident("shop", shop_home, bytes(31) + b"2")
        self.connections = connections
        self.line = Line()
        through_line = replace(connections, network=self.line)
        self.first = wallets_of(through_line, [payer], stores["first"])["payer"]
        self.second = wallets_of(connections, [payer], stores["second"])["payer"]
        self.third = wallets_of(connections, [payer], stores["third"])["payer"]
        self.shop = wallets_of(connections, [shop], stores["shop"])["shop"]

    async def open(self) -> Order:
        """Give the payer a coin that his first wallet knows, and then one that it does not; return the shop's order."""
        await issue(self.connections, 1, 100_000)
        await self.first.open(holder_name="payer", wallet_class=WalletClass.I)
        await self.shop.open(holder_name="shop", wallet_class=WalletClass.I)
        await self.shop.sales.register("shop")
        # One small payment, so that the homes know each other when the centre falls silent.
        await self.first.receive((await self._exchange(1)).exchanges[0])
        await self.first.pay_order(await self.shop.sales.create_order(1, "order 0"))
        await self.first.receive((await self._exchange(FIRST_COIN_FEN)).exchanges[0])
        await self._exchange(PRICE_FEN)
        return await self.shop.sales.create_order(PRICE_FEN, "order 1", expires_in_s=86_400)

    async def _exchange(self, amount_fen: int) -> ExchangeBatchAnswer:
        item = ExchangeItem(wallet_id=self.first.wallet_id, amount_fen=amount_fen, deposit_fen=amount_fen)
        return await self.connections.as_teller(1).post(
            "/v1/exchanges",
            ExchangeBatchRequest(items=[item]),
            ExchangeBatchAnswer,
            idempotency_key=f"exchange-{amount_fen}",
        )

    async def endorsed(self) -> None:
        """Return once the home has recorded the first wallet's payment."""
        keys = self.first.keys
        home = self.connections.client(
            self.connections.data.institution(1).url, key_id=f"wallet:{keys.wallet_id.hex()}", key=keys.main
        )
        async with asyncio.timeout(20):
            while len(payments := await self.first.payments()) < 2:  # noqa: ASYNC110 - another process acts
                await asyncio.sleep(0.01)
            while (await _state(home, payments[-1])) is not PaymentState.ENDORSED:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def insist(self, wallet: Wallet, order: Order) -> str:
        """Let a wallet ask until the order is paid, by it or by another; hours of ledger time pass.

        A home at which nothing happens hears of that time when its long poll ends, after twenty seconds.
        """
        answers: list[str] = []
        until_s = asyncio.get_running_loop().time() + PAID_WITHIN_S
        while asyncio.get_running_loop().time() < until_s:
            try:
                await wallet.pay_order(order)
            except RefusedError as refused:
                if refused.code == "ORDER_PAID":
                    return refused.code
                answers.append(f"{refused.code}: {refused}")
            except (WorldError, PeerError) as error:
                answers.append(str(error))
            else:
                return "SETTLED"
            status = await self.connections.registration().get("/v1/status", LedgerStatus)
            await heartbeat(self.connections, status.time_ms + PASSED_MS)
            await asyncio.sleep(0.2)
        raise AssertionError(f"the order was not paid by anybody: {answers[:2]} {answers[-2:]}")

    async def demand_paid_once(self, order: Order) -> None:
        """Demand that one payment of all lives has settled, and that everybody has what he should."""
        await self.first.resume()
        await self.second.resume()
        payments = [*await self.first.payments(), *await self.second.payments()]
        settled = [each for each in payments if each.state is WalletPaymentState.SETTLED]
        assert [each.amount_fen for each in settled] == [1, PRICE_FEN]
        assert (await self.shop.sales.order(order.order_id)).state is OrderState.PAID
        await demand_exact_supply(self.connections)
        await self.third.recover()
        await self.shop.sync()
        assert self.third.balance_fen == FIRST_COIN_FEN
        assert self.shop.balance_fen == PRICE_FEN + 1


async def _state(home: SignedClient, payment: WalletPayment) -> PaymentState:
    return (await home.get(f"/v1/payments/{payment.payment_id}", Payment)).state


async def break_after_endorsement(scene: Scene, network: Network, order: Order, *, centre_hears: bool) -> None:
    """Let the first wallet pay while the centre stands still, and kill its institution before it can answer."""
    centre = network.roles["registration"].process
    scene.line.happens = lambda: centre.send_signal(signal.SIGSTOP)
    paying = asyncio.create_task(scene.first.pay_order(order))
    await scene.endorsed()
    scene.line.happens = None
    await network.kill("institution-1")
    if centre_hears:
        centre.send_signal(signal.SIGCONT)
    else:
        await network.kill("registration")
        await network.start("registration")
    paying.cancel()
    await asyncio.gather(paying, return_exceptions=True)
    await network.start("institution-1")


@asynccontextmanager
async def scene_at(connections: Connections, folder: Path, *, shop_home: int) -> AsyncIterator[Scene]:
    """A scene whose wallets keep what they know in a folder."""
    stores = {name: SqlStore.open(f"sqlite:///{folder}/{name}.sqlite") for name in ("first", "second", "third", "shop")}
    for store in stores.values():
        await prepare_store(store)
    scene = Scene(connections, stores, shop_home=shop_home)
    try:
        yield scene
    finally:
        await scene.line.close()
        for store in stores.values():
            await store.close()


@pytest.mark.parametrize("shop_home", [1, 2])
@pytest.mark.parametrize("centre_hears", [True, False])
async def test_an_order_is_paid_once_though_the_home_was_killed_between_endorsement_and_answer(
    tmp_path: Path,
    shop_home: int,
    centre_hears: bool,  # noqa: FBT001
) -> None:
    data = found_town(tmp_path / "town", 1)
    async with (
        network_of(data) as network,
        connected(data.root) as connections,
        scene_at(connections, tmp_path, shop_home=shop_home) as scene,
    ):
        order = await scene.open()
        await break_after_endorsement(scene, network, order, centre_hears=centre_hears)
        await scene.second.recover()

        ended = await scene.insist(scene.second, order)

        assert ended == "ORDER_PAID"
        assert await scene.insist(scene.first, order) == "SETTLED"
        await scene.demand_paid_once(order)


async def test_an_order_is_paid_once_though_the_first_payment_was_signed_and_never_arrived(tmp_path: Path) -> None:
    data = found_town(tmp_path / "town", 2)
    async with (
        network_of(data),
        connected(data.root) as connections,
        scene_at(connections, tmp_path, shop_home=2) as scene,
    ):
        order = await scene.open()
        scene.line.happens = lose
        with pytest.raises(NetworkError):
            await scene.first.pay_order(order)
        scene.line.happens = None
        await scene.second.recover()

        ended = await scene.insist(scene.second, order)

        assert ended == "SETTLED"
        assert await scene.insist(scene.first, order) == "ORDER_PAID"
        await scene.demand_paid_once(order)
