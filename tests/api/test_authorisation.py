"""Every operation of every role, asked for by every kind of caller: who may not, is refused for being who he is.

The matrix is made from the operations themselves and from who may ask for them by the tables of `tongbao.protocol`.
"""

import asyncio

import pytest

from tests.api.asking import Asking, asking, operations_by_role
from tests.api.callers import EVERYBODY, NOT_TOLD, Kind, callers, may_ask, words_of
from tests.api.signing import Party
from tests.api.things import Things
from tongbao.coin.ed25519 import SigningKey
from tongbao.service.operation import Operation

REFUSED = {401, 403}
NOT_THERE = 404

OPERATIONS = [(role, each) for role, operations in operations_by_role().items() for each in operations]
NAMES = [f"{each.method} {each.path}" for _, each in OPERATIONS]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.asyncio(loop_scope="module"),
]


def _wrongly_answered(found: Asking, things: Things) -> dict[str, int]:
    """The callers whose answer is not what the protocol's tables say, and its status."""
    let_in = may_ask(words_of(found.operation.method, found.operation.path))
    wrong = {}
    for kind, party in callers(things).items():
        is_himself = party is not None and party.key_id == found.meaning.party.key_id
        # What others may change is left alone here, so that they stay who they are.
        if is_himself or (kind in let_in and found.operation.method != "GET"):
            continue
        status = found.send(party).status_code
        if not _is_right(kind, status, let_in):
            wrong[str(kind)] = status
    return wrong


def _is_right(kind: Kind, status: int, let_in: frozenset[Kind]) -> bool:
    if let_in == EVERYBODY:
        return status < 400
    if kind in let_in:
        return status not in REFUSED and status < 500
    return status in REFUSED or (kind in NOT_TOLD and status == NOT_THERE)


@pytest.mark.parametrize(("role", "operation"), OPERATIONS, ids=NAMES)
async def test_an_operation_answers_those_who_may_ask_and_nobody_else(
    role: str, operation: Operation, things: Things
) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)

    wrong = await asyncio.to_thread(_wrongly_answered, found, things)
    his_own = await asyncio.to_thread(found.send, found.meaning.party)

    assert wrong == {}
    # The same request is good from the right party: the others were refused for who they are.
    assert his_own.status_code == operation.status, his_own.text


@pytest.mark.parametrize(("role", "operation"), OPERATIONS, ids=NAMES)
async def test_a_name_without_its_key_opens_nothing(role: str, operation: Operation, things: Things) -> None:
    found = await asyncio.to_thread(asking, role, operation, things)
    impostor = Party(found.meaning.party.key_id, SigningKey(bytes(32)))

    answer = await asyncio.to_thread(found.send, impostor)

    assert answer.status_code == (401 if operation.signed else operation.status)
