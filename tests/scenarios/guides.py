"""Reads the commands of a page as a reader would, and types them beside a currency that runs.

A word in capitals stands for something that an answer before named: PROPOSAL for its `proposal_id`, and so on.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from tests.command_line import resolved
from tests.ports import ROLES, row_of_ports

ROOT: Final = Path(__file__).resolve().parents[2]
READY_WITHIN_S: Final = 60.0
ANSWERS_WITHIN_S: Final = 30.0
COMMAND_WITHIN_S: Final = 120
STOPS_WITHIN_S: Final = 60

PLACEHOLDER: Final = re.compile(r"\b(?!III\b)[A-Z][A-Z_]{2,}\b")  # a class of wallets is none

# What has a life of its own, and is tested by itself; `demo/` is where a demo leaves its data.
ELSEWHERE: Final = re.compile(r"tongbao (demo|up|serve|replay|simulate|bench)\b|.* demo/")


def pages(folder: str) -> list[str]:
    """The pages below a folder of the documentation."""
    return sorted(str(path.relative_to(ROOT)) for path in (ROOT / folder).glob("*.md"))


STOP: Final = "# stop it with Ctrl-C"
START: Final = "tongbao up --data currency"


def commands_of(page: str) -> list[str]:
    """The lines of its `sh` blocks that call `tongbao`, in order; what runs by itself is left out.

    `STOP` is among them, and `START` after it.
    """
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    found = [line for line in lines if line.startswith("tongbao ") or line == STOP]
    stopped = STOP in found
    return [line for line in found if (line == START and stopped) or not ELSEWHERE.match(line)]


@dataclass
class Reader:
    """Somebody who types what a page says.

    Attributes:
        folder: where he sits; the currency's data lies in `currency` below it.
        known: what answers named, by the names of their fields.
    """

    folder: Path
    known: dict[str, str] = field(default_factory=dict)

    def type(self, line: str) -> None:
        """Type one line; what it answers is remembered. It must end well, if need be after a moment."""
        words = shlex.split(line, comments=True)[1:]
        words += [option for option in ("--json", "--yes") if option in _options_of(words) and option not in words]
        deadline_s = time.monotonic() + ANSWERS_WITHIN_S
        while True:
            ended = self._run([self._filled_in(word) for word in words])
            if ended.returncode == 0 or time.monotonic() > deadline_s:
                break
            time.sleep(0.5)
        assert ended.returncode == 0, f"{line}\n{ended.stdout}\n{ended.stderr}"
        if ended.stdout.startswith(("{", "[")):
            self._remember(json.loads(ended.stdout))

    def _run(self, words: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "tongbao", *words],
            cwd=self.folder,
            env={**os.environ, "TONGBAO_DATA": "currency", "TONGBAO_WALLET_PASSWORD": "secret"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_WITHIN_S,
            check=False,
        )

    def _filled_in(self, word: str) -> str:
        return PLACEHOLDER.sub(lambda found: self._meaning(found[0]), word)

    def _meaning(self, placeholder: str) -> str:
        name = placeholder.lower()
        for field_name in (f"{name}_id", name):
            if field_name in self.known:
                return self.known[field_name]
        raise AssertionError(f"no answer before has named a {name}; known: {', '.join(sorted(self.known))}")

    def _remember(self, answer: Any) -> None:  # noqa: ANN401 - any JSON
        if isinstance(answer, dict):
            for name, value in answer.items():
                if isinstance(value, str | int) and value != "":
                    self.known[name] = str(value)
                self._remember(value)
        elif isinstance(answer, list):
            # The newest stands first in listings, and what a reader picks is the first line.
            for each in reversed(answer):
                self._remember(each)


def _options_of(words: list[str]) -> set[str]:
    command, _ = resolved(words)
    return {option for parameter in command.params for option in parameter.opts}


class Currency:
    """`tongbao up` beside the reader, on ports that nobody uses; it is stopped at the end of `with`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._first_port = row_of_ports()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and return once every role takes work."""
        command = [sys.executable, "-m", "tongbao", "up", "--data", "currency", "--port", str(self._first_port)]
        with (self._folder / "up.log").open("ab") as log:
            self._process = subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log)
        for port in range(self._first_port, self._first_port + ROLES):
            _wait_until_ready(port, self._process)

    def stop(self) -> None:
        """End it as Ctrl-C does."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=STOPS_WITHIN_S)
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_reason: object) -> None:
        self.stop()


def follow(page: str, folder: Path) -> Reader:
    """Do everything that a page says, in order."""
    reader = Reader(folder)
    with Currency(folder) as currency:
        for line in commands_of(page):
            if line == STOP:
                currency.stop()
            elif line == START:
                currency.start()
            else:
                reader.type(line)
    return reader


def _wait_until_ready(port: int, up: "subprocess.Popen[bytes]") -> None:
    deadline_s = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline_s and up.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"tongbao up does not answer on port {port}")
