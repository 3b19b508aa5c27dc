"""The redo log: records in order, cut where nobody finished writing, and never read past what is missing."""

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from tongbao.adapters.redo_log import Change, RedoLog
from tongbao.errors import ConfigurationError, DamageError, StorageError

GENERATION = b"g" * 16
INSERT = "INSERT INTO t VALUES (?)"


def change(value: object, statement: str = INSERT) -> list[Change]:
    return [(statement, False, (value,))]


def values(log: RedoLog, after: int = 0) -> list[tuple[int, object]]:
    """Number and first parameter of each record that changes something."""
    return [(record.number, record.changes[0][2][0]) for record in log.read(after) if record.changes]


@pytest.fixture
def log(tmp_path: Path) -> Iterator[RedoLog]:
    opened = RedoLog.open(tmp_path / "redo")
    opened.begin(GENERATION, after=0)
    yield opened
    opened.close()


def reopened(log: RedoLog, **settings: int) -> RedoLog:
    log.close()
    return RedoLog.open(log.directory, **settings)


@pytest.mark.parametrize("value", [None, 7, -(2**63), "明", b"\x00\xff", memoryview(b"view")])
def test_what_was_written_is_read_after_another_start(log: RedoLog, value: object) -> None:
    log.append(change(value))

    again = reopened(log)

    assert values(again) == [(1, bytes(value) if isinstance(value, memoryview) else value)]
    assert (again.generation, again.last) == (GENERATION, 1)
    again.close()


def test_a_statement_is_written_once_and_read_each_time(log: RedoLog) -> None:
    long_statement = "UPDATE t SET v = ? /* " + "x" * 5_000 + " */"
    for value in range(10):
        log.append(change(value, long_statement))

    again = reopened(log)

    assert {record.changes[0][0] for record in again.read(0)} == {long_statement}
    assert sum(file.stat().st_size for file in log.directory.glob("*.log")) < 2 * len(long_statement)
    again.close()


def test_records_are_read_on_from_any_commit(log: RedoLog) -> None:
    for value in range(1, 6):
        log.append(change(value))

    assert values(log, after=3) == [(4, 4), (5, 5)]


def test_a_full_segment_is_followed_by_another_and_both_are_read(log: RedoLog) -> None:
    small = reopened(log, segment_bytes_max=200)
    small.begin(GENERATION, after=0)
    for value in range(1, 30):
        small.append(change(value))

    again = reopened(small)

    assert len(list(log.directory.glob("redo-*.log"))) > 2
    assert values(again) == [(value, value) for value in range(1, 30)]
    assert values(again, after=20) == [(value, value) for value in range(21, 30)]
    again.close()


def test_what_is_taken_back_was_never_written(log: RedoLog) -> None:
    log.append(change("stays"))
    log.append(change("goes", "DELETE FROM t WHERE v = ?"))

    log.take_back()
    log.append(change("follows", "DELETE FROM t WHERE v = ?"))

    again = reopened(log)
    assert [record.changes for record in again.read(0)] == [
        [(INSERT, False, ["stays"])],
        [("DELETE FROM t WHERE v = ?", False, ["follows"])],
    ]
    again.close()


@pytest.mark.parametrize("cut", [1, 7, 12])
def test_a_record_that_was_never_finished_is_put_aside(log: RedoLog, cut: int) -> None:
    for value in (1, 2, 3):
        log.append(change(value))
    log.close()
    (segment,) = log.directory.glob("redo-*.log")
    segment.write_bytes(segment.read_bytes()[:-cut])

    again = RedoLog.open(log.directory)

    assert values(again) == [(1, 1), (2, 2)]
    assert again.torn_bytes > 0
    assert again.append(change("three")) == 3
    assert values(again)[-1] == (3, "three")
    (aside,) = log.directory.glob("torn-*.bin")
    assert aside.stat().st_size == again.torn_bytes
    again.close()


def test_a_changed_byte_in_an_earlier_segment_is_damage(log: RedoLog) -> None:
    small = reopened(log, segment_bytes_max=100)
    small.begin(GENERATION, after=0)
    for value in range(1, 20):
        small.append(change(value))
    first = min(log.directory.glob("redo-*.log"))
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)

    with pytest.raises(DamageError, match="does not hold commit"):
        values(small)
    small.close()


