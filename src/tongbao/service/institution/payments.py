"""Operations for merchants, orders and payments."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.order import Merchant, MerchantRequest, Order, OrderPage, OrderRequest
from tongbao.protocol.payment import (
    AcceptanceAnswer,
    AcceptanceRequest,
    Payment,
    PaymentRequest,
    Preparation,
    PrepareRequest,
)
from tongbao.service.institution.callers import RecentKeys, demand_home, reach, wallet_of
from tongbao.service.institution.parameters import HomeOrderPath, ListQuery, OrderPath, PaymentPath
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_payments"]


def add_payments(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what merchants and payers ask, and the other homes for them."""
    _add_payments(operations, institution, keys)
    _add_merchants(operations, institution, keys)
    _add_orders(operations, institution)


def _add_merchants(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/orders")
    async def create_order(call: Call[OrderRequest, Nothing]) -> Order:
        """Ask for money; the same number and content again are the same order."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.create_order(wallet_id, call.message)

    @operations.post("/v1/merchants")
    async def open_merchant(call: Call[MerchantRequest, Nothing]) -> Merchant:
        """Let the asking wallet take orders."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.open_merchant(wallet_id, call.message)

    @operations.get("/v1/orders")
    async def merchant_orders(call: Call[Nothing, ListQuery]) -> OrderPage:
        """The asking merchant's orders, newest first."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.orders(wallet_id, after=call.parameters.after, limit=call.parameters.limit)


def _add_orders(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/orders/{order_id}", public=True)
    async def order(call: Call[Nothing, OrderPath]) -> Order:
        """An order, for whoever knows its id."""
        await reach(institution, call.request, with_coins=True)
        return await institution.order(call.parameters.order_id)

    @operations.get("/v1/homes/{home}/orders/{order_id}")
    async def order_at(call: Call[Nothing, HomeOrderPath]) -> Order:
        """An order at another home, asked for through one's own."""
        wallet_of(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.order_at(call.parameters.home, call.parameters.order_id)


def _add_payments(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
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
