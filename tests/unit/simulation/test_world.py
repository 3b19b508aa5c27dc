"""Whole worlds: the same twice from one seed, and crashes that leave nothing but what was durable."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import sqlalchemy as sa

from tongbao.errors import InvariantError, NetworkError, RefusedError
from tongbao.protocol.wire import Message
from tongbao.service.http import Call, Nothing, Operations, create_app
from tongbao.simulation.disk import CrashedError
from tongbao.simulation.network import NetworkConditions
from tongbao.simulation.ports import BEGINNING_MS, Ports
from tongbao.simulation.world import Role, World, simulate

TABLES = sa.MetaData()
HITS = sa.Table("hits", TABLES, sa.Column("id", sa.Integer, primary_key=True), sa.Column("who", sa.Text))
KEYED = {"idempotency-key": "a-hit"}
"""Of every request: what takes them counts each one."""


class Count(Message):
    count: int


def count_hits(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(HITS)).scalar_one()


def hit(who: str) -> Callable[[sa.Connection], int]:
    def operation(connection: sa.Connection) -> int:
        connection.execute(HITS.insert().values(who=who))
        return count_hits(connection)

    return operation


async def boot_counter(ports: Ports) -> Any:  # noqa: ANN401  # an ASGI application
    """A role that counts requests in its database and answers with the sum."""
    TABLES.create_all(ports.store.engine)
    app = create_app("Counter", version="1", instance=ports.entropy.bytes(4).hex())

    @Operations(app, authenticate=None).post("/hits", public=True)
    async def add(_call: Call[Nothing, Nothing]) -> Count:
        """Count."""
        return Count(count=await ports.store.write(hit("somebody")))

    return app


async def boot_nothing(_ports: Ports) -> None:
    """A role that only asks."""


async def ports_of(world: World, name: str = "asker") -> Ports:
    """The ports of a role that this scenario plays itself."""
    given: list[Ports] = []

    async def boot(ports: Ports) -> None:
        given.append(ports)

    await world.role(name, boot).start()
    return given[0]


async def ask(ports: Ports, *, timeout_s: float = 1.0) -> bytes:
    answer = await ports.network.request("POST", "http://counter:80/hits", headers=KEYED, body=b"", timeout_s=timeout_s)
    return answer.body


async def ask_until_answered(ports: Ports) -> bytes:
    while True:
        try:
            return await ask(ports)
        except NetworkError:
            await ports.clock.sleep(0.1)


def recorded_hits(role: Role) -> int:
    with role.database.engine.connect() as connection:
        return count_hits(connection)


async def storm(world: World) -> int:
    """Ten askers over a bad network, and a counter that dies every now and then."""
    counter = world.role("counter", boot_counter)
    await counter.start()

    async def asker(number: int) -> None:
        ports = await ports_of(world, f"asker{number}")
        for _ in range(5):
            await ask_until_answered(ports)

    askers = [world.run(asker(number), name=f"asker {number}") for number in range(10)]
    for _ in range(5):
        await asyncio.sleep(0.05 + world.dice.fraction() / 10)
        await counter.crash(lose_power=world.dice.below(2) == 0)
        await asyncio.sleep(0.05)
        await counter.start()
    await asyncio.gather(*askers)
    return recorded_hits(counter)


BAD = NetworkConditions(latency_ms_max=50, loss=0.1, duplication=0.1)


def test_a_run_repeats_itself_from_its_seed() -> None:
    one, other = simulate("7", storm, conditions=BAD), simulate("7", storm, conditions=BAD)

    assert one.trace.difference(other.trace) == ""
    assert (one.trace.digest, one.result) == (other.trace.digest, other.result)
    events = {line.split()[1] for line in one.trace.lines}
    assert {"request", "answer", "lost", "crash", "start", "commit", "silence", "refusal"} <= events


def test_another_seed_is_another_run() -> None:
    assert simulate("7", storm, conditions=BAD).trace.digest != simulate("8", storm, conditions=BAD).trace.digest


def test_what_was_answered_was_recorded_whatever_died() -> None:
    for seed in range(5):
        assert simulate(str(seed), storm, conditions=BAD).result >= 50


def test_a_request_reaches_an_application_and_returns() -> None:
    async def scenario(world: World) -> bytes:
        await world.role("counter", boot_counter).start()
        return await ask(await ports_of(world))

    assert simulate("1", scenario).result == b'{"count":1}'


def test_a_message_may_come_twice() -> None:
    async def scenario(world: World) -> int:
        counter = world.role("counter", boot_counter)
        await counter.start()
        await ask(await ports_of(world))
        await asyncio.sleep(1)
        return recorded_hits(counter)

    assert simulate("1", scenario, conditions=NetworkConditions(duplication=1)).result == 2


@pytest.mark.parametrize("crashed", [True, False])
def test_nobody_answers_for_a_role_that_does_not_run(*, crashed: bool) -> None:
    async def scenario(world: World) -> set[str]:
        counter = world.role("counter", boot_counter)
        if crashed:
            await counter.start()
            await counter.crash()
        ports = await ports_of(world)
        failures = set()
        for _ in range(10):
            with pytest.raises(NetworkError) as failure:
                await ask(ports)
            failures.add(str(failure.value))
        return failures

    assert simulate("1", scenario).result == {
        "no answer from counter:80 within 1 s",
        "no answer from counter:80: nobody is there",
    }


def test_a_crash_in_the_middle_of_a_request_leaves_the_asker_without_an_answer() -> None:
    async def scenario(world: World) -> None:
        async def boot_slow(ports: Ports) -> Any:  # noqa: ANN401
            app = create_app("Slow", version="1")

            @Operations(app, authenticate=None).post("/hits", public=True)
            async def wait(_call: Call[Nothing, Nothing]) -> Count:
                await ports.clock.sleep(100)
                return Count(count=1)

            return app

        slow = world.role("counter", boot_slow)
        await slow.start()
        asking = world.run(ask(await ports_of(world), timeout_s=200), name="asking")
        await asyncio.sleep(1)
        await slow.crash()
        with pytest.raises(NetworkError):
            await asking

    simulate("1", scenario)


def test_separated_roles_do_not_hear_of_each_other_until_they_are_reunited() -> None:
    async def scenario(world: World) -> bytes:
        await world.role("counter", boot_counter).start()
        ports = await ports_of(world)
        world.network.separate("counter", "asker")
        with pytest.raises(NetworkError, match="within 1 s"):
            await ask(ports)
        world.network.reunite()
        return await ask(ports)

    assert simulate("1", scenario).result == b'{"count":1}'


# --- death ----------------------------------------------------------------------------------------------------------


def test_nothing_that_the_dead_still_do_has_an_effect() -> None:
    tidied: list[str] = []

    async def boot(ports: Ports) -> None:
        TABLES.create_all(ports.store.engine)

        async def work() -> None:
            try:
                await ports.clock.sleep(1000)
            finally:
                for attempt in (ports.store.write(hit("tidying")), ask(ports), ports.disk.create("/tidy")):
                    try:
                        await attempt
                    except CrashedError:
                        tidied.append("dead")

        await ports.disk.make_directory("/")
        _ = ports.spawn.task(work(), name="work")

    async def scenario(world: World) -> tuple[int, list[str], list[str]]:
        role = world.role("worker", boot)
        await role.start()
        await asyncio.sleep(1)
        await role.crash()
        await asyncio.sleep(10)
        return recorded_hits(role), role.platter.paths(), world.trace.lines

    hits, paths, lines = simulate("1", scenario).result

    assert (hits, paths) == (0, [])
    assert tidied == ["dead"] * 2  # the disk takes its time before it says so, and the dead have none
    assert not [line for line in lines if "request" in line or "commit" in line]


def test_a_task_that_refuses_to_die_is_named() -> None:
    released: list[bool] = []

    async def boot(ports: Ports) -> None:
        async def refuse() -> None:
            while not released:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    continue

        _ = ports.spawn.task(refuse(), name="stubborn")

    async def scenario(world: World) -> None:
        role = world.role("zombie", boot)
        await role.start()
        await asyncio.sleep(0)
        with pytest.raises(InvariantError, match="go on after its death: stubborn"):
            await role.crash()
        released.append(True)

    simulate("1", scenario)


def test_a_commit_is_kept_or_lost_as_a_whole_wherever_the_crash_comes() -> None:
    async def scenario(world: World) -> list[tuple[bool, int]]:
        seen = []
        for number in range(60):
            role = world.role(f"counter{number}", boot_counter, authority="counter:80")
            await role.start()
            asking = world.run(ask(await ports_of(world, f"asker{number}")), name="asking")
            await asyncio.sleep(world.dice.fraction() / 100)
            await role.crash()
            answered = not isinstance((await asyncio.gather(asking, return_exceptions=True))[0], NetworkError)
            seen.append((answered, recorded_hits(role)))
        return seen

    seen = set(simulate("1", scenario, conditions=NetworkConditions(latency_ms_max=5)).result)

    assert seen == {(False, 0), (False, 1), (True, 1)}


def test_a_crash_that_waits_in_the_disk_ends_the_whole_role() -> None:
    async def boot(ports: Ports) -> None:
        async def write() -> None:
            await ports.disk.make_directory("/data")
            await ports.disk.create("/data/file")

        async def tick() -> None:
            while True:
                await ports.clock.sleep(1)

        _ = ports.spawn.task(write(), name="write"), ports.spawn.task(tick(), name="tick")

    async def scenario(world: World) -> tuple[bool, bool]:
        role = world.role("writer", boot)
        role.platter.faults.crash_at_call = 2
        await role.start()
        await asyncio.sleep(10)
        died = not role.running
        await role.start()
        await asyncio.sleep(10)
        return died, role.running

    assert simulate("1", scenario).result == (True, True)


def test_a_role_draws_other_dice_in_every_life_and_the_same_in_every_run() -> None:
    async def scenario(world: World) -> list[bytes]:
        drawn: list[bytes] = []

        async def boot(ports: Ports) -> None:
            drawn.append(ports.entropy.bytes(16))

        role = world.role("roller", boot)
        await role.start()
        await role.crash()
        await role.start()
        return drawn

    one, other = simulate("1", scenario).result, simulate("1", scenario).result

    assert one == other
    assert len(set(one)) == 2


# --- the other ports ------------------------------------------------------------------------------------------------


def result_of(work: Callable[[Ports], Coroutine[Any, Any, Any]], *, skew_ms: int = 0) -> Any:  # noqa: ANN401
    """What `work` returns on the ports of a role."""

    async def scenario(world: World) -> Any:  # noqa: ANN401
        given: list[Ports] = []

        async def boot(ports: Ports) -> None:
            TABLES.create_all(ports.store.engine)
            given.append(ports)

        await world.role("worker", boot, skew_ms=skew_ms).start()
        return await work(given[0])

    return simulate("1", scenario).result


def test_each_role_has_its_own_idea_of_the_time() -> None:
    async def look(ports: Ports) -> int:
        await ports.clock.sleep(5)
        return ports.clock.now_ms()

    assert result_of(look, skew_ms=-86_400_000) == pytest.approx(BEGINNING_MS - 86_400_000 + 5_000, abs=1)


def test_a_call_runs_after_a_while() -> None:
    async def call(ports: Ports) -> tuple[int, float]:
        return await ports.spawn.call(max, 3, 7), asyncio.get_running_loop().time()

    largest, now_s = result_of(call)

    assert largest == 7
    assert now_s > 0


def test_a_task_that_fails_fails_the_run() -> None:
    async def fail() -> None:
        raise RefusedError("limit")

    async def spawn(ports: Ports) -> None:
        _ = ports.spawn.task(fail(), name="feed")
        await ports.clock.sleep(1)

    with pytest.raises(InvariantError, match="task feed of worker failed"):
        result_of(spawn)


def test_a_role_starts_once_and_crashes_once() -> None:
    async def scenario(world: World) -> None:
        role = world.role("counter", boot_counter)
        with pytest.raises(InvariantError, match="does not run"):
            await role.crash()
        await role.start()
        with pytest.raises(InvariantError, match="runs already"):
            await role.start()
        with pytest.raises(InvariantError, match="a role counter already"):
            world.role("counter", boot_nothing)

    simulate("1", scenario)
