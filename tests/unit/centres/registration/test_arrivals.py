"""Waiting for the ledger to go on."""

import asyncio

import pytest

from tongbao.centres.registration import arrivals as arrivals_module
from tongbao.centres.registration.arrivals import Arrivals
from tongbao.errors import BusyError

LONG_S = 30.0


async def began(waiting: "asyncio.Task[None]") -> "asyncio.Task[None]":
    await asyncio.sleep(0)
    return waiting


async def test_whoever_waits_for_a_sequence_is_woken_once_it_is_reached() -> None:
    arrivals = Arrivals()
    waiting = await began(asyncio.create_task(arrivals.wait_for_sequence(7, timeout_s=LONG_S)))

    arrivals.announce(6, {1})
    await asyncio.sleep(0)
    assert not waiting.done()
    arrivals.announce(7, ())

    await asyncio.wait_for(waiting, 1)


async def test_whoever_waits_for_coins_is_woken_by_those_of_his_homes_alone() -> None:
    arrivals = Arrivals()
    waiting = await began(asyncio.create_task(arrivals.wait_for_coins([2, 3], timeout_s=LONG_S)))

    arrivals.announce(1_000, {1})
    await asyncio.sleep(0)
    assert not waiting.done()
    arrivals.announce(1_001, {3})

    await asyncio.wait_for(waiting, 1)


async def test_waiting_ends_after_its_time() -> None:
    arrivals = Arrivals()

    await asyncio.wait_for(arrivals.wait_for_coins([1], timeout_s=0.01), 5)


async def test_release_wakes_everybody() -> None:
    arrivals = Arrivals()
    waiting = [
        await began(asyncio.create_task(arrivals.wait_for_sequence(7, timeout_s=LONG_S))),
        await began(asyncio.create_task(arrivals.wait_for_coins([1], timeout_s=LONG_S))),
    ]

    arrivals.release()

    await asyncio.wait_for(asyncio.gather(*waiting), 1)


async def test_one_too_many_is_told_to_ask_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrivals_module, "WAITING_MAX", 1)
    arrivals = Arrivals()
    waiting = await began(asyncio.create_task(arrivals.wait_for_sequence(7, timeout_s=LONG_S)))

    with pytest.raises(BusyError):
        await arrivals.wait_for_sequence(7, timeout_s=LONG_S)

    arrivals.announce(7, ())
    await waiting
