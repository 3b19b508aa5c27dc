"""Runs in a database: found at every moment of their life, and after every failure."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa

from tongbao.adapters.store import SqlStore
from tongbao.centres.registration import run_book, run_merge, tables
from tongbao.centres.registration.run_book import RunBook, RunWork
from tongbao.centres.registration.runs import FANOUT
from tongbao.kernel.applied import VERDICT
from tongbao.kernel.rows import ENTRY_BYTES, KEY_BYTES, PLACE_BITS

PER_BATCH = 20


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    store = SqlStore.open(f"sqlite:///{tmp_path}/index.sqlite", durable=False)
    await store.write(tables.make_anew)
    yield store
    await store.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of forty entries in chunks of eight, so that a few hundred transactions have several levels."""
    monkeypatch.setattr(run_book, "RUN_ENTRIES", 40)
    monkeypatch.setattr(run_merge, "CHUNK_BYTES", 8 * ENTRY_BYTES)


def ids_of(sequence: int) -> list[bytes]:
    return [sha256(f"{sequence}/{at}".encode()).digest() for at in range(PER_BATCH)]


def verdicts_of(sequence: int) -> bytes:
    return b"".join(VERDICT.pack(identity, 0) for identity in ids_of(sequence))


async def take_in(store: SqlStore, book: RunBook, sequence: int) -> None:
    work = await store.read(book.work)
    await store.write(work.write)
    book.done(work)
    book.gather(sequence, verdicts_of(sequence), b"")


async def lost(store: SqlStore, book: RunBook, sequences: range) -> list[int]:
    """The places of transactions that the book does not find, or finds elsewhere."""
    wanted = {
        identity[:KEY_BYTES]: (sequence << PLACE_BITS) + at
        for sequence in sequences
        for at, identity in enumerate(ids_of(sequence))
    }
    found = await store.read(lambda connection: book.find(connection, wanted))
    return [place for key, place in wanted.items() if found.get(key) != [place]]


@pytest.mark.usefixtures("small")
async def test_every_key_is_found_while_runs_are_flushed_merged_and_dropped(store: SqlStore) -> None:
    book, levels = RunBook(), 0
    for sequence in range(1, 60):
        await take_in(store, book, sequence)

        assert await lost(store, book, range(sequence % 7 + 1, sequence + 1, 7)) == []
        assert all(count < 2 * FANOUT for count in book.levels)
        levels = max(levels, len(book.levels))

    assert levels == 3
    assert await lost(store, book, range(1, 60)) == []
    assert await store.read(lambda connection: book.find(connection, [bytes(KEY_BYTES)])) == {}


@pytest.mark.usefixtures("small")
async def test_what_is_not_due_is_no_work(store: SqlStore) -> None:
    book, idle = RunBook(), 0
    for sequence in range(1, 60):
        due, work = book.is_due, await store.read(book.work)
        assert due or work == RunWork()
        idle += not due

        await store.write(work.write)
        book.done(work)
        book.gather(sequence, verdicts_of(sequence), b"")

    assert 10 < idle < 50


@pytest.mark.usefixtures("small")
async def test_chunks_of_merged_runs_are_dropped(store: SqlStore) -> None:
    book = RunBook()
    for sequence in range(1, 61):
        await take_in(store, book, sequence)

    def count(connection: sa.Connection) -> int:
        entries = connection.execute(sa.select(tables.chunks.c.entries)).scalars().all()
        return sum(map(len, entries)) // ENTRY_BYTES

    # At most what is merged at the moment stands there twice.
    assert await store.read(count) <= 2 * 60 * PER_BATCH


@pytest.mark.usefixtures("small")
async def test_a_write_that_fails_costs_no_key(store: SqlStore) -> None:
    book, dice = RunBook(), Random(1)
    for sequence in range(1, 60):
        if dice.random() < 0.5:
            await store.read(book.work)
            book.give_up()
        await take_in(store, book, sequence)

        assert await lost(store, book, range(sequence % 7 + 1, sequence + 1, 7)) == []


@pytest.mark.usefixtures("small")
async def test_another_start_finds_the_runs_and_drops_what_an_unfinished_merge_left(store: SqlStore) -> None:
    before = RunBook()
    flushed = 0
    for sequence in range(1, 60):
        work = await store.read(before.work)
        flushed = sequence - 1 if work.flushed else flushed
        await store.write(work.write)
        before.done(work)
        before.gather(sequence, verdicts_of(sequence), b"")
        after = RunBook()
        if sequence % 7:
            continue
        await store.write(after.open)
        for each in range(flushed + 1, sequence + 1):
            after.gather(each, verdicts_of(each), b"")
        before = after

        assert await lost(store, after, range(1, sequence + 1)) == []
        known = await store.read(lambda connection: set(connection.execute(sa.select(tables.runs.c.run)).scalars()))
        used = await store.read(lambda connection: set(connection.execute(sa.select(tables.chunks.c.run)).scalars()))
        assert used == known


@pytest.mark.usefixtures("small")
async def test_places_of_one_key_that_fill_several_chunks_are_all_found(store: SqlStore) -> None:
    book, identity = RunBook(), sha256(b"one lock").digest()
    for sequence in range(1, 12):
        await take_in(store, book, sequence)
        book.gather(1_000 + sequence, b"".join(VERDICT.pack(identity, 0) for _ in range(PER_BATCH)), b"")

    found = await store.read(lambda connection: book.find(connection, [identity[:KEY_BYTES]]))

    assert len(found[identity[:KEY_BYTES]]) == 11 * PER_BATCH
    assert await lost(store, book, range(1, 12)) == []
