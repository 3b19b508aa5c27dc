"""A season of real purchases, replayed: every payment settles, and the supply is exact to the fen.

The whole year is `tongbao replay purchases_2017.csv`: 46,988 payments of 23,393,524 fen, 255 rows of amount 0.
"""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

PURCHASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "purchases" / "purchases_2017.csv"


ROWS = 6_000
"""An eighth of the year, so that CI has time for the rest."""


def _amounts() -> list[int]:
    with PURCHASES.open(newline="", encoding="utf-8") as file:
        return [int(row["amount_cents"]) for row, _ in zip(csv.DictReader(file), range(ROWS), strict=False)]


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not PURCHASES.exists(), reason=f"the purchases of 2017 are not at {PURCHASES}")
def test_a_season_of_purchases_settles_whole_and_the_supply_is_exact(tmp_path: Path) -> None:
    amounts = _amounts()
    command = [sys.executable, "-m", "tongbao", "replay", str(PURCHASES), "--limit", str(ROWS)]

    done = subprocess.run(
        [*command, "--data", str(tmp_path / "data"), "--json"], capture_output=True, text=True, check=True
    )

    result = json.loads(done.stdout)
    assert (result["rows"], result["settled"], result["skipped"]) == (ROWS, ROWS - amounts.count(0), amounts.count(0))
    assert (result["refused"], result["refunded"], result["unmatched"], result["malformed"]) == ({}, 0, 0, 0)
    assert result["turnover"] == sum(amounts)
    supply = result["supply"]
    assert supply["unspent"] == supply["outstanding"] == supply["issued"] == sum(amounts)
