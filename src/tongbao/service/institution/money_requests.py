"""Operations for money requests."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.money_request import (
    AskForMoney,
    HomeMoneyRequest,
    MoneyRequest,
    MoneyRequestBox,
    MoneyRequestCancellation,
    MoneyRequestDecline,
    MoneyRequestDelivery,
    MoneyRequestNews,
    MoneyRequestPage,
    RecallRequest,
)
from tongbao.service.institution.callers import RecentKeys, demand_home, reach, wallet_of
from tongbao.service.institution.parameters import HomeInPath, ListQuery, NameInPath
from tongbao.service.operation import Call, Nothing, Operations, Parameters

__all__ = ["add_money_requests"]


class MoneyRequestPath(Parameters):
    """Which request of one's own."""

    request_id: NameInPath


class HomeMoneyRequestPath(MoneyRequestPath):
    """Which request, at which home."""

    home: HomeInPath


class BoxQuery(ListQuery):
    """Which requests, from where on, and how many."""

    box: MoneyRequestBox = MoneyRequestBox.RECEIVED


def add_money_requests(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what wallets ask about money requests, and other homes for them."""
    _add_asking(operations, institution, keys)
    _add_answering(operations, institution, keys)
    _add_homes(operations, institution, keys)


def _add_asking(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/money-requests")
    async def ask_for_money(call: Call[AskForMoney, Nothing]) -> MoneyRequest:
        """Ask somebody for money; the same number and content again are the same request."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.money_requests.ask(wallet_id, call.message)

    @operations.post("/v1/recalls")
    async def recall_payment(call: Call[RecallRequest, Nothing]) -> MoneyRequest:
        """Ask a person who was paid by mistake to give it back; the same payment again is the same request."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.money_requests.recall(wallet_id, call.message)

    @operations.post("/v1/money-requests/{request_id}/cancel")
    async def cancel_money_request(call: Call[MoneyRequestCancellation, MoneyRequestPath]) -> MoneyRequest:
        """Take a request back that nobody has paid."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.money_requests.cancel(wallet_id, call.parameters.request_id)


def _add_answering(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.get("/v1/money-requests")
    async def money_requests(call: Call[Nothing, BoxQuery]) -> MoneyRequestPage:
        """What the asking wallet is asked for, or what it has asked of others, newest first."""
        wallet_id, query = wallet_of(call.caller), call.parameters
        await reach(institution, call.request, with_coins=True)
        return await institution.money_requests.page(wallet_id, query.box, after=query.after, count=query.limit)

    @operations.get("/v1/homes/{home}/money-requests/{request_id}")
    async def money_request(call: Call[Nothing, HomeMoneyRequestPath]) -> MoneyRequest:
        """A request that the asking wallet has received or sent, as it stands at the requester's home."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await reach(institution, call.request, with_coins=True)
        return await institution.money_requests.find(wallet_id, path.home, path.request_id)

    @operations.post("/v1/homes/{home}/money-requests/{request_id}/decline")
    async def decline_money_request(call: Call[MoneyRequestDecline, HomeMoneyRequestPath]) -> MoneyRequest:
        """Say no to a request, and why if one likes."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.money_requests.decline(wallet_id, path.home, path.request_id, call.message.reason)


def _add_homes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/money-requests/deliveries")
    async def deliver_money_request(call: Call[HomeMoneyRequest, Nothing]) -> MoneyRequestDelivery:
        """Another home brings a request to a wallet here."""
        demand_home(call.caller, call.message.requester_home)
        await keys.demand_same(call)
        # What is asked back must have arrived first.
        await reach(institution, call.request, with_coins=call.message.recall_of is not None)
        return await institution.money_requests.delivered(call.message)

    @operations.post("/v1/money-requests/news")
    async def money_request_news(call: Call[MoneyRequestNews, Nothing]) -> MoneyRequestDelivery:
        """The other party's home tells that a request was declined or cancelled."""
        demand_home(call.caller, call.message.teller_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.money_requests.told(call.message)
