"""The town's roles and its driver as processes that a test kills and starts again on the same ports and data."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import RoleProcess, start_all, stop_all

DRIVER = "driver"
SILENT_S_MAX = 45.0
REPOSITORY = Path(__file__).parents[2]


@dataclass
class Network:
    """Every role as a process, by name.

    Attributes:
        data: the data directory of all.
        roles: those that run now.
    """

    data: DataDirectory
    roles: dict[str, RoleProcess]

    async def kill(self, name: str) -> None:
        """End a role by SIGKILL."""
        assert await self.roles[name].kill() == -9

    async def start(self, name: str) -> None:
        """Start a role that was killed, on the same port and the same data."""
        config, url = self.data.roles()[name]
        log = self.data.logs / f"{name}.log"
        self.roles[name] = await RoleProcess.start(name, config=config, url=url, log=log)
        await self.roles[name].wait_ready()


@asynccontextmanager
async def network_of(data: DataDirectory) -> AsyncIterator[Network]:
    """All roles of the data directory; whichever run at the end are stopped."""
    started = await start_all(data.roles(), logs=data.logs)
    network = Network(data, {process.name: process for process in started})
    try:
        yield network
    finally:
        await stop_all([network.roles[process.name] for process in started])


@dataclass
class DriverProcess:
    """The town's driver.

    Attributes:
        settled: transactions that were answered as settled, by deed; over all lives of the driver.
        troubles: what had to be asked again.
    """

    root: Path
    seed: int
    process: asyncio.subprocess.Process | None = None
    settled: dict[str, set[str]] = field(default_factory=dict)
    troubles: list[Mapping[str, Any]] = field(default_factory=list)

    async def start(self) -> None:
        """Start it, and return once its wallets are open."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "tests.fault.driver", str(self.root), str(self.seed)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=REPOSITORY,
        )
        while "ready" not in await self.hear():
            pass

    def begin(self, number: int) -> None:
        """Ask for a round."""
        assert self.process is not None
        assert self.process.stdin is not None
        self.process.stdin.write(b"%d\n" % number)

    async def hear(self) -> Mapping[str, Any]:
        """The next line that it says."""
        assert self.process is not None
        assert self.process.stdout is not None
        async with asyncio.timeout(SILENT_S_MAX):
            line = await self.process.stdout.readline()
        assert line.endswith(b"\n"), f"the driver has ended, {self.troubles[-3:]}"
        told: Mapping[str, Any] = json.loads(line)
        if "settled" in told:
            self.settled.setdefault(told["deed"], set()).add(told["settled"])
        if "trouble" in told:
            self.troubles.append(told)
        return told

    async def hear_until_done(self) -> None:
        """Return at the end of the round."""
        while "done" not in await self.hear():
            pass

    async def hear_settled(self, count: int) -> None:
        """Return after so many more deeds, or at the end of the round."""
        while count:
            told = await self.hear()
            assert "done" not in told, "the round was over before anything was killed"
            count -= "settled" in told

    async def kill(self) -> None:
        """End it by SIGKILL; what it had said before is heard."""
        assert self.process is not None
        assert self.process.stdout is not None
        if self.process.returncode is None:
            self.process.kill()
        for line in (await self.process.stdout.read()).splitlines(keepends=True):
            if line.endswith(b"\n") and b'"settled"' in line:
                told = json.loads(line)
                self.settled.setdefault(told["deed"], set()).add(told["settled"])
        await self.process.wait()
