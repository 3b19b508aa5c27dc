"""The redo log: what each commit of a database changed, in files beside it, written before the commit.

A copy of the database and the records written since are the database. `docs/reference/redo-log.md` says what it holds
and what it promises. The files are written and not flushed: the database has its own flush, and one more would double
the time of every commit. So a process that is killed loses nothing of either; a power cut may take the newest records
of the log, and then the database is there, of which a new base is made.
"""

import contextlib
import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from tongbao.adapters.disk import DIRECTORY_MODE, FILE_MODE, FileLock, lock_file, translated, write_all
from tongbao.errors import ConfigurationError, DamageError, StorageError, WorldError

__all__ = ["GENERATION_BYTES", "Change", "RedoLog", "RedoRecord", "SegmentStart", "segment_starts"]

GENERATION_BYTES: Final = 16
"""Of the name that database and log have in common."""

SEGMENT_BYTES_MAX: Final = 64 * 1024 * 1024
"""The last segment is read at each start: well under a second."""

RECORD_BYTES_MAX: Final = 256 * 1024 * 1024
"""More than any group of operations can change; a length beyond it is no length."""

LOCK_NAME: Final = "redo.lock"

_MAGIC: Final = b"TONGBAOR"
_VERSION: Final = 1
_HEADER = struct.Struct(">8sIQ16s")
_FRAME = struct.Struct(">II")
_CRC = struct.Struct(">I")
_HEADER_BYTES: Final = _HEADER.size + _CRC.size

Change = tuple[str, bool, Any]
"""A statement, whether it ran once for each of many parameters, and these."""


@dataclass(frozen=True, slots=True)
class RedoRecord:
    """One commit.

    Attributes:
        number: counts commits from 1.
        revision: of the schema from here on, where the record only tells that; else "".
        changes: in the order in which they were made.
    """

    number: int
    revision: str
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class SegmentStart:
    """A file of the log, the number of its first commit, and the log's name in common with its database."""

    path: Path
    first: int
    generation: bytes


@dataclass(slots=True)
class _Segment:
    """A file of the log, and the statements that stand in it by their place."""

    path: Path
    first: int
    texts: list[str]


