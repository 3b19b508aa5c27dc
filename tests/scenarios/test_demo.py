"""`tongbao demo` tells the whole story and proves the supply."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

STEPS = [
    "genesis",
    "issuance",
    "wallets",
    "exchange",
    "purchase",
    "refund",
    "across_institutions",
    "double_spend",
    "redemption",
    "receipts",
    "supply",
]
DEMO_S_MAX = 60


def _demo(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tongbao", "demo", *words], capture_output=True, text=True, timeout=120, check=False
    )


def test_every_step_of_the_demo_happens_and_the_supply_is_exact(tmp_path: Path) -> None:
    before_s = time.monotonic()

    ended = _demo("--json", "--data", str(tmp_path / "data"))

    took_s = time.monotonic() - before_s
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["ok"]) == (0, True)
    assert [step["name"] for step in told["steps"]] == STEPS
    assert all(step["ok"] and step["detail"] for step in told["steps"])
    assert "9 receipts verified" in told["steps"][STEPS.index("receipts")]["detail"]
    assert set(told["supply"]) == {"issued", "redeemed", "outstanding", "unspent", "unconfirmed"}
    assert told["supply"]["outstanding"] == told["supply"]["issued"] - told["supply"]["redeemed"]
    assert told["supply"]["unspent"] == told["supply"]["outstanding"] > 0
    assert told["supply"]["unconfirmed"] == 0
    assert took_s < DEMO_S_MAX
    assert list((tmp_path / "data" / "journal").glob("*.segment"))


def test_people_read_the_story_indented_below_its_titles_and_in_yuan() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tongbao", "demo"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "COLUMNS": "80"},
    )

    told = ended.stderr.splitlines()
    assert ended.returncode == 0
    assert len([line for line in told if line.startswith("✓ ")]) == len(STEPS)
    assert [line for line in told if not line.startswith(("✓ ", "  ")) or len(line) > 80] == []
    assert "  issued ¥700,000 - redeemed ¥10,000 = outstanding ¥690,000" in told
    assert ended.stdout.endswith("the supply is exact; the journal names every verdict\n")


def test_the_demo_does_not_run_over_another_network(tmp_path: Path) -> None:
    first = _demo("--json", "--data", str(tmp_path))

    again = _demo("--json", "--data", str(tmp_path))

    told = json.loads(again.stdout)
    assert first.returncode == 0
    assert again.returncode != 0
    assert [(step["name"], step["ok"]) for step in told["steps"]] == [("genesis", False)]
    assert "holds a network already" in told["steps"][0]["detail"]
