"""Statements of a wallet's accounts, whole, and only such as add up."""

from collections.abc import Sequence
from typing import Final

from tongbao.errors import BusyError, PeerError
from tongbao.protocol.statement import Movement, Statement, StatementAccount
from tongbao.wallets.home import Home

__all__ = ["Statements"]

MOVEMENTS_PER_PAGE: Final = 200
READINGS_MAX: Final = 3
"""Of a period that is not over the pages may tell of different moments; who pays that often reads it later."""


class Statements:
    """Reads statements from the home."""

    def __init__(self, home: Home, wallet_id: bytes) -> None:
        self._home = home
        self._path = f"/v1/wallets/{wallet_id.hex()}/statement"

    async def read(self, account: StatementAccount, *, from_ms: int, until_ms: int) -> Statement:
        """The statement with all its movements.

        Raises:
            PeerError: what the home says does not add up.
            BusyError: so much happens at this moment that no two pages fit together.
        """
        for _ in range(READINGS_MAX):
            pages = await self._pages(account, from_ms=from_ms, until_ms=until_ms)
            if len({(page.opening_fen, page.closing_fen, page.final) for page in pages}) == 1:
                return _added_up(pages)
        raise BusyError("the account moves while it is read; ask again, or for a period that is over")

    async def _pages(self, account: StatementAccount, *, from_ms: int, until_ms: int) -> list[Statement]:
        pages: list[Statement] = []
        after = ""
        while not pages or after:
            query = {"account": account.value, "from_ms": from_ms, "until_ms": until_ms}
            page = await self._home.get(self._path, Statement, {**query, "after": after, "limit": MOVEMENTS_PER_PAGE})
            pages.append(page)
            after = page.next
        return pages


def _added_up(pages: Sequence[Statement]) -> Statement:
    movements = [movement for page in pages for movement in page.movements]
    whole = pages[-1].model_copy(update={"movements": movements})
    if not _adds_up(whole.opening_fen, movements, closing_fen=whole.closing_fen):
        raise PeerError(
            f"the home's statement does not add up: from {whole.opening_fen} fen its movements do not come to "
            f"{whole.closing_fen} fen"
        )
    return whole


def _adds_up(opening_fen: int, movements: Sequence[Movement], *, closing_fen: int) -> bool:
    balance_fen = opening_fen
    for movement in movements:
        balance_fen += movement.amount_fen
        if movement.balance_fen != balance_fen:
            return False
    return balance_fen == closing_fen
