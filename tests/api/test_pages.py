"""Every listing can be read entry by entry: all of it, nothing twice, in one order, and from no made-up place."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from tests.api.asking import Asking, asking, operations_by_role
from tests.api.things import Things
from tongbao.service.operation import Operation

PAGES_MAX = 300
# What comes by and by, or once a day: only one of it is sure to be there.
LISTS_ONE = {"settlement_report", "webhook_deliveries"}

LISTINGS = [
    (role, each)
    for role, operations in operations_by_role().items()
    for each in operations
    if each.method == "GET" and {"after", "limit"} <= each.parameters.model_fields.keys()
]
NAMES = [each.path for _, each in LISTINGS]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


def _page(found: Asking, **query: Any) -> dict[str, Any]:  # noqa: ANN401 - a query's value
    meaning = replace(found.meaning, query={**found.meaning.query, **query})
    answer = replace(found, meaning=meaning).send(meaning.party)
    assert answer.status_code == 200, answer.text
    page: dict[str, Any] = answer.json()
    return page


def _entries(page: dict[str, Any]) -> list[Any]:
    """The list that `next` goes on with: the last one."""
    *_, entries = [value for value in page.values() if isinstance(value, list)]
    return [_untimed(each) for each in entries]


def _untimed(entry: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    """The entry without when it was answered."""
    if not isinstance(entry, dict):
        return entry
    return {name: value for name, value in entry.items() if name not in {"sequence", "time_ms", "receipt"}}


def _one_by_one(found: Asking) -> Iterator[Any]:
    after = ""
    for _ in range(PAGES_MAX):
        page = _page(found, after=after, limit=1)
        entries = _entries(page)
        assert len(entries) <= 1
        yield from entries
        # Where a listing goes on with what is to come, its last cursor leads on, too.
        if page["next"] in {"", after} or not entries:
            return
        after = page["next"]
    raise AssertionError("it never ends")


@pytest.mark.parametrize(("role", "operation"), LISTINGS, ids=NAMES)
async def test_a_listing_read_one_by_one_is_the_listing_read_at_once(
    role: str, operation: Operation, things: Things
) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)

    at_once = await asyncio.to_thread(lambda: _entries(_page(found)))
    one_by_one = await asyncio.to_thread(lambda: list(_one_by_one(found)))

    assert one_by_one[: len(at_once)] == at_once
    least = 1 if operation.name in LISTS_ONE else 2
    assert len(at_once) >= least, f"{operation.path} lists too little to tell: make more in tests/api/things.py"


@pytest.mark.parametrize(("role", "operation"), LISTINGS, ids=NAMES)
@pytest.mark.parametrize(
    ("query", "field"),
    [({"limit": 0}, "limit"), ({"limit": 100_000}, "limit"), ({"after": "no-cursor"}, "after"), ({"x": 1}, "x")],
)
async def test_a_listing_asked_for_wrongly_names_the_field(
    role: str, operation: Operation, query: dict[str, Any], field: str, things: Things
) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)
    meaning = replace(found.meaning, query={**found.meaning.query, **query})

    answer = await asyncio.to_thread(replace(found, meaning=meaning).send, meaning.party)

    assert (answer.status_code, answer.json()["field"]) == (422, field)