class RedoLog:
    """The log in a directory. `open` it, `begin` it where it is empty, `append`, and `close` it.

    Attributes:
        directory: where the files lie.
        generation: the name that it has in common with its database; empty while there is no record.
        first: the number of the first record that is here.
        last: the number of the last record; 0 while there is none.
        torn_bytes: how much behind the last whole record was put aside when the log was opened.
    """

    def __init__(
        self,
        directory: Path,
        lock: FileLock,
        *,
        segment_bytes_max: int = SEGMENT_BYTES_MAX,
        record_bytes_max: int = RECORD_BYTES_MAX,
    ) -> None:
        self.directory = directory
        self.generation = b""
        self.first = 1
        self.last = 0
        self.torn_bytes = 0
        self._lock = lock
        self._segment_bytes_max = segment_bytes_max
        self._record_bytes_max = record_bytes_max
        self._segment: _Segment | None = None
        self._descriptor = -1
        self._numbers: dict[str, int] = {}
        self._end = 0
        self._before: tuple[int, int] | None = None  # where the last record began, and how many texts there were

    @classmethod
    def open(
        cls, directory: Path, *, segment_bytes_max: int = SEGMENT_BYTES_MAX, record_bytes_max: int = RECORD_BYTES_MAX
    ) -> "RedoLog":
        """The log in the directory, which is made if missing; a record that was never finished is cut off.

        Raises:
            ConfigurationError: another process has it open, or the directory cannot be used.
            DamageError: what lies there is no log.
        """
        try:
            directory.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            lock = lock_file(str(directory / LOCK_NAME))
        except OSError as error:
            raise translated(error, str(directory)) from None
        if lock is None:
            raise ConfigurationError(f"{directory / LOCK_NAME} is locked: another process has this log; stop it first")
        log = cls(directory, lock, segment_bytes_max=segment_bytes_max, record_bytes_max=record_bytes_max)
        try:
            log._find_end()
        except BaseException:
            log.close()
            raise
        return log

    def _find_end(self) -> None:
        with _told(self.directory):
            self._put_aside_unbegun()
        paths = self._paths()
        if not paths:
            return
        self.first, self.generation = _read_header(paths[0])
        number, _ = _read_header(paths[-1])
        segment = _Segment(paths[-1], number, [])
        self._end, self.last = _HEADER_BYTES, number - 1
        for record, self._end in _records(segment):
            self.last = record.number
        with _told(segment.path):
            self._write_to(segment)
            self._cut_off(segment)

    def _put_aside_unbegun(self) -> None:
        """Put aside a newest segment whose header was never written, or never came to the disk: no record is in it."""
        for path in self._paths()[-1:]:
            with path.open("rb") as file:
                header = file.read(_HEADER_BYTES)
            if len(header) < _HEADER_BYTES or not any(header):
                self.torn_bytes = path.stat().st_size
                path.replace(path.with_name(f"torn-{path.stem.removeprefix('redo-')}.bin"))

    def _cut_off(self, segment: _Segment) -> None:
        """Put aside what stands behind the last whole record."""
        torn_bytes = segment.path.stat().st_size - self._end
        if torn_bytes:
            self.torn_bytes += torn_bytes
            torn = self.directory / f"torn-{self.last + 1:020d}.bin"
            torn.touch(mode=FILE_MODE)
            torn.write_bytes(os.pread(self._descriptor, torn_bytes, self._end))
            os.ftruncate(self._descriptor, self._end)

    def _paths(self) -> list[Path]:
        return sorted(self.directory.glob("redo-*.log"))

    # --- writing ------------------------------------------------------------------------------------------------------

    def begin(self, generation: bytes, *, after: int) -> None:
        """Begin anew behind commit `after`; what was here before is put aside."""
        aside = self.directory / f"before-{after + 1:020d}"
        with _told(self.directory):
            self._leave_segment()
            for path in [*self._paths(), *self.directory.glob("base-*.sqlite")]:
                aside.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
                path.replace(aside / path.name)
        self.generation, self.first, self.last, self._before = generation, after + 1, after, None

    def append(self, changes: Sequence[Change]) -> int:
        """Write what a commit is about to change, and return its number; `take_back` undoes it."""
        return self._write("", changes)

    def mark(self, revision: str) -> int:
        """Write from which schema on what follows was changed."""
        return self._write(revision, ())

    def _write(self, revision: str, changes: Sequence[Change]) -> int:
        self._before = None
        with _told(self.directory):
            segment = self._writable()
            texts = len(segment.texts)
            try:
                named = [[self._name(segment, text), many, parameters] for text, many, parameters in changes]
                payload = msgspec.msgpack.encode([self.last + 1, revision, named])
                _demand_readable(payload, self._record_bytes_max)
                frame = _FRAME.pack(len(payload), zlib.crc32(payload)) + payload
                write_all(self._descriptor, self._end, [frame])
            except BaseException:
                self._cut_back(segment, self._end, texts)
                raise
        self._before = (self._end, texts)
        self._end += len(frame)
        self.last += 1
        return self.last

    def _name(self, segment: _Segment, text: str) -> int | str:
        """The statement itself where it stands for the first time in this segment, else its place among them."""
        place = self._numbers.get(text)
        if place is not None:
            return place
        self._numbers[text] = len(segment.texts)
        segment.texts.append(text)
        return text

    def take_back(self) -> None:
        """Undo the last `append`, whose commit has failed."""
        segment, before = self._segment, self._before
        if segment is None or before is None:
            return
        self._before = None
        self.last -= 1
        with _told(self.directory):
            self._cut_back(segment, *before)

    def _cut_back(self, segment: _Segment, end: int, texts: int) -> None:
        for text in segment.texts[texts:]:
            del self._numbers[text]
        del segment.texts[texts:]
        self._end = end
        os.ftruncate(self._descriptor, end)

    def _writable(self) -> _Segment:
        if self._segment is not None and self._end < self._segment_bytes_max:
            return self._segment
        self._leave_segment()
        first = self.last + 1
        header = _HEADER.pack(_MAGIC, _VERSION, first, self.generation)
        segment = _Segment(self.directory / f"redo-{first:020d}.log", first, [])
        segment.path.touch(mode=FILE_MODE)
        self._write_to(segment)
        try:
            os.ftruncate(self._descriptor, 0)
            write_all(self._descriptor, 0, [header, _CRC.pack(zlib.crc32(header))])
        except OSError:
            os.close(self._descriptor)
            self._segment, self._descriptor = None, -1
            segment.path.unlink()
            raise
        self._end = _HEADER_BYTES
        return segment

    def _write_to(self, segment: _Segment) -> None:
        self._descriptor = os.open(segment.path, os.O_RDWR)
        self._segment = segment
        self._numbers = {text: place for place, text in enumerate(segment.texts)}

    def _leave_segment(self) -> None:
        if self._segment is None:
            return
        os.fsync(self._descriptor)
        os.close(self._descriptor)
        self._segment, self._before, self._descriptor = None, None, -1

    # --- reading ------------------------------------------------------------------------------------------------------

    def read(self, after: int) -> Iterator[RedoRecord]:
        """Every record behind commit `after`, in order.

        Raises:
            DamageError: one is missing or is not what was written.
        """
        expected = after + 1
        starts = [(path, *_read_header(path)) for path in self._paths()]
        for place, (path, first, generation) in enumerate(starts):
            if generation != self.generation:
                raise DamageError(f"{path} is of another database: put it elsewhere")
            if place + 1 < len(starts) and starts[place + 1][1] <= expected:
                continue
            for record, _ in _records(_Segment(path, first, [])):
                if record.number > expected:
                    break
                if record.number == expected:
                    yield record
                    expected += 1
        if expected <= self.last:
            raise DamageError(f"{self.directory} does not hold commit {expected}: put its file back from a copy")

    def close(self) -> None:
        """Flush what is written, and let others open the log."""
        with contextlib.suppress(OSError):
            self._leave_segment()
        self._lock.close()


