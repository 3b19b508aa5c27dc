"""Print what pytest's JUnit reports in a directory add up to, as `N passed, N failed, N skipped`.

usage: python tools/sum_reports.py DIRECTORY [FAILED_SECTION...]

A section that failed although none of its tests did (lint, a time limit, a crash) counts as one failure.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET


def sum_reports(reports: Iterable[Path], failed_sections: Iterable[str]) -> Counter[str]:
    """How many tests passed, failed and were skipped; each report is named after the section that wrote it."""
    total: Counter[str] = Counter()
    explained = set()
    for report in reports:
        for suite in ET.parse(report).getroot().iter("testsuite"):  # noqa: S314 - our own pytest wrote it
            tests, failures, errors, skipped = (
                int(suite.get(name, 0)) for name in ("tests", "failures", "errors", "skipped")
            )
            total += Counter(failed=failures + errors, skipped=skipped)
            # An error in a fixture's end is counted beside its test, which passed.
            total += Counter(passed=max(0, tests - failures - errors - skipped))
            if failures or errors:
                explained.add(report.stem)
    return total + Counter(failed=len(set(failed_sections) - explained))


def main(directory: str, *failed_sections: str) -> int:
    """Print the sum; 1 if anything failed."""
    total = sum_reports(sorted(Path(directory).glob("*.xml")), failed_sections)
    print(f"{total['passed']} passed, {total['failed']} failed, {total['skipped']} skipped")
    return 1 if total["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
