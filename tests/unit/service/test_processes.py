"""Role processes: started with their log, waited for, stopped in order, and none left behind."""

import asyncio
import os
import socket
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tongbao.errors import ConfigurationError
from tongbao.service import processes
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.processes import RoleProcess, free_ports, start_all, stop_all

Start = Callable[[str], Coroutine[Any, Any, RoleProcess]]

# Answers 503 to the first question for its readiness and 200 to every later one.
SLOW_TO_BE_READY = """
import http.server, sys
class Answers(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        type(self).asked += 1
        self.send_response(200 if self.path == "/readyz" and self.asked > 1 else 503)
        self.send_header("content-length", "0")
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Answers).serve_forever()
"""
ENDS_WITH_A_STORY = "print('\\n'.join(f'line {number}' for number in range(40)))"
NEVER_ANSWERS = "import time; time.sleep(60)"
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""
POLITE = """
import signal, sys, time
def end(*_):
    if len(sys.argv) > 2:
        open(sys.argv[2], "a").write(sys.argv[3])
    sys.exit(7)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""


@asynccontextmanager
async def _running(folder: Path, program: str, *arguments: str, name: str = "role") -> AsyncIterator[RoleProcess]:
    """Some other program in the place of a role; its first argument is a free port."""
    [port] = free_ports(1)
    log = folder / f"{name}.log"
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", program, str(port), *arguments), stdout=output, stderr=output
        )
    role = RoleProcess(name, folder / "config.toml", f"http://127.0.0.1:{port}", log, process)
    try:
        yield role
    finally:
        await role.kill()


async def _until_up(role: RoleProcess) -> None:
    async with asyncio.timeout(20):
        while role.last_lines() != "up":  # noqa: ASYNC110 - another process has no Event of ours
            await asyncio.sleep(0.01)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_role_is_waited_for_until_it_says_that_it_is_ready(tmp_path: Path) -> None:
    async with _running(tmp_path, SLOW_TO_BE_READY) as role:
        await role.wait_ready()

        assert role.last_lines().count("GET /readyz") >= 2
        assert role.process.returncode is None


async def test_a_role_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    async with _running(tmp_path, ENDS_WITH_A_STORY) as role:
        with pytest.raises(ConfigurationError, match="role ended at once") as failed:
            await role.wait_ready()

    assert str(failed.value).splitlines()[1:] == [f"line {number}" for number in range(28, 40)]


async def test_a_role_that_never_answers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "READY_WITHIN_S", 0.3)
    async with _running(tmp_path, NEVER_ANSWERS) as role:
        with pytest.raises(ConfigurationError, match="role did not answer within"):
            await role.wait_ready()


async def test_a_role_is_asked_to_stop_and_its_own_exit_code_comes_back(tmp_path: Path) -> None:
    async with _running(tmp_path, POLITE) as role:
        await _until_up(role)

        assert await role.stop() == 7
        assert await role.stop() == 7


async def test_a_role_that_does_not_stop_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_WITHIN_S", 0.2)
    async with _running(tmp_path, DEAF) as role:
        await _until_up(role)

        assert await role.stop() == -9


async def test_a_killed_role_has_no_time_to_be_polite(tmp_path: Path) -> None:
    async with _running(tmp_path, POLITE) as role:
        await _until_up(role)

        assert await role.kill() == -9
        assert await role.kill() == -9


async def test_a_role_that_cannot_start_says_why_and_leaves_no_process(tmp_path: Path) -> None:
    nowhere = {"institution-1": (tmp_path / "missing.toml", "http://127.0.0.1:1")}

    with pytest.raises(ConfigurationError, match="institution-1 ended at once") as failed:
        await start_all(nowhere, logs=tmp_path / "logs")

    assert (tmp_path / "logs" / "institution-1.log").exists()
    assert len(str(failed.value).splitlines()) > 1


async def test_roles_are_stopped_in_the_opposite_order(tmp_path: Path) -> None:
    order = tmp_path / "order"
    async with (
        _running(tmp_path, POLITE, str(order), "1", name="one") as one,
        _running(tmp_path, POLITE, str(order), "2", name="two") as two,
    ):
        await _until_up(one)
        await _until_up(two)

        await stop_all([one, two])

        assert order.read_text() == "21"
        assert not _lives(one.process.pid)


async def test_a_real_role_starts_answers_and_ends_in_good_order(tmp_path: Path) -> None:
    plan = NetworkPlan(
        name="Test",
        institutions=["First Bank"],
        test_network=True,
        time_ms=1_000,
        quota_fen=10**12,
        ports=free_ports(3),
        clock=ClockChoice.HEARTBEAT,
        secret=seeded_secret("1"),
    )
    data = DataDirectory.make(tmp_path / "data", plan)
    registration = {name: place for name, place in data.roles().items() if name == "registration"}

    [role] = await start_all(registration, logs=data.logs)

    assert role.process.returncode is None
    assert await role.stop() == 0
    assert list(data.journal.glob("*.segment"))


def test_free_ports_are_distinct_and_can_be_listened_on() -> None:
    ports = free_ports(4)

    assert len(set(ports)) == 4
    for port in ports:
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", port))
