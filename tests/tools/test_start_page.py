"""The commands of the start page and the README exist, with the options that they are given."""

import re
import shlex
from pathlib import Path

import pytest

from tests.command_line import resolved

ROOT = Path(__file__).parent.parent.parent
PAGES = ("README.md", "docs/start.md", "docs/zh/start.md")


def commands_of(page: str) -> list[str]:
    """The lines of `sh` blocks that call `tongbao`."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("tongbao ")]


@pytest.mark.parametrize("line", [line for page in PAGES for line in commands_of(page)])
def test_a_command_of_a_page_exists_with_its_options(line: str) -> None:
    command, words = resolved(shlex.split(line, comments=True)[1:])

    options = {option for parameter in command.params for option in parameter.opts}

    does_something = getattr(command, "invoke_without_command", False) or not hasattr(command, "commands")
    assert does_something, "the line names a group and no command of it"
    assert {word for word in words if word.startswith("--")} <= options


@pytest.mark.parametrize("line", [line for page in PAGES for line in commands_of(page)])
def test_a_command_of_a_page_has_the_options_that_it_must_have(line: str) -> None:
    command, words = resolved(shlex.split(line, comments=True)[1:])

    missing = [
        parameter.opts
        for parameter in command.params
        if parameter.required and parameter.param_type_name == "option" and not set(parameter.opts) & set(words)
    ]

    assert not missing


def test_the_start_page_has_the_same_commands_in_both_languages() -> None:
    english, chinese = commands_of("docs/start.md"), commands_of("docs/zh/start.md")

    assert chinese == english


def test_the_start_page_has_the_same_sections_in_both_languages() -> None:
    english, chinese = (
        re.findall(r"^(#+) ", (ROOT / page).read_text(encoding="utf-8"), re.MULTILINE)
        for page in ("docs/start.md", "docs/zh/start.md")
    )

    assert chinese == english


def test_every_page_has_commands() -> None:
    assert all(commands_of(page) for page in PAGES)
