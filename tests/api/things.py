"""What exists in the running system that strangers ask: people, money, orders, proposals; and who can sign.

Whoever adds an operation adds here what its `Meaning` (meaning.py) needs to name.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from tests.api.signing import Party
from tests.fault.network import network_of
from tests.fault.town import Resident, found_town, wallets_of
from tongbao.adapters.store import SqlStore
from tongbao.coin import Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError
from tongbao.protocol.banking import BankOperation, RequestIssuance, RequestRedemption
from tongbao.protocol.checkout import Checkout
from tongbao.protocol.client import SignedClient
from tongbao.protocol.issuance import Proposal
from tongbao.protocol.money_request import MoneyRequest
from tongbao.protocol.order import OrderRequest, OrderState
from tongbao.protocol.payee import SentCodes
from tongbao.protocol.refund import Refund, RefundPolicy
from tongbao.protocol.sandbox import MallBasket
from tongbao.protocol.till import Till
from tongbao.protocol.wallet import Deposit, DepositRequest, WalletClass
from tongbao.protocol.webhook import WebhookEndpoint
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key
from tongbao.service.sandbox import issue
from tongbao.service.server import bind, serve
from tongbao.service.web.sandbox import Sandbox, create_sandbox_app
from tongbao.wallets import OwnCoin, Wallet, WalletPayment, WatchPass, prepare_store
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish

RESIDENTS: Final = (
    Resident("payer", 1, bytes(31) + b"1"),
    Resident("shop", 1, bytes(31) + b"2"),
    Resident("bystander", 1, bytes(31) + b"3"),
    Resident("guest", 2, bytes(31) + b"4"),
    Resident("leaver", 1, bytes(31) + b"5"),
    Resident("generous", 1, bytes(31) + b"6"),
)
PHONE: Final = "+8613800138000"
HOLDERS: Final = {
    "payer": "Li Wei",
    "shop": "Wang Fang",
    "bystander": "Zhao Min",
    "guest": "Chen Jie",
    "leaver": "Zhou Lan",
    "generous": "Wu Jing",
}
NOBODY_URL: Final = "http://127.0.0.1:9/told"
READY_WITHIN_S: Final = 60
SHOP_NAME: Final = "Noodles at the bridge"
TILL_NAME: Final = "by the door"
TILL_KEY: Final = SigningKey(bytes(31) + b"7")


@dataclass(frozen=True, slots=True, kw_only=True)
class Things:
    """What exists in the running system.

    Attributes:
        payer: a wallet at home 1 with deposit and coins, found by the number PHONE.
        coin: an unspent coin of the payer.
        shop: a merchant's wallet at home 1.
        bystander: a wallet at home 1 that has to do with none of the others.
        guest: a wallet at home 2.
        till: a till of the shop.
        till_to_close: another.
        watcher: a watcher of the payer.
        watcher_to_end: another.
        leaver: an empty wallet at home 1 whose holder goes away.
        order_id: an open order of the shop.
        order_to_amend: another.
        order_to_cancel: another.
        checkout: an open checkout of the shop.
        paid: a payment of the payer that settled.
        issuance: a proposal that waits for approval.
        redemption: another.
        operation_id: an operation of institution 1.
        money_requests: what the shop asks, by what is to become of it; "abroad" is to the guest.
        refunds: what a shop that asks its payers offers, by what is to become of it; "abroad" is to the guest.
        generous: that shop, at home 1.
        abroad: a payment of the payer for an order of the guest.
        mistaken: a payment of the payer to the bystander that settled.
        endpoint: a server of the shop, at which nobody answers.
        pocket: money of the payer that the guest may take.
        pocket_to_take: money of the payer's savings.
        taking: takes them out.
        sandbox_url: where the sandbox beside all this answers.
        mall_order_id: what the payer bought there.
        counted: a coin of the payer that the latest statement of the supply counts.
    """

    data: DataDirectory
    payer: Wallet
    coin: OwnCoin
    shop: Wallet
    bystander: Wallet
    guest: Wallet
    till: Till
    till_to_close: Till
    watcher: WatchPass
    watcher_to_end: WatchPass
    leaver: Wallet
    order_id: str
    order_to_amend: str
    order_to_cancel: str
    checkout: Checkout
    paid: WalletPayment
    issuance: Proposal
    redemption: Proposal
    operation_id: bytes
    money_requests: Mapping[str, MoneyRequest]
    refunds: Mapping[str, Refund]
    generous: Wallet
    abroad: WalletPayment
    mistaken: WalletPayment
    endpoint: WebhookEndpoint
    pocket: OwnPocket
    pocket_to_take: OwnPocket
    taking: Transaction
    sandbox_url: str
    mall_order_id: str
    counted: OwnCoin


def home_party(data: DataDirectory, home: int) -> Party:
    """An institution, or the central bank."""
    place = f"institution-{home}/endorser.key" if home else "central-bank/operator.key"
    return Party(f"home:{home}", read_key(data.root / place))


def officer_party(data: DataDirectory, authority: AuthorityKind) -> Party:
    """The first officer of an authority."""
    key = read_key(data.officer_keys(authority)[0])
    return Party(f"officer:{key.public_key.hex()}", key)


def wallet_party(wallet: Wallet) -> Party:
    """A wallet."""
    return Party(f"wallet:{wallet.wallet_id.hex()}", wallet.keys.main)


def till_party(till: Till) -> Party:
    """The till of the shop."""
    return Party(f"till:{till.till_id.hex()}", TILL_KEY)


def watcher_party(watcher: WatchPass) -> Party:
    """Somebody who sees the payer's wallet."""
    key = SigningKey(watcher.secret_seed)
    return Party(f"watcher:{key.public_key.hex()}", key)


