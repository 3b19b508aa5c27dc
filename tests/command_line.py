"""Running the `tongbao` command within a test."""

import json
import os
from typing import Any

from typer.main import get_command
from typer.testing import CliRunner, Result

from tongbao.__main__ import app


def tongbao(*words: object, typed: str | None = None, **environment: str) -> Result:
    """What the command answers to whoever typed that; an exception that it let out comes out here."""
    env = {**os.environ, "COLUMNS": "200", **environment}
    ended = CliRunner().invoke(app, [str(word) for word in words], input=typed, env=env)
    if ended.exception is not None and not isinstance(ended.exception, SystemExit):
        raise ended.exception
    return ended


def json_of(ended: Result) -> dict[str, Any]:
    """The one JSON object that a command printed."""
    content: dict[str, Any] = json.loads(ended.stdout)
    return content


def resolved(words: list[str]) -> tuple[Any, list[str]]:
    """The command that the first words name, and the words that are left for it."""
    command: Any = get_command(app)
    while words and not words[0].startswith("-") and hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    return command, words
