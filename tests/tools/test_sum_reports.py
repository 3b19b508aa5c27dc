"""What CI prints last must be true: nothing that failed may be missing from the sum."""

from pathlib import Path

import pytest

from tools import sum_reports


def write_report(directory: Path, name: str, **counts: int) -> None:
    attributes = " ".join(f'{key}="{count}"' for key, count in counts.items())
    (directory / f"{name}.xml").write_text(f"<testsuites><testsuite {attributes}/></testsuites>")


def test_the_tests_of_all_tiers_are_added_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_report(tmp_path, "test", tests=10, failures=0, errors=0, skipped=2)
    write_report(tmp_path, "slow", tests=5, failures=0, errors=0, skipped=0)

    code = sum_reports.main(str(tmp_path))

    assert (code, capsys.readouterr().out) == (0, "13 passed, 0 failed, 2 skipped\n")


def test_failures_and_errors_are_failures_and_their_section_is_not_counted_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(tmp_path, "test", tests=10, failures=2, errors=1, skipped=0)

    code = sum_reports.main(str(tmp_path), "test")

    assert (code, capsys.readouterr().out) == (1, "7 passed, 3 failed, 0 skipped\n")


def test_a_section_that_failed_without_a_failed_test_is_one_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_report(tmp_path, "test", tests=10, failures=0, errors=0, skipped=0)

    code = sum_reports.main(str(tmp_path), "static", "test")

    assert (code, capsys.readouterr().out) == (1, "10 passed, 2 failed, 0 skipped\n")
