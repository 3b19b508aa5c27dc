"""The transparency log under audit: checkpoints, tiles and supply statements that do not fit the journal."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.audited import audited, flip, lived, long_lived, written
from tests.builders import BOB
from tests.kernel_builders import Ledger
from tests.published_logs import (
    KEYS,
    checkpoint,
    entries_of,
    files_of,
    publish_log,
    publish_statement,
    write_files,
)
from tests.supply_history import LOG_KEY, SupplyHistory
from tongbao.audit import AuditReport
from tongbao.evidence.signing import SignatureKind, SigningKey
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement
from tongbao.evidence.tiles import ENTRIES, Tile
from tongbao.evidence.tree import leaf_hash, subtree_root

STRANGER = SigningKey(LOG_KEY.name, SignatureKind.ED25519, b"s" * 32)


async def judged(folder: Path, ledger: Ledger) -> AuditReport:
    """What the auditor says of the ledger's journal and of the log beside it."""
    if not (folder / "journal").exists():
        await written(folder / "journal", ledger)
    return await audited(folder / "journal", log=folder / "log", keys=KEYS)


def stated() -> SupplyHistory:
    """A history with two statements."""
    history = SupplyHistory()
    funds = history.issue(500, 300, home=1)
    history.state()
    history.pay(funds, to=BOB)
    history.redeem(funds, index=1)
    history.state()
    history.ledger.heartbeat(time_ms=history.ledger.now_ms + 1)
    return history


async def test_a_log_as_the_journal_has_it_agrees(tmp_path: Path) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements)

    report = await judged(tmp_path, history.ledger)

    assert report.divergence is None
    assert (report.checked.statements, report.checked.tiles) == (2, 2)


async def test_a_bit_that_flipped_in_a_tile_is_found_with_the_batch_that_it_is_about(tmp_path: Path) -> None:
    ledger = long_lived(600)
    publish_log(tmp_path / "log", ledger)
    agreed = await judged(tmp_path, ledger)

    flip(tmp_path / "log" / Tile(0, 1).path, 40)
    found = (await judged(tmp_path, ledger)).divergence

    assert (agreed.divergence, agreed.checked.tiles) == (None, 7)
    assert found is not None
    assert found.place == (Tile(0, 1).path, 40, 7), (
        "leaf 257 is the 256th payment's, and the sixth batch has 50 of them"
    )


async def test_an_entry_that_is_not_the_journals_is_found(tmp_path: Path) -> None:
    ledger = lived()
    publish_log(tmp_path / "log", ledger)
    flip(tmp_path / "log" / Tile(ENTRIES, 0, 5).path, 34 + 3)

    found = (await judged(tmp_path, ledger)).divergence

    assert found is not None
    assert found.place == (Tile(ENTRIES, 0, 5).path, 34 + 3, 2)


async def test_a_partial_tile_may_have_given_way_to_the_full_one(tmp_path: Path) -> None:
    ledger = long_lived(255)
    root = publish_log(tmp_path / "log", ledger)
    (tmp_path / "log/checkpoint").write_bytes(checkpoint(256, root))

    report = await judged(tmp_path, ledger)

    assert report.divergence is None


@pytest.mark.parametrize("name", [Tile(0, 0, 5).path, "checkpoint"])
async def test_a_file_that_is_missing_is_found(tmp_path: Path, name: str) -> None:
    ledger = lived()
    publish_log(tmp_path / "log", ledger)
    (tmp_path / "log" / name).unlink()

    found = (await judged(tmp_path, ledger)).divergence

    assert found is not None
    assert found.place.file == name


@pytest.mark.parametrize(
    ("size", "root", "meaning"),
    [
        (5, bytes(32), "another root over 5 entries"),
        (6, b"", "the log has 6 entries, and the journal comes to 5"),
    ],
    ids=["another root", "more entries"],
)
async def test_a_checkpoint_over_another_history_is_found_although_the_log_signed_it(
    tmp_path: Path, size: int, root: bytes, meaning: str
) -> None:
    ledger = lived()
    true = publish_log(tmp_path / "log", ledger)
    (tmp_path / "log/checkpoint").write_bytes(checkpoint(size, root or true))

    found = (await judged(tmp_path, ledger)).divergence

    assert found is not None
    assert found.place.file == "checkpoint"
    assert meaning in found.meaning


async def test_a_checkpoint_that_somebody_else_signed_is_forged(tmp_path: Path) -> None:
    ledger = lived()
    root = publish_log(tmp_path / "log", ledger)
    (tmp_path / "log/checkpoint").write_bytes(checkpoint(5, root, key=STRANGER))

    found = (await judged(tmp_path, ledger)).divergence

    assert found is not None
    assert "it is not signed by the log" in found.meaning


