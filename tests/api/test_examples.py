"""The examples in the reference and in /openapi.json are what a running system answers."""

import asyncio
from dataclasses import asdict

import pytest

from tests.api.asking import asking, operations_by_role
from tests.api.record_examples import differences, example_from
from tests.api.things import Things
from tongbao.service.examples import example_of
from tongbao.service.operation import Operation

OPERATIONS = [(role, each) for role, operations in operations_by_role().items() for each in operations]
NAMES = [f"{each.method} {each.path}" for _, each in OPERATIONS]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


@pytest.mark.parametrize(("role", "operation"), OPERATIONS, ids=NAMES)
async def test_an_example_is_asked_and_answered_again(role: str, operation: Operation, things: Things) -> None:
    recorded = example_of(operation.name)

    found = await asyncio.to_thread(asking, role, operation, things)
    fresh = await asyncio.to_thread(example_from, found)

    assert recorded is not None, "run python -m tests.api.record_examples"
    assert differences(asdict(fresh), asdict(recorded)) == [], "run python -m tests.api.record_examples"
