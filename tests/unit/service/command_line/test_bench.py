"""`tongbao bench` prints what it measured, on which machine and with which kernel."""

import pytest

from tests.command_line import json_of, tongbao
from tests.kernel_builders import KERNEL
from tongbao.service.command_line.chosen_kernel import kernel_text
from tongbao.service.machine import describe_machine


def test_the_ledger_is_measured_stage_by_stage_with_kernel_and_machine() -> None:
    ended = tongbao("bench", "ledger", "--transactions", 64, "--json")

    measured = json_of(ended)
    assert ended.exit_code == 0
    assert list(measured) == [
        "kernel",
        "crypto",
        "machine",
        "seed",
        "judging",
        "applying",
        "journaling",
        "state_digest",
    ]
    assert measured["kernel"] == KERNEL.name
    assert measured["crypto"] == KERNEL.crypto
    assert measured["machine"] == describe_machine()
    for stage in ("judging", "applying", "journaling"):
        assert measured[stage]["transactions"] == 64
        assert measured[stage]["per_second"] > 0
        assert measured[stage]["latency_of"].startswith("a ")


def test_one_seed_gives_one_digest() -> None:
    digests = [
        json_of(tongbao("bench", "ledger", "--transactions", 64, "--seed", seed, "--json"))["state_digest"]
        for seed in (1, 1, 2)
    ]

    assert digests[0] == digests[1] != digests[2]


def test_people_read_one_line_per_stage() -> None:
    ended = tongbao("bench", "ledger", "--transactions", 64)

    lines = ended.stdout.splitlines()
    assert lines[0].startswith(f"kernel: {kernel_text(KERNEL)}   machine: ")
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["judging", "applying", "journaling"]
    assert lines[1].endswith("of a submission of 64 transactions")
    assert all(line.endswith("of a batch of 16 submissions") for line in lines[2:])
    assert ended.stderr == ""


@pytest.mark.parametrize("transactions", ["63", "0", "-1", "1000001", "many"])
def test_a_number_of_transactions_out_of_range_is_a_wrong_command_line(transactions: str) -> None:
    ended = tongbao("bench", "ledger", "--transactions", transactions)

    assert ended.exit_code == 2
    assert "--transactions" in ended.stderr


def test_a_kernel_that_this_build_lacks_is_an_error_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.kernel._select.find_spec", lambda _: None)

    ended = tongbao("bench", "ledger", "--transactions", 64, "--json", TONGBAO_KERNEL="native")

    assert ended.exit_code == 4
    assert json_of(ended)["error"] == "ConfigurationError"
    assert "TONGBAO_KERNEL=reference" in json_of(ended)["message"]
