"""Operations for refunds that are offered."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.refund import (
    HomeRefund,
    HomeRefundAnswer,
    Refund,
    RefundAnswer,
    RefundBox,
    RefundDelivery,
    RefundOffer,
    RefundPage,
    RefundPolicy,
    RefundWithdrawal,
)
from tongbao.service.institution.callers import RecentKeys, demand_home, reach, wallet_of
from tongbao.service.institution.parameters import HomeInPath, ListQuery, NameInPath
from tongbao.service.operation import Call, Nothing, Operations, Parameters

__all__ = ["add_refunds"]


class RefundPath(Parameters):
    """Which refund."""

    refund_id: NameInPath


class HomeRefundPath(RefundPath):
    """Which refund, at which shop's home."""

    home: HomeInPath


class RefundBoxQuery(ListQuery):
    """Which refunds, from where on, and how many."""

    box: RefundBox = RefundBox.RECEIVED


def add_refunds(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what merchants offer, what payers answer, and what homes tell each other of it."""
    _add_policy(operations, institution, keys)
    _add_offering(operations, institution, keys)
    _add_answering(operations, institution, keys)
    _add_homes(operations, institution, keys)


def _add_policy(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/refund-policy")
    async def set_refund_policy(call: Call[RefundPolicy, Nothing]) -> RefundPolicy:
        """Say how what is paid for the asking merchant's orders is refunded; orders that are made keep theirs."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.refunds.merchants.set_policy(wallet_id, call.message)

    @operations.get("/v1/refund-policy")
    async def refund_policy(call: Call[Nothing, Nothing]) -> RefundPolicy:
        """How what is paid for the asking merchant's next orders is refunded."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.refunds.merchants.policy(wallet_id)


def _add_offering(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/refunds")
    async def offer_refund(call: Call[RefundOffer, Nothing]) -> Refund:
        """Ask the payer of an order whether to give money back; the same number and content are the same offer."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.refunds.offer(wallet_id, call.message)

    @operations.post("/v1/refunds/{refund_id}/withdraw")
    async def withdraw_refund(call: Call[RefundWithdrawal, RefundPath]) -> Refund:
        """Take an offer back that nobody has answered."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.refunds.withdraw(wallet_id, call.parameters.refund_id)


def _add_answering(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.get("/v1/refunds")
    async def refunds(call: Call[Nothing, RefundBoxQuery]) -> RefundPage:
        """What the asking wallet is offered, or what the asking merchant offers, newest first."""
        wallet_id, query = wallet_of(call.caller), call.parameters
        await reach(institution, call.request)
        return await institution.refunds.page(wallet_id, query.box, after=query.after, count=query.limit)

    @operations.get("/v1/refunds/{refund_id}", public=True)
    async def refund(call: Call[Nothing, RefundPath]) -> Refund:
        """A refund that a merchant of this home offers, for whoever knows its id."""
        await reach(institution, call.request)
        return await institution.refunds.find(call.parameters.refund_id)

    @operations.post("/v1/homes/{home}/refunds/{refund_id}/answer")
    async def answer_refund(call: Call[RefundAnswer, HomeRefundPath]) -> Refund:
        """Take a refund or decline it; the answer counts once the shop's home has it."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await keys.demand_same(call)
        await reach(institution, call.request)
        accept = call.message.accept
        return await institution.refunds.answer(wallet_id, path.home, path.refund_id, accept=accept)


def _add_homes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/refunds/deliveries")
    async def deliver_refund(call: Call[HomeRefund, Nothing]) -> RefundDelivery:
        """The shop's home tells of a refund that it offers to a wallet here, or how far it is."""
        demand_home(call.caller, call.message.shop_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.refunds.delivered(call.message)

    @operations.post("/v1/refunds/answers")
    async def home_answers_refund(call: Call[HomeRefundAnswer, Nothing]) -> Refund:
        """The payer's home passes on what the payer answers."""
        demand_home(call.caller, call.message.payer_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.refunds.answered(call.message)
