"""The wall clock, for signatures and time-outs; what happened when in money is ledger time, never this."""

import asyncio
import time

__all__ = ["SystemClock"]


class SystemClock:
    """The Clock port of a real machine."""

    def now_ms(self) -> int:
        """Milliseconds since 1970 UTC, by this machine's clock."""
        return time.time_ns() // 1_000_000

    async def sleep(self, seconds: float) -> None:
        """Wait, and let others work."""
        await asyncio.sleep(seconds)
