"""Write docs/reference/command-line.md from the commands themselves.

usage: python tools/command_reference.py [--check]

With `--check` nothing is written, and it ends with 1 where the page does not say what the commands say.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import typer
from typer.main import get_command
from typer.models import ArgumentInfo, OptionInfo

from tongbao.__main__ import app
from tongbao.service.command_line.output import EXIT_CODES

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/command-line.md"

HEAD = """# Command line

<!-- Written by `python tools/command_reference.py` from the commands themselves; changes made here are lost. -->

`tongbao` has one command per task. `tongbao --help` lists them, `tongbao COMMAND --help` says what stands here, and
`tongbao --version` names version and kernel.

An answer is text for people or, with `--json`, one JSON object on standard output. Progress and explanations go to
standard error. A failure has a name, says what to do about it, and ends with one of these codes; with `--json` it is an
object with `error`, `message`, `field` and `cure`. What is in doubt is an object with `state` (`in_doubt`), too, and
with the payment as far as it is known, or the request's id.
"""

_WORDS = {int: "INTEGER", float: "NUMBER", str: "TEXT", Path: "PATH", bool: ""}


@dataclass(frozen=True)
class Parameter:
    """An argument or option of a command.

    Attributes:
        name: as it is typed, as `--home`, or as it stands in the usage of an argument.
        value: what follows it; "" for an option that is only there or not.
        default: what counts where it is left out; "" where that is nothing.
        required: whether it may not be left out.
        meaning: its help.
        variable: the environment variable that may hold it.
    """

    name: str
    value: str
    default: str
    required: bool
    meaning: str
    variable: str


@dataclass(frozen=True)
class Command:
    """A command, as its users see it.

    Attributes:
        words: how it is called, as ("tongbao", "journal", "verify").
        help: its documentation without the example, in paragraphs.
        example: a whole command line; "" where there is none.
        parameters: arguments, then options.
    """

    words: tuple[str, ...]
    help: str
    example: str
    parameters: tuple[Parameter, ...]

    @property
    def title(self) -> str:
        """The words as one."""
        return " ".join(self.words)

    @property
    def summary(self) -> str:
        """The first sentence of the help."""
        return re.split(r"(?<=\.)\s", self.help, maxsplit=1)[0]


def commands(application: typer.Typer = app) -> Iterator[Command]:
    """Every command of the application, groups entered where they stand."""
    yield from _commands(application, get_command(application), ("tongbao",))


def _commands(application: typer.Typer, parsed: Any, words: tuple[str, ...]) -> Iterator[Command]:  # noqa: ANN401
    for registered in application.registered_commands:
        if registered.callback is not None and not registered.hidden:
            name = registered.name or registered.callback.__name__.replace("_", "-")
            yield _command(registered.callback, parsed.commands[name], (*words, name))
    for group in application.registered_groups:
        if group.typer_instance is not None and group.name is not None:
            alone = group.typer_instance.registered_callback
            if alone is not None and alone.callback is not None and alone.invoke_without_command:
                # A group that does something by itself, too.
                yield _command(alone.callback, parsed.commands[group.name], (*words, group.name))
            yield from _commands(group.typer_instance, parsed.commands[group.name], (*words, group.name))


def _command(callback: Callable[..., Any], parsed: Any, words: tuple[str, ...]) -> Command:  # noqa: ANN401
    text, _, example = inspect.cleandoc(callback.__doc__ or "").partition("Example: `")
    hints, defaults = get_type_hints(callback, include_extras=True), inspect.signature(callback).parameters
    described = [
        _parameter(each, hints[each.name], defaults[each.name].default) for each in parsed.params if each.name in hints
    ]
    ordered = sorted(described, key=lambda each: each.name.startswith("-"))
    paragraphs = (" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))
    return Command(words, "\n\n".join(paragraphs), example.partition("`")[0], tuple(ordered))


def _parameter(parsed: Any, hint: Any, default: object) -> Parameter:  # noqa: ANN401
    kind, *extras = get_args(hint)
    info = next(extra for extra in extras if isinstance(extra, ArgumentInfo | OptionInfo))
    argument = isinstance(info, ArgumentInfo)
    value = _value(kind, info)
    return Parameter(
        name=value if argument else ", ".join((*parsed.opts, *parsed.secondary_opts)),
        value=_range(info) if argument else " ".join(filter(None, (value, _range(info)))),
        default=_default(default),
        required=default is inspect.Parameter.empty,
        meaning=info.help or "",
        variable=str(info.envvar or ""),
    )


def _value(kind: Any, info: ArgumentInfo | OptionInfo) -> str:  # noqa: ANN401
    if info.metavar:
        return info.metavar
    if get_origin(kind) in {Union, UnionType}:
        return _value(next(each for each in get_args(kind) if each is not type(None)), info)
    if get_origin(kind) is list:
        return _value(get_args(kind)[0], info)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "|".join(str(each.value) for each in kind)
    return _WORDS.get(kind, "VALUE")


def _range(info: ArgumentInfo | OptionInfo) -> str:
    if info.min is None and info.max is None:
        return ""
    least = "" if info.min is None else f"{info.min:,}"
    return f"({least} or more)" if info.max is None else f"({least} to {info.max:,})"


def _default(default: object) -> str:
    if default is inspect.Parameter.empty or default is None or default is False:
        return ""
    return str(default.value if isinstance(default, Enum) else default)


def page(described: list[Command]) -> str:
    """The whole page."""
    codes = "".join(f"| {code} | {meaning} |\n" for code, meaning in EXIT_CODES.items())
    rows = "".join(f"| [`{each.title}`](#{_anchor(each)}) | {_cell(each.summary)} |\n" for each in described)
    sections = "".join(_section(each) for each in described)
    return (
        f"{HEAD}\n| exit code | meaning |\n| --- | --- |\n{codes}\n"
        f"## Commands\n\n| command | does |\n| --- | --- |\n{rows}{sections}"
    )


def _anchor(command: Command) -> str:
    return "-".join(command.words)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _section(command: Command) -> str:
    usage = " ".join((command.title, *_usage(command)))
    lines = [f"\n## {command.title}", command.help, f"```text\n{usage}\n```"]
    if command.parameters:
        lines.append(_table(command))
    if command.example:
        lines.append(f"Example: `{command.example}`")
    return "\n\n".join(lines) + "\n"


def _usage(command: Command) -> Iterator[str]:
    for each in command.parameters:
        shown = f"{each.name.partition(',')[0]} {each.value.partition(' (')[0]}".strip()
        if not each.name.startswith("-"):
            shown = each.name
        yield shown if each.required else f"[{shown}]"


def _table(command: Command) -> str:
    rows = ["| word | default | meaning |", "| --- | --- | --- |"]
    for each in command.parameters:
        default = "required" if each.required else f"`{each.default}`" if each.default else ""
        variable = f" Also `{each.variable}` in the environment." if each.variable else ""
        word = _cell(" ".join(filter(None, (f"`{each.name}`", each.value))))
        rows.append(f"| {word} | {default} | {_cell(each.meaning)}{variable} |")
    return "\n".join(rows)


def main(*options: str) -> int:
    """Write the page, or check it; 1 where it was checked and is out of date."""
    wanted = page(list(commands()))
    if options == ("--check",):
        if PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{PAGE}: out of date; run python tools/command_reference.py")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
