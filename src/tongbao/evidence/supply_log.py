"""Whether supply statements are entries of the transparency log, and the log has only grown since each was made."""

from collections.abc import Sequence

from tongbao.evidence.proven_tiles import ProvenTiles
from tongbao.evidence.supply_chain import SupplyFault, SupplyFinding
from tongbao.evidence.supply_statement import LogStanding, SupplyStatement
from tongbao.evidence.tiles import TILE_WIDTH, hashes_in
from tongbao.evidence.tree import ProofInvalidError, leaf_hash

__all__ = ["StatementsInLog"]


class StatementsInLog:
    """Looks for statements in a log.

    A statement names how long the log was before it, so its entry stands behind that, mostly a little. The log is read
    from there on, and each tile at most once for all statements.

    Attributes:
        places: at which entry each statement stands, by its number.
        findings: what does not fit; complete after `check`.
    """

    def __init__(self, tiles: ProvenTiles, statements: Sequence[SupplyStatement]) -> None:
        """Statements of one network that ascend by number."""
        self.places: dict[int, int] = {}
        self.findings: list[SupplyFinding] = []
        self._tiles = tiles
        self._statements = statements
        self._wanted = {leaf_hash(each.entry()): each.number for each in statements}
        self._seen: set[int] = set()
        self._is_whole = True

    async def check(self) -> None:
        """Look for each statement, and hold the log's beginning against what each names."""
        for each in self._statements:
            if each.log is not None:
                await self._check_beginning(each.number, each.log)
            await self._look_for(each)
        self.findings += [self._missing(each.number) for each in self._statements if each.number not in self.places]

    def _missing(self, number: int) -> SupplyFinding:
        if self._is_whole:
            detail = f"it is signed, but none of the log's {self._tiles.size} entries: it was not stated to everybody"
            return SupplyFinding(SupplyFault.UNLOGGED, number, detail)
        return SupplyFinding(SupplyFault.LOG, number, "it is no entry of those tiles of the log that can be read")

    async def _check_beginning(self, number: int, then: LogStanding) -> None:
        def found(detail: str) -> None:
            self.findings.append(SupplyFinding(SupplyFault.LOG_HISTORY, number, detail))

        if then.size > self._tiles.size:
            found(f"the log had {then.size} entries when it was made, and has {self._tiles.size} by its checkpoint")
            return
        try:
            if await self._tiles.root(then.size) != then.root:
                found(f"the log's first {then.size} entries are not those that the log had when it was made")
        except ProofInvalidError as error:
            self._unreadable(error)

    async def _look_for(self, statement: SupplyStatement) -> None:
        first = 0 if statement.log is None else statement.log.size
        for number in range(first // TILE_WIDTH, -(-self._tiles.size // TILE_WIDTH)):
            if statement.number in self.places:
                return
            if number not in self._seen:
                self._seen.add(number)
                await self._look_in(number)

    async def _look_in(self, number: int) -> None:
        try:
            leaves = hashes_in(await self._tiles.leaves(number))
        except ProofInvalidError as error:
            self._is_whole = False
            self._unreadable(error)
            return
        for place, leaf in enumerate(leaves, number * TILE_WIDTH):
            if leaf in self._wanted:
                self.places.setdefault(self._wanted[leaf], place)

    def _unreadable(self, error: ProofInvalidError) -> None:
        finding = SupplyFinding(SupplyFault.LOG, 0, str(error))
        if finding not in self.findings:
            self.findings.append(finding)
