"""The vectors of the kernel, read as another implementation would: bytes in, statuses, digest and chain head out."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet

from tests import kernel_builders
from tests.vectors import generate_kernel
from tongbao.coin import Genesis
from tongbao.kernel import BatchInvalidError, Kernel, Refusal, Status

FOLDER = Path(__file__).resolve().parents[2] / "vectors/kernel"
JUDGED = ("judge", "witnesses", "suites")
APPLIED = ("speakers", "money", "control", "offices")

# Neighbours of which no transaction can have both, so that nothing shows which comes first.
NEVER_BOTH = {
    ("INPUTS_MISSING", "INPUTS_NOT_ALLOWED"): "there are inputs or there are none",
    ("OUTPUTS_MISSING", "OUTPUTS_NOT_ALLOWED"): "there are outputs or there are none",
    ("HOMES_DIFFER", "ISSUE_TARGETS_DIFFER"): "an issue has no inputs",
    ("ISSUE_TARGETS_DIFFER", "VALUE_NOT_CONSERVED"): "an issue conserves nothing",
    ("CONTROL_AFTER_MONEY", "ENDORSER_UNKNOWN"): "one is found by judge, the other by apply",
    ("ENDORSER_UNKNOWN", "ENDORSER_KEY_NOT_CURRENT"): "an unknown home has no key",
    ("EXPIRED", "EXPIRY_TOO_FAR"): "an expiry is past or far ahead",
    ("INSTITUTION_EXISTS", "INSTITUTION_UNKNOWN"): "of different operations",
    ("SUCCESSOR_INVALID", "RULES_UNKNOWN"): "of different operations",
    ("RULES_UNKNOWN", "RECEIPT_KEY_INVALID"): "of different operations",
    ("RECEIPT_KEY_INVALID", "ALREADY_FROZEN"): "of different operations",
    ("ALREADY_FROZEN", "NOT_FROZEN"): "of different operations",
    ("NOT_FROZEN", "FREEZE_TOO_RECENT"): "what is not frozen was not frozen recently",
    ("FREEZE_TOO_RECENT", "KEY_UNUSABLE"): "of different operations",
    ("KEYS_UNPROVEN", "HOME_NOT_SERVED"): "control spends nobody's coins in the name of a home",
    ("INPUT_NOT_UNSPENT", "QUOTA_EXCEEDED"): "an issue has no inputs",
}


def cases(*names: str) -> list[dict[str, Any]]:
    """The cases of the files, each with its genesis and its file's name."""
    read = {name: json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8")) for name in names}
    return [
        {**case, "file": name, "genesis": content["networks"][case["network"]]}
        for name, content in read.items()
        for case in content["cases"]
    ]


def parameters(*names: str) -> list[ParameterSet]:
    """One parameter for each case."""
    return [
        pytest.param(case, id=f"{case['file']}: {case.get('status', '')}: {case['name']}") for case in cases(*names)
    ]


def kernel_of(case: dict[str, Any]) -> Kernel:
    """The kernel at the case's genesis."""
    return kernel_builders.KERNEL(Genesis.decode(bytes.fromhex(case["genesis"])))


def live_through(case: dict[str, Any], *, judged_by: int | None) -> Kernel:
    """The kernel after the case's batches, each of which gives its statuses."""
    kernel = kernel_of(case)
    for batch in case["batches"]:
        applied = kernel.apply(bytes.fromhex(batch["bytes"]), judged_by=judged_by)

        assert applied.statuses == batch["statuses"]
    return kernel


def memory(kernel: Kernel) -> tuple[str, str, str]:
    """Time, chain head and state digest as a case writes them."""
    return str(kernel.time_ms), kernel.chain_head.hex(), kernel.state_digest().hex()


# --- the files --------------------------------------------------------------------------------------------------------


def test_the_files_are_what_the_generator_makes(capsys: pytest.CaptureFixture[str]) -> None:
    status = generate_kernel.main(["--check"])

    assert (status, capsys.readouterr().err) == (0, "")


def test_a_file_that_differs_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(generate_kernel, "FOLDER", tmp_path)
    assert generate_kernel.main([]) == 0
    (tmp_path / "money.json").write_text("{}", encoding="utf-8")
    (tmp_path / "judge.json").unlink()

    status = generate_kernel.main(["--check"])

    assert status == 1
    assert [line.split("/")[-1].split()[0] for line in capsys.readouterr().err.splitlines()] == [
        "judge.json",
        "money.json",
    ]


def test_every_case_has_a_name_of_its_own() -> None:
    names = [(case["file"], case.get("status"), case["name"]) for case in cases(*JUDGED, *APPLIED, "batches")]

    assert len(set(names)) == len(names)


def test_every_status_has_a_vector() -> None:
    covered = {(case["status"], case["number"]) for case in cases(*JUDGED, *APPLIED)}

    assert covered == {(status.name, status.value) for status in Status}


def test_of_each_two_neighbours_a_vector_shows_which_comes_first() -> None:
    shown = {(case["status"], case.get("beats")) for case in cases(*JUDGED, *APPLIED)}
    names = [status.name for status in Status if status != Status.SETTLED]

    missing = {pair for pair in pairwise(names) if pair not in shown}

    assert missing == set(NEVER_BOTH)


def test_what_beats_another_status_is_declared_before_it() -> None:
    order = [status.name for status in Status]

    for case in cases(*JUDGED, *APPLIED):
        assert "beats" not in case or order.index(case["status"]) < order.index(case["beats"]), case["name"]


# --- the cases --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", parameters(*JUDGED))
@pytest.mark.usefixtures("each_kernel")
def test_judge_finds_the_first_reason(case: dict[str, Any]) -> None:
    kernel = kernel_of(case)

    verdict = kernel.judge(bytes.fromhex(case["submission"]), kernel.judging)

    found = (verdict.status, verdict.index) if isinstance(verdict, Refusal) else (Status.SETTLED, -1)
    assert found == (case["number"], case["index"])


@pytest.mark.parametrize("case", parameters(*APPLIED))
@pytest.mark.usefixtures("each_kernel")
def test_apply_finds_the_first_reason(case: dict[str, Any]) -> None:
    kernel = live_through(case, judged_by=None)

    assert case["number"] in case["batches"][-1]["statuses"]
    assert memory(kernel) == (case["time_ms"], case["chain_head"], case["state_digest"])


@pytest.mark.parametrize("case", parameters(*APPLIED))
@pytest.mark.usefixtures("each_kernel")
def test_what_was_judged_before_need_not_be_judged_again(case: dict[str, Any]) -> None:
    kernel = live_through(case, judged_by=1)

    assert memory(kernel) == (case["time_ms"], case["chain_head"], case["state_digest"])


@pytest.mark.parametrize("case", parameters("batches"))
@pytest.mark.usefixtures("each_kernel")
def test_a_batch_follows_or_changes_nothing(case: dict[str, Any]) -> None:
    kernel = live_through(case, judged_by=None)
    before = kernel.snapshot()

    if case["valid"]:
        assert kernel.apply(bytes.fromhex(case["follows"])).statuses == case["statuses"]
    else:
        with pytest.raises(BatchInvalidError):
            kernel.apply(bytes.fromhex(case["follows"]))
        assert kernel.snapshot() == before

    assert memory(kernel) == (case["time_ms"], case["chain_head"], case["state_digest"])
