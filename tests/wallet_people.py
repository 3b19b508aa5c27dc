"""Holders of wallets in the small world of `tests.wallet_world`, and the troubles that they meet there."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.builders import DOMAIN, GENESIS
from tests.wallet_world import QuickClock, World
from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.store import SqlStore
from tongbao.errors import NetworkError
from tongbao.protocol.client import Patience
from tongbao.protocol.order import Order
from tongbao.protocol.wallet import WalletClass
from tongbao.protocol.wire import Message
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting, prepare_store

LONG_MS = 130_000
"""Past the expiry of everything that was prepared before."""


@dataclass
class People:
    """Holders of wallets, all on one database."""

    world: World
    store: SqlStore
    directory: Path
    clock: QuickClock = field(default_factory=QuickClock)
    centre_url: str = ""
    centre_keys: CentreKeys = field(default_factory=lambda: CentreKeys(DOMAIN, GENESIS.receipt_keys))
    made: int = 0
    stores: list[SqlStore] = field(default_factory=list)

    def wallet(self, name: str, *, home: int = 1, store: SqlStore | None = None) -> Wallet:
        """A wallet that has not been started; the same name has the same keys."""
        self.made += 1
        keys = WalletKeys(hashlib.sha512(name.encode()).digest(), DOMAIN)
        setting = WalletSetting(
            genesis=GENESIS,
            home=HomeAddress(home, f"http://home{home}"),
            centre_keys=self.centre_keys,
            centre_url=self.centre_url,
            patience=Patience(attempts_max=2),
        )
        entropy = SeededEntropy(f"{name} {self.made}")
        ports = Ports(clock=self.clock, entropy=entropy, network=self.world, store=store or self.store)
        return Wallet(keys, setting, ports)

    async def open(self, name: str, *values: int, home: int = 1, stock: int = 8) -> Wallet:
        """An open wallet with coins of these values."""
        wallet = self.wallet(name, home=home)
        await wallet.start()
        await wallet.open(holder_name=name, wallet_class=WalletClass.I, stock=stock)
        if values:
            self.world.homes[home].credit(wallet.wallet_id, *values)
            await wallet.sync()
        return wallet

    async def restarted(self, name: str, *, home: int = 1) -> Wallet:
        """The wallet as it comes back from its store."""
        wallet = self.wallet(name, home=home)
        assert await wallet.start()
        return wallet

    async def empty_store(self) -> SqlStore:
        """The database of another machine."""
        store = SqlStore.open(f"sqlite:///{self.directory}/elsewhere{len(self.stores)}.sqlite", durable=False)
        self.stores.append(store)
        await prepare_store(store)
        return store

    async def elsewhere(self, name: str, *, home: int = 1) -> Wallet:
        """The same keys on another machine, which knows nothing but the phrase."""
        wallet = self.wallet(name, home=home, store=await self.empty_store())
        await wallet.recover()
        return wallet

    async def shop(self, *, home: int = 1) -> Wallet:
        """The merchant's wallet at a home."""
        wallet = self.wallet(f"shop {home}", home=home)
        if not await wallet.start():
            await wallet.open(holder_name="Tea", wallet_class=WalletClass.I, stock=8)
            await wallet.sales.register("Tea")
        return wallet

    async def order(self, amount_fen: int, *, home: int = 1, number: str = "1") -> Order:
        """An order of the merchant at a home."""
        return await (await self.shop(home=home)).sales.create_order(amount_fen, number)

    def paid(self, order: Order) -> int:
        """What the merchant's locks were ever paid, settled orders of the world and forgeries included."""
        desk = self.world.homes[order.home]
        locks = {lock for lock, owner in desk.owners.items() if owner == order.merchant_wallet_id}
        return self.world.settled_to(locks)


@asynccontextmanager
async def living_people(directory: Path) -> AsyncIterator[People]:
    """Nobody yet, and an empty database for all who come."""
    store = SqlStore.open(f"sqlite:///{directory}/wallets.sqlite", durable=False)
    await prepare_store(store)
    world = World()
    people = People(world, store, directory, clock=QuickClock(lambda: world.now_ms))
    yield people
    for each in (store, *people.stores):
        await each.close()


def sent_payments(world: World) -> set[bytes]:
    """The different bodies that were sent to be paid."""
    return {body for body in world.sent if b'"transaction"' in body}


def cut_off(world: World, path: str) -> None:
    """Lose the answer to this path and everything after it, as a crash does."""

    def before(asked: str) -> None:
        if asked == path:
            world.lose_answers = 1000

    world.before = before


def lose_all_after_preparing(world: World) -> None:
    """Let the preparation arrive and nothing after it."""

    def before(_path: str) -> None:
        world.lose_requests = 1000

    world.before = before


def restore_network(world: World) -> None:
    """Let everything arrive again."""
    world.lose_answers = world.lose_requests = 0
    world.before = lambda _path: None


def bend(world: World, kind: type[Message], **changes: object) -> None:
    """Let homes say something else in answers of this kind."""

    def bent(_path: str, answer: Message) -> Message:
        return answer.model_copy(update=changes) if isinstance(answer, kind) else answer

    world.bend = bent


async def pay_and_hear_nothing(wallet: Wallet, order: Order, people: People) -> None:
    """Pay the order; it settles, and the wallet does not hear of it."""
    cut_off(people.world, "/v1/payments")
    with pytest.raises(NetworkError):
        await wallet.pay_order(order)
    restore_network(people.world)


async def sign_and_send_nothing(wallet: Wallet, order: Order, people: People) -> None:
    """Pay the order; it is signed and kept, and nobody ever hears of it."""
    lose_all_after_preparing(people.world)
    with pytest.raises(NetworkError):
        await wallet.pay_order(order)
    restore_network(people.world)
