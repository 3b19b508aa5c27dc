import asyncio

import pytest

from tongbao.adapters.spawn import TaskSpawn
from tongbao.errors import InvariantError, RefusedError
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.incarnation import Incarnation
from tongbao.simulation.ports import VirtualSpawn
from tongbao.simulation.trace import Trace


async def waits(begun: asyncio.Event, released: asyncio.Event, ended: list[str]) -> str:
    begun.set()
    await released.wait()
    ended.append("ended")
    return "done"


async def fails(error: Exception, released: asyncio.Event) -> None:
    await released.wait()
    raise error


async def test_the_answer_of_the_work_is_ones_own() -> None:
    spawn, released = TaskSpawn(), asyncio.Event()
    released.set()

    answer = await carried_through(lambda: waits(asyncio.Event(), released, []), spawn=spawn, name="work")
    with pytest.raises(RefusedError, match="no"):
        await carried_through(lambda: fails(RefusedError("no"), released), spawn=spawn, name="work")

    assert answer == "done"
    assert not spawn.failures


async def test_work_ends_though_whoever_asked_has_gone() -> None:
    spawn, begun, released = TaskSpawn(), asyncio.Event(), asyncio.Event()
    ended: list[str] = []
    asking = asyncio.ensure_future(carried_through(lambda: waits(begun, released, ended), spawn=spawn, name="work"))
    await begun.wait()

    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    released.set()
    await asyncio.sleep(0.01)

    assert ended == ["ended"]


@pytest.mark.parametrize(("error", "failures"), [(RefusedError("no"), 0), (InvariantError("never"), 1)])
async def test_of_what_fails_when_nobody_waits_only_the_impossible_is_a_failure_of_the_process(
    error: Exception, failures: int
) -> None:
    spawn, released = TaskSpawn(), asyncio.Event()
    asking = asyncio.ensure_future(carried_through(lambda: fails(error, released), spawn=spawn, name="work"))
    await asyncio.sleep(0)

    asking.cancel()
    await asyncio.sleep(0)
    released.set()
    await asyncio.sleep(0.01)

    assert len(spawn.failures) == failures


async def test_the_end_of_the_process_ends_the_work_and_whoever_waits() -> None:
    spawn, begun = TaskSpawn(), asyncio.Event()
    ended: list[str] = []
    asking = asyncio.ensure_future(
        carried_through(lambda: waits(begun, asyncio.Event(), ended), spawn=spawn, name="work")
    )
    await begun.wait()

    await spawn.close()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert not ended


async def test_a_life_that_is_over_begins_nothing() -> None:
    incarnation = Incarnation("home", 1)
    incarnation.dead = True
    begun: list[str] = []

    async def work() -> None:
        begun.append("begun")

    with pytest.raises(CrashedError):
        await carried_through(work, spawn=VirtualSpawn(incarnation, Trace(lambda: 0.0)), name="work")

    assert not begun
