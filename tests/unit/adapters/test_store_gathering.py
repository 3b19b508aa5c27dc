"""When the store waits for more operations before it commits, and when it does not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tongbao.adapters import store as adapters_store
from tongbao.adapters.store import GATHERED_FROM, SqlStore


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    opened = SqlStore.open(f"sqlite:///{tmp_path}/bank.sqlite")
    yield opened
    await opened.close()


def nothing(_connection: sa.Connection) -> None:
    """Change nothing, which takes a commit like everything else."""


async def test_where_many_come_the_next_commit_waits_for_more_of_them(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters_store, "GATHER_S", 0.1)
    await asyncio.gather(*[store.write(nothing) for _ in range(GATHERED_FROM)])

    first = asyncio.create_task(store.write(nothing))
    await asyncio.sleep(0.01)
    await store.write(nothing)

    assert first.done()
    assert (store.commits, store.operations) == (2, GATHERED_FROM + 2)


async def test_whoever_comes_alone_does_not_wait_for_others(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adapters_store, "GATHER_S", 60.0)

    for _ in range(3):
        await store.write(nothing)

    assert store.commits == 3


async def test_whoever_comes_alone_long_after_many_does_not_wait_for_others(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapters_store, "GATHER_S", 60.0)
    monkeypatch.setattr(adapters_store, "GATHERED_WITHIN_S", 0.05)
    await asyncio.gather(*[store.write(nothing) for _ in range(GATHERED_FROM)])

    await asyncio.sleep(0.06)
    async with asyncio.timeout(5):
        await store.write(nothing)

    assert store.commits == 2
