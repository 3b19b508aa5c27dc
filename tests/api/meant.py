"""What a meaning of an operation is; the meanings themselves are in meaning.py."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.signing import Party


@dataclass(frozen=True, slots=True)
class Meaning:
    """Who asks, and parts of the request.

    Attributes:
        party: who signs.
        path: the path's fields.
        query: the query's fields; those left out have their defaults.
        body: makes the body, since some are good for one time only; None where there is none.
    """

    party: Party
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Callable[[], Mapping[str, Any] | bytes] | None = None


def base64_text(data: bytes) -> str:
    """Bytes as they stand in JSON."""
    return b64encode(data).decode()
