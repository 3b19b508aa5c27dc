"""One replay from start to end: a network made and started, its vaults filled, its people opened, its rows replayed."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from importlib.resources import files
from pathlib import Path

from tongbao.adapters.sql_group import sqlite_url
from tongbao.adapters.store import SqlStore
from tongbao.institutions.policy import PACKAGED
from tongbao.protocol.registration import SupplyReport
from tongbao.protocol.wallet import WalletClass
from tongbao.service.configuration import ClockChoice
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.processes import free_ports
from tongbao.service.recount import recount_supply
from tongbao.service.replay.driver import Replay, Tally
from tongbao.service.replay.population import open_population
from tongbao.service.replay.rows import Purchases
from tongbao.service.sandbox import issue, read_supply, running_network
from tongbao.service.supply_recount import Supply
from tongbao.wallets import prepare_store

__all__ = ["ReplayResult", "replay"]

INSTITUTIONS = ("First Bank", "Second Bank")
BEFORE_FIRST_ROW_MS = 3_600_000
QUOTA_FEN = 2**62

Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """What a replay came to.

    Attributes:
        tally: what became of the rows.
        malformed: rows that could not be read.
        ledger: the supply as the registration centre counts it.
        supply: the supply counted again from the journal.
    """

    tally: Tally
    malformed: int
    ledger: SupplyReport
    supply: Supply

    def summary(self) -> dict[str, object]:
        """The result as one JSON object."""
        tally = self.tally
        return {
            "rows": tally.rows + self.malformed,
            "settled": tally.settled,
            "refunded": tally.refunded,
            "skipped": tally.skipped,
            "unmatched": tally.unmatched,
            "malformed": self.malformed,
            "refused": dict(sorted(tally.refused.items())),
            "turnover": tally.turnover_fen,
            "seconds": round(tally.seconds, 3),
            "per_second": round(tally.settled / tally.seconds, 1) if tally.seconds else 0.0,
            "state_digest": self.ledger.state_digest.hex(),
            "kernel": self.ledger.kernel,
            "supply": self.supply.summary(),
        }


async def replay(
    purchases: Purchases, *, root: Path, zone: tzinfo, wallet_class: WalletClass, seed: str, report: Report
) -> ReplayResult:
    """Replay the purchases in a new network in `root`, which must not hold one; its roles are stopped at the end."""
    data = DataDirectory.make(root, _plan(purchases, seed))
    async with running_network(data), connected(root) as connections:
        tally, ledger = await _replay(
            connections, purchases, zone=zone, wallet_class=wallet_class, seed=seed, report=report
        )
    supply = await recount_supply(data)
    return ReplayResult(tally, len(purchases.malformed), ledger, supply)


def _plan(purchases: Purchases, seed: str) -> NetworkPlan:
    first_ms = purchases.rows[0].time_ms if purchases.rows else BEFORE_FIRST_ROW_MS
    return NetworkPlan(
        name="Tongbao replay",
        institutions=INSTITUTIONS,
        test_network=True,
        time_ms=max(0, first_ms - BEFORE_FIRST_ROW_MS),
        quota_fen=QUOTA_FEN,
        ports=free_ports(len(INSTITUTIONS) + 2),
        clock=ClockChoice.HEARTBEAT,
        secret=seeded_secret(seed),
        policy=_policy_of_all_times(),
    )


def _policy_of_all_times() -> bytes:
    """The packaged limits, in force from the beginning: purchases of other years are replayed under today's rules."""
    packaged = json.loads(files("tongbao.institutions").joinpath("policies", PACKAGED).read_bytes())
    return json.dumps({**packaged, "from": "1970-01-01"}, ensure_ascii=False, indent=2).encode()


async def _replay(
    connections: Connections,
    purchases: Purchases,
    *,
    zone: tzinfo,
    wallet_class: WalletClass,
    seed: str,
    report: Report,
) -> tuple[Tally, SupplyReport]:
    for home, amount_fen in _needs(purchases).items():
        await issue(connections, home, amount_fen)
    store = SqlStore.open(sqlite_url(str(connections.data.wallets / "replay.sqlite")), durable=False)
    try:
        await prepare_store(store)
        people = await open_population(
            connections, purchases.rows, wallet_class=wallet_class, seed=seed, store=store, report=report
        )
        tally = await Replay(connections, people, report=report).run(purchases.rows, zone)
    finally:
        await store.close()
    return tally, await read_supply(connections)


def _needs(purchases: Purchases) -> Mapping[int, int]:
    """What each institution's payers may need at the most, by home."""
    homes: dict[str, int] = {}
    needs = dict.fromkeys(range(1, len(INSTITUTIONS) + 1), 0)
    for row in purchases.rows:
        home = homes.setdefault(row.payer, len(homes) % len(INSTITUTIONS) + 1)
        needs[home] += max(row.amount_fen, 0)
    return {home: amount_fen for home, amount_fen in needs.items() if amount_fen}
