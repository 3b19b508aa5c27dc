"""What an institution looks after now and then, each in a task of its own."""

import logging
from collections.abc import Awaitable, Callable

from tongbao.errors import InvariantError, TongbaoError
from tongbao.institutions.ports import Clock

__all__ = ["look_for_ever"]


async def look_for_ever(
    look: Callable[[], Awaitable[object]], *, every_s: float, clock: Clock, log: logging.Logger, later: str
) -> None:
    """Look every so many seconds; where the world does not let it, `log` says that `later` it is done.

    Raises:
        InvariantError: a defect, which the next look would meet again.
    """
    while True:
        await clock.sleep(every_s)
        try:
            await look()
        except InvariantError:
            raise
        except TongbaoError as error:
            log.warning("%s later: %s", later, error)
