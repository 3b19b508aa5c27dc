"""The counting of Rust's tests."""

from pathlib import Path

from tools.cargo_test import junit, summed
from tools.sum_reports import sum_reports

OUTPUT = """\
     Running tests/vectors/main.rs (target/release/deps/vectors-01)
test judging::every_submission_gets_the_verdict_of_the_reference ... ok
test result: ok. 15 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 2.13s
     Running tests/properties/main.rs (target/release/deps/properties-01)
test result: FAILED. 6 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.76s
"""


def test_the_summaries_of_all_test_programs_are_added_up() -> None:
    total = summed(OUTPUT.splitlines(keepends=True))

    assert total == {"passed": 21, "failed": 2, "skipped": 1}


def test_the_report_is_counted_like_one_of_pytest(tmp_path: Path) -> None:
    report = tmp_path / "rust.xml"
    report.write_text(junit(summed(OUTPUT.splitlines())), encoding="utf-8")

    total = sum_reports([report], failed_sections=["rust"])

    assert total == {"passed": 21, "failed": 2, "skipped": 1}
