"""A witness of the registration centre's log as a running role of its own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_follow import JournalFollower
from tongbao.errors import ConfigurationError, TongbaoError
from tongbao.kernel import Kernel
from tongbao.service.configuration import WitnessConfiguration
from tongbao.service.role import Role
from tongbao.service.witness.app import create_witness_app
from tongbao.service.witness.opening import known_logs, opened_witness
from tongbao.service.witness.replaying import ReplayedHistory
from tongbao.service.witness.statements import PublishedStatements

__all__ = ["witness_role"]

FOLLOW_EVERY_S = 1.0  # as often as the log signs a checkpoint

_log = logging.getLogger(__name__)


@asynccontextmanager
async def witness_role(configuration: WitnessConfiguration, kernel_class: type[Kernel]) -> AsyncIterator[Role]:
    """The witness of this configuration, started; stopped and closed at the end."""
    async with AsyncExitStack() as stack:
        history = None
        if configuration.journal is not None and configuration.genesis is not None:
            disk = FileDisk()
            stack.callback(disk.close)
            journal = JournalFollower(disk, str(configuration.journal))
            statements = configuration.statements
            known = PublishedStatements(statements, known_logs(configuration.logs)) if statements else None
            history = ReplayedHistory(
                journal,
                kernel_class,
                genesis=_read_genesis(configuration.genesis),
                **({"statement_at": known.at} if known else {}),
            )
            following = asyncio.create_task(_follow(history), name="replay of the journal")
            stack.push_async_callback(_stop, following)
        registry = CollectorRegistry()
        witness = await stack.enter_async_context(opened_witness(configuration, registry=registry, history=history))
        app = create_witness_app(witness, registry=registry, rate_limits=configuration.rate_limits)
        yield Role("witness", configuration.listen, app, _never_failed)


def _read_genesis(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read the genesis {path}: {error.strerror}") from None


async def _follow(history: ReplayedHistory) -> None:
    """Replay what comes, as it comes; what fails here fails again, with words, where a checkpoint is handed in."""
    while True:
        try:
            await history.follow()
        except TongbaoError as error:
            _log.warning("the journal is not replayed: %s", error)
        await asyncio.sleep(FOLLOW_EVERY_S)


async def _stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def _never_failed() -> TongbaoError | None:
    await asyncio.Event().wait()
    return None
