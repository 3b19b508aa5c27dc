"""Refusals for the sake of money that may be on its way: asked again once all that came in time has been read."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from tongbao.errors import RefusedError
from tongbao.institutions.policy import LimitCode
from tongbao.institutions.settlement.arrivals import Arrivals
from tongbao.institutions.settlement.ledger import Ledger

__all__ = ["LatestNews"]

T = TypeVar("T")

# Until all that came in time has been read, the money may come still.
_CHANGED_BY_ARRIVALS = frozenset({"ORDER_RESERVED", LimitCode.BALANCE})


class LatestNews:
    """Reads the feed up to the present where that may change an answer."""

    def __init__(self, ledger: Ledger, arrivals: Arrivals) -> None:
        self._ledger = ledger
        self._arrivals = arrivals

    async def heeded(self, ask: Callable[[], Awaitable[T]]) -> T:
        """What is answered; asked again where what has arrived, or has not come in time, may change a refusal."""
        try:
            return await ask()
        except RefusedError as error:
            ledger = self._ledger
            if error.code not in _CHANGED_BY_ARRIVALS or ledger.seen_sequence >= ledger.sequence:
                raise
        await self._arrivals.reach(ledger.sequence)
        return await ask()
