"""Requests that may be sent twice and happen once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from tongbao.adapters.idempotency import IdempotencyTable, RepeatableRequest
from tongbao.adapters.store import SqlStore
from tongbao.errors import InvariantError, RefusedError, RequestError

METADATA = sa.MetaData()
REPEATS = IdempotencyTable(METADATA)
REQUEST = RepeatableRequest("wallet:1", "order-7", b"h" * 32)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path}/bank.sqlite")
    METADATA.create_all(opened.engine)
    yield opened
    await opened.close()


async def begin(store: SqlStore, request: RepeatableRequest = REQUEST, *, now_ms: int = 1) -> bytes | None:
    return await store.write(lambda connection: REPEATS.begin(connection, request, now_ms=now_ms))


async def finish(store: SqlStore, answer: bytes = b"paid") -> None:
    await store.write(lambda connection: REPEATS.finish(connection, REQUEST, answer=answer))


async def code_of_beginning(store: SqlStore, request: RepeatableRequest = REQUEST) -> str:
    with pytest.raises(RequestError) as refused:
        await begin(store, request)
    return refused.value.code


async def test_a_repeat_gets_the_first_answer_word_for_word(store: SqlStore) -> None:
    first = await begin(store)
    await finish(store, b"\x00paid")

    assert (first, await begin(store), await begin(store)) == (None, b"\x00paid", b"\x00paid")


async def test_a_repeat_waits_while_the_first_one_runs(store: SqlStore) -> None:
    await begin(store)

    assert await code_of_beginning(store) == "IDEMPOTENCY_KEY_IN_USE"


@pytest.mark.parametrize("finished", [False, True])
async def test_a_key_belongs_to_one_request(store: SqlStore, *, finished: bool) -> None:
    await begin(store)
    if finished:
        await finish(store)

    assert await code_of_beginning(store, replace(REQUEST, request_hash=b"x" * 32)) == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("other", [replace(REQUEST, caller="wallet:2"), replace(REQUEST, key="order-8")])
async def test_another_caller_or_key_is_another_request(store: SqlStore, other: RepeatableRequest) -> None:
    await begin(store)

    assert await begin(store, other) is None


async def test_a_request_whose_intent_was_not_recorded_never_began(store: SqlStore) -> None:
    def begin_and_refuse(connection: sa.Connection) -> None:
        REPEATS.begin(connection, REQUEST, now_ms=1)
        raise RefusedError("limit", code="LIMIT_DAY")

    with pytest.raises(RefusedError):
        await store.write(begin_and_refuse)

    assert await begin(store) is None


async def test_a_request_without_effect_can_be_tried_again(store: SqlStore) -> None:
    await begin(store)

    await store.write(lambda connection: REPEATS.forget(connection, REQUEST))

    assert await begin(store) is None


async def test_an_answer_is_not_forgotten_by_mistake(store: SqlStore) -> None:
    await begin(store)
    await finish(store)

    await store.write(lambda connection: REPEATS.forget(connection, REQUEST))

    assert await begin(store) == b"paid"


async def test_what_never_began_cannot_be_finished(store: SqlStore) -> None:
    with pytest.raises(InvariantError, match="had not begun"):
        await finish(store)


async def test_old_answers_can_be_dropped_and_running_requests_cannot(store: SqlStore) -> None:
    await begin(store, now_ms=1_000)
    await finish(store)
    running = replace(REQUEST, key="running")
    await begin(store, running, now_ms=1_000)

    kept = await store.write(lambda connection: REPEATS.forget_before(connection, begun_ms=1_000))
    dropped = await store.write(lambda connection: REPEATS.forget_before(connection, begun_ms=1_001))

    assert (kept, dropped) == (0, 1)
    assert await begin(store) is None
    assert await code_of_beginning(store, running) == "IDEMPOTENCY_KEY_IN_USE"
