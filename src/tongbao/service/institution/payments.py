"""Operations for payments and acceptances."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.payment import (
    AcceptanceAnswer,
    AcceptanceRequest,
    Payment,
    PaymentRequest,
    Preparation,
    PrepareRequest,
)
from tongbao.service.institution.callers import RecentKeys, demand_home, reach, wallet_of
from tongbao.service.institution.parameters import PaymentPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_payments"]


def add_payments(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what payers ask, and the other homes for them."""

    @operations.post("/v1/payments/prepare")
    async def prepare_payment(call: Call[PrepareRequest, Nothing]) -> Preparation:
        """Where and how to pay; bound to one coin, so that however often it is tried at most one payment settles."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=call.message.payee.refund_of is not None)
        return await institution.prepare(wallet_id, call.message)

    @operations.post("/v1/payments")
    async def pay(call: Call[PaymentRequest, Nothing]) -> Payment:
        """Settle a signed payment; the same bytes again have the same answer."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.pay(wallet_id, call.message)

    @operations.get("/v1/payments/{payment_id}")
    async def payment(call: Call[Nothing, PaymentPath]) -> Payment:
        """A payment of the asking wallet as it stands."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.payment(wallet_id, call.parameters.payment_id)

    @operations.post("/v1/acceptances")
    async def accept(call: Call[AcceptanceRequest, Nothing]) -> AcceptanceAnswer:
        """Another home asks whether money for a customer here is welcome, and where it may go."""
        demand_home(call.caller, call.message.payer_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.accept(call.message)
