"""Operations for watchers: who may see a wallet besides its holder."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.watching import Watcher, WatcherEnd, WatcherList, WatcherRequest
from tongbao.protocol.wire import Hash
from tongbao.service.institution.callers import RecentKeys, demand_wallet, reach
from tongbao.service.institution.parameters import WalletPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_watching"]


class WatcherPath(WalletPath):
    """Which watcher of which wallet."""

    public_key: Hash


def add_watching(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what wallets ask about those who watch them."""

    @operations.post("/v1/wallets/{wallet_id}/watchers")
    async def admit_watcher(call: Call[WatcherRequest, WalletPath]) -> Watcher:
        """Let a key see the wallet's account, coins and history, and nothing else."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.watchers.admit(call.parameters.wallet_id, call.message)

    @operations.get("/v1/wallets/{wallet_id}/watchers")
    async def watchers(call: Call[Nothing, WalletPath]) -> WatcherList:
        """Everybody who sees the wallet, or did, oldest first."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await reach(institution, call.request)
        return await institution.watchers.listed(call.parameters.wallet_id)

    @operations.post("/v1/wallets/{wallet_id}/watchers/{public_key}/end")
    async def end_watcher(call: Call[WatcherEnd, WatcherPath]) -> Watcher:
        """Let a watcher see nothing any more."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.watchers.end(call.parameters.wallet_id, call.parameters.public_key)
