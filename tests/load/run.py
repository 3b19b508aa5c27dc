"""Many clients at one time against `tongbao up`, with restarts in the middle: is every fen where everybody says it is?

Usage: `python -m tests.load.run [--clients N] [--minutes M] [--restarts N] [--seed S] [--data DIR] [--out FILE.json]`

Ends with an error if the clients' own diary, wallets, orders, books and ledger do not agree to the fen, or anything was
paid twice. The report has latencies and errors by step; each error was one that a client asked again about.
"""

import argparse
import asyncio
import json
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.load.crowd import FUNDED_COINS, Diary, Measured, Shopper, Town, wallets_of
from tests.ports import ROLES, row_of_ports
from tongbao.adapters.store import SqlStore
from tongbao.protocol.banking import BankReport
from tongbao.protocol.order import OrderPage
from tongbao.protocol.wallet import WalletClass, WalletKind
from tongbao.service.connections import Connections, connected
from tongbao.service.machine import describe_machine
from tongbao.service.recount import recount_supply
from tongbao.service.sandbox import issue, read_supply
from tongbao.wallets import Wallet, WalletPaymentState, prepare_store

SHOPS: Final = 8
HOMES: Final = 2
ISSUED_FEN: Final = 10**10
READY_WITHIN_S: Final = 60.0
QUIET_WITHIN_S: Final = 30.0
PERCENTILES: Final = (50, 90, 99)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done.

    Attributes:
        clients: shoppers at one time.
        seconds: for how long they shop.
        restarts: how often everything is stopped and started meanwhile; every other time by SIGKILL.
    """

    clients: int
    seconds: float
    restarts: int
    seed: int


class Up:
    """`tongbao up` as a process."""

    def __init__(self, data: Path, port: int) -> None:
        self._data = data
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it, and return once every role takes work."""
        place = ("--data", str(self._data), "--port", str(self._port))
        command = (sys.executable, "-m", "tongbao", "up", "--no-sandbox", *place)
        with (self._data.parent / "up.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*command, "--json", stdout=log, stderr=log)
        deadline_s = time.monotonic() + READY_WITHIN_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            for port in range(self._port, self._port + ROLES):
                while not await _is_ready(session, port):
                    if self._process.returncode is not None or time.monotonic() > deadline_s:
                        raise TimeoutError(f"tongbao up does not answer on port {port}; see {self._data.parent}/up.log")
                    await asyncio.sleep(0.05)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End it in that way."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(how)
            await self._process.wait()


async def _is_ready(session: aiohttp.ClientSession, port: int) -> bool:
    try:
        async with session.get(f"http://127.0.0.1:{port}/readyz") as answer:
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False


# --- the run ----------------------------------------------------------------------------------------------------------


async def run(plan: Plan, folder: Path) -> dict[str, Any]:
    """Start, shop, restart, and hold everybody's word against everybody else's; the report as one JSON object."""
    data = folder / "data"
    up = Up(data, row_of_ports())
    await up.start()
    try:
        async with connected(data) as connections, _people(plan, connections, folder) as town:
            shopped = await _shop(plan, town, up)
            judged = await judge(town)
            return _report(plan, town, shopped) | judged
    finally:
        await up.stop()


@asynccontextmanager
async def _people(plan: Plan, connections: Connections, folder: Path) -> AsyncIterator[Town]:
    store = SqlStore.open(f"sqlite:///{folder / 'wallets.sqlite'}", durable=False)
    try:
        await prepare_store(store)
        shops = [f"shop-{number}" for number in range(SHOPS)]
        persons = [f"person-{number}" for number in range(plan.clients)]
        wallets = wallets_of(connections, store, shops + persons, seed=plan.seed)
        town = Town(
            connections,
            shops={name: wallets[name] for name in shops},
            persons={name: wallets[name] for name in persons},
            diary=Diary(),
            measured=Measured(),
        )
        await _open(town)
        yield town
    finally:
        await store.close()


async def _open(town: Town) -> None:
    for home in range(1, HOMES + 1):
        await issue(town.connections, home, ISSUED_FEN)
    for name, wallet in {**town.shops, **town.persons}.items():
        kind = WalletKind.CORPORATE if name in town.shops else WalletKind.PERSONAL
        await town.measured.insist(
            "open",
            lambda: wallet.open(holder_name=name, wallet_class=WalletClass.I, kind=kind),  # noqa: B023
        )
        if name in town.shops:
            await town.measured.insist("register", lambda: wallet.sales.register(name))  # noqa: B023
    for home in range(1, HOMES + 1):
        names = [name for name, wallet in town.persons.items() if wallet.address.home == home]
        for coin in range(FUNDED_COINS):
            await town.fund(names, home=home, key=f"first-{home}-{coin}")


async def _shop(plan: Plan, town: Town, up: Up) -> dict[str, Any]:
    started_s = time.monotonic()
    until_s = started_s + plan.seconds
    async with asyncio.TaskGroup() as group:
        for name in town.persons:
            group.create_task(Shopper(name, town, plan.seed).run(until_s), name=name)
        for wallet in town.shops.values():
            group.create_task(_keep_stocked(town, wallet, until_s))
        restarts = group.create_task(_restart(plan, up))
    return {"seconds": round(time.monotonic() - started_s, 1), "restarts": restarts.result()}


async def _keep_stocked(town: Town, wallet: Wallet, until_s: float) -> None:
    """A shop hands over locks and takes its money in while it sells."""
    while time.monotonic() < until_s:
        await town.measured.insist("refill", lambda: wallet.refill(below=256))
        await town.measured.insist("sync", wallet.sync)
        await asyncio.sleep(1)


async def _restart(plan: Plan, up: Up) -> list[dict[str, Any]]:
    """Stop and start it again and again; how long each took."""
    told: list[dict[str, Any]] = []
    for number in range(plan.restarts):
        await asyncio.sleep(plan.seconds / (plan.restarts + 1))
        how, began_s = signal.SIGKILL if number % 2 else signal.SIGTERM, time.monotonic()
        await up.stop(how)
        stopped_s = time.monotonic()
        await up.start()
        ready_s = time.monotonic()
        told.append(
            {
                "by": how.name,
                "stop_ms": round((stopped_s - began_s) * 1e3),
                "start_ms": round((ready_s - stopped_s) * 1e3),
            }
        )
    return told


# --- the judgement ----------------------------------------------------------------------------------------------------


async def judge(town: Town) -> dict[str, Any]:
    """Demand that all agree to the fen; what was counted."""
    diary = town.diary
    twice = {what: ids for what, ids in diary.paid.items() if len(ids) > 1}
    assert not twice, f"paid twice: {sorted(twice)}"
    await _quiet(town.connections)
    for name, wallet in {**town.shops, **town.persons}.items():
        await _judge_wallet(town, name, wallet)
    await _judge_orders(town)
    supply = await _judge_books(town.connections)
    held_fen = sum(wallet.balance_fen for wallet in [*town.shops.values(), *town.persons.values()])
    return {"orders": len(diary.orders), "payments": len(diary.paid), "held_fen": held_fen, "supply": supply}


async def _judge_wallet(town: Town, name: str, wallet: Wallet) -> None:
    diary = town.diary
    open_payments = await town.measured.insist("resume", wallet.resume)
    assert all(each.state is not WalletPaymentState.SIGNED for each in open_payments), f"{name} is in doubt"
    await town.measured.insist("sync", wallet.sync)
    account = await town.measured.insist("account", wallet.account)
    told = (diary.moved_fen[name], diary.moved_fen[name], diary.deposited_fen[name])
    found = (wallet.balance_fen, account.balance_fen, account.deposit_fen)
    assert found == told, f"{name}: wallet, home and deposit say {found}, the diary {told}"
    settled = [each.name for each in await wallet.payments() if each.state is WalletPaymentState.SETTLED]
    assert len(settled) == len(set(settled)), f"{name} paid something twice"


async def _judge_orders(town: Town) -> None:
    found = {}
    for wallet in town.shops.values():
        async for number, paid_fen, refunded_fen in _orders_of(town, wallet):
            found[number] = (paid_fen, refunded_fen)
    assert found == town.diary.orders, "shops and shoppers do not agree on what was paid and refunded"


async def _orders_of(town: Town, wallet: Wallet) -> AsyncIterator[tuple[str, int, int]]:
    after = ""
    while True:
        page: OrderPage = await town.measured.insist(
            "orders",
            lambda: wallet.sales.orders(after=after, limit=100),  # noqa: B023
        )
        for order in page.orders:
            yield order.order_number, 0 if order.paid_at_ms is None else order.amount_fen, order.refunded_fen
        if not page.next:
            return
        after = page.next


async def _quiet(connections: Connections) -> None:
    """Return once no institution has anything on its way."""
    deadline_s = time.monotonic() + QUIET_WITHIN_S
    for home in range(1, HOMES + 1):
        while (await connections.as_teller(home).get("/v1/bank/report", BankReport)).in_flight:
            assert time.monotonic() < deadline_s, f"home {home} still has payments on their way"
            await asyncio.sleep(0.1)


async def _judge_books(connections: Connections) -> Mapping[str, Any]:
    ledger = await read_supply(connections)
    supply = await recount_supply(connections.data)
    assert supply.holds, "the journal does not add up"
    assert sum(total.issued for total in ledger.totals) == supply.issued
    headers = {"tongbao-minimum-sequence": str(supply.sequence)}
    for home in range(1, HOMES + 1):
        report = await connections.as_teller(home).get("/v1/bank/report", BankReport, headers=headers)
        assert report.balanced, f"the books of home {home} do not balance"
        assert report.vault_fen + report.circulating_fen == supply.by_home.get(home, 0), f"home {home} is off"
    return supply.summary()


# --- the report -------------------------------------------------------------------------------------------------------


def _report(plan: Plan, town: Town, shopped: Mapping[str, Any]) -> dict[str, Any]:
    measured = town.measured
    return {
        "machine": describe_machine(),
        "clients": plan.clients,
        "seed": plan.seed,
        **shopped,
        "deeds": dict(sorted(town.diary.deeds.items())),
        "deeds_per_second": round(town.diary.deeds.total() / shopped["seconds"], 1),
        "steps": {step: _latencies(times, measured.attempts[step]) for step, times in sorted(measured.seconds.items())},
        "asked_again": {f"{step}: {code}": count for (step, code), count in sorted(measured.errors.items())},
    }


def _latencies(seconds: Sequence[float], attempts: int) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else [seconds[0]] * 99
    found = {f"p{percent}_ms": round(cuts[percent - 1] * 1000, 1) for percent in PERCENTILES}
    return {"answered": len(seconds), "attempts": attempts, **found, "max_ms": round(max(seconds) * 1000, 1)}


def main() -> None:
    """Run it and print the report."""
    arguments = _arguments()
    plan = Plan(arguments.clients, arguments.minutes * 60, arguments.restarts, arguments.seed)
    with tempfile.TemporaryDirectory(prefix="tongbao-load-") as directory:
        report = asyncio.run(run(plan, arguments.data or Path(directory)))
    text = json.dumps(report, indent=2, ensure_ascii=False)
    if arguments.out:
        arguments.out.write_text(text + "\n")
    sys.stdout.write(text + "\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Let many clients use one system at the same time.")
    parser.add_argument("--clients", type=int, default=64, help="shoppers at one time")
    parser.add_argument("--minutes", type=float, default=10.0, help="for how long they shop")
    parser.add_argument("--restarts", type=int, default=6, help="how often everything is restarted meanwhile")
    parser.add_argument("--seed", type=int, default=1, help="what the shoppers want follows from it")
    parser.add_argument("--data", type=Path, help="an empty directory that is kept")
    parser.add_argument("--out", type=Path, help="where to keep the report")
    return parser.parse_args()


if __name__ == "__main__":
    main()
