"""Run the tests of the crates and, for `tools/sum_reports.py`, write what they add up to as a JUnit report.

usage: python tools/cargo_test.py [--junitxml FILE]
"""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

COMMAND = ("cargo", "test", "--release", "--locked", "--workspace")
SUMMARY = re.compile(r"^test result: \w+\. (\d+) passed; (\d+) failed; (\d+) ignored;")


def summed(lines: Iterable[str]) -> Counter[str]:
    """What the summaries of all test programs among the lines add up to."""
    total: Counter[str] = Counter()
    for line in lines:
        if found := SUMMARY.match(line):
            passed, failed, ignored = map(int, found.groups())
            total += Counter(passed=passed, failed=failed, skipped=ignored)
    return total


def junit(total: Counter[str]) -> str:
    """The sum as the least report that a reader of JUnit's takes."""
    counts = f'tests="{total.total()}" failures="{total["failed"]}" errors="0" skipped="{total["skipped"]}"'
    return f'<testsuites><testsuite name="cargo" {counts} /></testsuites>\n'


def _shown(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        sys.stdout.write(line)
        yield line


def main(option: str = "", path: str = "") -> int:
    """Run the tests; the exit status of cargo."""
    if option not in {"", "--junitxml"} or bool(option) != bool(path):
        sys.exit(__doc__)
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, text=True) as cargo:  # noqa: S603 - a constant command
        total = summed(_shown(cargo.stdout or ()))
    if path:
        Path(path).write_text(junit(total), encoding="utf-8")
    return cargo.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
