"""A network of real processes on free loopback ports, for stories that need everything to be as it is in life."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.adapters.store import SqlStore
from tongbao.errors import NetworkError
from tongbao.protocol.banking import BankReport
from tongbao.protocol.client import Patience
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER, LedgerStatus
from tongbao.protocol.wallet import Deposit, DepositRequest, WalletClass, WalletKind
from tongbao.service.configuration import ClockChoice
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.processes import free_ports
from tongbao.service.sandbox import heartbeat, issue, running_network
from tongbao.wallets import CentreKeys, HomeAddress, Ports, Wallet, WalletKeys, WalletSetting, prepare_store
from tongbao.wallets.ports import Network

INSTITUTIONS = ("First Bank", "Second Bank")
ISSUED_FEN = 100_000_000
QUOTA_FEN = 1_000_000_000_000


def make_network(root: Path, seed: str, *, with_witnesses: bool = False) -> DataDirectory:
    """A test network whose time goes on only when it is told to."""
    *ports, witness_port = free_ports(len(INSTITUTIONS) + 3)
    return DataDirectory.make(
        root,
        NetworkPlan(
            name="Tongbao tests",
            institutions=INSTITUTIONS,
            test_network=True,
            time_ms=SystemClock().now_ms(),
            quota_fen=QUOTA_FEN,
            ports=ports,
            clock=ClockChoice.HEARTBEAT,
            secret=seeded_secret(seed),
            witness_port=witness_port if with_witnesses else None,
        ),
    )


@contextmanager
def started_network(root: Path) -> Iterator[DataDirectory]:
    """A network that runs, with money in both vaults; its processes are stopped at the end."""
    data = make_network(root, "tests", with_witnesses=True)
    with asyncio.Runner() as runner:
        running = running_network(data)
        runner.run(running.__aenter__())
        try:
            runner.run(_fill_vaults(root))
            yield data
        finally:
            runner.run(running.__aexit__(None, None, None))


async def _fill_vaults(root: Path) -> None:
    async with connected(root) as connections:
        for place in connections.data.network.institutions:
            await issue(connections, place.home, ISSUED_FEN)


class LosesPayments(HttpNetwork):
    """A network on which signed payments never arrive."""

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        if method == "POST" and url.endswith("/v1/payments"):
            raise NetworkError("lost")
        return await super().request(method, url, headers=headers, body=body, timeout_s=timeout_s)


@dataclass(frozen=True, slots=True)
class Town:
    """People with wallets in a running network; each test has people of its own."""

    connections: Connections
    store: SqlStore
    name: str

    def wallet(self, who: str, *, home: int = 1, network: Network | None = None) -> Wallet:
        """Somebody's wallet, not opened yet; `network` stands between it and everybody else."""
        genesis = self.connections.data.genesis()
        place = self.connections.data.institution(home)
        setting = WalletSetting(
            genesis=genesis,
            home=HomeAddress(place.home, place.url),
            centre_keys=CentreKeys(genesis.domain(), genesis.receipt_keys),
            centre_url=self.connections.data.network.registration.url,
            patience=Patience(attempts_max=2, pause_s_first=0.01),
        )
        ports = Ports(
            network=network or self.connections.network,
            clock=self.connections.clock,
            entropy=self.connections.entropy,
            store=self.store,
        )
        seed = f"{self.name}/{who}".encode().rjust(64, b".")[-64:]
        return Wallet(WalletKeys(seed, genesis.domain()), setting, ports)

    async def open(
        self, who: str, amount_fen: int = 0, *, home: int = 1, wallet_class: WalletClass = WalletClass.II
    ) -> Wallet:
        """A person whose wallet holds so much."""
        wallet = self.wallet(who, home=home)
        await wallet.open(holder_name=who, wallet_class=wallet_class)
        await self.fund(wallet, amount_fen)
        return wallet

    async def shop(self, who: str, amount_fen: int = 0) -> Wallet:
        """A merchant at the first bank."""
        shop = self.wallet(who)
        await shop.open(holder_name=who, wallet_class=WalletClass.I, kind=WalletKind.CORPORATE)
        await shop.sales.register(who)
        await self.fund(shop, amount_fen)
        return shop

    async def fund(self, wallet: Wallet, amount_fen: int) -> None:
        """A teller takes cash, and the wallet exchanges it."""
        if amount_fen:
            await self.take_cash(wallet.wallet_id, amount_fen, home=wallet.address.home)
            await wallet.exchange(amount_fen)

    async def take_cash(self, wallet_id: bytes, amount_fen: int, *, home: int = 1, key: str = "") -> Deposit:
        """A teller takes cash for the deposit account beside a wallet."""
        request = DepositRequest(wallet_id=wallet_id, amount_fen=amount_fen)
        teller = self.connections.as_teller(home)
        return await teller.post("/v1/deposits", request, Deposit, idempotency_key=key or self.connections.new_key())

    async def ledger(self) -> LedgerStatus:
        """Where the ledger stands."""
        return await self.connections.registration().get("/v1/status", LedgerStatus)

    async def let_time_pass(self, milliseconds: int) -> None:
        """Let ledger time go on, and wait until both institutions have heard of it."""
        status = await heartbeat(self.connections, (await self.ledger()).time_ms + milliseconds)
        headers = {MINIMUM_SEQUENCE_HEADER: str(status.sequence)}
        for place in self.connections.data.network.institutions:
            await self.connections.as_teller(place.home).get("/v1/bank/report", BankReport, headers=headers)


@asynccontextmanager
async def town_of(data: DataDirectory, name: str, folder: Path) -> AsyncIterator[Town]:
    """A town in a running network; the name keeps its people apart from those of other tests, `folder` their store."""
    async with connected(data.root) as connections:
        store = SqlStore.open(f"sqlite:///{folder / 'wallets.sqlite'}", durable=False)
        try:
            await prepare_store(store)
            yield Town(connections, store, name)
        finally:
            await store.close()
