"""The index as a database: what it gives back, what it survives, and what it is not taken for."""

import sqlite3
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.builders import ALICE, BOB, CENTRE, DOMAIN, GENESIS, batch, coin, genesis, issue, signer, submission
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration import tables
from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.opening import standing_of
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.centres.registration.waiting import Place
from tongbao.coin import Submission
from tongbao.errors import ConfigurationError
from tongbao.kernel import AppliedBatch, ReferenceKernel


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/index.sqlite", durable=False)
    yield store
    await store.close()


def applied(kernel: ReferenceKernel, endorsed: Sequence[Submission]) -> tuple[AppliedBatch, ReceiptTree]:
    last = kernel.sequence
    following = batch(
        endorsed,
        sequence=last + 1,
        previous=kernel.chain_head,
        applied_sequence=last,
        applied_statuses=kernel.applied_statuses(last),
    )
    done = kernel.apply(following.encode())
    return done, ReceiptTree.sign(done, DOMAIN, signer(CENTRE))


async def test_a_new_index_stands_at_the_beginning(store: SqlStore) -> None:
    index = Index(store, DOMAIN)

    standing = await index.open()

    assert standing == Standing(0, 0, DOMAIN.network_id)
    assert await index.open() == standing


async def test_several_batches_are_taken_in_at_once(store: SqlStore) -> None:
    index, kernel = Index(store, DOMAIN), ReferenceKernel(GENESIS)
    await index.open()
    first, second = issue([coin(1, owner=ALICE)]), issue([coin(2, owner=ALICE), coin(3, owner=BOB)], serial=2)
    batches = [applied(kernel, [submission([each], home=0)]) for each in (first, second)]

    await index.advance(batches, standing_of(kernel))

    assert await index.open() == standing_of(kernel)
    ids = [first.id(DOMAIN), second.id(DOMAIN)]
    assert await index.places(ids) == {ids[0]: Place(1, 0), ids[1]: Place(2, 0)}
    assert [found.coin.value for found in await index.coins_of([1], after=0, limit=9)] == [1, 2, 3]
    assert [found.sequence for found in await index.coins_of([1], after=0, limit=9)] == [1, 2, 2]
    assert await index.receipts_of(2) == batches[1][1]
    assert await index.receipts_of(3) is None


async def test_a_batch_is_taken_in_whole_or_not_at_all(store: SqlStore) -> None:
    index, kernel = Index(store, DOMAIN), ReferenceKernel(GENESIS)
    await index.open()
    done = applied(kernel, [submission([issue([coin(1, owner=ALICE)])], home=0)])
    await index.advance([done], standing_of(kernel))
    other = applied(kernel, [submission([issue([coin(2, owner=ALICE)], serial=2)], home=0)])

    with pytest.raises(sqlite3.IntegrityError):
        await index.advance([other, done], standing_of(kernel))

    assert (await index.open()).sequence == 1
    assert await index.receipts_of(2) is None


async def test_an_index_of_another_layout_is_made_anew(store: SqlStore) -> None:
    index, kernel = Index(store, DOMAIN), ReferenceKernel(GENESIS)
    await index.open()
    await index.advance([applied(kernel, [])], standing_of(kernel))
    await store.write(lambda connection: connection.exec_driver_sql("UPDATE registration_index SET version = 999"))

    standing = await index.open()

    assert standing.sequence == 0
    assert await store.read(tables.read_version) == tables.VERSION


async def test_an_index_of_another_network_is_not_touched(store: SqlStore) -> None:
    await Index(store, genesis(name="another").domain()).open()

    with pytest.raises(ConfigurationError):
        await Index(store, DOMAIN).open()


async def test_asking_for_nothing_asks_nobody(store: SqlStore) -> None:
    await store.close()

    assert await Index(store, DOMAIN).places([]) == {}
