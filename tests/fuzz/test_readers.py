"""Readers above the coin layer under bytes that nobody meant: only the refusals that they document, and their laws."""

import importlib.util
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.fuzz.mutator import Mutator
from tests.fuzz.readers import READERS, answer

pytestmark = pytest.mark.fuzz

ROOT = Path(__file__).resolve().parents[2]
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
SECONDS = 6
ANSWER_S_MAX = 5.0  # hundreds of times what the slowest takes; more is a way to make a server stand still
INPUT_BYTES_MAX = 8192


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for thousands of small files, in memory where there is one."""
    with TemporaryDirectory(dir=MEMORY if MEMORY.exists() else None) as path:
        yield Path(path)


@pytest.mark.parametrize("name", READERS)
def test_what_fuzzing_begins_with_is_answered_as_documented(name: str, folder: Path) -> None:
    answers = [answer(name, data, folder) for data in READERS[name].known]

    assert "" in answers, "nothing of it is read"


@pytest.mark.parametrize("name", READERS)
def test_a_seeded_mutator_finds_no_fault(name: str, folder: Path) -> None:
    mutator = Mutator(READERS[name].known, seed=name)
    end = time.monotonic() + SECONDS
    answers: Counter[str] = Counter()
    slowest_s = 0.0

    while time.monotonic() < end:
        data, began = mutator.next(), time.monotonic()
        answers[answer(name, data, folder)] += 1
        slowest_s = max(slowest_s, time.monotonic() - began)

    print(answers, f"slowest {slowest_s:.3f} s")  # noqa: T201 - shown with -s and on failure
    assert slowest_s < ANSWER_S_MAX
    assert answers[""] > 0, "nothing was read, so the mutator reaches no value"
    assert sum(answers.values()) > answers[""] or not READERS[name].refusals, "nothing was refused"


@pytest.mark.skipif(importlib.util.find_spec("atheris") is None, reason="atheris is not installed")
@pytest.mark.parametrize("name", READERS)
def test_a_guided_fuzzer_finds_no_fault(name: str, folder: Path) -> None:
    corpus = folder / "corpus"
    corpus.mkdir()
    for number, data in enumerate(READERS[name].known):
        (corpus / f"{number:03}").write_bytes(data[:INPUT_BYTES_MAX])
    options = [f"-max_total_time={SECONDS}", f"-max_len={INPUT_BYTES_MAX}", f"-artifact_prefix={folder}/"]
    command = [sys.executable, "-m", "tests.fuzz.guided_readers", name, str(folder), str(corpus), *options]

    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=SECONDS * 10)

    print(ended.stderr[-300:])  # noqa: T201 - the number of runs, shown with -s and on failure
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-3000:]
    assert "Done " in ended.stderr
