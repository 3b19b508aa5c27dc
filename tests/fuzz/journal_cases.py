"""Journals with changed files: what a reader answers, held against what was written."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random

from tests.fuzz.mutator import NUMBERS, Mutator
from tests.journals import DIRECTORY, NETWORK_ID, dice, open_journal, written
from tongbao.adapters.file_journal import FileJournal
from tongbao.adapters.journal_verify import verify_journal
from tongbao.adapters.segment import HEADER_BYTES, RECORD_HEADER_BYTES
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import ConfigurationError
from tongbao.simulation.disk import Platter

GROUPS = [[b"genesis"], [b"1" * 40], [b"2" * 7, b"3" * 90, b"4"], [b"5" * 600], [b"6" * 33, b"7" * 33]]
RECORDS = [record for group in GROUPS for record in group]
CALLS_MAX = 400  # of the disk, to answer a journal of this size whatever is in it; an undamaged one takes about 60

Files = Mapping[str, bytes]

_CRC = struct.Struct(">I")


@dataclass(frozen=True)
class Original:
    """A journal as it was written.

    Attributes:
        name: for people.
        files: its segments by path.
        closed: whether the writer closed it in good order.
    """

    name: str
    files: Files
    closed: bool


async def originals() -> list[Original]:
    """In one segment and in several, closed and killed."""
    made = []
    for segment_bytes_max in (1 << 20, 300):
        for close in (True, False):
            platter = await written(GROUPS, close=close, segment_bytes_max=segment_bytes_max)
            files = {path: platter.content(path) for path in platter.paths() if path.endswith(".segment")}
            made.append(Original(f"{len(files)} segments, {'closed' if close else 'killed'}", files, close))
    return made


class FileMutator:
    """Changes one or two files of a journal, the same from the same seed."""

    def __init__(self, original: Original, seed: str) -> None:
        self._files = original.files
        self._dice = Random(seed)
        self._mutators = {path: Mutator([content], f"{seed}/{path}") for path, content in original.files.items()}

    def next(self) -> Files:
        """The files with changed bytes, or with a file lost, doubled or exchanged for another."""
        files = dict(self._files)
        for _ in range(self._dice.randint(1, 2)):
            path = self._dice.choice(sorted(self._files))
            match self._dice.randrange(12):
                case 0:
                    files.pop(path, None)
                case 1:
                    files[path] = self._files[self._dice.choice(sorted(self._files))]
                case 2:
                    files[f"{DIRECTORY}/journal-{self._dice.choice(NUMBERS):020d}.segment"] = self._files[path]
                case _:
                    files[path] = self._mutators[path].next()
        return files

    def next_mended(self) -> Files:
        """The files with a header in one of them changed, and its checksum made right again."""
        path = self._dice.choice(sorted(self._files))
        content = bytearray(self._files[path])
        begins = self._dice.choice([0, *_record_places(self._files[path])])
        size = HEADER_BYTES if begins == 0 else RECORD_HEADER_BYTES
        width = self._dice.choice((1, 2, 4, 8))
        place = begins + self._dice.randrange(size - _CRC.size - width + 1)
        number = self._dice.choice(NUMBERS) & ((1 << 8 * width) - 1)
        content[place : place + width] = number.to_bytes(width, "big")
        checked = begins + size - _CRC.size
        content[checked : checked + _CRC.size] = _CRC.pack(zlib.crc32(content[begins:checked]))
        return {**self._files, path: bytes(content)}


def _record_places(content: bytes) -> list[int]:
    """Where records and marks of an undamaged segment begin."""
    places, place = [], HEADER_BYTES
    while place < len(content):
        places.append(place)
        place += RECORD_HEADER_BYTES + int.from_bytes(content[place + 24 : place + 28], "big")
    return places


async def platter_of(files: Files) -> Platter:
    """A disk with just these files."""
    platter = Platter(seed=0)
    await platter.mount().make_directory(DIRECTORY)
    for path, content in files.items():
        platter.put(path, content)
    return platter


async def verified(files: Files) -> tuple[str, list[bytes]]:
    """How `verify` answers, and every record that it found good."""
    platter, good = await platter_of(files), list[bytes]()
    try:
        report = await verify_journal(platter.mount(), DIRECTORY, check=lambda _, record: good.append(record))
    except ConfigurationError:
        return "ConfigurationError", good
    _demand_brief(platter)
    assert report.records == len(good)
    if report.damage is not None:
        assert report.damage.cure
        return "damage", good
    return ("torn" if report.torn_tail else "whole"), good


async def opened(files: Files, *, at_least_sequence: int = -1) -> tuple[str, list[bytes]]:
    """How a start answers, and every record that it then reads; where it starts, it must be able to go on."""
    platter = await platter_of(files)
    try:
        journal = await open_journal(platter.mount(), at_least_sequence=at_least_sequence)
    except JournalDamageError:
        _demand_brief(platter)
        assert {path: platter.content(path) for path in files} == dict(files), "a refused start changed a file"
        return "damage", []
    except ConfigurationError:
        return "ConfigurationError", []
    read = list[bytes]()
    try:
        async for _, record in journal.read(0):
            read.append(record)
    except JournalDamageError:
        _demand_brief(platter)
        return "damage later", read
    _demand_brief(platter)
    await _demand_going_on(platter, journal, read)
    return ("cut off" if journal.repair else "whole"), read


def _demand_brief(platter: Platter) -> None:
    assert platter.calls <= CALLS_MAX, f"{platter.calls} calls of the disk"


async def _demand_going_on(platter: Platter, journal: FileJournal, read: Sequence[bytes]) -> None:
    """What is appended now must be there at the next start, behind all that was read."""
    await journal.append(len(read), [b"next"])
    await journal.close()
    platter.kill()
    again = await FileJournal.open(platter.mount(), DIRECTORY, network_id=NETWORK_ID, entropy=dice(1))
    expected, seen = [*read, b"next"], list[bytes]()
    try:
        async for _, record in again.read(0):
            seen.append(record)
    except JournalDamageError:
        # A start reads of a segment that has a next one only header and mark; what lies between is found when read.
        assert seen == list(read)
    else:
        assert seen == expected
    await again.close()
