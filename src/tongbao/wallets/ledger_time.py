"""What a wallet believes of ledger time: its home tells it, and that word is not taken on trust.

A payment that is signed for a time far ahead would not expire for as long: its coins stay promised, and nobody can
prove that it never settles. A plan would pay next year's rents today.
"""

from typing import Final, Protocol

from tongbao.errors import PeerError
from tongbao.wallets.ports import Clock

__all__ = ["AHEAD_MS_MAX", "LedgerTime", "TimeCheck"]

AHEAD_MS_MAX: Final = 86_400_000
"""Ledger time follows a wall clock, and a home takes no request signed minutes from its own: a day is plenty."""


class _Centre(Protocol):
    async def learn_time(self) -> None: ...


class LedgerTime:
    """The newest time that the registration centre signed; forgotten at the end, since officers may set time back.

    Attributes:
        signed_ms: 0 before the first.
    """

    def __init__(self) -> None:
        self.signed_ms = 0

    def heard(self, signed_ms: int) -> None:
        """The centre signed that it was this late."""
        self.signed_ms = max(self.signed_ms, signed_ms)


class TimeCheck:
    """Compares a home's word with this machine's clock and, where that says no, with what the centre signs now."""

    def __init__(self, time: LedgerTime, centre: _Centre | None, clock: Clock) -> None:
        self._time = time
        self._centre = centre
        self._clock = clock

    async def demand_not_ahead(self, time_ms: int) -> None:
        """Return if it can be so late by now. One that is long ago does no harm to a payment: it expires the sooner.

        Raises:
            PeerError: the home is wrong, or this machine's clock is and the centre was not asked.
        """
        if self._is_believed(time_ms):
            return
        if self._centre is not None:
            await self._centre.learn_time()
        if not self._is_believed(time_ms):
            raise PeerError(
                f"the home names a ledger time that is far ahead, {time_ms} ms, by this machine's clock, which should"
                " be looked at, and by what the centre signed; nothing was signed"
            )

    def _is_believed(self, time_ms: int) -> bool:
        return time_ms <= max(self._time.signed_ms, self._clock.now_ms()) + AHEAD_MS_MAX
