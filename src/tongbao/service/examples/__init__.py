"""One example of each operation, as a running system answered it; `python -m tests.api.record_examples` records them.

They stand in `/openapi.json` and in the reference, and a test asks a running system for each of them again.
"""

import json
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

__all__ = ["Example", "example_of", "names_of_examples"]

Json = dict[str, Any]

_SUFFIX: Final = ".json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A request and its answer.

    Attributes:
        method: as "POST".
        path: as it is declared, as "/v1/orders/{order_id}".
        caller: the key id that signed it; "" where nobody did.
        parameters: what stood in the path and in the query, by name.
        message: the body; None where there was none.
        status: of the answer.
        media_type: of the answer.
        answer: its body: what JSON holds, or text; None where it is neither.
    """

    method: str
    path: str
    caller: str
    parameters: Json
    message: Json | None
    status: int
    media_type: str
    answer: Any


def example_of(name: str) -> Example | None:
    """The example of the operation with that name; None where there is none."""
    found = resources.files(__package__).joinpath(name + _SUFFIX)
    return Example(**json.loads(found.read_text(encoding="utf-8"))) if found.is_file() else None


def names_of_examples() -> set[str]:
    """The names of all operations that have an example."""
    entries = resources.files(__package__).iterdir()
    return {entry.name.removesuffix(_SUFFIX) for entry in entries if entry.name.endswith(_SUFFIX)}
