"""The story that `tongbao demo` tells: every step goes through the real HTTP API of separate processes."""

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.sql_group import sqlite_url
from tongbao.adapters.store import SqlStore
from tongbao.errors import TongbaoError
from tongbao.service.configuration import ClockChoice, ClusterSettings
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory, NetworkPlan
from tongbao.service.demo.cast import Cast
from tongbao.service.demo.scenes import SCENES, Scene, yuan
from tongbao.service.processes import free_ports
from tongbao.service.recount import recount_supply
from tongbao.service.sandbox import running_network
from tongbao.service.supply_recount import Supply
from tongbao.wallets import prepare_store

__all__ = ["DemoResult", "Step", "tell_story"]

INSTITUTIONS = ("First Bank", "Second Bank")
QUOTA_FEN = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was shown.

    Attributes:
        name: what it is called in the JSON answer.
        ok: whether it happened as it must.
        detail: amounts, times and ids, parted by semicolons; the reason where it did not.
        milliseconds: how long it took.
    """

    name: str
    ok: bool
    detail: str
    milliseconds: float


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What was shown, and the supply counted again from the journal; None where it was not reached."""

    steps: list[Step]
    supply: Supply | None

    @property
    def ok(self) -> bool:
        """Whether every step happened as it must."""
        return self.supply is not None and self.supply.holds and all(step.ok for step in self.steps)

    def summary(self) -> dict[str, object]:
        """The result as one JSON object."""
        steps = [{"name": step.name, "ok": step.ok, "detail": step.detail} for step in self.steps]
        return {"ok": self.ok, "steps": steps, "supply": self.supply.summary() if self.supply else None}


Tell = Callable[[Step], None]


async def tell_story(root: Path, *, tell: Tell, cluster: ClusterSettings | None = None) -> DemoResult:
    """Make a network in `root`, which must not hold one, show everything, and stop it again.

    The journal is kept by the servers of `cluster`, or in files where there is none.

    `tell` hears of each step at once. The first step that fails ends the story.
    """
    steps: list[Step] = []

    async def show(name: str, scene: Callable[[], Awaitable[str]]) -> bool:
        before_s = time.perf_counter()
        try:
            ok, detail = True, await scene()
        except TongbaoError as error:
            ok, detail = False, f"{type(error).__name__}: {error}"
        steps.append(Step(name, ok, detail, (time.perf_counter() - before_s) * 1000))
        tell(steps[-1])
        return ok

    async with AsyncExitStack() as stack:
        stage = _Stage(root, stack, cluster)
        if not await show("genesis", stage.set_up):
            return DemoResult(steps, None)
        for name, scene in SCENES.items():
            if not await show(name, stage.play(scene)):
                return DemoResult(steps, None)
        if not await show("supply", stage.count):
            return DemoResult(steps, stage.supply)
    return DemoResult(steps, stage.supply)


class _Stage:
    """Where the story plays: the network, the connections into it, and the people."""

    def __init__(self, root: Path, stack: AsyncExitStack, cluster: ClusterSettings | None) -> None:
        self._root = root
        self._cluster = cluster
        self._stack = stack
        self._cast: Cast | None = None
        self.supply: Supply | None = None

    async def set_up(self) -> str:
        """Make genesis and start every role."""
        data = DataDirectory.make(self._root, _plan(self._cluster))
        processes = await self._stack.enter_async_context(running_network(data))
        connections = await self._stack.enter_async_context(connected(self._root))
        self._cast = await self._stack.enter_async_context(_cast(connections))
        roles = "; ".join(f"{process.name} (process {process.process.pid})" for process in processes)
        return f"network {data.network.network_id[:16]}…, officers 2 of 3; {roles}"

    def play(self, scene: Scene) -> Callable[[], Awaitable[str]]:
        """The scene, ready to be shown."""

        async def played() -> str:
            if self._cast is None:
                raise RuntimeError("nothing is set up")
            return await scene(self._cast)

        return played

    async def count(self) -> str:
        """Stop every role, then count the supply again from the journal, by other code than the kernel's."""
        # A centre that stops ends its journal with a batch that names the last verdicts.
        await self._stack.aclose()
        self.supply = await recount_supply(DataDirectory.open(self._root))
        supply = self.supply
        issued, redeemed, outstanding = yuan(supply.issued), yuan(supply.redeemed), yuan(supply.outstanding)
        verdict = "they agree" if supply.holds else "THEY DO NOT AGREE"
        return (
            f"issued {issued} - redeemed {redeemed} = outstanding {outstanding}; "
            f"unspent, counted from the journal in {supply.coins} coins: {yuan(supply.unspent)}; {verdict}"
        )


@asynccontextmanager
async def _cast(connections: Connections) -> AsyncIterator[Cast]:
    store = SqlStore.open(sqlite_url(str(connections.data.wallets / "demo.sqlite")))
    try:
        await prepare_store(store)
        yield Cast.of(connections, store)
    finally:
        await store.close()


def _plan(cluster: ClusterSettings | None) -> NetworkPlan:
    entropy = SystemEntropy()
    return NetworkPlan(
        name="Tongbao demo",
        institutions=INSTITUTIONS,
        test_network=True,
        time_ms=SystemClock().now_ms(),
        quota_fen=QUOTA_FEN,
        ports=free_ports(len(INSTITUTIONS) + 2),
        clock=ClockChoice.WALL,
        secret=lambda _: entropy.bytes(32),
        cluster=cluster,
    )
