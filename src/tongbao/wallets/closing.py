"""Closing a wallet at its home: nobody pays it any more, it is emptied, and its past stays."""

from collections.abc import Awaitable, Callable
from typing import Final

from tongbao.errors import RefusedError
from tongbao.protocol.wallet import ClosingRequest, OpenWalletRequest, WalletAccount
from tongbao.wallets.home import Home

__all__ = ["Closing", "in_parts"]

PART_FEN_MIN: Final = 10_000
"""A hundred yuan: where less than that meets a limit, the rest waits for another day rather than become small coins."""

_TOO_MUCH_AT_ONCE: Final = frozenset({"COINS_TOO_SMALL", "LIMIT_SINGLE", "LIMIT_DAY", "LIMIT_YEAR", "LIMIT_BALANCE"})


class Closing:
    """Closes the wallet `wallet_id`."""

    def __init__(self, home: Home, *, wallet_id: bytes) -> None:
        self._home = home
        self._path = f"/v1/wallets/{wallet_id.hex()}/closing"

    async def ask(self, *, moved_to: str = "") -> WalletAccount:
        """Let nobody pay the wallet any more, and close it if it is empty and has been closing for long enough."""
        request = ClosingRequest(moved_to=moved_to)
        return await self._home.post(self._path, request, WalletAccount, self._home.new_request())

    async def withdraw(self) -> WalletAccount:
        """Let the wallet be paid again, also where it is closed."""
        account = await self._home.account()
        request = OpenWalletRequest(
            wallet_class=account.wallet_class, kind=account.kind, holder_name=account.holder_name, locks=[]
        )
        return await self._home.open(request)


async def in_parts(amount_fen: int, move: Callable[[int], Awaitable[object]]) -> tuple[int, str]:
    """Move all of an amount in as few parts as limits allow; returns what is left, and the code of why."""
    left_fen = part_fen = amount_fen
    while left_fen:
        part_fen = min(part_fen, left_fen)
        try:
            await move(part_fen)
        except RefusedError as error:
            if error.code not in _TOO_MUCH_AT_ONCE:
                raise
            if part_fen <= PART_FEN_MIN:
                return left_fen, error.code
            part_fen //= 2
        else:
            left_fen -= part_fen
    return 0, ""
