"""Operations for wallets: opening, locks, coins, history, exchange."""

from tongbao.institutions.customers.history import HistoryFilter
from tongbao.institutions.institution import Institution
from tongbao.protocol.stock import StockRequest
from tongbao.protocol.wallet import (
    Exchange,
    ExchangeRequest,
    HistoryPage,
    OpenWalletRequest,
    WalletAccount,
    WalletCoinPage,
)
from tongbao.service.institution.callers import (
    RecentKeys,
    demand_reader,
    demand_wallet,
    key_of_caller,
    reach,
    repeatable,
)
from tongbao.service.institution.parameters import HistoryQuery, WalletListQuery, WalletPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_wallets"]


def add_wallets(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what wallets ask about themselves."""
    _add_account(operations, institution, keys)
    _add_lists(operations, institution)


def _add_account(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/wallets")
    async def open_wallet(call: Call[OpenWalletRequest, Nothing]) -> WalletAccount:
        """Open a wallet for the key that signs, with a deposit account beside it; open already, it is described."""
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.open_wallet(call.message, public_key=key_of_caller(call.caller))

    @operations.get("/v1/wallets/{wallet_id}")
    async def wallet(call: Call[Nothing, WalletPath]) -> WalletAccount:
        """The wallet's class, balance, deposit, and locks left at its home."""
        await demand_reader(call.caller, call.parameters.wallet_id, institution)
        await reach(institution, call.request, with_coins=True)
        return await institution.account(call.parameters.wallet_id)

    @operations.post("/v1/wallets/{wallet_id}/locks")
    async def add_locks(call: Call[StockRequest, WalletPath]) -> WalletAccount:
        """Leave a signed stock of single-use locks on which the wallet can be paid while it is away."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.add_locks(call.parameters.wallet_id, call.message)

    @operations.post("/v1/wallets/{wallet_id}/exchanges")
    async def exchange(call: Call[ExchangeRequest, WalletPath]) -> Exchange:
        """Turn deposit into coins, 1:1."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await reach(institution, call.request)
        named = await repeatable(institution, call)
        return await institution.exchange(call.parameters.wallet_id, call.message, repeatable=named)


def _add_lists(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/wallets/{wallet_id}/coins")
    async def wallet_coins(call: Call[Nothing, WalletListQuery]) -> WalletCoinPage:
        """The wallet's unspent coins, oldest first."""
        query = call.parameters
        await demand_reader(call.caller, query.wallet_id, institution)
        await reach(institution, call.request, with_coins=True)
        return await institution.coins(query.wallet_id, after=query.after, limit=query.limit)

    @operations.get("/v1/wallets/{wallet_id}/history")
    async def wallet_history(call: Call[Nothing, HistoryQuery]) -> HistoryPage:
        """What happened to the wallet, newest first: all of it, or only what is asked for."""
        query = call.parameters
        await demand_reader(call.caller, query.wallet_id, institution)
        await reach(institution, call.request, with_coins=True)
        wanted = HistoryFilter(**{name: value for name, value in query if name not in WalletListQuery.model_fields})
        return await institution.history(query.wallet_id, wanted, after=query.after, limit=query.limit)
