"""What every command does alike: answer as text or JSON, and end with a documented exit code."""

import asyncio
import gc
import json
import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

import typer
import uvloop
from rich.console import Console
from rich.text import Text

from tongbao.errors import DamageError, InvariantError, PeerError, RequestError, TongbaoError, WorldError

__all__ = [
    "EXIT_CODES",
    "JsonOption",
    "StillOpenError",
    "answer",
    "console",
    "count_text",
    "document_exit_codes",
    "fen_text",
    "run",
    "time_text",
]

T = TypeVar("T")

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "refused: the request was wrong or a rule said no; nothing was consumed",
    2: "the command line was wrong",
    3: "a check failed: stored bytes, a receipt or the supply are not what they must be",
    4: "the world failed: network, disk or configuration; the message says what to do",
    5: "the other party answered what it must not",
    6: "in doubt: it was signed or sent, and may have happened or still happen; the message says how to find out",
    70: "an invariant is broken: stop, keep the data directory, report it",
    130: "interrupted",
}
"""What every command ends with; its help lists them, and so does docs/reference/command-line.md."""

GARBAGE_THRESHOLD = 20_000
"""New objects between two looks for garbage cycles; with Python's 700 a service looks a hundred times a second."""

INTERRUPTED = 130  # as a shell says it: 128 and the number of SIGINT

JsonOption = Annotated[bool, typer.Option("--json", help="Answer as one JSON object on standard output.")]

IN_DOUBT = "IN_DOUBT"

_FEN = re.compile(r"(?<![\w.,])([0-9]+) fen\b")

console = Console(stderr=True, highlight=False)
"""For people: progress and explanations; standard output carries only the answer."""


class StillOpenError(TongbaoError):
    """What was asked may have happened or still happen: neither done nor refused.

    Attributes:
        cure: how to find out, or to ask again without doing it twice.
        told: what programs are told besides.
    """

    def __init__(self, message: str, *, cure: str, told: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.cure = cure
        self.told = told


def fen_text(fen: int) -> str:
    """An amount for people, in yuan."""
    sign = "-" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def count_text(count: int, noun: str) -> str:
    """So many of something, as "1 coin" and "2 coins"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def time_text(time_ms: int) -> str:
    """A ledger time for people."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def answer(content: Mapping[str, Any], *, as_json: bool, text: str | None = None) -> None:
    """Print the answer: as JSON, or as `text`, or as one line per entry."""
    if as_json:
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
    elif text is not None:
        sys.stdout.write(text.rstrip("\n") + "\n")
    else:
        sys.stdout.write("".join(f"{name}: {_plain(value)}\n" for name, value in content.items()))


def _plain(value: object) -> object:
    return ("yes" if value else "no") if isinstance(value, bool) else value


def run(work: Callable[[], Coroutine[Any, Any, T]], *, as_json: bool = False) -> T:
    """Run the command's work; a failure that is known becomes its message and its exit code.

    With `as_json` the message is a JSON object, too, with `error`, `message`, `field` and `cure`; what is in doubt has
    more, among it `state` with the value `in_doubt`.
    """
    # What was imported is never garbage, and cycles are rare on the paths of money: look for them seldom.
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD, *gc.get_threshold()[1:])
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    except TongbaoError as error:
        _complain(error, as_json=as_json)
        raise typer.Exit(_exit_code(error)) from None
    except KeyboardInterrupt:
        raise typer.Exit(INTERRUPTED) from None


_CODES_OF_FAMILIES = (
    (InvariantError, 70),
    (DamageError, 3),
    (PeerError, 5),
    (WorldError, 4),
    (StillOpenError, 6),
    (RequestError, 1),
)


def _exit_code(error: TongbaoError) -> int:
    return next((code for family, code in _CODES_OF_FAMILIES if isinstance(error, family)), 70)


def _complain(error: TongbaoError, *, as_json: bool) -> None:
    name = error.code if isinstance(error, RequestError) else type(error).__name__
    field, cure = (error.field, error.cure) if isinstance(error, RequestError) else ("", "")
    told: Mapping[str, Any] = {}
    if isinstance(error, StillOpenError):
        name, cure, told = IN_DOUBT, error.cure, {"state": IN_DOUBT.lower(), **error.told}
    if as_json:
        complaint = {"error": name, "message": str(error), "field": field, "cure": cure, **told}
        sys.stdout.write(json.dumps(complaint) + "\n")
        return
    where = f" ({field})" if field else ""
    # Text, not markup: what others sent may hold brackets. Soft wrap: a line end in a path is no part of the path.
    console.print(Text.assemble((name, "bold red"), f"{where}: {_in_yuan(str(error))}"), soft_wrap=True)
    if cure:
        console.print(Text(f"  → {_in_yuan(cure)}"), soft_wrap=True)


def _in_yuan(text: str) -> str:
    """Messages name amounts in fen, as programs do; people read yuan."""
    return _FEN.sub(lambda found: fen_text(int(found.group(1))), text)


def document_exit_codes(app: typer.Typer) -> None:
    """Let the help of the application and of each of its commands end with the exit codes."""
    app.info.epilog = _EXIT_CODES_HELP
    for command in app.registered_commands:
        command.epilog = _EXIT_CODES_HELP
    for group in app.registered_groups:
        if group.typer_instance is not None:
            document_exit_codes(group.typer_instance)


_EXIT_CODES_HELP = "Exit codes:\n\n" + "\n".join(f"* {code}: {meaning}" for code, meaning in EXIT_CODES.items())
