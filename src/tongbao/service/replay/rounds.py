"""How rows become rounds: what may happen at once, and what must wait, so that two replays make the same money.

A round holds rows of one calendar day with no payer twice. All its wallets are funded first, one transaction per
institution; then all its payments go at once, since each spends only its own payer's coins; then its refunds, one
merchant after another in the order of the rows. While a round is paid, the next one of the day is funded: it waits only
for its own payers. So whoever has more rows left on that day goes before others, and whoever stood in a round stands
aside in the next one: rounds are few and full, and few wait for a payment of their own.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from tongbao.service.replay.rows import Row

__all__ = ["Paid", "RefundBook", "Round", "rounds"]

ROUND_ROWS_MAX = 64
"""Some rounds make a busy day, so that funding and paying overlap; smaller ones would fill submissions less."""

FIRST_ROUND_ROWS_MAX = 24
"""While a day's first round is funded nothing is paid, so it is one that is funded soon."""


@dataclass(frozen=True, slots=True)
class Round:
    """Rows that are replayed together.

    Attributes:
        time_ms: ledger time before the round begins: that of its day's first row.
        payments: rows with an amount above 0.
        refunds: rows with an amount below 0.
        skipped: rows with amount 0.
    """

    time_ms: int
    payments: Sequence[Row]
    refunds: Sequence[Row]
    skipped: Sequence[Row]


def rounds(rows: Sequence[Row], zone: tzinfo) -> Iterator[Round]:
    """The rounds of rows that ascend by time; days are those of `zone`."""
    for _, of_day in groupby(rows, key=lambda row: datetime.fromtimestamp(row.time_ms / 1000, zone).date()):
        day = list(of_day)
        yield from _rounds_of_day(day)


def _rounds_of_day(day: Sequence[Row]) -> Iterator[Round]:
    waiting: dict[str, deque[Row]] = {}
    for row in day:
        waiting.setdefault(row.payer, deque()).append(row)
    size, before = FIRST_ROUND_ROWS_MAX, set[str]()
    while waiting:
        # Whoever stood in the round before still pays, unless nobody else is left.
        ready = [payer for payer in waiting if payer not in before] or list(waiting)
        chosen = sorted(ready, key=lambda payer: -len(waiting[payer]))[:size]
        yield _round(day[0].time_ms, [waiting[payer].popleft() for payer in chosen])
        waiting = {payer: rows for payer, rows in waiting.items() if rows}
        size, before = ROUND_ROWS_MAX, set(chosen)


def _round(time_ms: int, rows: Sequence[Row]) -> Round:
    return Round(
        time_ms,
        payments=[row for row in rows if row.amount_fen > 0],
        refunds=[row for row in rows if row.amount_fen < 0],
        skipped=[row for row in rows if row.amount_fen == 0],
    )


@dataclass(slots=True)
class Paid:
    """A settled payment that can be refunded.

    Attributes:
        order_id: the order that it paid.
        left_fen: what has not been refunded yet.
    """

    order_id: str
    left_fen: int


class RefundBook:
    """Settled payments by payer and payee, for finding what a negative amount takes back."""

    def __init__(self) -> None:
        self._paid: defaultdict[tuple[str, str], list[Paid]] = defaultdict(list)

    def add(self, row: Row, order_id: str) -> None:
        """Remember the settled payment of `row`."""
        self._paid[row.payer, row.payee].append(Paid(order_id, row.amount_fen))

    def take(self, row: Row) -> list[tuple[str, int]]:
        """Orders and amounts that make up the refund, newest first; empty where the pair has not paid that much."""
        payments = self._paid[row.payer, row.payee]
        wanted = -row.amount_fen
        if sum(paid.left_fen for paid in payments) < wanted:
            return []
        # One payment that covers all of it is what the shop meant; only else is it spread.
        covering = [paid for paid in reversed(payments) if paid.left_fen >= wanted]
        taken = []
        for paid in covering or list(reversed(payments)):
            part = min(wanted, paid.left_fen)
            if part:
                paid.left_fen -= part
                wanted -= part
                taken.append((paid.order_id, part))
        return taken
