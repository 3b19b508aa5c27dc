"""Work that must come to its end once it has begun, whoever asked for it.

A request ends early where its caller hangs up or the server stops. What a write has recorded by then is a fact, and
what follows from it (coins held in memory, a transaction to send) must follow, whether or not anybody still waits.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tongbao.errors import InvariantError
from tongbao.institutions.ports import Spawn

__all__ = ["carried_through"]

T = TypeVar("T")

_log = logging.getLogger(__name__)


async def carried_through(work: Callable[[], Coroutine[Any, Any, T]], *, spawn: Spawn, name: str) -> T:
    """What the work returns or raises; it goes on where whoever waits here is cancelled."""
    answered: asyncio.Future[T] = asyncio.get_running_loop().create_future()
    spawn.task(_carry(work, answered, name), name=name)
    return await answered


async def _carry(work: Callable[[], Coroutine[Any, Any, T]], answered: "asyncio.Future[T]", name: str) -> None:
    try:
        result = await work()
    except asyncio.CancelledError:
        # Nobody cancels it but the end of this process.
        answered.cancel()
        raise
    except Exception as error:
        if not answered.done():
            answered.set_exception(error)
            return
        _log.warning("%s, which nobody waits for any more, failed: %s", name, error)
        if isinstance(error, InvariantError):
            raise
    else:
        if not answered.done():
            answered.set_result(result)
