"""The README is a promise: its commands exist, and those in its `console` blocks run as they stand there."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from typer.main import get_command

from tongbao.__main__ import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```console\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SLOW_COMMANDS = frozenset({"demo", "replay", "bench", "up"})
COMMAND_TIMEOUT_S = 300
ABOUT = 0.1


def commands_of(block: str) -> list[list[str]]:
    """The words of each line that begins with `$ tongbao`."""
    return [shlex.split(line)[2:] for line in block.splitlines() if line.startswith("$ tongbao")]


def block_parameter(block: str) -> object:
    """A block as a test's parameter, in the slow tier where a command in it takes more than ten seconds."""
    commands = commands_of(block)
    slow = any(words[:1] and words[0] in SLOW_COMMANDS for words in commands)
    name = ", ".join(words[0] for words in commands)
    return pytest.param(block, id=name, marks=[pytest.mark.slow] if slow else [])


@pytest.mark.parametrize("block", [block_parameter(block) for block in BLOCKS])
def test_the_commands_of_a_block_run_one_after_another_in_one_directory(block: str, tmp_path: Path) -> None:
    for words in commands_of(block):
        finished = subprocess.run(
            [sys.executable, "-m", "tongbao", *words],
            cwd=tmp_path,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=COMMAND_TIMEOUT_S,
            check=False,
        )

        assert finished.returncode == 0, f"tongbao {shlex.join(words)}\n{finished.stdout}\n{finished.stderr}"
        assert finished.stdout


def test_the_reading_path_names_files_and_tells_how_long_it_is() -> None:
    path = README.split("## Read it", 1)[1].split("\n\nThe documentation", 1)[0]
    stops = [ROOT / re.findall(r"\]\(([^)]+)\)", stop)[0] for stop in re.split(r"^\d\. ", path, flags=re.MULTILINE)[1:]]
    told = re.search(r"in (\w+) files and about ([\d,]+) lines", path)

    lines = sum(stop.read_text(encoding="utf-8").count("\n") for stop in stops)

    assert told is not None
    assert (told[1], len(stops)) == ("eight", 8)
    assert abs(lines - int(told[2].replace(",", ""))) <= ABOUT * lines


def test_the_blocks_are_found() -> None:
    assert sum(len(commands_of(block)) for block in BLOCKS) == README.count("$ tongbao") > 0


def test_every_command_is_in_the_table_and_every_command_of_the_table_exists() -> None:
    in_table = set(re.findall(r"^\| `tongbao ([a-z-]+)", README, re.MULTILINE))

    existing = set(get_command(app).commands)  # type: ignore[attr-defined]

    assert in_table == existing
