"""Operations for tellers: cash, exchange for many, issuance, redemption, books."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.banking import BankOperation, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.reconciliation import Reconciliation
from tongbao.protocol.wallet import Deposit, DepositRequest, ExchangeBatchAnswer, ExchangeBatchRequest, PayoutRequest
from tongbao.service.institution.callers import demand_teller, reach, repeatable
from tongbao.service.institution.parameters import OperationPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_bank"]


def add_bank(operations: Operations, institution: Institution) -> None:
    """Add what tellers ask."""
    _add_counter(operations, institution)
    _add_vault(operations, institution)


def _add_counter(operations: Operations, institution: Institution) -> None:
    @operations.post("/v1/deposits")
    async def deposit(call: Call[DepositRequest, Nothing]) -> Deposit:
        """Take cash for the deposit account beside a wallet."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        return await institution.deposit(call.message, repeatable=await repeatable(institution, call))

    @operations.post("/v1/payouts")
    async def pay_out(call: Call[PayoutRequest, Nothing]) -> Deposit:
        """Pay cash out of the deposit account beside a wallet."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        named = await repeatable(institution, call)
        return await institution.cash.pay_out(
            call.message, request_id=named.request_id, request_hash=named.request_hash
        )

    @operations.post("/v1/exchanges")
    async def exchange_many(call: Call[ExchangeBatchRequest, Nothing]) -> ExchangeBatchAnswer:
        """Turn deposits of many wallets into coins in one transaction; those refused are left out of it."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        return await institution.exchange_many(call.message, repeatable=await repeatable(institution, call))


def _add_vault(operations: Operations, institution: Institution) -> None:
    @operations.post("/v1/bank/issuance")
    async def request_issuance(call: Call[RequestIssuance, Nothing]) -> BankOperation:
        """Ask the central bank for money in the vault."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        return await institution.request_issuance(call.message, repeatable=await repeatable(institution, call))

    @operations.post("/v1/bank/redemption")
    async def request_redemption(call: Call[RequestRedemption, Nothing]) -> BankOperation:
        """Give money from the vault back to the central bank."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        return await institution.request_redemption(call.message, repeatable=await repeatable(institution, call))

    @operations.get("/v1/bank/operations/{operation_id}")
    async def bank_operation(call: Call[Nothing, OperationPath]) -> BankOperation:
        """How far an issuance or a redemption is."""
        demand_teller(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.bank_operation(call.parameters.operation_id)

    @operations.get("/v1/bank/report")
    async def bank_report(call: Call[Nothing, Nothing]) -> BankReport:
        """The trial balance, the vault, and what circulates."""
        demand_teller(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.report()

    @operations.get("/v1/bank/reconciliation")
    async def reconciliation(call: Call[Nothing, Nothing]) -> Reconciliation:
        """The books held against themselves and against the ledger, coin by coin, with every difference explained."""
        demand_teller(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.reconciling.reconcile()
