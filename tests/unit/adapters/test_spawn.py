"""Tasks that fail aloud, workers that may die."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tongbao.adapters import spawn as spawn_module
from tongbao.adapters.spawn import TaskSpawn
from tongbao.errors import RefusedError, WorldError


@pytest.fixture
async def spawn() -> AsyncIterator[TaskSpawn]:
    opened = TaskSpawn()
    yield opened
    await opened.close()


@pytest.fixture
async def workers() -> AsyncIterator[TaskSpawn]:
    opened = TaskSpawn(workers=2)
    yield opened
    await opened.close()


def worker_id(_number: int) -> int:
    return os.getpid()


def divide(dividend: int, *, by: int) -> float:
    return dividend / by


def refuse() -> None:
    raise RefusedError("limit", code="LIMIT_DAY")


def die_once(marker: Path) -> str:
    """A function that is killed from outside the first time."""
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return "survived"


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


async def test_a_task_runs_under_its_name_and_gives_its_result(spawn: TaskSpawn) -> None:
    async def work() -> int:
        await asyncio.sleep(0)
        return 7

    task = spawn.task(work(), name="counting")

    assert task.get_name() == "counting"
    assert await task == 7
    assert spawn.failures == []


async def test_a_task_that_fails_is_noticed_though_nobody_awaits_it(spawn: TaskSpawn) -> None:
    async def fail() -> None:
        raise RefusedError("limit")

    _ = spawn.task(fail(), name="feed")
    await asyncio.wait_for(spawn.wait_for_failure(), timeout=1)

    assert [(name, type(error)) for name, error in spawn.failures] == [("feed", RefusedError)]


async def test_closing_cancels_what_runs_and_waits_for_it_to_tidy_up(spawn: TaskSpawn) -> None:
    tidied: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0)
            tidied.append("tidied")

    task = spawn.task(wait(), name="waiting")
    await asyncio.sleep(0)

    await spawn.close()

    assert (tidied, task.cancelled(), spawn.failures) == (["tidied"], True, [])


async def test_tasks_are_cancelled_in_the_order_in_which_they_began(spawn: TaskSpawn) -> None:
    cancelled: list[int] = []

    async def wait(number: int) -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.append(number)

    begun = [spawn.task(wait(number), name=str(number)) for number in range(100)]
    await asyncio.sleep(0)

    await spawn.close()

    assert cancelled == list(range(len(begun)))


async def test_a_task_that_will_not_end_does_not_hold_up_the_end(
    spawn: TaskSpawn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spawn_module, "CLOSE_S_MAX", 0.01)
    released = asyncio.Event()

    async def stubborn() -> None:
        while not released.is_set():
            try:
                await released.wait()
            except asyncio.CancelledError:
                continue

    task = spawn.task(stubborn(), name="stubborn")
    await asyncio.sleep(0)
    started_s = time.monotonic()

    await spawn.close()

    assert time.monotonic() - started_s < 1
    released.set()
    await task


async def test_without_workers_a_call_runs_in_place(spawn: TaskSpawn) -> None:
    assert await spawn.call(worker_id, 1) == os.getpid()
    assert await spawn.call(divide, 7, by=2) == 3.5


async def test_with_workers_a_call_runs_in_another_process(workers: TaskSpawn) -> None:
    others = await asyncio.gather(*(workers.call(worker_id, number) for number in range(20)))

    assert os.getpid() not in others
    assert await workers.call(divide, 7, by=2) == 3.5


async def test_what_a_call_raises_arrives_with_its_code(workers: TaskSpawn) -> None:
    with pytest.raises(RefusedError, match="limit") as refused:
        await workers.call(refuse)

    assert refused.value.code == "LIMIT_DAY"


async def test_a_call_whose_worker_was_killed_is_run_again(workers: TaskSpawn, tmp_path: Path) -> None:
    assert await workers.call(die_once, tmp_path / "marker") == "survived"


async def test_a_call_that_kills_every_worker_is_an_error(workers: TaskSpawn) -> None:
    with pytest.raises(WorldError, match="died one after the other"):
        await workers.call(die)

    assert await workers.call(divide, 6, by=2) == 3


SERVICE = """
import asyncio, os, time
from tongbao.adapters.spawn import TaskSpawn

async def main():
    spawn = TaskSpawn(workers=1)  # held: its workers would end with it
    print(await spawn.call(os.getpid), flush=True)
    await asyncio.sleep(60)
    await spawn.close()

if __name__ == "__main__":
    asyncio.run(main())
"""


def is_running(process_id: int) -> bool:
    try:
        state = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_workers_end_with_a_service_that_was_killed(tmp_path: Path) -> None:
    program = tmp_path / "service.py"
    program.write_text(SERVICE)
    service = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    worker = int(service.stdout.readline())
    assert is_running(worker)

    service.kill()
    service.wait()
    service.stdout.close()

    deadline_s = time.monotonic() + 10
    while is_running(worker) and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert not is_running(worker)
