"""Roles as processes of their own: started, waited for, and stopped by process id."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tongbao.errors import ConfigurationError

__all__ = ["RoleProcess", "free_ports", "start_all", "stop_all"]

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 20.0
LOG_LINES_SHOWN = 12


@dataclass(frozen=True, slots=True)
class RoleProcess:
    """A running `tongbao serve`.

    Attributes:
        name: of the role, as "institution-1".
        config: its configuration file.
        url: where it answers.
        log: where its output goes.
        process: the operating system's.
    """

    name: str
    config: Path
    url: str
    log: Path
    process: asyncio.subprocess.Process

    @classmethod
    async def start(
        cls, name: str, *, config: Path, url: str, log: Path, environment: Mapping[str, str] | None = None
    ) -> "RoleProcess":
        """Start the role; `wait_ready` says when it answers."""
        log.parent.mkdir(parents=True, exist_ok=True)
        role = name.rpartition("-")[0] if name.startswith("institution") else name
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "tongbao", "serve", role, "--config", str(config)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )
        return cls(name, config, url, log, process)

    async def wait_ready(self) -> None:
        """Return once the role answers.

        Raises:
            ConfigurationError: it ended, or did not answer in time; the end of its log is in the message.
        """
        deadline_s = time.monotonic() + READY_WITHIN_S
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as session:
            while time.monotonic() < deadline_s:
                if self.process.returncode is not None:
                    raise ConfigurationError(f"{self.name} ended at once:\n{self.last_lines()}")
                if await self._is_ready(session):
                    return
                await asyncio.sleep(0.05)
        raise ConfigurationError(f"{self.name} did not answer within {READY_WITHIN_S:.0f} s:\n{self.last_lines()}")

    async def _is_ready(self, session: aiohttp.ClientSession) -> bool:
        try:
            async with session.get(f"{self.url}/readyz") as answer:
                return answer.status == 200  # noqa: PLR2004 - HTTP's own number
        except (aiohttp.ClientError, TimeoutError):
            return False

    def last_lines(self) -> str:
        """The end of the role's log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:])

    async def stop(self) -> int:
        """Ask the role to end, insist after a while, and return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return await asyncio.wait_for(self.process.wait(), STOP_WITHIN_S)
        except TimeoutError:
            return await self.kill()

    async def kill(self) -> int:
        """End the role without warning, as a power cut would."""
        if self.process.returncode is None:
            self.process.kill()
        return await self.process.wait()


def free_ports(count: int) -> list[int]:
    """That many loopback ports which nobody uses at this moment."""
    probes = []
    for _ in range(count):
        probe = socket.socket()
        probe.bind(("127.0.0.1", 0))
        probes.append(probe)
    ports = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


async def start_all(roles: Mapping[str, tuple[Path, str]], *, logs: Path) -> list[RoleProcess]:
    """Start each role, given configuration and URL by name, the first before the others; if one fails, none stays."""
    started: list[RoleProcess] = []
    try:
        for name, (config, url) in roles.items():
            started.append(await RoleProcess.start(name, config=config, url=url, log=logs / f"{name}.log"))
            if len(started) == 1:
                # The first is the registration centre, which the others ask for genesis.
                await started[0].wait_ready()
        await asyncio.gather(*(process.wait_ready() for process in started))
    except BaseException:
        await stop_all(started)
        raise
    return started


async def stop_all(processes: list[RoleProcess]) -> None:
    """Stop every role: the first, which the others speak to, after them."""
    await asyncio.gather(*(process.stop() for process in processes[1:]))
    if processes:
        await processes[0].stop()
