"""The sandbox as a whole: prepared in the background, for as long as it takes, and then there for everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final

import structlog

from tongbao.errors import ConfigurationError, RefusedError, TongbaoError
from tongbao.protocol.sandbox import SandboxInstitution, SandboxLimits, SandboxState, SandboxView
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import OFFICERS_NEEDED, SANDBOX_NETWORK, DataDirectory
from tongbao.service.web.sandbox.cash import CASH_FEN_MAX, CASH_WALLET_DAY_FEN_MAX, CashDesk
from tongbao.service.web.sandbox.issuance import ISSUANCE_FEN_MAX, IssuanceDesk
from tongbao.service.web.sandbox.mall import MALL_HOME, Mall
from tongbao.service.web.sandbox.vaults import Vaults

__all__ = ["SANDBOX_FOLDER", "Sandbox", "has_sandbox", "no_sandbox", "opened_sandbox"]

SANDBOX_FOLDER: Final = "sandbox"
"""In the data directory."""

RETRY_S_FIRST: Final = 1.0
RETRY_S_MAX: Final = 30.0
"""What stands in the way is a role that starts, or something that a person mends."""

_log = structlog.get_logger("tongbao.sandbox")


def has_sandbox(data: DataDirectory) -> bool:
    """Whether `tongbao up` made the network to be played with; genesis says so, which nobody can change afterwards."""
    genesis = data.genesis()
    return genesis.test_network and genesis.name == SANDBOX_NETWORK and data.network.test_network


def no_sandbox() -> RefusedError:
    """There is none on this network."""
    return RefusedError(
        "this network has no sandbox",
        code="NO_SANDBOX",
        cure="use a test network that tongbao up has made, without --no-sandbox",
    )


class Sandbox:
    """What is there to be played with; while it is `running` it is prepared, and the mall kept.

    Attributes:
        cash: the teller.
        issuance: the treasurer and the officers.
        ready: set while everything is there.
    """

    def __init__(self, connections: Connections) -> None:
        self.cash = CashDesk(connections)
        self.issuance = IssuanceDesk(connections)
        self.ready = asyncio.Event()
        self._connections = connections
        self._folder = connections.data.root / SANDBOX_FOLDER
        self._vaults = Vaults(connections, self._folder)
        self._mall: Mall | None = None
        self._reason = ""

    @property
    def mall(self) -> Mall:
        """The mall; raises `RefusedError` as long as it is not open."""
        if self._mall is None:
            raise RefusedError("the mall is not open yet", code="SANDBOX_NOT_READY", cure="send it again in a second")
        return self._mall

    @property
    def preparation(self) -> SandboxState:
        """How far it is."""
        if self._reason:
            return SandboxState.WAITING
        return SandboxState.PREPARING if self._mall is None else SandboxState.READY

    def view(self) -> SandboxView:
        """All that there is to know."""
        network = self._connections.data.network
        return SandboxView(
            network=network.name,
            preparation=self.preparation,
            reason=self._reason,
            institutions=[
                SandboxInstitution(home=place.home, title=place.title, filled=self._vaults.is_filled(place.home))
                for place in network.institutions
            ],
            mall=None if self._mall is None else self._mall.view(),
            officers=self.issuance.officers,
            officers_needed=OFFICERS_NEEDED,
            limits=SandboxLimits(
                cash_fen_max=CASH_FEN_MAX,
                cash_wallet_day_fen_max=CASH_WALLET_DAY_FEN_MAX,
                cash_day_fen_left=self.cash.left_today_fen(),
                issuance_fen_max=ISSUANCE_FEN_MAX,
                issuance_day_left=self.issuance.left_today(),
            ),
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Prepare in the background, then keep the mall, until the end of the context; raises what ended it early."""
        task = asyncio.create_task(self.run(), name="sandbox")
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def run(self) -> None:
        """Prepare, however often it takes, then keep the mall, for ever; whatever else ends it is a defect."""
        pause_s = RETRY_S_FIRST
        while True:
            try:
                async with AsyncExitStack() as stack:
                    mall = await self._prepared(stack)
                    await mall.pay_refunds()
            except TongbaoError as error:
                self._reason = str(error)
                _log.warning("the sandbox is not ready", reason=self._reason)
            except Exception:
                self._reason = "a defect; the log tells which, and only tongbao up started anew tries again"
                _log.exception("the sandbox has ended")
                raise
            finally:
                self._mall = None
                self.ready.clear()
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, RETRY_S_MAX)

    async def _prepared(self, stack: AsyncExitStack) -> Mall:
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"cannot make {self._folder}: {error.strerror}") from None
        homes = [place.home for place in self._connections.data.network.institutions]
        for home in homes:
            await self._vaults.fill(home)
        home = MALL_HOME if MALL_HOME in homes else homes[-1]
        self._mall = await stack.enter_async_context(Mall.opened(self._connections, self._folder / "mall", home=home))
        self._reason = ""
        self.ready.set()
        return self._mall


@asynccontextmanager
async def opened_sandbox(data: DataDirectory) -> AsyncIterator[Sandbox]:
    """The sandbox of a network, which need not answer yet: nothing happens before `running`.

    Raises:
        RefusedError: NO_SANDBOX, the network is none that may have one.
    """
    if not has_sandbox(data):
        raise no_sandbox()
    async with connected(data.root) as connections:
        yield Sandbox(connections)
