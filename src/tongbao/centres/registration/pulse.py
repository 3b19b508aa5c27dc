"""The pulse of the ledger, for anybody who looks: how much settles each second, and how long it takes. Of nobody.

What is counted on the way of money costs two additions a submission; everything else is made once a second, and only
while somebody asks.
"""

from collections import deque
from typing import Final

from tongbao.protocol.registration import PULSE_SERIES_S, SettlementLatency

__all__ = ["ANSWERS_MAX", "LATENCY_WINDOW_S", "PulseCounter"]

LATENCY_WINDOW_S: Final = 60.0
"""Long enough to see a quiet network's latency at all, short enough to see that it has just become worse."""

ANSWERS_MAX: Final = 4_096
"""Sorting them takes half a millisecond, once a second. On a busy network they are those of the last seconds."""


class PulseCounter:
    """Counts what settles and how long it took; times are those of the event loop, in seconds."""

    def __init__(self) -> None:
        # One place more than is shown: the second that is not over.
        self._settled = [0] * (PULSE_SERIES_S + 1)
        self._seconds = [-1] * (PULSE_SERIES_S + 1)
        self._answers: deque[tuple[float, float, int]] = deque(maxlen=ANSWERS_MAX)

    def count_settled(self, transactions: int, *, now_s: float) -> None:
        """So many transactions have settled just now."""
        second = int(now_s)
        place = second % len(self._settled)
        if self._seconds[place] != second:
            self._seconds[place], self._settled[place] = second, 0
        self._settled[place] += transactions

    def count_answered(self, transactions: int, *, latency_s: float, now_s: float) -> None:
        """A submission of so many transactions was answered, so long after it was taken in."""
        self._answers.append((now_s, latency_s, transactions))

    def series(self, *, now_s: float) -> list[int]:
        """Transactions settled in each of the last whole seconds, the oldest first."""
        second, places = int(now_s), len(self._settled)
        wanted = range(second - PULSE_SERIES_S, second)
        return [self._settled[each % places] if self._seconds[each % places] == each else 0 for each in wanted]

    def latency(self, *, now_s: float) -> SettlementLatency:
        """How long transactions took that were answered lately."""
        lately = sorted(
            (latency_s, transactions)
            for at_s, latency_s, transactions in self._answers
            if at_s > now_s - LATENCY_WINDOW_S
        )
        count = sum(transactions for _, transactions in lately)
        if not count:
            return SettlementLatency(transactions=0, p50_ms=None, p99_ms=None)
        return SettlementLatency(
            transactions=count,
            p50_ms=_at(lately, -(-count * 50 // 100)),
            p99_ms=_at(lately, -(-count * 99 // 100)),
        )


def _at(ascending: list[tuple[float, int]], rank: int) -> float:
    """The latency of the transaction with that rank, from 1, in milliseconds."""
    passed = 0
    for latency_s, transactions in ascending:
        passed += transactions
        if passed >= rank:
            return round(latency_s * 1000, 2)
    return round(ascending[-1][0] * 1000, 2)
