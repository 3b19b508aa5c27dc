"""Which payment may use which coins, and when: payments of one name take turns, others share the purse."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final

from tongbao.errors import RefusedError
from tongbao.vaults.purse import CoinsReservedError, Reservation
from tongbao.vaults.selection import CoinsInsufficientError, CoinsTooSmallError
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.home import Home
from tongbao.wallets.payment import Intent, WalletPayment, in_doubt

__all__ = ["Reserving", "Turns"]

PREPARING_MS: Final = 120_000
"""How long coins wait for a preparation: as long as the transaction would live, in ledger time."""


@dataclass(slots=True)
class _Turn:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Turns:
    """Whoever pays under one name pays alone; the others wait and find it paid."""

    def __init__(self) -> None:
        self._turns: dict[str, _Turn] = {}

    @asynccontextmanager
    async def of(self, name: str) -> AsyncIterator[None]:
        """Have the name to oneself."""
        turn = self._turns.setdefault(name, _Turn())
        turn.waiting += 1
        try:
            async with turn.lock:
                yield
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                del self._turns[name]


class Reserving:
    """Finds coins for payments, and lets them wait for each other's change rather than fail."""

    def __init__(self, home: Home, coins: CoinStock) -> None:
        self._home = home
        self._coins = coins
        self._holders = 0
        self._let_go = asyncio.Event()

    @contextmanager
    def holding(self) -> Iterator[None]:
        """Say that coins are held until the block ends, however it ends."""
        self._holders += 1
        try:
            yield
        finally:
            self._holders -= 1
            self._let_go.set()
            self._let_go = asyncio.Event()

    async def reserve(self, intent: Intent, replaced: Sequence[WalletPayment]) -> Reservation:
        """Coins for the payment, under its name; for one that replaces others, just theirs.

        Raises:
            CoinsInsufficientError: all coins, those just heard of included, are worth less.
            CoinsTooSmallError: it would take more coins than a transaction may spend.
            CoinsReservedError: payments in doubt hold too many of them.
            InDoubtError: the coins of the payment that is to be replaced are gone, and nobody shows for what.
        """
        if not self._home.time_ms:
            await self._home.account()
        complete = False
        while True:
            try:
                return self._again(replaced[-1]) if replaced else self._first(intent)
            except CoinsReservedError as error:
                if not self._holders:
                    raise _held(intent, error) from None
                await self._let_go.wait()
            except (CoinsInsufficientError, CoinsTooSmallError) as error:
                if complete:
                    raise self._short(intent, error) from None
                await self._coins.sync()
                complete = True

    def _short(self, intent: Intent, error: RefusedError) -> RefusedError:
        """The purse's refusal in the words of money: a purse does not know what its values are."""
        if isinstance(error, CoinsTooSmallError):
            payable_fen = self._coins.purse.payable_value(now_ms=self._home.time_ms)
            return CoinsTooSmallError(
                f"{intent.amount_fen} fen is asked, and one payment can spend coins of {payable_fen} fen at most",
                field="amount_fen",
                cure=f"pay in parts of at most {payable_fen} fen, each of which leaves fewer and larger coins",
            )
        return CoinsInsufficientError(
            f"{intent.amount_fen} fen is asked, and the coins are worth {self._coins.purse.value} fen",
            field="amount_fen",
            cure="exchange deposit for coins first",
        )

    def _first(self, intent: Intent) -> Reservation:
        now_ms = self._home.time_ms
        if intent.coin_ids:
            return self._coins.purse.reserve_these(
                intent.name, intent.coin_ids, now_ms=now_ms, until_ms=now_ms + PREPARING_MS
            )
        return self._coins.purse.reserve(intent.name, intent.amount_fen, now_ms=now_ms, until_ms=now_ms + PREPARING_MS)

    def _again(self, replaced: WalletPayment) -> Reservation:
        now_ms = self._home.time_ms
        self._coins.purse.release(replaced.name)
        try:
            return self._coins.purse.reserve_these(
                replaced.name, replaced.coin_ids, now_ms=now_ms, until_ms=now_ms + PREPARING_MS
            )
        except CoinsInsufficientError:
            raise in_doubt(replaced, "its coins are spent, and nobody shows for what") from None


def _held(intent: Intent, error: CoinsReservedError) -> CoinsReservedError:
    return CoinsReservedError(
        f"{intent.amount_fen} fen is asked, and payments in doubt hold too many of the coins; resume the wallet, or"
        " ask again once they have expired",
        free_after_ms=error.free_after_ms,
    )
