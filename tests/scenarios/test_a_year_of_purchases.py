"""A year of real purchases, replayed whole: every payment settles, and the supply is exact to the fen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PURCHASES = Path(__file__).resolve().parents[3] / "shared" / "data" / "purchases" / "purchases_2017.csv"


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(not PURCHASES.exists(), reason=f"the purchases of 2017 are not at {PURCHASES}")
def test_a_year_of_purchases_settles_whole_and_the_supply_is_exact(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tongbao", "replay", str(PURCHASES), "--data", str(tmp_path / "data"), "--json"]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    result = json.loads(done.stdout)
    assert (result["rows"], result["settled"], result["skipped"]) == (47_243, 46_988, 255)
    assert (result["refused"], result["refunded"], result["unmatched"], result["malformed"]) == ({}, 0, 0, 0)
    assert result["turnover"] == 23_393_524
    supply = result["supply"]
    assert supply["unspent"] == supply["outstanding"] == supply["issued"] == 23_393_524
    sys.stdout.write(f"{result['per_second']} payments/s with the {result['kernel']} kernel\n")
