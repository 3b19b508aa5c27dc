"""What holds for every command: an example of its own, JSON, exit codes in its help, and no way to fail unheard."""

import subprocess
import sys

import pytest

from tests.command_line import tongbao
from tests.kernel_builders import KERNEL
from tongbao.service.command_line.chosen_kernel import kernel_text
from tongbao.service.command_line.output import EXIT_CODES
from tools.command_reference import Command, commands

COMMANDS = list(commands())

every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.title)


def _help(command: Command) -> str:
    ended = tongbao(*command.words[1:], "--help", COLUMNS="1000")
    assert ended.exit_code == 0
    return ended.stdout


def test_the_commands_are_found() -> None:
    found = {command.words[1] for command in COMMANDS}

    assert {"bank", "bench", "central-bank", "demo", "journal", "replay", "serve", "supply", "up", "wallet"} <= found


@every_command
def test_help_shows_an_example_of_this_very_command(command: Command) -> None:
    shown = _help(command)

    assert f"Example: {command.example}" in shown
    assert command.example.startswith(command.title + " ") or command.example == command.title


@every_command
def test_help_lists_every_exit_code(command: Command) -> None:
    shown = _help(command)

    for code, meaning in EXIT_CODES.items():
        assert f"{code}: {meaning}" in shown


@every_command
def test_programs_can_ask_for_json(command: Command) -> None:
    assert "--json" in _help(command)


@every_command
def test_every_word_of_a_command_is_explained(command: Command) -> None:
    unexplained = [parameter.name for parameter in command.parameters if not parameter.meaning]

    assert unexplained == []


@every_command
def test_an_option_that_nobody_knows_is_a_wrong_command_line(command: Command) -> None:
    ended = tongbao(*command.words[1:], "--no-such-option")

    assert ended.exit_code == 2


GROUPS = sorted({command.words[1:length] for command in COMMANDS for length in range(1, len(command.words))})
every_group = pytest.mark.parametrize("words", GROUPS, ids=lambda words: " ".join(("tongbao", *words)))


def test_the_groups_are_found() -> None:
    assert {
        (),
        ("bank",),
        ("bench",),
        ("central-bank",),
        ("central-bank", "control"),
        ("journal",),
        ("wallet",),
    } <= set(GROUPS)


@every_group
def test_help_of_a_group_shows_an_example_of_one_of_its_commands(words: tuple[str, ...]) -> None:
    shown = tongbao(*words, "--help", COLUMNS="1000").stdout

    examples = [line.partition("Example: ")[2].strip(" │") for line in shown.splitlines() if "Example: " in line]
    inside = [command.title for command in COMMANDS if command.words[1 : len(words) + 1] == words]
    assert examples
    assert all(any(f"{example} ".startswith(f"{title} ") for title in inside) for example in examples)


@every_group
def test_a_group_alone_lists_its_commands(words: tuple[str, ...]) -> None:
    does_something_alone = words in {command.words[1:] for command in COMMANDS}

    ended = tongbao(*words, "--help") if does_something_alone else tongbao(*words)

    of_group = [command.words[len(words) + 1 :] for command in COMMANDS if command.words[1 : len(words) + 1] == words]
    inside = {rest[0] for rest in of_group if rest}
    assert inside
    assert all(f" {name} " in ended.output for name in inside)


def test_the_version_names_the_kernel() -> None:
    ended = tongbao("--version")

    assert ended.stdout.startswith("tongbao ")
    assert f"(kernel: {kernel_text(KERNEL)})" in ended.stdout


def test_a_kernel_that_this_build_lacks_ends_the_process_with_a_line_and_no_traceback() -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "tongbao", "--version"],
        env={"TONGBAO_KERNEL": "fast"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (ended.returncode, ended.stdout) == (4, "")
    assert len(ended.stderr.splitlines()) == 1
