"""Every process of a running currency is killed at random moments under load, and no fen is lost or made."""

import asyncio
from pathlib import Path
from random import Random

import pytest

from tests.fault.judge import demand_exact_supply, demand_settled, demand_whole_wallets
from tests.fault.network import DRIVER, DriverProcess, Network, network_of
from tests.fault.town import DEEDS_PER_ROUND, found_town
from tongbao.protocol.registration import LedgerStatus
from tongbao.service.connections import Connections, connected
from tongbao.service.sandbox import heartbeat

SEED = 20_260_101
ROUNDS = 20
VICTIMS = ("registration", "central-bank", "institution-1", "institution-2", DRIVER)

PASSED_MS = 130_000  # longer than a payment lives
PASSED_EVERY_S = 1.5

pytestmark = pytest.mark.fault


async def let_time_pass(connections: Connections) -> None:
    """Let everything expire that was prepared and never signed, again and again."""
    while True:
        status = await connections.registration().get("/v1/status", LedgerStatus)
        await heartbeat(connections, status.time_ms + PASSED_MS)
        await asyncio.sleep(PASSED_EVERY_S)


async def run_round(  # a round's own words
    network: Network, driver: DriverProcess, connections: Connections, number: int, *, victim: str, after: int
) -> None:
    """One round, in which a process is killed after so many deeds and started again at once."""
    driver.begin(number)
    await driver.hear_settled(after)
    if victim == DRIVER:
        await driver.kill()
        await driver.start()
        driver.begin(number)
    else:
        await network.kill(victim)
        await network.start(victim)
    passing = asyncio.create_task(let_time_pass(connections))
    await driver.hear_until_done()
    passing.cancel()
    await asyncio.gather(passing, return_exceptions=True)


async def judge_round(
    connections: Connections, driver: DriverProcess, rounds: range, *, known: set[str], folder: Path
) -> set[str]:
    """Demand what must hold; returns every transaction that somebody was told has settled."""
    assert {deed: ids for deed, ids in driver.settled.items() if len(ids) > 1} == {}
    await demand_exact_supply(connections)
    kept = await demand_whole_wallets(connections, SEED, rounds, folder / f"wallets-{rounds[-1]}.sqlite")
    told = {identity for ids in driver.settled.values() for identity in ids}
    kept_ids = {identity.hex() for ids in kept.values() for identity in ids}
    payments = {identity for deed, ids in driver.settled.items() if deed[0].isdigit() for identity in ids}
    assert payments == kept_ids
    await demand_settled(connections, [bytes.fromhex(identity) for identity in (told | kept_ids) - known])
    return told | kept_ids


async def test_twenty_kills_under_load_lose_nothing_and_pay_nothing_twice(tmp_path: Path) -> None:
    dice = Random(SEED)
    victims = dice.sample(VICTIMS * (ROUNDS // len(VICTIMS)), ROUNDS)
    data = found_town(tmp_path / "town", SEED)
    driver = DriverProcess(data.root, SEED)
    known: set[str] = set()

    async with network_of(data) as network, connected(data.root) as connections:
        try:
            await driver.start()
            for number, victim in enumerate(victims):
                after = dice.randrange(1, DEEDS_PER_ROUND - 10)
                await run_round(network, driver, connections, number, victim=victim, after=after)
                known = await judge_round(connections, driver, range(number + 1), known=known, folder=tmp_path)
            await demand_settled(connections, [bytes.fromhex(identity) for identity in known])
        finally:
            await driver.kill()

    assert len(known) >= ROUNDS * DEEDS_PER_ROUND
    assert driver.troubles
