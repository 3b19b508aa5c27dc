"""Operations for merchants, their tills and their orders."""

from tongbao.institutions.institution import Institution
from tongbao.institutions.orders.listing import OrderFilter
from tongbao.protocol.checkout import Checkout, CheckoutRequest
from tongbao.protocol.order import (
    Merchant,
    MerchantRequest,
    Order,
    OrderAmendment,
    OrderCancellation,
    OrderPage,
    OrderRequest,
)
from tongbao.protocol.settlement_report import SettlementReport
from tongbao.protocol.till import Till, TillClosing, TillPage, TillRequest
from tongbao.service.institution.callers import RecentKeys, maker_of, reach, till_of, wallet_of
from tongbao.service.institution.parameters import (
    HomeOrderPath,
    ListQuery,
    OrderListQuery,
    OrderPath,
    ReportQuery,
    TillPath,
)
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_orders"]


def add_orders(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what merchants ask, and what others ask about orders."""
    _add_makers(operations, institution, keys)
    _add_changes(operations, institution, keys)
    _add_readers(operations, institution)
    _add_tills(operations, institution, keys)
    _add_checkouts(operations, institution, keys)


def _add_makers(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/orders")
    async def create_order(call: Call[OrderRequest, Nothing]) -> Order:
        """Ask for money; the same number and content again are the same order."""
        maker = await maker_of(call.caller, institution)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.orders.create(maker, call.message)

    @operations.post("/v1/merchants")
    async def open_merchant(call: Call[MerchantRequest, Nothing]) -> Merchant:
        """Let the asking wallet take orders."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.open_merchant(wallet_id, call.message)

    @operations.get("/v1/orders")
    async def merchant_orders(call: Call[Nothing, OrderListQuery]) -> OrderPage:
        """The asking merchant's orders, or the asking till's own, newest first: all, or only those asked for."""
        maker = await maker_of(call.caller, institution)
        await reach(institution, call.request, with_coins=True)
        query = call.parameters
        wanted = OrderFilter(**{name: value for name, value in query if name not in ListQuery.model_fields})
        return await institution.orders.page(maker, wanted, after=query.after, count=query.limit)


def _add_changes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/orders/{order_id}/amend")
    async def amend_order(call: Call[OrderAmendment, OrderPath]) -> Order:
        """Change amount, description, tip or life of an order that nobody has paid or is about to pay."""
        maker = await maker_of(call.caller, institution)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.orders.amend(maker, call.parameters.order_id, call.message)

    @operations.post("/v1/orders/{order_id}/cancel")
    async def cancel_order(call: Call[OrderCancellation, OrderPath]) -> Order:
        """Take an order back that nobody has paid or is about to pay."""
        maker = await maker_of(call.caller, institution)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.orders.cancel(maker, call.parameters.order_id)


def _add_readers(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/orders/{order_id}", public=True)
    async def order(call: Call[Nothing, OrderPath]) -> Order:
        """An order, for whoever knows its id."""
        await reach(institution, call.request, with_coins=True)
        return await institution.orders.find(call.parameters.order_id)

    @operations.get("/v1/homes/{home}/orders/{order_id}")
    async def order_at(call: Call[Nothing, HomeOrderPath]) -> Order:
        """An order at another home, asked for through one's own."""
        wallet_of(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.order_at(call.parameters.home, call.parameters.order_id)


def _add_tills(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/tills")
    async def open_till(call: Call[TillRequest, Nothing]) -> Till:
        """Let a key make orders of the asking merchant, and nothing else."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.shops.tills.open(wallet_id, call.message)

    @operations.get("/v1/tills")
    async def merchant_tills(call: Call[Nothing, ListQuery]) -> TillPage:
        """The asking merchant's tills, closed ones included, oldest first."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.shops.tills.page(wallet_id, after=call.parameters.after, count=call.parameters.limit)

    @operations.get("/v1/tills/{till_id}")
    async def till(call: Call[Nothing, TillPath]) -> Till:
        """A till, for its merchant and for itself."""
        till_id = call.parameters.till_id
        if till_of(call.caller.key_id) == till_id:
            return await institution.shops.tills.find(till_id)
        return await institution.shops.tills.find_own(till_id, wallet_of(call.caller))

    @operations.post("/v1/tills/{till_id}/close")
    async def close_till(call: Call[TillClosing, TillPath]) -> Till:
        """Let a till make no orders any more; those that it made can still be paid."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.shops.tills.close(call.parameters.till_id, wallet_id)


def _add_checkouts(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/checkouts")
    async def create_checkout(call: Call[CheckoutRequest, Nothing]) -> Checkout:
        """Ask for money, and say where the payer is sent back to; number and content again are the same checkout."""
        maker = await maker_of(call.caller, institution)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.shops.checkouts.create(maker, call.message)

    @operations.get("/v1/checkouts/{order_id}", public=True)
    async def checkout(call: Call[Nothing, OrderPath]) -> Checkout:
        """A checkout, for whoever knows its order's id."""
        await reach(institution, call.request, with_coins=True)
        return await institution.shops.checkouts.find(call.parameters.order_id)

    @operations.get("/v1/settlement-report")
    async def settlement_report(call: Call[Nothing, ReportQuery]) -> SettlementReport:
        """What the asking merchant took and gave back on a day, by till, held against the ledger."""
        query, wallet_id = call.parameters, wallet_of(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.shops.reports.report(wallet_id, day=query.day, after=query.after, count=query.limit)
