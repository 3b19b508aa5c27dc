"""Every decoder under bytes that nobody meant: it refuses them by name, or they are the only form of a value."""

import importlib.util
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.decoders import DECODERS, answer, corpus
from tests.fuzz.mutator import Mutator

pytestmark = pytest.mark.fuzz

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 10
INPUT_BYTES_MAX = 8192  # small inputs fuzz faster; every layout fits with all its lists


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", DECODERS)
def test_a_guided_fuzzer_finds_no_fault(name: str, tmp_path: Path) -> None:
    for number, data in enumerate(corpus(name)):
        (tmp_path / f"{number:03}").write_bytes(data)
    options = [f"-max_total_time={SECONDS}", f"-max_len={INPUT_BYTES_MAX}", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(tmp_path), *options]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS * 10)

    print(ended.stderr[-300:])  # noqa: T201 - the number of runs, shown with -s and on failure
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert "Done " in ended.stderr


@pytest.mark.parametrize("name", DECODERS)
def test_a_seeded_mutator_finds_no_fault(name: str) -> None:
    mutator = Mutator(corpus(name), seed=name)
    end = time.monotonic() + SECONDS
    answers: Counter[str] = Counter()

    while time.monotonic() < end:
        answers[answer(name, mutator.next())] += 1

    print(answers)  # noqa: T201 - shown with -s and on failure
    assert answers[""] > 0, "nothing decoded, so the mutator reaches no value"
    assert sum(answers.values()) > answers[""], "nothing was refused, so the mutator breaks no rule"
