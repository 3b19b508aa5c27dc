"""The sandbox's operations over HTTP, as the front passes them on."""

from collections.abc import Callable
from typing import Annotated, Final

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import Field

import tongbao
from tongbao.protocol.checkout import Checkout
from tongbao.protocol.refund import Refund
from tongbao.protocol.sandbox import (
    CashPaid,
    CashRequest,
    MallBasket,
    MallReturn,
    SandboxApproval,
    SandboxIssuance,
    SandboxProposal,
    SandboxProposals,
    SandboxView,
)
from tongbao.service.http import Call, Nothing, Operations, Parameters, create_app
from tongbao.service.rate_limits import Allowance, RateLimitSettings
from tongbao.service.web.sandbox.sandbox import Sandbox, no_sandbox

__all__ = ["SANDBOX_RATES", "create_sandbox_app"]

SANDBOX_RATES: Final = RateLimitSettings(address=Allowance(per_s=20, burst=600))
"""A class of newcomers behind one address; each request costs the roles behind it several."""


class SandboxProposalPath(Parameters):
    """Which issuance."""

    proposal_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def create_sandbox_app(
    sandbox: Sandbox | None,
    *,
    registry: CollectorRegistry | None = None,
    rate_limits: RateLimitSettings = SANDBOX_RATES,
) -> FastAPI:
    """The application over a sandbox; where there is none, every operation answers NO_SANDBOX."""
    app = create_app(
        "Tongbao sandbox",
        version=tongbao.__version__,
        description="Play money, an example mall and every role to try, on test networks that `tongbao up` has made.",
        instance="sandbox",
        registry=registry,
        rate_limits=rate_limits,
    )

    def there() -> Sandbox:
        if sandbox is None:
            raise no_sandbox()
        return sandbox

    operations = Operations(app, authenticate=None)
    _add_teller(operations, there)
    _add_issuance(operations, there)
    _add_mall(operations, there)
    return app


def _add_teller(operations: Operations, there: Callable[[], Sandbox]) -> None:
    @operations.get("/sandbox", public=True)
    async def sandbox(_call: Call[Nothing, Nothing]) -> SandboxView:
        """What there is to be played with: how far it is, the mall, and the limits."""
        return there().view()

    @operations.post("/sandbox/cash", public=True)
    async def sandbox_cash(call: Call[CashRequest, Nothing]) -> CashPaid:
        """Let the sandbox's teller take cash for the deposit beside a wallet."""
        return await there().cash.pay(call.message, key=call.idempotency_key)


def _add_issuance(operations: Operations, there: Callable[[], Sandbox]) -> None:
    @operations.post("/sandbox/issuance", public=True)
    async def sandbox_issuance(call: Call[SandboxIssuance, Nothing]) -> SandboxProposal:
        """Ask, as an institution's treasurer, for money in its vault."""
        return await there().issuance.ask(call.message, key=call.idempotency_key)

    @operations.get("/sandbox/proposals", public=True)
    async def sandbox_proposals(_call: Call[Nothing, Nothing]) -> SandboxProposals:
        """Issuances that wait for officers, newest first."""
        return await there().issuance.waiting()

    @operations.get("/sandbox/proposals/{proposal_id}", public=True)
    async def sandbox_proposal(call: Call[Nothing, SandboxProposalPath]) -> SandboxProposal:
        """An issuance as an officer sees it before he signs."""
        return await there().issuance.find(call.parameters.proposal_id)

    @operations.post("/sandbox/proposals/{proposal_id}/approvals", public=True)
    async def sandbox_approval(call: Call[SandboxApproval, SandboxProposalPath]) -> SandboxProposal:
        """Approve an issuance as one of the officers; twice is once."""
        return await there().issuance.approve(call.parameters.proposal_id, call.message)


def _add_mall(operations: Operations, there: Callable[[], Sandbox]) -> None:
    @operations.post("/sandbox/mall/checkouts", public=True)
    async def mall_checkout(call: Call[MallBasket, Nothing]) -> Checkout:
        """Buy goods of the example mall."""
        return await there().mall.sell(call.message, key=call.idempotency_key)

    @operations.post("/sandbox/mall/refunds", public=True)
    async def mall_refund(call: Call[MallReturn, Nothing]) -> Refund:
        """Bring back what was bought: the mall offers the payer a refund, and pays it once it is accepted."""
        return await there().mall.take_back(call.message.order_id)
