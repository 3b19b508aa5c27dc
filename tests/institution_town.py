"""People with wallets at two real institutions in one process, and the crashes that they meet."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.institution_world import CENTRE_URL, InstitutionWorld, home_url
from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.store import SqlStore
from tongbao.protocol.client import Patience
from tongbao.protocol.wallet import Deposit, DepositRequest, WalletClass
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting, prepare_store


@dataclass
class Town:
    """People at two banks, with one database for all their wallets."""

    world: InstitutionWorld
    store: SqlStore
    centre_keys: CentreKeys
    lives: int = 0
    moves: int = 0

    def wallet(self, name: str, *, home: int = 1) -> Wallet:
        keys = WalletKeys(name.encode().ljust(32, b"."), self.world.genesis.domain())
        setting = WalletSetting(
            genesis=self.world.genesis,
            home=HomeAddress(home, home_url(home)),
            centre_keys=self.centre_keys,
            centre_url=CENTRE_URL,
            patience=Patience(attempts_max=2, pause_s_first=0.01),
        )
        # Dice do not fall again as they fell before a crash.
        self.lives += 1
        world, entropy = self.world, SeededEntropy(f"{name} {self.lives}")
        ports = Ports(clock=world.clock, entropy=entropy, network=world.network, store=self.store)
        return Wallet(keys, setting, ports)

    async def open(self, name: str, amount_fen: int = 0, *, home: int = 1, stock: int = 8) -> Wallet:
        """A wallet that holds so much, exchanged from a deposit that a teller took."""
        wallet = self.wallet(name, home=home)
        await wallet.start()
        await wallet.open(holder_name=name, wallet_class=WalletClass.I, stock=stock)
        if amount_fen:
            request = DepositRequest(wallet_id=wallet.wallet_id, amount_fen=amount_fen)
            key = self.world.new_key()
            await self.world.teller(home).post("/v1/deposits", request, Deposit, idempotency_key=key)
            await wallet.exchange(amount_fen)
        return wallet

    async def shop(self, *, home: int = 1) -> Wallet:
        wallet = await self.open(f"shop {home}", home=home)
        await wallet.sales.register("Tea")
        return wallet

    async def restarted(self, name: str, *, home: int = 1) -> Wallet:
        wallet = self.wallet(name, home=home)
        assert await wallet.start()
        return wallet

    def cut_off(self, path: str, *, before_answer: bool = True) -> None:
        """Lose the answer to this path of home 1, if so wanted, and everything after it that goes there."""
        network = self.world.network
        network.troubled = "//home1/"

        def before(url: str) -> None:
            if url.endswith(path):
                network.lose_answers, network.lose_requests = (1000, 0) if before_answer else (0, 1000)

        network.before = before

    def restore(self) -> None:
        self.world.network.lose_answers = self.world.network.lose_requests = 0
        self.world.network.before = lambda _url: None

    async def move_out(self) -> None:
        """Lose the machine: from now on wallets are made on another one, whose database is empty."""
        await self.store.close()
        self.moves += 1
        self.store = SqlStore.open(f"sqlite:///{self.world.directory}/machine{self.moves}.sqlite", durable=False)
        await prepare_store(self.store)

    async def another_machine(self) -> SqlStore:
        """The empty database of a machine beside this one; whoever asks for it closes it."""
        self.moves += 1
        store = SqlStore.open(f"sqlite:///{self.world.directory}/machine{self.moves}.sqlite", durable=False)
        await prepare_store(store)
        return store

    async def recovered(self, name: str, *, home: int = 1) -> Wallet:
        """The wallet on this machine, from its phrase alone."""
        wallet = self.wallet(name, home=home)
        assert not await wallet.start()
        await self.world.catch_up()
        await wallet.recover()
        return wallet

    async def recovered_beside(self, name: str, *, home: int = 1) -> Wallet:
        """The wallet on yet another machine, while this one is still in use."""
        before, self.moves = self.store, self.moves + 1
        self.store = SqlStore.open(f"sqlite:///{self.world.directory}/machine{self.moves}.sqlite", durable=False)
        try:
            await prepare_store(self.store)
            return await self.recovered(name, home=home)
        finally:
            await self.store.close()
            self.store = before


@asynccontextmanager
async def open_town(directory: Path) -> AsyncIterator[Town]:
    """Two institutions with full vaults, and nobody there yet."""
    world = await InstitutionWorld.open(directory)
    for home in (1, 2):
        await world.fill_vault(1_000_000, home=home)
    store = SqlStore.open(f"sqlite:///{directory}/wallets.sqlite", durable=False)
    await prepare_store(store)
    town = Town(world, store, CentreKeys(world.genesis.domain(), world.genesis.receipt_keys))
    yield town
    await town.store.close()
    await world.close()


async def demand_agreement(town: Town, *wallets: Wallet) -> None:
    """Each wallet, once it has heard all news, holds just what its home says."""
    await town.world.catch_up()
    for wallet in wallets:
        await wallet.sync()
        assert wallet.balance_fen == wallet.free_fen == (await wallet.account()).balance_fen
