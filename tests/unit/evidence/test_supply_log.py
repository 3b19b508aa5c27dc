"""Statements in a log: where each stands, and what does not fit."""

from dataclasses import replace
from hashlib import sha256

import pytest

from tests.published_logs import MemoryCopy, files_of
from tests.supply_history import SupplyHistory
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.proven_tiles import ProvenTiles
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.supply_chain import SupplyFault
from tongbao.evidence.supply_log import StatementsInLog
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement
from tongbao.evidence.tiles import Tile
from tongbao.evidence.tree import leaf_hash, subtree_root

BETWEEN = 700
"""Verdicts before each statement."""

VERDICTS = [sha256(b"%d" % number).digest() for number in range(5 * BETWEEN)]


def standing(entries: list[bytes]) -> LogStanding:
    """Of a log with these entries."""
    return LogStanding(len(entries), subtree_root(list(map(leaf_hash, entries))))


def stated(*, left_out: int = 0) -> list[SupplyStatement]:
    """Three, each of which names the log as it was just before."""
    history = SupplyHistory()
    for number in (1, 2, 3):
        history.issue(500)
        entries = logged(history.statements, left_out=left_out)
        history.state(standing(entries[: number * (BETWEEN + 1) - 1]))
    return history.statements


@pytest.fixture
def statements() -> list[SupplyStatement]:
    """Three that the log holds."""
    return stated()


def logged(statements: list[SupplyStatement], *, left_out: int = 0) -> list[bytes]:
    """Entries: so many verdicts before each statement, and the rest behind; one more verdict for one left out."""
    entries = list(VERDICTS)
    for number, each in enumerate(statements, 1):
        entries.insert(number * (BETWEEN + 1) - 1, bytes(32) if number == left_out else each.entry())
    return entries


async def checked(entries: list[bytes], statements: list[SupplyStatement], *without: str) -> StatementsInLog:
    """What a reader of the log finds, from which some files are gone."""
    files = {name: content for name, content in files_of(entries).items() if name not in without}
    checkpoint = Checkpoint.decode(SignedText.decode(files["checkpoint"]).text)

    async def read(path: str) -> bytes | None:
        return files.get(path)

    log = StatementsInLog(await ProvenTiles.open(read, checkpoint), statements)
    await log.check()
    return log


def faults(log: StatementsInLog) -> list[tuple[SupplyFault, int]]:
    """What was found, and of which statement."""
    return [(each.fault, each.number) for each in log.findings]


async def test_each_statement_stands_where_the_log_has_it(statements: list[SupplyStatement]) -> None:
    log = await checked(logged(statements), statements)

    assert log.findings == []
    assert log.places == {1: 700, 2: 1401, 3: 2102}


async def test_statements_that_name_no_log_are_looked_for_from_the_first_entry(
    statements: list[SupplyStatement],
) -> None:
    unaware = [replace(each, log=None) for each in statements]

    log = await checked(logged(unaware), unaware)

    assert (log.findings, log.places) == ([], {1: 700, 2: 1401, 3: 2102})


async def test_only_tiles_from_where_the_log_was_are_read(statements: list[SupplyStatement]) -> None:
    copy = MemoryCopy(files_of(logged(statements)))
    checkpoint = Checkpoint.decode(SignedText.decode(copy.files["checkpoint"]).text)
    log = StatementsInLog(await ProvenTiles.open(copy.read, checkpoint), statements[2:])

    await log.check()

    leaves = [name for name in copy.read_names if name.startswith("tile/0/")]
    assert log.places == {3: 2102}
    assert set(leaves) == {Tile(0, 8).path, Tile(0, 13, 175).path}
    assert not [name for name in copy.read_names if "entries" in name]


@pytest.mark.parametrize("number", [1, 2, 3])
async def test_a_statement_that_the_log_never_took_in_is_named(number: int) -> None:
    statements = stated(left_out=number)

    log = await checked(logged(statements, left_out=number), statements)

    assert faults(log) == [(SupplyFault.UNLOGGED, number)]


async def test_another_signed_statement_in_its_place_is_not_it(statements: list[SupplyStatement]) -> None:
    other = replace(statements[2], state_digest=bytes(32))

    log = await checked(logged(statements), [*statements[:2], other])

    assert faults(log) == [(SupplyFault.UNLOGGED, 3)]


async def test_a_log_that_was_cut_short_has_fewer_entries_than_a_statement_names(
    statements: list[SupplyStatement],
) -> None:
    log = await checked(logged(statements)[:1500], statements)

    assert faults(log) == [(SupplyFault.LOG_HISTORY, 3), (SupplyFault.UNLOGGED, 3)]
    assert log.places == {1: 700, 2: 1401}


async def test_a_log_with_another_entry_is_another_history_for_every_statement_behind_it(
    statements: list[SupplyStatement],
) -> None:
    entries = logged(statements)
    entries[1_000] = bytes(32)

    log = await checked(entries, statements)

    assert faults(log) == [(SupplyFault.LOG_HISTORY, 2), (SupplyFault.LOG_HISTORY, 3)]


async def test_a_tile_that_is_missing_is_named_once_and_hides_what_stands_in_it(
    statements: list[SupplyStatement],
) -> None:
    log = await checked(logged(statements), statements, Tile(0, 5).path)

    assert faults(log) == [(SupplyFault.LOG, 0), (SupplyFault.LOG, 2)]
    assert Tile(0, 5).path in log.findings[0].detail
    assert log.places == {1: 700, 3: 2102}
