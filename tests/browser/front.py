"""`tongbao up` as a process of its own, for browsers to visit."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.ports import row_of_ports
from tongbao.coin import Domain
from tongbao.service.data_directory import DataDirectory
from tongbao.service.web.pages import PACKAGED

FIRST, SECOND = "First Bank", "Second Bank"
"""The sandbox's institutions, by the names that its pages show."""

OPEN_WITHIN_S = 60.0
_LOOK_EVERY_S = 0.05
STOPPED_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Front:
    """Where the pages are, and the network's data behind them.

    Attributes:
        port: of the front, on localhost.
        data: the data directory.
    """

    port: int
    data: Path

    @property
    def url(self) -> str:
        """The origin; a name rather than a number, since a passkey belongs to a name."""
        return f"http://localhost:{self.port}"

    def domain(self) -> Domain:
        """What the network's signatures are bound to."""
        return DataDirectory.open(self.data).genesis().domain()


@contextmanager
def started_front(folder: Path, *, later_days: int = 0) -> Iterator[Front]:
    """A sandbox that answers; it is stopped at the end. Without pages the test is skipped, but in CI it fails.

    The same folder is the same network, on a clock that may be ahead.
    """
    if not (PACKAGED / "index.html").exists():
        message = f"there are no pages in {PACKAGED}: `npm run build` in web/ builds them"
        pytest.fail(message) if "CI" in os.environ else pytest.skip(message)
    data, log, kept = folder / "data", folder / "up.log", folder / "port"
    port = int(kept.read_text()) if kept.exists() else row_of_ports()
    kept.write_text(str(port))
    program = ("tongbao",) if later_days == 0 else ("tests.browser.later", str(later_days))
    where = () if data.exists() else ("--port", str(port))  # a network keeps its ports
    command = (sys.executable, "-m", *program, "up", "--data", str(data), *where, "--json")
    with log.open("wb") as told:
        process = subprocess.Popen(command, stdout=told, stderr=told)
    try:
        _wait_until_open(process, port, log)
        yield Front(port, data)
    finally:
        process.terminate()
        process.wait(STOPPED_WITHIN_S)


def _wait_until_open(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline_s = time.monotonic() + OPEN_WITHIN_S
    while not _is_open(port):
        if process.poll() is not None or time.monotonic() > deadline_s:
            raise TimeoutError(f"tongbao up does not answer on port {port}: {log.read_text()}")
        time.sleep(_LOOK_EVERY_S)


def _is_open(port: int) -> bool:
    """Whether all roles answer, the vaults are filled and the mall is open."""
    try:
        with urllib.request.urlopen(f"http://localhost:{port}/sandbox", timeout=2) as answer:
            return bool(json.load(answer)["preparation"] == "ready")
    except OSError:
        return False
