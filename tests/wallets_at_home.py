"""Wallets whose homes are the institutions of `tests.institution_world`: nothing between them is made up."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.institution_world import InstitutionWorld, home_url
from tests.wallet_world import QuickClock
from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.store import SqlStore
from tongbao.protocol.client import Patience
from tongbao.protocol.wallet import ExchangeBatchAnswer, ExchangeBatchRequest, ExchangeItem, WalletClass
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting, prepare_store
from tongbao.wallets.ports import Clock


@dataclass
class Residents:
    """Holders of wallets, all on one database.

    Attributes:
        clock: the wall clock of all wallets; pauses take no time.
    """

    world: InstitutionWorld
    store: SqlStore
    clock: Clock = field(default_factory=QuickClock)
    made: int = 0

    @classmethod
    async def settle(cls, world: InstitutionWorld) -> "Residents":
        """Nobody yet, and an empty database for all who come."""
        store = SqlStore.open(f"sqlite:///{world.directory}/wallets.sqlite", durable=False)
        await prepare_store(store)
        return cls(world, store, world.clock)

    def wallet(self, name: str, *, home: int = 1) -> Wallet:
        """A wallet that has not been started; the same name has the same keys."""
        self.made += 1
        genesis = self.world.genesis
        setting = WalletSetting(
            genesis=genesis,
            home=HomeAddress(home, home_url(home)),
            centre_keys=CentreKeys(genesis.domain(), genesis.receipt_keys),
            patience=Patience(attempts_max=1),
        )
        ports = Ports(
            clock=self.clock,
            entropy=SeededEntropy(f"{name} {self.made}"),
            network=self.world.network,
            store=self.store,
        )
        return Wallet(WalletKeys(hashlib.sha512(name.encode()).digest(), genesis.domain()), setting, ports)

    async def open(
        self, name: str, amount_fen: int = 0, *, home: int = 1, wallet_class: WalletClass = WalletClass.I
    ) -> Wallet:
        """An open wallet with so much in one coin."""
        wallet = self.wallet(name, home=home)
        await wallet.start()
        await wallet.open(holder_name=name, wallet_class=wallet_class, stock=8)
        if amount_fen:
            await self.fund(wallet, amount_fen)
        return wallet

    async def fund(self, wallet: Wallet, amount_fen: int) -> None:
        """A teller takes cash for coins."""
        item = ExchangeItem(wallet_id=wallet.wallet_id, amount_fen=amount_fen, deposit_fen=amount_fen)
        teller, key = self.world.teller(wallet.address.home), self.world.new_key()
        request = ExchangeBatchRequest(items=[item])
        answer = await teller.post("/v1/exchanges", request, ExchangeBatchAnswer, idempotency_key=key)
        await wallet.receive(answer.exchanges[0])

    async def shop(self, name: str = "Tea", *, home: int = 1) -> Wallet:
        """A merchant's wallet."""
        shop = await self.open(name, home=home)
        await shop.sales.register(name, category="5812")
        return shop


@asynccontextmanager
async def living_residents(directory: Path) -> AsyncIterator[Residents]:
    """Two institutions with 10,000 yuan in the first one's vault, and wallets for whoever comes."""
    world = await InstitutionWorld.open(directory)
    await world.fill_vault(1_000_000)
    residents = await Residents.settle(world)
    yield residents
    await residents.store.close()
    await world.close()
