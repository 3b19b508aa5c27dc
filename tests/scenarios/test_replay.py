"""`tongbao replay` lives through files of purchases: other columns, yuan, refunds, and rows that nobody can read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.kernel_builders import KERNEL
from tests.scenarios.limits_from_csv import expected_refusals
from tongbao.kernel import has_native_kernel

pytestmark = pytest.mark.slow

PURCHASES = Path(__file__).parents[3] / "shared" / "data" / "purchases" / "purchases_2017.csv"

SHOPPING = """\
Buyer Name,when,Paid (yuan),Merchant Id,note
Wang,2023-05-01 09:00:00,12.50,Bakery,
Li,2023-05-01 10:00:00,100,Bookshop,"novels, two"
Wang,2023-05-01 11:00:00,0.00,Bakery,nothing bought
Wang,2023-05-02 09:00:00,-12.50,Bakery,refund in full
Li,2023-05-02 12:00:00,-40.25,Bookshop,refund in part
Li,2023-05-02 13:00:00,-59.76,Bookshop,more than is left
Zhao,2023-05-02 14:00:00,-1.00,Bakery,never bought
Zhao,2023-05-03 08:00:00,0.005,Bakery,half a fen
Zhao,yesterday,3.00,Bakery,no time
,2023-05-03 08:30:00,3.00,Bakery,nobody
Zhao,2023-05-03 09:00:00,3.00
Zhao,2023-05-03 10:00:00,9.99,Bakery,
"""
"""Of 12 rows 3 settle, 2 are refunded, 1 is zero, 2 match no payment and 4 cannot be read."""

MALFORMED_LINES = [9, 10, 11, 12]
TURNOVER_FEN = 1_250 + 10_000 + 999
UNSPENT_AT_SHOPS_FEN = TURNOVER_FEN - 1_250 - 4_025


def _replay(file: Path, *words: str | int | Path) -> tuple[dict[str, Any], str]:
    ended = subprocess.run(
        [sys.executable, "-m", "tongbao", "replay", str(file), *map(str, words), "--json"],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    answer: dict[str, Any] = json.loads(ended.stdout)
    return answer, ended.stderr


@pytest.fixture
def shopping(tmp_path: Path) -> Path:
    file = tmp_path / "shopping.csv"
    file.write_text(SHOPPING, encoding="utf-8")
    return file


def test_other_columns_yuan_refunds_and_malformed_rows_are_understood(shopping: Path) -> None:
    told, explained = _replay(shopping)

    counted = {name: told[name] for name in ("rows", "settled", "refunded", "skipped", "unmatched", "malformed")}
    assert counted == {"rows": 12, "settled": 3, "refunded": 2, "skipped": 1, "unmatched": 2, "malformed": 4}
    assert (told["refused"], told["turnover"], told["kernel"]) == ({}, TURNOVER_FEN, KERNEL.name)
    assert told["supply"]["redeemed"] == 0
    assert told["supply"]["issued"] == told["supply"]["outstanding"] == told["supply"]["unspent"] == TURNOVER_FEN
    assert told["supply"]["unconfirmed"] == 0
    assert told["per_second"] > 0
    columns = "payer=Buyer Name, payee=Merchant Id, amount=Paid (yuan), time=when, unit=yuan"
    assert columns in " ".join(explained.split())
    assert [line for line in MALFORMED_LINES if f"line {line}:" in explained] == MALFORMED_LINES


def test_the_same_seed_makes_the_same_money_and_another_seed_makes_other_money(shopping: Path, tmp_path: Path) -> None:
    first, _ = _replay(shopping, "--seed", "spring", "--data", tmp_path / "first")
    second, _ = _replay(shopping, "--seed", "spring", "--data", tmp_path / "second")
    other, _ = _replay(shopping, "--seed", "autumn", "--data", tmp_path / "other")

    assert first["state_digest"] == second["state_digest"]
    assert first["state_digest"] != other["state_digest"]


@pytest.mark.skipif(not has_native_kernel(), reason="this installation has no native kernel")
def test_either_kernel_makes_the_same_money(shopping: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, words = (PURCHASES, ("--limit", 500)) if PURCHASES.exists() else (shopping, ())
    told = {}
    for kernel in ("reference", "native"):
        monkeypatch.setenv("TONGBAO_KERNEL", kernel)
        told[kernel], _ = _replay(file, "--seed", "spring", "--data", tmp_path / kernel, *words)

    assert [told[kernel]["kernel"] for kernel in told] == ["reference", "native"]
    assert told["reference"]["state_digest"] == told["native"]["state_digest"]
    assert told["reference"]["settled"] == told["native"]["settled"] > 0


def test_named_columns_and_unit_overrule_what_would_be_inferred(shopping: Path) -> None:
    words = ("--payer", "Merchant Id", "--payee", "Buyer Name", "--amount", "Paid (yuan)", "--unit", "yuan")

    told, explained = _replay(shopping, *words, "--limit", 2)

    assert (told["rows"], told["settled"]) == (2, 2)
    assert "payer=Merchant Id" in explained
    assert "(inferred: time)" in explained


def test_a_column_that_is_not_there_is_named(shopping: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tongbao", "replay", str(shopping), "--payer", "cousin", "--json"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    told = json.loads(ended.stdout)
    assert (ended.returncode, told["error"], told["field"]) == (1, "COLUMN_UNKNOWN", "--payer")
    assert told["cure"]


@pytest.mark.skipif(not PURCHASES.exists(), reason=f"the purchases are not there: {PURCHASES}")
@pytest.mark.parametrize(("scale", "limit"), [(1, 1_000), (400, 3_000)])
def test_limits_refuse_what_the_file_alone_says_that_they_refuse(scale: int, limit: int) -> None:
    settled, refused = expected_refusals(PURCHASES, scale=scale, limit=limit)

    told, _ = _replay(PURCHASES, "--scale", scale, "--wallet-class", "IV", "--limit", limit)

    assert (told["settled"], told["refused"]) == (settled, dict(sorted(refused.items())))
    assert settled + sum(refused.values()) + told["skipped"] == limit
    assert told["supply"]["unspent"] == told["supply"]["outstanding"] == told["supply"]["issued"]
