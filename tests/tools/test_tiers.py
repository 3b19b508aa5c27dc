"""Which tests a plain `pytest` runs, which a tier, and that no test can be in two."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
TESTS = """
import pytest

def test_default(): ...

@pytest.mark.slow
def test_slow(): ...

@pytest.mark.fault
def test_fault(): ...
"""


def names_run(directory: Path, text: str, *arguments: str) -> tuple[int, set[str]]:
    """Exit code of pytest under this project's settings, and the names of the tests that passed."""
    (directory / "tests").mkdir()
    shutil.copy(ROOT / "pyproject.toml", directory)
    shutil.copy(ROOT / "tests/conftest.py", directory / "tests")
    (directory / "tests/test_sample.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", *arguments]
    finished = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    passed = {line.split("::")[1].split()[0] for line in finished.stdout.splitlines() if " PASSED" in line}
    return finished.returncode, passed


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], {"test_default"}),
        (["-m", "slow"], {"test_slow"}),
        (["-m", "slow or fault"], {"test_slow", "test_fault"}),
        (["tests/test_sample.py"], {"test_default"}),
        (["tests/test_sample.py::test_fault"], {"test_fault"}),
    ],
)
def test_a_tier_runs_when_it_is_asked_for(tmp_path: Path, arguments: list[str], expected: set[str]) -> None:
    code, passed = names_run(tmp_path, TESTS, *arguments)

    assert (code, passed) == (pytest.ExitCode.OK, expected)


def test_a_test_in_two_tiers_is_refused(tmp_path: Path) -> None:
    text = TESTS.replace("@pytest.mark.slow", "@pytest.mark.slow\n@pytest.mark.fuzz")

    code, passed = names_run(tmp_path, text)

    assert (code, passed) == (pytest.ExitCode.USAGE_ERROR, set())


def test_a_marker_that_nobody_declared_is_refused(tmp_path: Path) -> None:
    code, passed = names_run(tmp_path, TESTS.replace("mark.slow", "mark.slwo"))

    assert (code, passed) == (pytest.ExitCode.INTERRUPTED, set())