def new_party() -> Party:
    """A key that nobody has seen."""
    key = SigningKey(secrets.token_bytes(32))
    return Party(f"key:{key.public_key.hex()}", key)


def teller_party(data: DataDirectory, home: int) -> Party:
    """The tellers of an institution."""
    return Party("teller", read_key(data.root / f"institution-{home}" / "teller.key"))


@contextlib.asynccontextmanager
async def running_things(folder: Path) -> AsyncIterator[Things]:
    """A system with something in it, as processes of its own."""
    data = found_town(folder / "town", 5, name="Tongbao by example")
    async with network_of(data), connected(data.root) as connections, contextlib.AsyncExitStack() as stack:
        store = SqlStore.open(f"sqlite:///{folder}/wallets.sqlite")
        stack.push_async_callback(store.close)
        await prepare_store(store)
        # Without asking whether the network may have one: this is none of `tongbao up`, whose clock nobody can hold.
        sandbox = Sandbox(connections)
        await stack.enter_async_context(sandbox.running())
        await asyncio.wait_for(sandbox.ready.wait(), READY_WITHIN_S)
        server = await stack.enter_async_context(await serve(create_sandbox_app(sandbox), bind("127.0.0.1", 0)))
        yield await _things(connections, store, sandbox, server.url)


async def _things(connections: Connections, store: SqlStore, sandbox: Sandbox, sandbox_url: str) -> Things:
    wallets = wallets_of(connections, RESIDENTS, store)
    payer, shop = wallets["payer"], wallets["shop"]
    await _opened(connections, wallets)
    await shop.sales.register(SHOP_NAME)
    teller = connections.as_teller(1)
    await _funded(payer, teller)
    paid = await payer.pay_order(await shop.sales.create_order(100, "paid"))
    numbers = ("open", "amended", "cancelled")
    order, to_amend, to_cancel = [await shop.sales.create_order(100, each, expires_in_s=86_400) for each in numbers]
    [coin] = await _coins_of(payer)
    await _prove_phone(payer, teller)
    await payer.exchange(2_000)
    issuance, operation = await _asked(connections, "issuance", RequestIssuance(amount_fen=5))
    redemption, _ = await _asked(connections, "redemption", RequestRedemption(amount_fen=5))
    refunds, abroad = await _refunds(wallets["generous"], payer, wallets["guest"])
    pocket, savings = await _pockets(payer, wallets["guest"])
    return Things(
        data=connections.data,
        payer=payer,
        coin=coin,
        shop=shop,
        bystander=wallets["bystander"],
        guest=wallets["guest"],
        till=await shop.tills.open(TILL_NAME, TILL_KEY.public_key),
        till_to_close=await shop.tills.open("by the stairs", SigningKey(bytes(31) + b"8").public_key),
        watcher=(await payer.watching.admit("accountant"))[1],
        watcher_to_end=(await payer.watching.admit("former accountant"))[1],
        leaver=wallets["leaver"],
        order_id=order.order_id,
        order_to_amend=to_amend.order_id,
        order_to_cancel=to_cancel.order_id,
        checkout=await _checkout(shop),
        paid=paid,
        issuance=issuance,
        redemption=redemption,
        operation_id=operation.operation_id,
        endpoint=await _told_endpoint(shop),
        refunds=refunds,
        generous=wallets["generous"],
        abroad=abroad,
        pocket=pocket,
        pocket_to_take=savings,
        taking=await payer.pockets._taking.sign(savings),
        mistaken=await payer.pay_person(str(wallets["bystander"].address), 75),
        money_requests=await _money_requests(shop, payer, wallets["guest"]),
        sandbox_url=sandbox_url,
        mall_order_id=await _bought_at_the_mall(sandbox, payer),
        counted=await _counted(connections, payer),
    )


async def _counted(connections: Connections, payer: Wallet) -> OwnCoin:
    """A coin of the payer, and a statement that the registration centre makes of it."""
    coin: OwnCoin = (await _coins_of(payer))[0]
    place = connections.data.network.registration.url
    central_bank = home_party(connections.data, 0)
    client = connections.client(place, key_id=central_bank.key_id, key=central_bank.key)
    await client.exchange("POST", "/v1/supply/statements", idempotency_key="state")
    return coin


async def _funded(payer: Wallet, teller: SignedClient) -> None:
    await teller.post("/v1/deposits", _cash_for(payer), Deposit, idempotency_key="cash")
    await payer.exchange(10_000)


