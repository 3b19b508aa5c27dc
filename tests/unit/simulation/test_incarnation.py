"""One life: whose tasks are whose, and the order of dying."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tongbao.simulation.disk import CrashedError
from tongbao.simulation.incarnation import LIVING, Incarnation, claim
from tongbao.simulation.loop import VirtualLoop


def run(scenario: Callable[[Incarnation], Coroutine[Any, Any, None]], living: Incarnation | None = None) -> Incarnation:
    """Run a scenario about one life, on a loop that gives every task to whoever's code made it."""
    living = living or Incarnation("bank", 1)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.on_task = claim
        await scenario(living)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(main())
    return living


async def wait_for_ever() -> None:
    await asyncio.Event().wait()


def test_a_task_of_a_task_belongs_to_the_same_life() -> None:
    async def scenario(living: Incarnation) -> None:
        children: list[asyncio.Task[None]] = []

        async def parent() -> None:
            children.append(asyncio.create_task(wait_for_ever()))
            await wait_for_ever()

        outside = asyncio.create_task(wait_for_ever())
        mother = living.run(parent(), name="parent")
        await asyncio.sleep(1)

        await living.kill()

        assert mother.cancelled()
        assert children[0].cancelled()
        assert not outside.done()

    run(scenario)


def test_code_outside_belongs_to_nobody() -> None:
    async def scenario(living: Incarnation) -> None:
        seen: list[object] = []

        async def look() -> None:
            seen.append(LIVING.get())

        await living.run(look(), name="inside")
        await look()

        assert seen == [living, None]

    run(scenario)


def test_the_ports_die_before_the_tasks() -> None:
    async def scenario(living: Incarnation) -> None:
        deaths: list[str] = []

        async def work() -> None:
            try:
                await wait_for_ever()
            finally:
                try:
                    living.check()
                    deaths.append("the task died first")
                except CrashedError:
                    deaths.append("the ports died first")

        living.check()
        _ = living.run(work(), name="work")
        await asyncio.sleep(1)

        await living.kill()

        assert deaths == ["the ports died first"]

    run(scenario)


def test_a_life_without_power_is_over_before_anybody_says_so() -> None:
    power = [True]
    living = Incarnation("bank", 1, has_power=lambda: power[0])
    living.check()

    power[0] = False

    with pytest.raises(CrashedError):
        living.check()


@pytest.mark.parametrize(("error", "losses"), [(CrashedError(), 1), (ValueError(), 0)])
def test_whoever_meets_the_loss_of_power_tells_of_it(error: BaseException, losses: int) -> None:
    told: list[str] = []

    async def scenario(living: Incarnation) -> None:
        living.on_power_loss = lambda: told.append("lost")

        async def meet() -> None:
            raise error

        await asyncio.wait([living.run(meet(), name="meet")])
        await asyncio.sleep(0)

    run(scenario)

    assert len(told) == losses


def test_the_dead_tell_nothing() -> None:
    told: list[str] = []

    async def scenario(living: Incarnation) -> None:
        living.on_power_loss = lambda: told.append("lost")

        async def tidy() -> None:
            try:
                await wait_for_ever()
            finally:
                living.check()

        _ = living.run(tidy(), name="tidy")
        await asyncio.sleep(1)
        await living.kill()

    run(scenario)

    assert told == []
