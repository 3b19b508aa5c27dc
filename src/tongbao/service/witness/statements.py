"""Where statements of the supply stand between the verdicts of a log, for whoever replays it.

A statement has an entry of its own, which no replay gives. A witness takes it only where the log has published the
statement itself, signed, under a number of its own.
"""

from collections.abc import Sequence
from pathlib import Path

from tongbao.errors import ConfigurationError, RequestError
from tongbao.evidence.signing import VerifierKey
from tongbao.evidence.supply_statement import open_statement
from tongbao.evidence.tiles import ENTRIES, ENTRY_LENGTH, ENTRY_ROW_BYTES, TILE_WIDTH, Tile

__all__ = ["PublishedStatements"]


class PublishedStatements:
    """The statements in a copy of a log's directory, and the entries there."""

    def __init__(self, directory: Path, keys: Sequence[VerifierKey]) -> None:
        self._directory = directory
        self._keys = keys
        self._read = 0
        self._sequences: dict[bytes, int] = {}
        self._placed: dict[int, bytes] = {}

    def at(self, sequence: int, index: int) -> bytes | None:
        """The entry of a statement behind that batch at that index; None where another entry stands there, or none.

        Raises:
            ConfigurationError: the copy cannot be read.
        """
        self._read_new()
        if len(self._placed) < len(self._sequences) and index not in self._placed:
            entry = self._entry(index)
            if entry in self._sequences and self._sequences[entry] <= sequence:
                self._placed[index] = entry
        return self._placed.get(index)

    def _read_new(self) -> None:
        while (content := self._content(f"supply/{self._read + 1}")) is not None:
            self._read += 1
            try:
                statement = open_statement(content, self._keys)
            except RequestError:
                continue  # what the log has not signed is no statement: an entry that claims to be it is refused
            self._sequences[statement.entry()] = statement.sequence

    def _entry(self, index: int) -> bytes:
        """The entry as the log has it; empty where it has none yet."""
        number, place = divmod(index, TILE_WIDTH)
        content = self._content(Tile(ENTRIES, number).path)
        if content is None:
            widths = range(TILE_WIDTH - 1, place, -1)
            found = (self._content(Tile(ENTRIES, number, width).path) for width in widths)
            content = next((each for each in found if each is not None), b"")
        return content[place * ENTRY_ROW_BYTES + len(ENTRY_LENGTH) : (place + 1) * ENTRY_ROW_BYTES]

    def _content(self, name: str) -> bytes | None:
        try:
            return (self._directory / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigurationError(f"cannot read {self._directory / name}: {error.strerror}") from None
