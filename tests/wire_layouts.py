"""A second encoder: it knows nothing but the tables of docs/reference/wire-format.md.

What it makes of a vector's fields must be the vector's bytes, so the page, the vectors and the code agree. Unlike the
code it also encodes what must not be, which is how refused vectors are made.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

PAGE = Path(__file__).resolve().parent.parent / "docs/reference/wire-format.md"

# Fields of a layout as JSON writes them: u64 as decimal strings, bytes as hex, layouts as objects, lists as arrays.
Record = dict[str, Any]

_HEADING = re.compile(r"^### ([^:\n]+)", re.MULTILINE)
_NUMBER = re.compile(r"u(8|16|32|64)")
_LIST = re.compile(r"(\w+) × (.+)")
_SIZED = re.compile(r"(u\d+)-sized (.+)")
_FIXED = re.compile(r"(\d+) bytes")
_CHOSEN = re.compile(r"by (\w+)")


@dataclass(frozen=True)
class Field:
    """One row of a table.

    Attributes:
        at: the place that the page promises, or None where it varies.
        name: `…` for all fields of the layout that is chosen.
        type: as the page writes it.
    """

    at: int | None
    name: str
    type: str


@cache
def page() -> str:
    """The text of the page."""
    return PAGE.read_text(encoding="utf-8")


def rows_under(heading: str) -> list[list[str]]:
    """The cells of the first table after a heading, without its head."""
    text = page().split(f"\n{heading}\n", 1)[1]
    table = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert table is not None, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.group().splitlines()[2:]]


@cache
def layouts() -> dict[str, tuple[Field, ...]]:
    """Every layout of the page by its name in lower case."""
    found = {}
    for match in _HEADING.finditer(page()):
        rows = rows_under(page()[match.start() :].split("\n", 1)[0])
        fields = (Field(int(at) if at else None, name, of_type) for at, name, of_type, *_ in rows)
        found[match.group(1).lower()] = tuple(fields)
    return found


def encode(layout: str, record: Record) -> bytes:
    """The bytes of a record, by the page."""
    return b"".join(piece for _, piece in pieces(layout, record))


def pieces(layout: str, record: Record, path: str = "") -> Iterator[tuple[str, bytes]]:
    """The path and the bytes of each field of a record, innermost fields one by one."""
    known: set[str] = set()
    yield from _fields(layout, record, path, known)
    assert known == set(record), f"{layout}: the page has {known}, the record {set(record)}"


def _fields(layout: str, record: Record, path: str, known: set[str]) -> Iterator[tuple[str, bytes]]:
    place = 0
    for field in layouts().get(layout, ()):
        assert field.at in {None, place}, f"{layout}.{field.name} is at {place}, not at {field.at}"
        if field.name == "…":
            found = _fields(_chosen(layout, field.type, record), record, path, known)
        else:
            known.add(field.name)
            of_type = _chosen(layout, field.type, record)
            found = _pieces_of(of_type, record[field.name], f"{path}.{field.name}".lstrip("."))
        for name, piece in found:
            place += len(piece)
            yield name, piece


def _chosen(layout: str, of_type: str, record: Record) -> str:
    match = _CHOSEN.fullmatch(of_type)
    if not match:
        return of_type
    chooser = match.group(1)
    return f"operation {record[chooser]}" if chooser == "operation" else f"{layout} of {chooser} {record[chooser]}"


def _pieces_of(of_type: str, value: Any, path: str) -> Iterator[tuple[str, bytes]]:  # noqa: ANN401 - JSON
    if match := _LIST.fullmatch(of_type):
        counted, item_type = match.groups()
        if _NUMBER.fullmatch(counted):
            yield f"number of {path}", _number(counted, len(value))
        for index, item in enumerate(value):
            yield from _pieces_of(item_type, item, f"{path}[{index}]")
    elif match := _SIZED.fullmatch(of_type):
        content = list(_pieces_of(match.group(2), value, path))
        yield f"length of {path}", _number(match.group(1), sum(len(piece) for _, piece in content))
        yield from content
    elif of_type in layouts() and isinstance(value, dict):
        yield from pieces(of_type, value, path)
    elif of_type in layouts():  # a layout of one field, such as a signature
        yield from pieces(of_type, {of_type: value}, path.removesuffix(f".{of_type}"))
    else:
        yield path, _plain(of_type, value)


def _plain(of_type: str, value: Any) -> bytes:  # noqa: ANN401 - JSON
    if match := _FIXED.fullmatch(of_type):
        content = bytes.fromhex(value)
        assert len(content) == int(match.group(1)), f"{of_type}: {value}"
        return content
    match of_type:
        case "bytes":
            return bytes.fromhex(value)
        case "text":
            return str(value).encode()
        case "flag":
            return bytes((int(value),))
        case _:
            return _number(of_type, int(value))


def _number(of_type: str, number: int) -> bytes:
    match = _NUMBER.fullmatch(of_type)
    assert match is not None, f"the page has no type {of_type}"
    return number.to_bytes(int(match.group(1)) // 8, "big")
