"""The writer of the transparency log: what it publishes, and how the next one goes on after a crash at every call."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.builders import DOMAIN
from tests.log_world import LOG, LogWorld, entries_in, log_keys, written_tiles
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.log_writer import LogWriter
from tongbao.errors import ConfigurationError, DamageError, StorageError
from tongbao.evidence import Checkpoint
from tongbao.evidence.tiles import ENTRY_ROW_BYTES, TileTail, entry_row
from tongbao.simulation.disk import CrashedError, Platter

STATEMENT = bytes(range(32))
COUNTS = (3, 250, 0, 5, 600)
CALLS_MAX = 400


@asynccontextmanager
async def log_world(directory: Path, platter: Platter | None = None) -> AsyncIterator[LogWorld]:
    """A log whose index lies in the directory."""
    store = SqlStore.open(f"sqlite:///{directory}/index.sqlite", durable=False)
    try:
        yield LogWorld(store, platter or Platter(seed=0))
    finally:
        await store.close()


def _made(directory: Path) -> Path:
    directory.mkdir()
    return directory


def demand_right(world: LogWorld, rows: bytes) -> None:
    """The published checkpoint covers just these entries, and every tile is what follows from them."""
    tail, tiles = written_tiles(rows)
    assert world.checkpoint() == Checkpoint(f"tongbao/{DOMAIN.network_id.hex()}", tail.size, tail.root())
    assert entries_in(world.platter, LOG, tail.size) == rows
    for tile, content in tiles.items():
        assert world.platter.content(f"{LOG}/{tile.path}") == content, tile.path


async def test_an_empty_log_has_a_checkpoint(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()

        await writer.write()

        demand_right(world, b"")


async def test_every_verdict_is_in_the_log_in_the_journals_order(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()

        for count in COUNTS:
            await world.settle(count, writer)
            assert await writer.write() == bool(count) or count == 3

        demand_right(world, world.rows)


async def test_a_round_without_news_publishes_nothing(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(3, writer)
        await writer.write()
        before = world.platter.content(f"{LOG}/checkpoint")

        assert not await writer.write()

        assert world.platter.content(f"{LOG}/checkpoint") == before


async def test_a_statement_stands_behind_the_verdicts_of_its_batch(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(3, writer)
        first = world.rows

        assert writer.take_statement(STATEMENT) == 1
        await world.settle(4, writer)
        await writer.write()

        assert writer.has_statement(STATEMENT)
        demand_right(world, first + entry_row(STATEMENT) + world.rows[len(first) :])


async def test_the_next_writer_goes_on_with_what_the_index_has_since(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(300, writer)
        writer.take_statement(STATEMENT)
        await writer.write()
        await writer.close()
        before = world.rows + entry_row(STATEMENT)
        await world.settle(10)

        writer = await world.open()
        await writer.write()

        assert writer.has_statement(STATEMENT)
        demand_right(world, before + world.rows[300 * ENTRY_ROW_BYTES :])


@pytest.mark.parametrize("keeps_power", [True, False])
async def test_a_crash_at_any_call_rewrites_nothing_that_was_published(tmp_path: Path, *, keeps_power: bool) -> None:
    reached = 0
    for call in range(1, CALLS_MAX):
        platter = Platter(seed=call)
        async with log_world(_made(tmp_path / str(call)), platter) as world:
            seen = await _crash_at(world, call, keeps_power=keeps_power)
            writer = await world.open()
            await writer.write()
            await world.settle(7, writer)
            await writer.write()

            final = world.checkpoint()
            assert final is not None
            rows = entries_in(platter, LOG, final.size)
            demand_right(world, rows)
            for checkpoint in seen:
                tail = TileTail()
                tail.extend(rows[: checkpoint.size * ENTRY_ROW_BYTES])
                assert tail.root() == checkpoint.root
            without = rows.replace(entry_row(STATEMENT), b"")
            assert without == world.rows
        if platter.faults.crash_at_call is not None or not seen_crash(world):
            break
        reached = call
    assert reached > 40


def seen_crash(world: LogWorld) -> bool:
    """Whether the world's disk crashed at all."""
    return world.platter.incarnation > 0


async def _crash_at(world: LogWorld, call: int, *, keeps_power: bool) -> list[Checkpoint]:
    """Some rounds until the crash; returns every checkpoint that was published before it."""
    seen: list[Checkpoint] = []
    faults = world.platter.faults
    faults.crash_at_call, faults.crash_keeps_power = call, keeps_power
    try:
        writer = await world.open()
        for count in COUNTS:
            await world.settle(count, writer)
            if count == 5:
                writer.take_statement(STATEMENT)
            await writer.write()
            _see(world, seen)
    except CrashedError:
        pass
    faults.crash_at_call = None
    _see(world, seen)
    return seen


