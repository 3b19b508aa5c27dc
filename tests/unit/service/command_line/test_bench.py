"""`tongbao bench` prints what it measured, on which machine and with which kernel."""

from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.kernel_builders import KERNEL
from tongbao.service.bench import limits
from tongbao.service.machine import describe_machine

QUICK = ("bench", "ledger", "--transactions", 1, "--journal", "none")
STAGES = ["verify_only", "settle_signed", "settle_unsigned"]


@pytest.fixture(autouse=True)
def _no_long_ceilings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS", 0.02)
    monkeypatch.setattr("tongbao.service.bench.limits.which", lambda _: None)


def test_the_ledger_is_measured_stage_by_stage_with_kernel_and_machine() -> None:
    ended = tongbao(*QUICK, "--json")

    measured = json_of(ended)
    assert ended.exit_code == 0
    head = ["kernel", "crypto", "cpu", "flags", "machine", "suite", "seed"]
    sizes = ["coins", "bytes_per_transaction", "bytes_per_coin", "resident_bytes_per_coin", "state_digest", "limits"]
    assert list(measured) == [*head, *STAGES, *sizes]
    assert measured["kernel"] == KERNEL.name
    assert measured["crypto"] == KERNEL.crypto
    assert measured["machine"] == describe_machine()
    for stage in STAGES:
        assert measured[stage]["transactions"] == 1_000
        assert measured[stage]["per_second"] > 0


def test_one_seed_gives_one_digest() -> None:
    digests = [json_of(tongbao(*QUICK, "--seed", seed, "--json"))["state_digest"] for seed in (1, 1, 2)]

    assert digests[0] == digests[1] != digests[2]


def test_people_read_one_line_per_stage() -> None:
    ended = tongbao(*QUICK)

    lines = ended.stdout.splitlines()
    assert lines[0] == f"kernel: {KERNEL.name}, {KERNEL.crypto}"
    assert lines[1].startswith("machine: ")
    assert lines[2] == "suite: ed25519   coins: 3,000"
    assert [line.split(":")[0].strip() for line in lines[3:6]] == ["verify_only", "settle_unsigned", "settle_signed"]
    assert ended.stderr == ""


@pytest.mark.parametrize("transactions", ["0", "-1", "20000001", "many"])
def test_a_number_of_transactions_out_of_range_is_a_wrong_command_line(transactions: str) -> None:
    ended = tongbao("bench", "ledger", "--transactions", transactions)

    assert ended.exit_code == 2
    assert "--transactions" in ended.stderr


def test_a_kernel_that_this_build_lacks_is_an_error_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.kernel._select.find_spec", lambda _: None)

    ended = tongbao(*QUICK, "--json", TONGBAO_KERNEL="native")

    assert ended.exit_code == 4
    assert json_of(ended)["error"] == "ConfigurationError"
    assert "TONGBAO_KERNEL=reference" in json_of(ended)["message"]


def test_a_page_is_drawn_of_what_was_measured(tmp_path: Path) -> None:
    (tmp_path / "first.json").write_text(tongbao(*QUICK, "--json").stdout, encoding="utf-8")

    ended = tongbao("bench", "report", tmp_path, "--json")

    assert json_of(ended) == {"page": str(tmp_path / "report.html")}
    assert "first: " in (tmp_path / "report.html").read_text(encoding="utf-8")
