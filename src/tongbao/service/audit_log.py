"""The transparency log's part of an audit: its checkpoint, its tiles and its supply statements, read from a copy."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tongbao.adapters.journal_copy import FileMissingError, JournalCopy
from tongbao.audit import Applied, DivergenceError, History, OwnLog, Place, demand_statement, tiles_of_size
from tongbao.errors import RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import VerifierKey, verify
from tongbao.evidence.supply_statement import SupplyStatement
from tongbao.evidence.tiles import Tile

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
        domain = history.basis.domain
        self.own.add_verdicts(applied, history.sequence, domain)
        name, statement = self._stated.pop(history.sequence, ("", None))
        if statement is not None:
            demand_statement(statement, history, self.own, name)
            self.own.add_statement(statement.encode(), applied.place, domain)
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
        self.own.demand_checkpoint(self._checkpoint, CHECKPOINT)
        for tile in tiles_of_size(self._checkpoint.size):
            self.own.demand_tile(tile, await self._read(tile))
            self.tiles += 1

    async def _read(self, tile: Tile) -> bytes:
        """A tile's file; where a partial one is gone, the full one that took its place."""
        for each in (tile, Tile(tile.level, tile.number)):
            try:
                return await self.copy.read(each.path)
            except FileMissingError:
                continue
        raise DivergenceError(Place(tile.path, 0, None), "the tile is missing")
