"""Answers that a reader has already: entity tags, and If-None-Match (RFC 9110, section 13.1.2).

The tags are weak, since they leave out when an answer was given: most messages carry the number of the batch that they
account for (`sequence`) and its ledger time (`time_ms`), which go on although nothing else has changed.
"""

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final, get_args, get_origin

from pydantic import BaseModel

__all__ = ["entity_tag", "is_known", "stamps_of"]

_STAMPS: Final = frozenset({"sequence", "time_ms"})
# 96 bits: a reader meets two answers with one tag never.
_TAG_BYTES: Final = 12

Stamps = Mapping[str, Any]


def stamps_of(form: type[BaseModel]) -> Stamps:
    """Where a message and those within it say when they were given, as pydantic's `exclude` wants it."""
    fields = form.model_fields
    found: dict[str, Any] = dict.fromkeys(_STAMPS, True) if fields.keys() > _STAMPS else {}
    for name, field in fields.items():
        inner = _message_in(field.annotation)
        within = stamps_of(inner) if inner is not None else {}
        if within:
            found[name] = {"__all__": within} if get_origin(field.annotation) is list else within
    return found


def _message_in(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - whatever stands behind a field's name
    parts = get_args(annotation) or (annotation,)
    messages = [part for part in parts if isinstance(part, type) and issubclass(part, BaseModel)]
    return messages[0] if messages else None


def entity_tag(answer: BaseModel, stamps: Stamps) -> str:
    """The tag of an answer: the same for as long as it says the same of everything but when it was given."""
    said = answer.model_dump_json(exclude=dict(stamps)) if stamps else answer.model_dump_json()
    return f'W/"{blake2b(said.encode(), digest_size=_TAG_BYTES).hexdigest()}"'


def is_known(tag: str, if_none_match: str) -> bool:
    """Whether the reader named the tag, or any tag at all, by weak comparison."""
    named = (each.strip().removeprefix("W/") for each in if_none_match.split(","))
    return if_none_match.strip() == "*" or tag.removeprefix("W/") in named