def with_figures(statement: SupplyStatement, **figures: int) -> SupplyStatement:
    """The statement with other figures of the currency."""
    [asset] = statement.assets
    return replace(statement, assets=(replace(asset, **figures),))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("lie", "meaning"),
    [
        (lambda true: with_figures(true, outstanding=501), "asset 0 outstanding 501, and the journal comes to 500"),
        (lambda true: with_figures(true, issued=700), "asset 0 issued 700, and the journal comes to 800"),
        (lambda true: replace(true, assets=()), "asset 0 issued 0, and the journal comes to 800"),
        (lambda true: replace(true, state_digest=bytes(32)), f"state_digest {bytes(32).hex()}"),
    ],
    ids=["outstanding", "issued", "nothing", "digest"],
)
async def test_a_wrong_figure_in_a_statement_is_found_with_both_figures(
    tmp_path: Path, lie: object, meaning: str
) -> None:
    history = stated()
    assert callable(lie)
    statements = [history.statements[0], lie(history.statements[1])]
    publish_log(tmp_path / "log", history.ledger, statements)

    found = (await judged(tmp_path, history.ledger)).divergence

    assert found is not None
    assert (found.place.file, found.place.sequence) == ("supply/2", 3)
    assert meaning in found.meaning


@pytest.fixture(scope="module")
def busy() -> SupplyHistory:
    """A history with 301 entries in its log, and a statement after them."""
    history = SupplyHistory()
    funds = history.issue(*range(1, 301))
    for index in range(300):
        history.pay(funds, index=index, to=BOB)
    history.state()
    return history


@pytest.mark.parametrize(
    ("size", "of", "meaning"),
    [
        (300, 300, None),
        (256, 256, None),
        (0, 0, None),
        (299, 300, "says log root"),
        (2**62, 300, f"says log size {2**62}, and the journal comes to 302"),
    ],
    ids=["there", "at the end of a tile", "empty", "another root", "longer than any log"],
)
async def test_what_a_statement_says_of_the_log_before_it_must_have_been_so(
    tmp_path: Path, busy: SupplyHistory, size: int, of: int, meaning: str | None
) -> None:
    earlier = [leaf_hash(entry) for entry in entries_of(busy.ledger)[:of]]
    statement = replace(busy.statements[0], log=LogStanding(size, subtree_root(earlier)))
    publish_log(tmp_path / "log", busy.ledger, [statement])

    found = (await judged(tmp_path, busy.ledger)).divergence

    assert (found is None) == (meaning is None)
    assert meaning is None or (found is not None and meaning in found.meaning)


async def test_a_statement_that_the_log_does_not_hold_is_found(tmp_path: Path) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements[1:])
    for each in history.statements:
        publish_statement(tmp_path / "log", each)

    found = (await judged(tmp_path, history.ledger)).divergence

    assert found is not None
    assert (found.place.file, found.meaning) == ("supply/1", "the log has no entry of the statement")


async def test_a_statement_that_was_made_while_settling_went_on_stands_behind_a_later_batch(tmp_path: Path) -> None:
    history = SupplyHistory()
    funds = history.issue(500, 300, home=1)
    history.state()
    history.pay(funds, to=BOB)
    [statement] = history.statements
    entries = entries_of(history.ledger)
    write_files(tmp_path / "log", files_of([*entries, statement.entry()]))
    publish_statement(tmp_path / "log", statement)

    report = await judged(tmp_path, history.ledger)

    assert (entries_of(history.ledger, [statement])[-1], report.divergence) == (entries[-1], None)
    assert report.checked.statements == 1


async def test_the_newest_statement_may_wait_to_be_taken_in(tmp_path: Path) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements[:1])
    publish_statement(tmp_path / "log", history.statements[1])

    report = await judged(tmp_path, history.ledger)

    assert report.divergence is None


@pytest.mark.parametrize("level", [ENTRIES, 0])
async def test_a_bit_that_flipped_in_a_statements_entry_is_found_there(tmp_path: Path, level: int) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements)
    entries = entries_of(history.ledger, history.statements)
    index = entries.index(history.statements[0].entry())
    offset = index * (34 if level == ENTRIES else 32) + 5
    flip(tmp_path / "log" / Tile(level, 0, len(entries)).path, offset)

    found = (await judged(tmp_path, history.ledger)).divergence

    assert found is not None
    assert found.place[:2] == (Tile(level, 0, len(entries)).path, offset)


async def test_a_statement_about_a_batch_that_is_missing_is_found(tmp_path: Path) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements)
    await written(tmp_path / "journal", history.ledger, history.ledger.batches[:2])

    found = (await judged(tmp_path, history.ledger)).divergence

    assert found is not None
    assert found.place == ("supply/2", 0, 3)


async def test_a_statement_is_missing_where_a_later_one_is_there(tmp_path: Path) -> None:
    history = stated()
    publish_log(tmp_path / "log", history.ledger, history.statements)
    (tmp_path / "log/supply/1").unlink()

    found = (await judged(tmp_path, history.ledger)).divergence

    assert found is not None
    assert (found.place.file, found.meaning) == ("supply/1", "the statement is missing")
