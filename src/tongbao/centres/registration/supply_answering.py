"""What is asked about statements of the supply, in the words of the protocol."""

import re

from tongbao.centres.registration.snapshotting import Snapshotting
from tongbao.centres.registration.supply_stating import SupplyStating
from tongbao.coin import Input
from tongbao.coin.encoding import Reader
from tongbao.errors import RefusedError
from tongbao.protocol.cursor import read_place
from tongbao.protocol.registration import CoinProofAnswer, NewestStatement, SupplyStatementPage

__all__ = ["SupplyAnswering"]

_NUMBER = re.compile(r"[1-9][0-9]{0,18}", re.ASCII)


class SupplyAnswering:
    """Answers of a centre that makes statements; one that makes none refuses."""

    def __init__(self, stating: SupplyStating | None, snapshotting: Snapshotting) -> None:
        self._made = stating
        self._snapshotting = snapshotting

    async def statements(self, *, after: str, limit: int) -> SupplyStatementPage:
        """Signed statements, the oldest first, behind the cursor, which is the number of one."""
        stating = self._stating()
        place = read_place(after)
        found = await stating.statements(after=place, limit=limit)
        return SupplyStatementPage(
            statements=[each.decode() for each in found],
            next=str(place + len(found)) if found else after,
            latest=stating.latest,
        )

    async def published(self, name: str) -> bytes | None:
        """The signed statement whose file has that name: a number, or `latest`; None where there is none."""
        stating = self._stating()
        number = str(stating.latest) if name == "latest" else name
        if not _NUMBER.fullmatch(number) or int(number) > stating.latest:
            return None
        [signed] = await stating.statements(after=int(number) - 1, limit=1)
        return signed

    async def state(self) -> NewestStatement:
        """Make a statement of the supply as it is now; the newest one where nothing has happened since.

        Raises:
            RefusedError: none could be written yet.
        """
        stating = self._stating()
        await self._snapshotting.state_now()
        if not stating.latest:
            raise RefusedError(
                "no statement of the supply could be written yet",
                code="NOT_FOUND",
                cure="ask again; the log of the registration centre says why",
            )
        [newest] = await stating.statements(after=stating.latest - 1, limit=1)
        return NewestStatement(statement=newest.decode())

    async def prove_coin(self, opening: bytes) -> CoinProofAnswer:
        """That the coin with this opening is counted in the latest statement.

        Raises:
            DecodingError: it is the opening of no coin.
            RefusedError: it is not counted.
        """
        reader = Reader(opening, "opening")
        coin = Input.read(reader)
        reader.finish()
        proven = await self._stating().prove(coin)
        return CoinProofAnswer(statement=proven.statement.decode(), proof=proven.proof)

    def _stating(self) -> SupplyStating:
        if self._made is None:
            raise RefusedError(
                "this registration centre makes no statements of the supply",
                code="NOT_FOUND",
                cure="ask its operator to give it a log",
            )
        return self._made
