"""The transparency log's part of an audit: its checkpoint, its tiles and its supply statements, read from a copy."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from tongbao.adapters.journal_copy import FileMissingError, JournalCopy
from tongbao.audit import (
    Applied,
    DivergenceError,
    History,
    OwnLog,
    Place,
    demand_standing,
    demand_statement,
    statement_entry,
    tiles_of_size,
    verdict_entries,
)
from tongbao.coin import Domain
from tongbao.errors import RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import VerifierKey, verify
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.evidence.tiles import ENTRIES, TILE_WIDTH, Tile, entry_row
from tongbao.evidence.tree import leaf_hash

__all__ = ["LogAudit"]

CHECKPOINT = "checkpoint"
LATEST_STATEMENT = "supply/latest"


@dataclass(slots=True)
class LogAudit:
    """One log beside a journal.

    Attributes:
        copy: its files.
        keys: of which one must have signed; none are asked for where none are known.
        own: the log as the journal has it.
        tiles: how many were compared.
        statements: how many were compared.
    """

    copy: JournalCopy
    keys: Sequence[VerifierKey]
    own: OwnLog = field(default_factory=OwnLog)
    tiles: int = 0
    statements: int = 0
    _checkpoint: Checkpoint | None = None
    _stated: dict[int, tuple[str, SupplyStatement]] = field(default_factory=dict)
    _newest: int = 0
    _batches: deque[tuple[int, Place, bytes]] = field(default_factory=deque)
    _held: deque[tuple[str, SupplyStatement, bytes]] = field(default_factory=deque)

    async def open(self) -> None:
        """Read checkpoint and statements before the journal, which so is never behind them.

        Raises:
            DivergenceError: one of them is none, or is not signed by the log.
        """
        try:
            content = await self.copy.read(CHECKPOINT)
        except FileMissingError:
            raise DivergenceError(Place(CHECKPOINT, 0, None), "the log has no checkpoint") from None
        text = self._signed(CHECKPOINT, content)
        try:
            self._checkpoint = Checkpoint.decode(text)
        except RequestError as error:
            raise DivergenceError(Place(CHECKPOINT, 0, None), f"this is no checkpoint: {error}") from None
        await self._read_statements()

    async def _read_statements(self) -> None:
        try:
            count = self._statement(LATEST_STATEMENT, await self.copy.read(LATEST_STATEMENT)).number
        except FileMissingError:
            return
        self._newest = count
        for number in range(1, count + 1):
            name = f"supply/{number}"
            try:
                statement = self._statement(name, await self.copy.read(name))
            except FileMissingError:
                raise DivergenceError(Place(name, 0, None), "the statement is missing") from None
            before = next(reversed(self._stated.values()))[1] if self._stated else None
            if statement.number != number or statement.previous != (None if before is None else before.entry()):
                raise DivergenceError(Place(name, 0, statement.sequence), "it does not name the statement before it")
            self._stated[statement.sequence] = (name, statement)

    def _statement(self, name: str, content: bytes) -> SupplyStatement:
        try:
            return SupplyStatement.decode(self._signed(name, content))
        except RequestError as error:
            raise DivergenceError(Place(name, 0, None), f"this is no supply statement: {error}") from None

    def _signed(self, name: str, content: bytes) -> str:
        try:
            signed = SignedText.decode(content)
            if self.keys:
                verify(signed, self.keys)
        except RequestError as error:
            raise DivergenceError(Place(name, 0, None), f"it is not signed by the log: {error}") from None
        return signed.text

    def take(self, applied: Applied, history: History) -> None:
        """Take in a batch that was followed.

        Raises:
            DivergenceError: a statement on it says what is not so.
        """
        domain: Domain = history.basis.domain
        self._batches.append((history.sequence, applied.place, verdict_entries(applied, history.sequence, domain)))
        name, statement = self._stated.pop(history.sequence, ("", None))
        if statement is not None:
            demand_statement(statement, history, name)
            self._held.append((name, statement, statement_entry(statement.encode(), domain)))
            self.statements += 1

    async def finish(self) -> None:
        """Hold what is left against the whole journal.

        Raises:
            DivergenceError: the checkpoint or a tile is not the journal's, or there is a statement beyond its end.
        """
        for sequence, (name, _) in self._stated.items():
            raise DivergenceError(
                Place(name, 0, sequence), f"it is about batch {sequence}, before which the journal ends"
            )
        if self._checkpoint is None:
            return
        held = [(name, statement) for name, statement, _ in self._held]
        await self._put_together(self._checkpoint.size)
        for name, statement in held:
            demand_standing(statement, self.own, name)
        self.own.demand_checkpoint(self._checkpoint, CHECKPOINT)
        for tile in tiles_of_size(self._checkpoint.size):
            self.own.demand_tile(tile, await self._read(tile))
            self.tiles += 1

    async def _put_together(self, size: int) -> None:
        """Join verdicts and statements; between which batches a statement stands, the log of `size` entries tells.

        Raises:
            DivergenceError: a statement stands nowhere, and it is not the newest, which may wait to be taken in.
        """
        due: deque[tuple[str, SupplyStatement, bytes]] = deque()
        while self._batches:
            sequence, place, entries = self._batches.popleft()
            self.own.add(entries, place)
            while self._held and self._held[0][1].sequence <= sequence:
                due.append(self._held.popleft())
            while due and await self._is_logged(due[0][2], self.own.size, size):
                self.own.add(due.popleft()[2], place)
        for name, statement, _ in due:
            if statement.number != self._newest:
                raise DivergenceError(Place(name, 0, statement.sequence), "the log has no entry of the statement")

    async def _is_logged(self, entry: bytes, index: int, size: int) -> bool:
        """Whether the log has the entry there, by its bundle or its tile: a bit that flipped in one is found later."""
        number, at = divmod(index, TILE_WIDTH)
        width = min(TILE_WIDTH, size - number * TILE_WIDTH)
        if at >= width:
            return False
        for level, row in ((ENTRIES, entry_row(entry)), (0, leaf_hash(entry))):
            content = await self._read(Tile(level, number, width))
            if content[at * len(row) : (at + 1) * len(row)] == row:
                return True
        return False

    async def _read(self, tile: Tile) -> bytes:
        """A tile's file; where a partial one is gone, the full one that took its place."""
        for each in (tile, Tile(tile.level, tile.number)):
            try:
                return await self.copy.read(each.path)
            except FileMissingError:
                continue
        raise DivergenceError(Place(tile.path, 0, None), "the tile is missing")
