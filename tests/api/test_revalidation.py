"""Every answer that a reader may keep is his for as long as it holds; every answer says what its caller has left."""

import asyncio
import re
from dataclasses import replace

import pytest
import requests

from tests.api.asking import Asking, asking, operations_by_role
from tests.api.signing import Party
from tests.api.things import Things
from tongbao.service.operation import Operation

READ = [
    (role, each) for role, operations in operations_by_role().items() for each in operations if each.method == "GET"
]
KEPT = [(role, each) for role, each in READ if each.revalidated]
POLICY = re.compile(r'"(\w+)";q=\d+;w=\d+')
LEFT = re.compile(r'"(\w+)";r=(\d+);t=\d+')

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


def _send(found: Asking, party: Party, **headers: str) -> requests.Response:
    return replace(found, headers=headers).send(party)


@pytest.mark.parametrize(("role", "operation"), KEPT, ids=[each.path for _, each in KEPT])
async def test_a_reader_is_told_that_his_answer_still_holds(role: str, operation: Operation, things: Things) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)
    party = found.meaning.party

    first = await asyncio.to_thread(_send, found, party)
    again = await asyncio.to_thread(_send, found, party, **{"If-None-Match": first.headers["etag"]})
    other = await asyncio.to_thread(_send, found, party, **{"If-None-Match": 'W/"another"'})

    assert (again.status_code, again.content) == (304, b""), first.text
    assert (other.status_code, other.headers["etag"]) == (200, first.headers["etag"])


@pytest.mark.parametrize(("role", "operation"), READ, ids=[each.path for _, each in READ])
async def test_an_answer_says_what_its_caller_has_left(role: str, operation: Operation, things: Things) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)

    answer = await asyncio.to_thread(found.send, found.meaning.party)

    policy, left = (form.fullmatch(answer.headers[name]) for form, name in _FIELDS)
    kind = found.meaning.party.key_id.partition(":")[0] if operation.signed else "address"
    assert policy is not None
    assert left is not None
    assert policy.group(1) == left.group(1)
    assert left.group(1) in {kind, "other"}


_FIELDS = ((POLICY, "ratelimit-policy"), (LEFT, "ratelimit"))
