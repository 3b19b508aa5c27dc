"""What class IV limits refuse in a file of purchases, from the file alone: shares no code with the currency.

Figures: e-CNY class IV, balance 10,000, single payment 2,000, per day 5,000, per year 50,000 yuan (Mu Changchun,
Lujiazui Forum, June 2021). Payers are funded with just what a payment needs, so that no balance exceeds a payment.
"""

import csv
from collections import Counter, defaultdict
from itertools import islice
from pathlib import Path

SINGLE_FEN, DAY_FEN, YEAR_FEN = 200_000, 500_000, 5_000_000


def expected_refusals(path: Path, *, scale: int, limit: int | None = None) -> tuple[int, Counter[str]]:
    """How many payments of the file's first `limit` rows settle, and how many each limit refuses."""
    settled, refused = 0, Counter[str]()
    days: defaultdict[tuple[str, str], int] = defaultdict(int)
    years: defaultdict[tuple[str, str], int] = defaultdict(int)
    with path.open(newline="", encoding="utf-8") as file:
        rows = sorted(islice(csv.DictReader(file), limit), key=lambda row: row["paid_at"])
    for row in rows:
        amount = int(row["amount_cents"]) * scale
        if amount == 0:
            continue
        day, year = (row["household"], row["paid_at"][:10]), (row["household"], row["paid_at"][:4])
        if amount > SINGLE_FEN:
            refused["LIMIT_SINGLE"] += 1
        elif days[day] + amount > DAY_FEN:
            refused["LIMIT_DAY"] += 1
        elif years[year] + amount > YEAR_FEN:
            refused["LIMIT_YEAR"] += 1
        else:
            settled += 1
            days[day] += amount
            years[year] += amount
    return settled, refused
