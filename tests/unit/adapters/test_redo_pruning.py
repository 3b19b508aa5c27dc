"""Files of a redo log that a back-up has made unnecessary go, the newest never does, and a rebuild still works."""

from pathlib import Path

import pytest

from tongbao.adapters.redo_log import Change, RedoLog
from tongbao.adapters.redo_pruning import prune_redo
from tongbao.errors import ConfigurationError

GENERATION = b"g" * 16
COMMITS = 20


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """A log of twenty commits in several files."""
    log = RedoLog.open(tmp_path / "redo", segment_bytes_max=100)
    log.begin(GENERATION, after=0)
    for value in range(1, COMMITS + 1):
        change: list[Change] = [("INSERT INTO t VALUES (?)", False, (value,))]
        log.append(change)
    log.close()
    return log.directory


def commits_from(directory: Path, after: int) -> list[int]:
    log = RedoLog.open(directory)
    try:
        return [record.number for record in log.read(after)]
    finally:
        log.close()


@pytest.mark.parametrize("commit", [0, 1, 7, 8, 9, COMMITS])
def test_a_copy_is_still_brought_on_to_the_last_commit(directory: Path, commit: int) -> None:
    before = len(list(directory.glob("redo-*.log")))

    done = prune_redo(directory, (GENERATION, commit))

    assert commits_from(directory, commit) == list(range(commit + 1, COMMITS + 1))
    assert done.first <= commit + 1
    assert len(list(directory.glob("redo-*.log"))) == before - len(done.files) >= 1


def test_what_is_older_than_the_copy_is_gone_and_counted(directory: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in directory.glob("redo-*.log")}

    done = prune_redo(directory, (GENERATION, COMMITS))

    assert len(done.files) > 2
    assert done.bytes == sum(sizes[name] for name in done.files)
    assert prune_redo(directory, (GENERATION, COMMITS)).files == ()


def test_a_base_goes_once_the_log_no_longer_reaches_back_to_it(directory: Path) -> None:
    bases = [directory / f"base-{number:020d}.sqlite" for number in (0, COMMITS)]
    for base in bases:
        base.touch()

    prune_redo(directory, (GENERATION, COMMITS))

    assert [base.exists() for base in bases] == [False, True]


def test_a_copy_of_another_database_deletes_nothing(directory: Path, tmp_path: Path) -> None:
    files = sorted(directory.iterdir())

    with pytest.raises(ConfigurationError, match="is not the log of the database"):
        prune_redo(directory, (b"h" * 16, COMMITS))
    with pytest.raises(ConfigurationError, match="is not the log of the database"):
        prune_redo(tmp_path, (GENERATION, COMMITS))

    assert sorted(directory.iterdir()) == files


def test_a_log_that_is_being_written_is_pruned_beside_its_writer(directory: Path) -> None:
    writer = RedoLog.open(directory, segment_bytes_max=100)
    writer.append([("INSERT INTO t VALUES (?)", False, (COMMITS + 1,))])

    prune_redo(directory, (GENERATION, COMMITS))
    writer.append([("INSERT INTO t VALUES (?)", False, (COMMITS + 2,))])

    assert [record.number for record in writer.read(COMMITS)] == [COMMITS + 1, COMMITS + 2]
    writer.close()
