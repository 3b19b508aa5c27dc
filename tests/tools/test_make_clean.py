"""What `make clean` removes, as make itself tells it."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_with_what_was_built_goes_the_stamp_that_says_so() -> None:
    told = subprocess.run(["make", "-n", "clean"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()

    assert {"src/tongbao/_native.*.so", "src/tongbao/service/web/pages"} <= set(told)
    assert {".venv/run.stamp", ".venv/dev.stamp"} <= set(told)