def segment_starts(directory: Path) -> list[SegmentStart]:
    """Where each file of the log in a directory begins, in order; only read.

    Raises:
        DamageError: a header is damaged.
    """
    return [SegmentStart(path, *_read_header(path)) for path in sorted(directory.glob("redo-*.log"))]


def _demand_readable(payload: bytes, bytes_max: int) -> None:
    """Return if whoever reads the log will take the record for one."""
    if len(payload) > bytes_max:
        raise StorageError(
            f"one commit would change {len(payload)} bytes, and a record of the redo log holds at most {bytes_max}: "
            "nothing of it was kept; ask for less at a time"
        )


def _read_header(path: Path) -> tuple[int, bytes]:
    """The number of the segment's first record, and the generation."""
    with _told(path), path.open("rb") as file:
        content = file.read(_HEADER_BYTES)
    if len(content) < _HEADER_BYTES or _CRC.unpack_from(content, _HEADER.size)[0] != zlib.crc32(
        content[: _HEADER.size]
    ):
        raise DamageError(f"{path} is no redo log, or its header is damaged: put it back from a copy")
    magic, version, first, generation = _HEADER.unpack_from(content)
    if (magic, version) != (_MAGIC, _VERSION):
        raise ConfigurationError(f"{path} has format {magic!r} {version}, this program reads {_VERSION}")
    return first, generation


def _records(segment: _Segment) -> Iterator[tuple[RedoRecord, int]]:
    """Whole records of a segment, each with the place behind it; ends before one that is not whole."""
    with segment.path.open("rb") as file:
        end = file.seek(_HEADER_BYTES)
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            length, checksum = _FRAME.unpack(frame)
            payload = file.read(length) if length <= RECORD_BYTES_MAX else b""
            if len(payload) != length or zlib.crc32(payload) != checksum:
                return
            end += _FRAME.size + length
            yield _decoded(payload, segment.texts), end


def _decoded(payload: bytes, texts: list[str]) -> RedoRecord:
    number, revision, named = msgspec.msgpack.decode(payload)
    changes: list[Change] = []
    for name, many, parameters in named:
        if isinstance(name, str):
            texts.append(name)
        changes.append((name if isinstance(name, str) else texts[name], many, parameters))
    return RedoRecord(number, revision, changes)


@contextlib.contextmanager
def _told(path: Path) -> Iterator[None]:
    """Tell failures of the disk as ours."""
    try:
        yield
    except OSError as error:
        failure: WorldError = translated(error, str(path))
        raise failure from error
