"""Operations for holders about their accounts as a whole: statements, and what is known of them."""

from tongbao.institutions.customers.statements import StatementPeriod
from tongbao.institutions.institution import Institution
from tongbao.protocol.disclosure import Disclosure
from tongbao.protocol.statement import Statement
from tongbao.protocol.wallet import ClosingRequest, WalletAccount
from tongbao.service.institution.callers import RecentKeys, demand_wallet, reach
from tongbao.service.institution.parameters import StatementQuery, WalletPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_accounts"]


def add_accounts(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what holders ask about their accounts."""

    @operations.post("/v1/wallets/{wallet_id}/closing")
    async def close_wallet(call: Call[ClosingRequest, WalletPath]) -> WalletAccount:
        """Let nobody pay the wallet any more, and close it once it is empty; asked again, it goes on from there."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.closing.close(call.parameters.wallet_id, call.message)

    @operations.get("/v1/wallets/{wallet_id}/statement")
    async def wallet_statement(call: Call[Nothing, StatementQuery]) -> Statement:
        """What the wallet or its deposit account held before a period, what moved in it, and what it held after."""
        query = call.parameters
        demand_wallet(call.caller, query.wallet_id)
        period = StatementPeriod(query.from_ms, query.until_ms)
        await reach(institution, call.request, with_coins=True)
        return await institution.statements.page(
            query.wallet_id, query.account, period, after=query.after, limit=query.limit
        )

    @operations.get("/v1/wallets/{wallet_id}/data")
    async def wallet_data(call: Call[Nothing, WalletPath]) -> Disclosure:
        """Everything that the institution holds about the wallet's holder, as an archive that explains itself."""
        demand_wallet(call.caller, call.parameters.wallet_id)
        await reach(institution, call.request, with_coins=True)
        return await institution.disclosing.disclose(call.parameters.wallet_id)
