"""What the writer of the transparency log keeps for itself, beside the files that everybody reads.

```
standing     the last checkpoint that was signed, and from which batch on tiles may have to be written anew
places       sequence and first entry of each batch that has any, 16 bytes each
statements   batch and entry of each statement of the supply, 40 bytes each
```

Everything but the statements' places follows from the journal. The last checkpoint is kept so that a log directory
which was lost or changed cannot be replaced by another history in silence.
"""

import json
import struct
from bisect import bisect_left
from dataclasses import asdict, dataclass
from operator import itemgetter
from typing import Final

from tongbao.centres.registration.atomic_file import write_atomically
from tongbao.centres.registration.ports import Disk, DiskFile
from tongbao.errors import DamageError, RequestError
from tongbao.evidence import Checkpoint, SignedText

__all__ = ["LogBook", "LogStanding", "PlacedStatement"]

PLACE: Final = struct.Struct(">QQ")
STATEMENT: Final = struct.Struct(">Q32s")
PLACES_READ: Final = 4096  # rows at a time, 64 KiB

PlacedStatement = tuple[int, bytes]
"""The batch behind whose verdicts a statement's entry stands, and the entry."""


@dataclass(frozen=True, slots=True)
class LogStanding:
    """Where the log stands.

    Attributes:
        checkpoint: the last one that was signed, as it is published; "" before the first.
        sequence: the last batch that it covers.
        statements: how many statements it covers.
        durable_tiles: full tiles of level 1 of which everything below is on the medium.
        durable_sequence: the batch in which the first entry behind them stands.
        durable_size: how many entries stand before that batch.
    """

    checkpoint: str = ""
    sequence: int = 0
    statements: int = 0
    durable_tiles: int = 0
    durable_sequence: int = 0
    durable_size: int = 0

    def head(self) -> Checkpoint | None:
        """The size and root that were signed; None before the first."""
        return Checkpoint.decode(SignedText.decode(self.checkpoint.encode()).text) if self.checkpoint else None


class LogBook:
    """The writer's own files in a directory."""

    def __init__(self, disk: Disk, directory: str) -> None:
        self._disk = disk
        self._directory = directory
        self._files: dict[str, DiskFile] = {}
        self._places = 0
        self._statements = 0

    def _path(self, name: str) -> str:
        return f"{self._directory}/{name}"

    async def read_standing(self) -> LogStanding:
        """Where the log stood; raises `DamageError` where the file is not what was written."""
        await self._disk.make_directory(self._directory)
        content = await self._disk.read_file(self._path("standing"))
        if content is None:
            return LogStanding()
        try:
            standing = LogStanding(**json.loads(content))
            standing.head()
        except (ValueError, TypeError, RequestError):
            raise DamageError(
                f"{self._path('standing')} is not what was written: restore it from a copy; without it nobody can tell "
                "whether the log still says what it said"
            ) from None
        return standing

    async def write_standing(self, standing: LogStanding) -> None:
        """Durably remember where the log stands."""
        await write_atomically(self._disk, self._path("standing"), [json.dumps(asdict(standing)).encode()])

    # --- statements ---------------------------------------------------------------------------------------------------

    async def read_statements(self, count: int) -> list[PlacedStatement]:
        """The first so many statements; what stands behind them was never covered by a checkpoint."""
        content = await self._disk.read_file(self._path("statements")) or b""
        if len(content) < count * STATEMENT.size:
            raise DamageError(f"{self._path('statements')} lacks statements that the log holds: restore it from a copy")
        self._statements = count
        return list(STATEMENT.iter_unpack(content[: count * STATEMENT.size]))

    async def add_statements(self, statements: list[PlacedStatement]) -> None:
        """Durably remember where further statements stand."""
        rows = b"".join([STATEMENT.pack(sequence, entry) for sequence, entry in statements])
        await (await self._file("statements")).write_durably(self._statements * STATEMENT.size, [rows])
        self._statements += len(statements)

    # --- places -------------------------------------------------------------------------------------------------------

    async def add_places(self, places: list[tuple[int, int]]) -> None:
        """Remember where the entries of further batches begin."""
        rows = b"".join([PLACE.pack(*place) for place in places])
        await (await self._file("places")).write(self._places * PLACE.size, [rows])
        self._places += len(places)

    async def sync_places(self) -> None:
        """Bring the places to the medium."""
        await (await self._file("places")).sync()

    async def keep_places_before(self, sequence: int) -> int:
        """Take what stands before a batch for written, and nothing else; returns how many batches that are."""
        self._places = await (await self._file("places")).size() // PLACE.size
        self._places, _ = await self._find(sequence)
        return self._places

    async def first_entry_of(self, sequence: int) -> int | None:
        """The index of a batch's first entry; None where the log has none of it yet."""
        _, first = await self._find(sequence)
        return first

    async def _find(self, sequence: int) -> tuple[int, int | None]:
        """How many batches stand before one, and the index of its first entry, if it has any."""
        file = await self._file("places")
        low, high = 0, self._places
        while high - low > PLACES_READ:
            middle = (low + high) // 2
            found, _ = PLACE.unpack(await file.read(middle * PLACE.size, PLACE.size))
            low, high = (middle, high) if found <= sequence else (low, middle)
        rows = list(PLACE.iter_unpack(await file.read(low * PLACE.size, (high - low) * PLACE.size)))
        number = bisect_left(rows, sequence, key=itemgetter(0))
        is_there = number < len(rows) and rows[number][0] == sequence
        return low + number, rows[number][1] if is_there else None

    async def _file(self, name: str) -> DiskFile:
        """One of the two files of rows, open for as long as the book is."""
        if name not in self._files:
            path = self._path(name)
            if name not in await self._disk.list_directory(self._directory):
                await self._disk.write_files([(path, b"")])
                await self._disk.sync_files([path], within=self._directory)
            self._files[name] = await self._disk.open_to_write(path)
        return self._files[name]

    async def close(self) -> None:
        """Let the files go."""
        while self._files:
            await self._files.popitem()[1].close()
