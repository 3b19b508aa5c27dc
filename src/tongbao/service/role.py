"""A role that runs: where it answers, with what, and how it says that it must stop."""

import asyncio
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp

from tongbao.errors import TongbaoError
from tongbao.service.configuration import Listen

__all__ = ["Role", "stop_signal"]


@dataclass(frozen=True, slots=True)
class Role:
    """A started role.

    Attributes:
        name: as "institution-1".
        listen: where it is to answer.
        app: what answers.
        failed: returns why the role must stop once it must; never otherwise.
        release: lets those go who wait for a late answer, before the server stops.
    """

    name: str
    listen: Listen
    app: ASGIApp
    failed: Callable[[], Awaitable[TongbaoError | None]]
    release: Callable[[], None] = lambda: None


def stop_signal() -> asyncio.Event:
    """An event that SIGTERM and SIGINT set; a second one ends the process at once."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()

    def stop() -> None:
        stopped.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    return stopped
