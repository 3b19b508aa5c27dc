"""A role's own code and its starts, when its life ends in the middle."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tongbao.simulation.disk import CrashedError
from tongbao.simulation.ports import Ports
from tongbao.simulation.world import World, simulate


async def boot_nothing(_ports: Ports) -> None:
    """A role that only asks."""


async def later(seconds: float, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.sleep(seconds)
    await action()


def test_code_of_a_role_ends_with_its_life() -> None:
    async def scenario(world: World) -> list[str]:
        role = world.role("someone", boot_nothing)
        await role.start()
        heard = []

        async def dawdle() -> str:
            await asyncio.sleep(1)
            return "done"

        heard.append(await role.perform(dawdle(), name="in time"))
        world.run(later(0.5, role.crash), name="crash").add_done_callback(lambda _: None)
        for name in ("too late", "of the dead"):
            try:
                heard.append(await role.perform(dawdle(), name=name))
            except CrashedError:
                heard.append(f"{name}: crashed")
        return heard

    assert simulate("1", scenario).result == ["done", "too late: crashed", "of the dead: crashed"]


def test_a_role_that_is_killed_while_it_starts_says_so() -> None:
    async def scenario(world: World) -> bool:
        async def boot_slowly(ports: Ports) -> None:
            await ports.clock.sleep(1)

        role = world.role("someone", boot_slowly)
        world.run(later(0.5, role.crash), name="crash").add_done_callback(lambda _: None)
        with pytest.raises(CrashedError):
            await role.start()
        await role.start()
        return role.running

    assert simulate("1", scenario).result
