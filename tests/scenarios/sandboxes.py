"""A test network like those of `tongbao up`, as processes of its own, for stories about its sandbox."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.service.configuration import ClockChoice
from tongbao.service.data_directory import SANDBOX_NETWORK, DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.processes import free_ports
from tongbao.service.sandbox import running_network

HOMES = (1, 2)


def make_sandbox_network(root: Path, *, name: str = SANDBOX_NETWORK, test_network: bool = True) -> DataDirectory:
    """A network whose time goes on by itself, not started."""
    plan = NetworkPlan(
        name=name,
        institutions=("First Bank", "Second Bank"),
        test_network=test_network,
        time_ms=SystemClock().now_ms(),
        quota_fen=100_000_000_000,
        ports=free_ports(len(HOMES) + 2),
        clock=ClockChoice.WALL,
        secret=seeded_secret("sandbox"),
    )
    return DataDirectory.make(root, plan)


@asynccontextmanager
async def running_sandbox_network(root: Path) -> AsyncIterator[DataDirectory]:
    """The same, running."""
    data = make_sandbox_network(root)
    async with running_network(data):
        yield data


class PowerLost(BaseException):
    """The process ends here, whatever it was about."""


class LosesPower(HttpNetwork):
    """A network of a machine that loses power at a request: before it is sent, or before its answer is heard."""

    def __init__(self, *, at: int, is_sent: bool) -> None:
        super().__init__()
        self._left = at
        self._is_sent = is_sent

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> Answer:
        if self._left == 0 and not self._is_sent:
            raise PowerLost
        answer = await super().request(method, url, headers=headers, body=body, timeout_s=timeout_s)
        if self._left == 0:
            raise PowerLost
        self._left -= 1
        return answer
