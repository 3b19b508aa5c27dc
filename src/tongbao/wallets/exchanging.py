"""Turning deposit into coins: asked for once, kept before it is asked, and asked again in the same words."""

from collections.abc import Iterable, Mapping
from typing import Final

from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError, RequestError
from tongbao.protocol.wallet import Exchange, ExchangeRequest, ExchangeState
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.home import Home
from tongbao.wallets.payment import OwnCoin
from tongbao.wallets.ports import Clock
from tongbao.wallets.store import PendingExchange, WalletStore

__all__ = ["Exchanges"]

ASKINGS_MAX: Final = 6
PAUSE_S: Final = 0.25
"""As for payments: a home that has recorded an exchange hears of its batch within a second."""


_REFUSALS: Final[Mapping[str, tuple[str, str]]] = {
    "DEPOSIT_TOO_SMALL": (
        "the deposit is smaller than the {amount} fen to be exchanged",
        "exchange less, or pay money into the deposit first",
    ),
    "LIMIT_BALANCE": (
        "with {amount} fen more the wallet would hold more than one of its class may",
        "exchange less, or turn coins into deposit first",
    ),
    "VAULT_INSUFFICIENT": (
        "the vault of the wallet's home does not hold the {amount} fen to be exchanged",
        "exchange less, or ask again once the institution has been issued money",
    ),
    "COINS_TOO_SMALL": (
        "the vault of the wallet's home holds {amount} fen only in more coins than one transaction may spend",
        "exchange it in parts",
    ),
    "LIMIT_SINGLE": (
        "the payment for which {amount} fen is exchanged is more than a wallet of its class may pay at once",
        "pay less, or open a wallet of a higher class",
    ),
    "LIMIT_DAY": (
        "with the payment for which {amount} fen is exchanged the wallet would pay more than it may in a day",
        "pay less, or wait for the next day",
    ),
    "LIMIT_YEAR": (
        "with the payment for which {amount} fen is exchanged the wallet would pay more than it may in a year",
        "pay less, or wait for the next year",
    ),
}
"""What each refusal of an exchange means, and its cure."""

_REFUSAL_ELSE: Final = "the exchange of {amount} fen is refused by the ledger", "ask again: nothing has moved"


class Exchanges:
    """The exchanges of one wallet."""

    def __init__(self, *, home: Home, coins: CoinStock, store: WalletStore, clock: Clock) -> None:
        self._home = home
        self._coins = coins
        self._store = store
        self._clock = clock
        self._pending: list[PendingExchange] = []

    def restore(self, pending: Iterable[PendingExchange]) -> None:
        """Take up what was asked for before the start."""
        self._pending = list(pending)

    async def exchange(self, amount_fen: int, *, payment_fen: int = 0) -> Exchange:
        """Turn so much deposit into coins.

        One of the same amount whose answer was never heard is asked for again instead of another.

        Raises:
            RefusedError: a limit, or the deposit, does not allow it; nothing moved.
        """
        pending = self._heard_nothing_of(amount_fen, payment_fen)
        if pending is None:
            pending = PendingExchange(self._home.new_request(), amount_fen, payment_fen)
            await self._store.save_pending(pending)
            self._pending.append(pending)
        return await self._ask(pending)

    async def resume(self) -> None:
        """Ask again for everything that was not answered."""
        for pending in list(self._pending):
            try:
                await self._ask(pending)
            except (RequestError, PeerError, NetworkError, BusyError):
                continue  # whoever wants to know why asks for it by its amount

    def _heard_nothing_of(self, amount_fen: int, payment_fen: int) -> PendingExchange | None:
        asked = (each for each in self._pending if (each.amount_fen, each.payment_fen) == (amount_fen, payment_fen))
        return next(asked, None)

    async def _ask(self, pending: PendingExchange) -> Exchange:
        request = ExchangeRequest(amount_fen=pending.amount_fen, payment_fen=pending.payment_fen)
        for attempt in range(1, ASKINGS_MAX + 1):
            try:
                exchange = await self._home.exchange(request, request_key=pending.idempotency_key)
            except RefusedError as error:
                # By the idempotency key this is the answer to the first asking, too; other errors may not be.
                await self._close(pending, status=error.code)
                raise
            if exchange.state is not ExchangeState.PENDING:
                return await self._conclude(pending, exchange)
            await self._clock.sleep(PAUSE_S * attempt)
        raise NetworkError(
            f"the exchange of {pending.amount_fen} fen is on its way; ask again later for the same amount"
        )

    async def _conclude(self, pending: PendingExchange, exchange: Exchange) -> Exchange:
        if exchange.state is ExchangeState.REFUSED:
            await self._close(pending, status=exchange.status)
            raise _refused(pending, exchange.status)
        if exchange.amount_fen != pending.amount_fen:
            raise PeerError(f"the home exchanges {exchange.amount_fen} fen instead of {pending.amount_fen}")
        await self._coins.receive(exchange)
        await self._close(pending, status=exchange.status, exchange=exchange)
        return exchange

    async def _close(self, pending: PendingExchange, *, status: str, exchange: Exchange | None = None) -> None:
        identity, receipt = (exchange.transaction_id, exchange.receipt) if exchange else (None, None)

        async def write(new: list[OwnCoin]) -> None:
            await self._store.save_exchanged(pending, status=status, transaction_id=identity, receipt=receipt, new=new)

        await self._coins.save_along(write)
        self._pending.remove(pending)


def _refused(pending: PendingExchange, code: str) -> RefusedError:
    sentence, cure = _REFUSALS.get(code, _REFUSAL_ELSE)
    field = "amount_fen" if code in _REFUSALS else ""
    return RefusedError(sentence.format(amount=pending.amount_fen), code=code, field=field, cure=cure)
