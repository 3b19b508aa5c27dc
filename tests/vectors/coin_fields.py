"""What the vectors say of a value: its fields by the names of docs/reference/wire-format.md, ready for JSON."""

import dataclasses
import enum
from typing import Any

from tests.wire_layouts import Record
from tongbao.coin import BatchHeader, Body, Genesis, KeyLock, Receipt, TimedLock, Transaction
from tongbao.coin.verdicts import Stretch, Verdicts

# JSON's numbers are exact up to 2**53 in some readers, so fields of 64 bits are decimal strings, whatever their value.
U64 = frozenset(
    {
        "applied_sequence",
        "expiry_ahead_max_ms",
        "expiry_ms",
        "later_from_ms",
        "ordered_move_delay_ms",
        "quota",
        "sequence",
        "serial",
        "time_ms",
        "value",
        "value_max",
    }
)


def fields_of(thing: object) -> Record:
    """The fields of anything that has a layout."""
    match thing:
        case Body():
            return _body(thing)
        case Transaction():
            return {name: _plain(name, getattr(thing, name)) for name in ("body", "witnesses", "approvals")}
        case KeyLock() | TimedLock():
            return {"kind": thing.KIND, **_attributes(thing)}
        case BatchHeader() | Verdicts():
            return {"version": 1, **_attributes(thing)}
        case Receipt():
            fields = {"version": 1, **_attributes(thing)}
            signed_head: Record = fields.pop("signed_head")
            return signed_head | fields
        case Stretch():
            return _attributes(thing) | {"statuses": [thing.status(number) for number in range(len(thing))]}
        case Genesis():
            fields = {"magic": b"tongbao1".hex(), **_attributes(thing)}
            return {"hash": fields.pop("hash_kind")} | fields
        case _:
            return _attributes(thing)


def _body(body: Body) -> Record:
    fields = {"version": 1, **_attributes(body)}
    operation = fields.pop("operation")
    serial = fields.pop("serial")
    if body.kind in {2, 4}:
        fields["serial"] = serial
    if body.operation is not None:
        fields |= {"operation": body.operation.NUMBER, "payload": operation}
    return fields


def _attributes(thing: object) -> Record:
    assert dataclasses.is_dataclass(thing)
    return {each.name: _plain(each.name, getattr(thing, each.name)) for each in dataclasses.fields(thing)}


def _plain(name: str, value: object) -> Any:  # noqa: ANN401 - JSON
    match value:
        case bool() | str() | None:
            return value
        case enum.IntEnum():
            return int(value)
        case int():
            return str(value) if name in U64 else value
        case bytes():
            return value.hex()
        case tuple():
            return [_plain(name, item) for item in value]
        case _:
            return fields_of(value)


def changed(record: Any, *path: str | int, to: object) -> Any:  # noqa: ANN401 - JSON
    """A copy of a record with one field changed, however deep."""
    first, *rest = path
    copy: Any = dict(record) if isinstance(record, dict) else list(record)
    copy[first] = changed(copy[first], *rest, to=to) if rest else to
    return copy
