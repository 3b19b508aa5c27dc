"""Record an example of each operation from a running system, into src/tongbao/service/examples.

usage: python -m tests.api.record_examples [--all]

Without `--all` an example stays as it is for as long as the system still answers alike. It ends with 1 where an
operation did not answer with success.
"""

import asyncio
import json
import re
import sys
import tempfile
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

import requests

from tests.api.asking import STREAM, Asking, asking, operations_by_role
from tests.api.things import Things, running_things
from tongbao.protocol.client import JSON
from tongbao.service.examples import Example, example_of, names_of_examples

EXAMPLES = Path(__file__).parents[2] / "src/tongbao/service/examples"
# Names that machines make: ids, keys, bytes, addresses, cursors. They differ from run to run.
_MADE = re.compile(r"[0-9a-f]{8,}|[A-Za-z0-9+/]{24,}={0,2}|tb1[0-9a-z]{8,}|https?://[^/]+|\d+")
# Which kernel runs depends on how the package was built.
_OF_THE_MACHINE = {"kernel"}
_EVENT_LINES_MAX = 40
_ENTRIES_SHOWN = 2
_TEXT_SHOWN_MAX = 8_192
_TEXT_SHOWN = 240  # of longer ones; a multiple of four, so that base64 stays base64


def example_from(found: Asking) -> Example:
    """Ask, and keep what was said on both sides."""
    meaning, operation = found.meaning, found.operation
    answer = found.send(meaning.party)
    assert answer.status_code == operation.status, f"{operation.name}: {answer.status_code} {answer.text}"
    media_type = answer.headers["content-type"].partition(";")[0]
    message = json.loads(json.dumps(found.message)) if isinstance(found.message, dict) else None
    return Example(
        method=operation.method,
        path=operation.path,
        caller=meaning.party.key_id if operation.signed else "",
        parameters={**meaning.path, **{name: value for name, value in meaning.query.items() if value != ""}},
        message=message,
        status=answer.status_code,
        media_type=media_type,
        answer=_body(answer, media_type),
    )


def _body(answer: requests.Response, media_type: str) -> Any:  # noqa: ANN401 - whatever JSON holds
    if media_type == STREAM:
        return _first_event(answer)
    if media_type == JSON:
        return _shortened(answer.json())
    return answer.text if media_type.startswith("text/") else None


def _shortened(value: Any) -> Any:  # noqa: ANN401
    """The same with the beginnings of long lists and texts alone: a second entry shows how they follow each other."""
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    if isinstance(value, str) and len(value) > _TEXT_SHOWN_MAX:
        return value[:_TEXT_SHOWN]
    return [_shortened(each) for each in value[:_ENTRIES_SHOWN]] if isinstance(value, list) else value


def _first_event(answer: requests.Response) -> str:
    """The lines up to the end of the first event that says something."""
    lines: list[str] = []
    with answer:
        for line in islice(answer.iter_lines(decode_unicode=True), _EVENT_LINES_MAX):
            if not line and any(each.startswith("data:") for each in lines):
                break
            lines.append(str(line))
    return "\n".join(lines) + "\n\n"


def differences(one: Any, other: Any, *, place: str = "", in_list: bool = False) -> list[str]:  # noqa: ANN401
    """Where two values are not of one form: other fields, or other words where no machine made them up.

    What stands first in a list depends on what happened before; there the fields alone count.
    """
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(one[name], other[name], f"{place}.{name}") for name in one if name not in _OF_THE_MACHINE]
    elif isinstance(one, list) and isinstance(other, list) and (in_list or bool(one) == bool(other)):
        pairs = [(*pair, f"{place}[]") for pair in zip(one, other, strict=False)]
        in_list = True
    elif in_list and (one is None or other is None or not isinstance(one, dict | list)):
        return [] if one is None or other is None or type(one) is type(other) else [f"{place}: {one!r} was {other!r}"]
    else:
        return [] if _form_of(one) == _form_of(other) else [f"{place}: {one!r} was {other!r}"]
    return [found for a, b, where in pairs for found in differences(a, b, place=where, in_list=in_list)]


def _form_of(value: Any) -> object:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, str):
        return _MADE.sub("…", value)
    # Two objects or lists that come here differ.
    return value if isinstance(value, dict | list) else type(value)


def text_of(example: Example) -> str:
    """The file's content."""
    return json.dumps(asdict(example), ensure_ascii=False, indent=2) + "\n"


def record(things: Things, *, everything: bool) -> list[str]:
    """Write the examples that are missing or have changed; returns what went wrong."""
    wrong = []
    for role, operations in operations_by_role().items():
        for operation in operations:
            try:
                fresh = example_from(asking(role, operation, things))
            except AssertionError as error:
                wrong.append(f"{operation.method} {operation.path}: {error}")
                continue
            known = example_of(operation.name)
            if everything or known is None or differences(asdict(fresh), asdict(known)):
                (EXAMPLES / f"{operation.name}.json").write_text(text_of(fresh), encoding="utf-8")
    return wrong


def remove_those_of_nothing() -> None:
    """Delete the examples of operations that are no more."""
    named = {operation.name for operations in operations_by_role().values() for operation in operations}
    for name in names_of_examples() - named:
        (EXAMPLES / f"{name}.json").unlink()


async def main(*options: str) -> int:
    """Run a system and record."""
    with tempfile.TemporaryDirectory() as folder:
        async with running_things(Path(folder)) as things:
            wrong = await asyncio.to_thread(record, things, everything=options == ("--all",))
    remove_those_of_nothing()
    print(*wrong, sep="\n", file=sys.stderr)  # noqa: T201 - a program's findings
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(*sys.argv[1:])))
