"""An event loop in a thread of its own, so that whoever has none, or is in the middle of one, can use what needs it."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import CancelledError, Future
from typing import Any, TypeVar

from tongbao.errors import NetworkError, RequestError

__all__ = ["LoopThread"]

T = TypeVar("T")


class LoopThread:
    """Runs coroutines one caller at a time waits for; many threads may ask at once."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tongbao client", daemon=True)
        self._thread.start()
        self._closing = threading.Lock()
        self.is_closed = False
        """Whether nothing runs here any more."""

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """What the coroutine returns, once it has; whatever it raises is raised here.

        Whoever stops waiting (Ctrl-C) does not stop it: a payment that was begun is brought to its end.

        Raises:
            RequestError: `CLIENT_CLOSED`, nothing runs here any more.
            NetworkError: another thread has closed it meanwhile.
        """
        try:
            return self._begun(work).result()
        except CancelledError:
            raise NetworkError("the client was closed meanwhile; what was asked may or may not have happened") from None

    def _begun(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        with self._closing:
            if not self.is_closed:
                return asyncio.run_coroutine_threadsafe(work, self._loop)
        work.close()
        raise RequestError("the client is closed", code="CLIENT_CLOSED", cure="connect again")

    def close(self) -> None:
        """Stop whatever still runs, the loop and the thread; closed already, there is nothing to do."""
        with self._closing:
            if self.is_closed:
                return
            self.is_closed = True
        asyncio.run_coroutine_threadsafe(_stop_others(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _stop_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