def test_a_missing_segment_is_damage(log: RedoLog) -> None:
    small = reopened(log, segment_bytes_max=100)
    small.begin(GENERATION, after=0)
    for value in range(1, 20):
        small.append(change(value))
    sorted(log.directory.glob("redo-*.log"))[1].unlink()

    with pytest.raises(DamageError, match="does not hold commit"):
        values(small)
    small.close()


def test_a_file_that_is_no_log_is_damage(tmp_path: Path) -> None:
    (tmp_path / f"redo-{1:020d}.log").write_bytes(b"something else altogether, and long enough")

    with pytest.raises(DamageError, match="no redo log"):
        RedoLog.open(tmp_path)


@pytest.mark.parametrize("header", [b"", b"TONGBAOR", bytes(4_096)])
def test_a_segment_that_was_never_begun_is_put_aside(log: RedoLog, header: bytes) -> None:
    log.append(change("one"))
    log.close()
    (log.directory / f"redo-{2:020d}.log").write_bytes(header)

    again = RedoLog.open(log.directory)

    assert again.append(change("two")) == 2
    assert values(again) == [(1, "one"), (2, "two")]
    assert again.torn_bytes == len(header)
    assert (log.directory / f"torn-{2:020d}.bin").read_bytes() == header
    again.close()


def test_a_log_whose_only_segment_was_never_begun_is_empty(tmp_path: Path) -> None:
    (tmp_path / f"redo-{1:020d}.log").touch()

    log = RedoLog.open(tmp_path)

    assert (log.generation, log.last) == (b"", 0)
    log.close()


def test_what_cannot_be_written_leaves_no_trace_in_what_follows(log: RedoLog) -> None:
    log.append(change("one"))
    with pytest.raises(TypeError):
        log.append(change(object(), "UPDATE t SET v = ?"))
    for value in ("two", "three"):
        log.append(change(value, "DELETE FROM t WHERE v = ?"))

    again = reopened(log)

    assert [record.changes for record in again.read(1)] == [
        [("DELETE FROM t WHERE v = ?", False, ["two"])],
        [("DELETE FROM t WHERE v = ?", False, ["three"])],
    ]
    again.close()


def test_a_log_has_one_writer(log: RedoLog) -> None:
    with pytest.raises(ConfigurationError, match="another process"):
        RedoLog.open(log.directory)


def test_nobody_else_may_read_it(log: RedoLog) -> None:
    log.append(change("a name"))

    modes = {stat.S_IMODE(path.stat().st_mode) for path in log.directory.glob("redo-*.log")}

    assert modes == {0o600}
    assert stat.S_IMODE(log.directory.stat().st_mode) == 0o700


def test_a_new_life_puts_the_old_one_aside(log: RedoLog) -> None:
    log.append(change("old"))
    (log.directory / "base-0.sqlite").touch()

    log.begin(b"h" * 16, after=5)
    log.append(change("new"))

    assert values(log, after=5) == [(6, "new")]
    aside = log.directory / f"before-{6:020d}"
    assert sorted(path.name for path in aside.iterdir()) == ["base-0.sqlite", f"redo-{1:020d}.log"]


def test_files_before_a_copy_may_be_deleted(log: RedoLog) -> None:
    small = reopened(log, segment_bytes_max=100)
    small.begin(GENERATION, after=0)
    for value in range(1, 20):
        small.append(change(value))
    for old in sorted(log.directory.glob("redo-*.log"))[:3]:
        old.unlink()

    again = reopened(small)

    assert again.first > 1
    assert values(again, after=again.first - 1)[-1] == (19, 19)
    with pytest.raises(DamageError, match="does not hold commit 1:"):
        values(again)
    again.close()


def test_a_commit_that_is_too_large_for_a_record_is_refused_and_what_was_and_follows_is_kept(log: RedoLog) -> None:
    small = reopened(log, record_bytes_max=1_000)
    small.append(change("one"))

    with pytest.raises(StorageError, match=r"holds at most 1000: nothing of it was kept"):
        small.append(change("x" * 1_001))
    small.append(change("two"))

    again = reopened(small)
    assert values(again) == [(1, "one"), (2, "two")]
    again.close()