def _see(world: LogWorld, seen: list[Checkpoint]) -> None:
    checkpoint = world.checkpoint()
    if checkpoint is not None:
        seen.append(checkpoint)


async def test_a_call_that_fails_is_made_up_for_in_the_next_round(tmp_path: Path) -> None:
    for call in range(1, 30):
        async with log_world(_made(tmp_path / str(call))) as world:
            writer = await world.open()
            await world.settle(300, writer)
            writer.take_statement(STATEMENT)
            world.platter.faults.error_at_calls = frozenset({world.platter.calls + call})

            await _write_until_it_holds(writer)

            demand_right(world, world.rows + entry_row(STATEMENT))


async def _write_until_it_holds(writer: LogWriter) -> None:
    for _ in range(2):
        try:
            await writer.write()
        except StorageError:
            continue


async def test_a_log_that_is_gone_is_made_again_and_comes_out_as_it_was_signed(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(600, writer)
        writer.take_statement(STATEMENT)
        await writer.write()
        before = {path: world.platter.content(path) for path in world.platter.paths()}
        disk = world.platter.mount()
        for path in before:
            if path.startswith(f"{LOG}/"):
                await disk.remove(path)

        await world.open()

        assert {path: world.platter.content(path) for path in before} == before


async def test_a_history_that_was_rewritten_halts_the_next_start(tmp_path: Path) -> None:
    platter = Platter(seed=0)
    async with log_world(_made(tmp_path / "a"), platter) as world:
        writer = await world.open()
        await world.settle(300, writer)
        await writer.write()

    async with log_world(_made(tmp_path / "b"), platter) as world:
        await world.index.open()
        await world.settle(299)
        await world.settle(1)

        with pytest.raises(DamageError, match="not what was signed"):
            await world.open()


async def test_a_history_that_was_shortened_halts_the_next_start(tmp_path: Path) -> None:
    platter = Platter(seed=0)
    async with log_world(_made(tmp_path / "a"), platter) as world:
        writer = await world.open()
        await world.settle(300, writer)
        await writer.write()

    async with log_world(_made(tmp_path / "b"), platter) as world:
        await world.index.open()
        await world.settle(200)

        with pytest.raises(DamageError, match="covers 300 entries, and the journal has 200"):
            await world.open()


async def test_another_key_never_goes_on_with_a_log(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        await (await world.open()).write()
        world.keys = log_keys(DOMAIN.network_id, seed=7)

        with pytest.raises(ConfigurationError, match="signed by another key"):
            await world.open()


async def test_a_standing_that_cannot_be_read_halts_the_start(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        await (await world.open()).write()
        world.platter.flip_bit(f"{LOG}-book/standing", offset=0, bit=1)

        with pytest.raises(DamageError, match="standing is not what was written"):
            await world.open()


async def test_what_is_on_the_medium_is_not_made_again(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(65_000, writer)
        await world.settle(900, writer)
        await writer.write()
        await writer.write()
        assert writer.standing.durable_tiles == 1
        assert (writer.standing.durable_sequence, writer.standing.durable_size) == (2, 65_000)
        world.platter.lose_power()
        calls = world.platter.calls

        writer = await world.open()
        await world.settle(5, writer)
        await writer.write()

        assert world.platter.calls - calls < 100
        demand_right(world, world.rows)


async def test_damage_below_what_is_on_the_medium_is_made_good_from_the_journal(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(65_000, writer)
        await world.settle(900, writer)
        await writer.write()
        await writer.write()
        await writer.close()
        world.platter.flip_bit(f"{LOG}/tile/1/000", offset=77, bit=3)

        writer = await world.open()
        await writer.write()

        demand_right(world, world.rows)


async def test_the_next_writer_knows_statements_that_it_need_not_put_into_the_log_again(tmp_path: Path) -> None:
    async with log_world(tmp_path) as world:
        writer = await world.open()
        await world.settle(10, writer)
        writer.take_statement(STATEMENT)
        await world.settle(65_000, writer)
        await world.settle(900, writer)
        await writer.write()
        await writer.write()
        await writer.close()

        writer = await world.open()

        assert writer.standing.durable_sequence > 1
        assert writer.has_statement(STATEMENT)
