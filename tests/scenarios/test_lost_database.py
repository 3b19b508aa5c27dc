"""An institution's database is deleted: made again from its own log, and brought up to date by the ledger."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.running import ISSUED_FEN, Town, make_network, town_of
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.errors import ConfigurationError
from tongbao.protocol.banking import BankReport
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER
from tongbao.protocol.wallet import WalletClass
from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import RoleProcess, start_all, stop_all
from tongbao.service.sandbox import issue, read_supply
from tongbao.wallets import Wallet

BANK = "institution-1"
NOT_OF_THE_INSTITUTION = {"redo_position"}
"""Its table is the log's own, and says how far the database is in it."""


class RunsAfterPreparing(HttpNetwork):
    """A network on which something happens between a payment's preparation and its signing."""

    def __init__(self, happen: Callable[[], Awaitable[object]]) -> None:
        super().__init__()
        self._happen = happen

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        if method == "POST" and url.endswith("/v1/payments"):
            await self._happen()
        return await super().request(method, url, headers=headers, body=body, timeout_s=timeout_s)


@dataclass
class Bank:
    """The first bank as a process that is ended and started again."""

    data: DataDirectory
    town: Town
    processes: list[RoleProcess]

    @property
    def folder(self) -> Path:
        return self.data.root / BANK

    @property
    def database(self) -> Path:
        return self.folder / "institution.sqlite"

    @property
    def config(self) -> Path:
        return self.data.config(BANK)

    async def kill(self) -> None:
        place = next(number for number, each in enumerate(self.processes) if each.name == BANK)
        await self.processes[place].kill()

    async def start(self) -> None:
        place = next(number for number, each in enumerate(self.processes) if each.name == BANK)
        config, url = self.data.roles()[BANK]
        log = self.data.logs / f"{BANK}.log"
        self.processes[place] = await RoleProcess.start(BANK, config=config, url=url, log=log)
        await self.processes[place].wait_ready()

    def take_away(self, to: Path) -> Path:
        """Delete the database; whoever holds the result has the lost one."""
        to.mkdir()
        for path in self.folder.glob("institution.sqlite*"):
            shutil.move(path, to / path.name)
        return to / self.database.name

    async def report(self) -> BankReport:
        headers = {MINIMUM_SEQUENCE_HEADER: str((await self.town.ledger()).sequence)}
        return await self.town.connections.as_teller(1).get("/v1/bank/report", BankReport, headers=headers)


@pytest.fixture
async def bank(tmp_path: Path) -> AsyncIterator[Bank]:
    data = make_network(tmp_path / "data", "lost database")
    processes = await start_all(data.roles(), logs=data.logs)
    try:
        async with town_of(data, "lost", tmp_path) as town:
            for home in (1, 2):
                await issue(town.connections, home, ISSUED_FEN)
            yield Bank(data, town, processes)
    finally:
        await stop_all(processes)


def content_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the institution."""
    with closing(sqlite3.connect(database)) as connection:
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {
            name: sorted(connection.execute(f"SELECT * FROM {name}"), key=repr)  # noqa: S608 - names of tables
            for name in names
            if name not in NOT_OF_THE_INSTITUTION and not name.startswith("sqlite_")
        }


async def live(town: Town) -> tuple[Wallet, Wallet, Wallet]:
    """A shop and Alice at the first bank, Bob at the second: purchases, a refund, deposits."""
    shop, alice = await town.shop("shop", 50_00), await town.open("alice", 300_00)
    bob = await town.open("bob", 200_00, home=2)
    orders = [await shop.sales.create_order(25_00, f"order {number}") for number in range(3)]
    for order, payer in zip(orders, (alice, bob, alice), strict=True):
        await payer.pay_order(await payer.order(order.link))
    await shop.refund(orders[-1].order_id, 5_00)
    await alice.deposit(40_00)
    await alice.sync()
    await shop.sync()
    await shop.sales.create_order(99_00, "nobody pays this one")
    return shop, alice, bob


@pytest.mark.slow
async def test_a_deleted_database_is_rebuilt_row_by_row_and_hears_of_what_has_settled_meanwhile(
    bank: Bank, tmp_path: Path
) -> None:
    shop, alice, _ = await live(bank.town)
    held_fen = {wallet.wallet_id: wallet.balance_fen for wallet in (shop, alice)}
    network = RunsAfterPreparing(bank.kill)
    carol = bank.town.wallet("carol", home=2, network=network)
    await carol.open(holder_name="carol", wallet_class=WalletClass.II)
    await bank.town.fund(carol, 70_00)

    await carol.pay_person(str(alice.address), 12_00)
    await network.close()
    lost = bank.take_away(tmp_path / "lost")
    ended = await asyncio.to_thread(tongbao, "rebuild", "--config", bank.config, "--json")

    assert ended.exit_code == 0, ended.stdout
    assert json_of(ended)["started_from"] is None
    assert content_of(bank.database) == content_of(lost)
    await bank.start()
    await alice.sync()
    await shop.sync()
    assert alice.balance_fen == held_fen[alice.wallet_id] + 12_00, "what came while there was no database"
    assert shop.balance_fen == held_fen[shop.wallet_id]
    report = await bank.report()
    supply = await read_supply(bank.town.connections)
    assert report.balanced
    assert [report.vault_fen + report.circulating_fen] == [line.unspent for line in supply.totals if line.home == 1]


@pytest.mark.slow
async def test_an_old_backup_and_the_log_are_the_database_and_life_goes_on(bank: Bank, tmp_path: Path) -> None:
    await bank.town.open("early", 10_00)
    words = ("backup", "make", tmp_path / "backup", "--data", bank.data.root, "--json")
    made = json_of(await asyncio.to_thread(tongbao, *words))
    shop, alice, bob = await live(bank.town)
    await bank.kill()
    lost = bank.take_away(tmp_path / "lost")

    again = ("backup", "restore", tmp_path / "backup", "--role", BANK, "--data", bank.data.root, "--json")
    done = json_of(await asyncio.to_thread(tongbao, *again))

    (commit,) = [each["commit"] for each in made["files"] if each["path"] == f"{BANK}/institution.sqlite"]
    assert (done["from_commit"], done["set_aside"]) == (commit, None)
    assert done["to_commit"] > commit
    assert content_of(bank.database) == content_of(lost)
    await bank.start()
    order = await shop.sales.create_order(5_00, "after")
    await alice.pay_order(await alice.order(order.link))
    await bob.pay_person(str(alice.address), 1_00)
    assert (await bank.report()).balanced


@pytest.mark.slow
async def test_a_bank_whose_database_is_gone_does_not_start_as_a_new_one(bank: Bank, tmp_path: Path) -> None:
    await bank.town.open("somebody", 10_00)
    await bank.kill()
    bank.take_away(tmp_path / "lost")

    with pytest.raises(ConfigurationError, match="bring it back with tongbao rebuild"):
        await bank.start()
