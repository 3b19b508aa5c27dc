"""Virtual time: it jumps, it repeats, it touches nothing, and it notices when nobody moves."""

import asyncio
import contextvars
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tongbao.simulation import loop as loop_module
from tongbao.simulation.loop import DeadlockError, RealWorldError, VirtualLoop, VirtualTask


def run(main: Coroutine[Any, Any, Any]) -> Any:  # noqa: ANN401  # whatever the coroutine returns
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def test_a_year_passes_at_once() -> None:
    async def sleep_a_year() -> float:
        await asyncio.sleep(31_536_000)
        return asyncio.get_running_loop().time()

    started_s = time.monotonic()

    assert run(sleep_a_year()) == pytest.approx(31_536_000)
    assert time.monotonic() - started_s < 2


def test_timers_run_in_their_order_and_equal_ones_in_that_of_their_making() -> None:
    seen: list[str] = []

    async def wait(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        seen.append(name)

    async def main() -> None:
        await asyncio.gather(wait("late", 2), wait("early", 1), wait("also early", 1))

    run(main())

    assert seen == ["early", "also early", "late"]


def test_a_time_out_is_on_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), timeout=10)
        return asyncio.get_running_loop().time()

    assert run(main()) == pytest.approx(10)


def test_tasks_in_a_set_keep_the_order_in_which_they_were_made() -> None:
    async def main() -> list[str]:
        tasks = {asyncio.create_task(asyncio.sleep(0), name=str(number)) for number in range(50)}
        done, _ = await asyncio.wait(tasks)
        return [task.get_name() for task in done]

    assert run(main()) == [str(number) for number in range(50)]


def test_what_ran_before_in_the_process_does_not_change_the_order_of_tasks_in_a_set() -> None:
    async def order() -> list[str]:
        return [task.get_name() for task in {asyncio.create_task(asyncio.sleep(0), name=str(n)) for n in range(50)}]

    orders = [run(order()) for _ in range(5)]

    assert orders == [[str(n) for n in range(50)]] * 5


def test_a_deadlock_names_who_waits_where() -> None:
    async def wait_for_ever() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        await asyncio.create_task(wait_for_ever(), name="the waiter")

    with pytest.raises(DeadlockError, match=r"the waiter at test_loop.py:\d+ in wait_for_ever"):
        run(main())


def test_work_without_end_while_time_stands_still_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "STEPS_AT_ONE_TIME_MAX", 1000)

    async def spin() -> None:
        while True:  # noqa: ASYNC110  # the mistake that is to be noticed
            await asyncio.sleep(0)

    with pytest.raises(DeadlockError, match="time stands still"):
        run(spin())


REAL: dict[str, Callable[[asyncio.AbstractEventLoop], Coroutine[Any, Any, Any]]] = {
    "thread": lambda _loop: asyncio.to_thread(time.time),
    "name server": lambda loop: loop.getaddrinfo("localhost", 80),
    "connection": lambda _loop: asyncio.open_connection("127.0.0.1", 1),
    "server": lambda _loop: asyncio.start_server(lambda *_: None, "127.0.0.1", 0),
    "datagram": lambda loop: loop.create_datagram_endpoint(asyncio.DatagramProtocol, ("127.0.0.1", 0)),
    "program": lambda _loop: asyncio.create_subprocess_exec("true"),
    "shell": lambda _loop: asyncio.create_subprocess_shell("true"),
}


@pytest.mark.parametrize("what", REAL)
def test_the_real_world_is_out_of_reach(what: str) -> None:
    async def main() -> None:
        await REAL[what](asyncio.get_running_loop())

    with pytest.raises(RealWorldError, match="go through the ports"):
        run(main())


def test_file_descriptors_are_out_of_reach() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        with socket.socket() as unused:
            with pytest.raises(RealWorldError):
                loop.add_reader(unused, print)
            with pytest.raises(RealWorldError):
                loop.add_writer(unused, print)

    run(main())


def test_another_thread_cannot_interfere() -> None:
    refused: list[BaseException] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def interfere() -> None:
            try:
                loop.call_soon_threadsafe(print)
            except RealWorldError as error:
                refused.append(error)

        thread = threading.Thread(target=interfere)
        thread.start()
        thread.join()

    run(main())

    assert len(refused) == 1


def test_whoever_asks_is_told_of_every_task_and_its_context() -> None:
    owner: contextvars.ContextVar[str] = contextvars.ContextVar("owner")
    told: list[VirtualTask[Any]] = []

    async def work() -> None:
        await asyncio.gather(asyncio.sleep(0), asyncio.sleep(0))

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        loop.on_task = told.append
        owner.set("bank")
        await asyncio.create_task(work(), name="work")
        loop.on_task = None

    run(main())

    assert told[0].get_name() == "work"
    assert [task.context[owner] for task in told] == ["bank"] * 3


def test_time_reaches_a_timer_exactly_however_late_it_is() -> None:
    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        times = []
        for _ in range(1000):
            await asyncio.sleep(1_000_000.1)
            await asyncio.sleep(0.000_000_1)
            times.append(loop.time())
        return times

    times = run(main())

    assert times == sorted(set(times))