def _cash_for(wallet: Wallet) -> DepositRequest:
    return DepositRequest(wallet_id=wallet.wallet_id, amount_fen=1_000_000)


async def _bought_at_the_mall(sandbox: Sandbox, payer: Wallet) -> str:
    """An order of the mall that is paid, as the mall knows."""
    basket = MallBasket(goods=["bun"], success_url=NOBODY_URL, cancel_url=NOBODY_URL)
    order = (await sandbox.mall.sell(basket, key="bun")).order
    await payer.pay_order(await payer.order(order.link))
    for _ in range(400):
        with contextlib.suppress(RequestError):
            await sandbox.mall.take_back(order.order_id)
            return order.order_id
        await asyncio.sleep(0.05)
    raise AssertionError("the mall does not hear that it is paid")


async def _opened(connections: Connections, wallets: Mapping[str, Wallet]) -> None:
    for _ in range(3):
        await issue(connections, 1, 64_000_000, coins=64)
    for name, wallet in wallets.items():
        await wallet.open(holder_name=HOLDERS[name], wallet_class=WalletClass.I)


async def _checkout(shop: Wallet) -> Checkout:
    order = OrderRequest(amount_fen=100, order_number="cart")
    back = {"success_url": "https://shop.example/done", "cancel_url": "https://shop.example/cart"}
    return await shop.sales.create_checkout(order, **back)


async def _prove_phone(wallet: Wallet, teller: SignedClient) -> None:
    await wallet.payees.claim(PHONE)
    sent = await teller.get("/v1/bank/codes", SentCodes)
    await wallet.payees.confirm(PHONE, sent.codes[0].code)


async def _pockets(payer: Wallet, guest: Wallet) -> tuple[OwnPocket, OwnPocket]:
    """A gift for the guest, and savings of the payer."""
    later_from_ms = (await payer.account()).time_ms + 86_400_000
    wish = PocketWish(address=str(guest.address), amount_fen=30, later_from_ms=later_from_ms, purpose="for books")
    gift = await payer.pockets.put(wish)
    return gift, await payer.pockets.put(replace(wish, savings=True))


async def _money_requests(shop: Wallet, payer: Wallet, guest: Wallet) -> dict[str, MoneyRequest]:
    asked = {"open": payer, "declined": payer, "cancelled": payer, "abroad": guest}
    return {
        name: await shop.money_requests.ask(
            str(of.address), 250, request_number=f"request-{name}", description="your share"
        )
        for name, of in asked.items()
    }


async def _refunds(generous: Wallet, payer: Wallet, guest: Wallet) -> tuple[dict[str, Refund], WalletPayment]:
    """Refunds that wait for an answer, and the payer's payment for an order at home 2."""
    for each in (generous, guest):
        await each.sales.register("Cakes, or your money back")
        await each.refunds.set_policy(RefundPolicy(answer_within_s=604_800))
    abroad = await payer.pay_order(await guest.sales.create_order(500, "cakes"))
    async with asyncio.timeout(20):
        while guest.balance_fen < abroad.amount_fen:
            await guest.sync()
    names = {"open": payer, "answered": payer, "withdrawn": payer, "abroad": guest}
    refunds = {}
    for name, who in names.items():
        order = await generous.sales.create_order(50, f"cakes-{name}")
        await who.pay_order(order)
        async with asyncio.timeout(20):  # what was paid at the other home is heard of a moment later
            while (await generous.sales.order(order.order_id)).state is not OrderState.PAID:
                await generous.catch_up()
        refunds[name] = await generous.refunds.offer(
            order.order_id, 20, refund_number=f"refund-{name}", reason="one was stale"
        )
    return refunds, abroad


async def _told_endpoint(shop: Wallet) -> WebhookEndpoint:
    """An endpoint to which something could not be sent."""
    endpoint = await shop.webhooks.create(NOBODY_URL)
    for number in ("told", "told next"):
        await shop.sales.create_order(100, number)
    for _ in range(400):
        if (await shop.webhooks.find(endpoint.endpoint_id)).failing_since_ms is not None:
            return endpoint
        await asyncio.sleep(0.05)
    raise AssertionError("nobody answers, and it was not noticed")


async def _coins_of(wallet: Wallet) -> list[Any]:
    payments = await wallet.payments()
    return [payments[0].change]


async def _asked(
    connections: Connections, kind: str, request: RequestIssuance | RequestRedemption
) -> tuple[Proposal, BankOperation]:
    """A proposal that waits for officers, and the institution's operation behind it."""
    teller = connections.as_teller(1)
    operation = await teller.post(f"/v1/bank/{kind}", request, BankOperation, idempotency_key=f"waits-{kind}")
    path = f"/v1/bank/operations/{operation.operation_id.hex()}"
    async with asyncio.timeout(20):
        while not operation.proposal_id:
            operation = await teller.get(path, BankOperation)
    officer = connections.as_officer(connections.data.officer_keys(AuthorityKind.ISSUANCE)[0])
    return await officer.get(f"/v1/proposals/{operation.proposal_id}", Proposal), operation
