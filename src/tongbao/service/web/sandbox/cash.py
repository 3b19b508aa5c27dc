"""The sandbox's teller, who takes cash from nowhere: for anybody, within limits."""

from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.premises import key_reused
from tongbao.protocol.sandbox import CashPaid, CashRequest
from tongbao.protocol.wallet import Deposit, DepositRequest
from tongbao.service.connections import Connections
from tongbao.service.web.sandbox.homes import demand_home

__all__ = ["CASH_DAY_FEN_MAX", "CASH_FEN_MAX", "CASH_WALLET_DAY_FEN_MAX", "CashDesk"]

CASH_FEN_MAX: Final = 500_000
"""Five thousand yuan: what the smallest wallet may spend in a day; more at once would only look like a mistake."""

CASH_WALLET_DAY_FEN_MAX: Final = 1_000_000
"""Ten thousand yuan a wallet and day: what the smallest wallet may hold."""

CASH_DAY_FEN_MAX: Final = 100_000_000
"""A million yuan a day for all: wallets cost nothing, and no vault must be emptied by one who opens many."""

KEYS_REMEMBERED_MAX: Final = 10_000
"""Requests of a day at these limits; one that is forgotten is counted anew, and paid once all the same."""

_DAY_MS: Final = 86_400_000


@dataclass(slots=True)
class _Day:
    """What was paid since midnight by UTC."""

    number: int
    total_fen: int
    by_wallet: dict[tuple[int, bytes], int]


class CashDesk:
    """Pays in; what it has paid is counted from the start of the process on."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._day = _Day(0, 0, {})
        self._requests: OrderedDict[str, CashRequest] = OrderedDict()

    def left_today_fen(self) -> int:
        """What may still be paid to all wallets together."""
        return CASH_DAY_FEN_MAX - self._today().total_fen

    async def pay(self, request: CashRequest, *, key: str) -> CashPaid:
        """Pay into the deposit beside a wallet; the same key is paid once.

        Raises:
            RefusedError: SANDBOX_LIMIT, or what the institution refuses.
            RequestError: the wallet is not known, or the key came with another request.
        """
        demand_home(self._connections.data, request.home)
        is_new = self._demand_same(request, key)
        if is_new:
            self._count(request)
            self._remember(request, key)
        try:
            deposit = await self._deposit(request, key)
        except RequestError:
            # Nothing was paid. Where nobody knows whether it was, it stays counted.
            if is_new:
                self._discount(request, key)
            raise
        paid_fen = self._today().by_wallet.get((request.home, request.wallet_id), 0)
        return CashPaid(
            wallet_id=request.wallet_id,
            home=request.home,
            deposit_fen=deposit.deposit_fen,
            left_today_fen=max(0, CASH_WALLET_DAY_FEN_MAX - paid_fen),
        )

    async def _deposit(self, request: CashRequest, key: str) -> Deposit:
        message = DepositRequest(wallet_id=request.wallet_id, amount_fen=request.amount_fen)
        teller = self._connections.as_teller(request.home)
        named = f"sandbox-cash-{sha256(key.encode()).hexdigest()}"
        return await teller.post("/v1/deposits", message, Deposit, idempotency_key=named)

    # --- limits -------------------------------------------------------------------------------------------------------

    def _demand_same(self, request: CashRequest, key: str) -> bool:
        """Whether the key is new."""
        known = self._requests.get(key)
        if known is not None and known != request:
            raise key_reused()
        return known is None

    def _today(self) -> _Day:
        number = self._connections.clock.now_ms() // _DAY_MS
        if self._day.number != number:
            self._day = _Day(number, 0, {})
        return self._day

    def _count(self, request: CashRequest) -> None:
        day, wallet = self._today(), (request.home, request.wallet_id)
        paid_fen = day.by_wallet.get(wallet, 0)
        if request.amount_fen > CASH_FEN_MAX:
            raise _beyond("at once", CASH_FEN_MAX, cure="ask for less")
        if paid_fen + request.amount_fen > CASH_WALLET_DAY_FEN_MAX:
            raise _beyond("a wallet and day", CASH_WALLET_DAY_FEN_MAX, cure="ask for less, or come again tomorrow")
        if day.total_fen + request.amount_fen > CASH_DAY_FEN_MAX:
            raise _beyond("a day for all", CASH_DAY_FEN_MAX, cure="come again tomorrow, or start tongbao up anew")
        day.by_wallet[wallet] = paid_fen + request.amount_fen
        day.total_fen += request.amount_fen

    def _remember(self, request: CashRequest, key: str) -> None:
        self._requests[key] = request
        if len(self._requests) > KEYS_REMEMBERED_MAX:
            self._requests.popitem(last=False)

    def _discount(self, request: CashRequest, key: str) -> None:
        day, wallet = self._today(), (request.home, request.wallet_id)
        self._requests.pop(key, None)
        if wallet in day.by_wallet:
            day.by_wallet[wallet] -= request.amount_fen
            day.total_fen -= request.amount_fen


def _beyond(span: str, limit_fen: int, *, cure: str) -> RefusedError:
    return RefusedError(
        f"the sandbox pays at most ¥{limit_fen // 100:,} {span}", code="SANDBOX_LIMIT", field="amount_fen", cure=cure
    )
