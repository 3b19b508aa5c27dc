"""The central bank office's HTTP operations: each turns a request into one call of the office and back."""

from collections.abc import Callable
from hashlib import sha256
from typing import Annotated, Any, Protocol

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import Field

import tongbao
from tongbao.centres.central_bank.office import AskedUnder, CentralBankOffice
from tongbao.coin import PublicKey
from tongbao.errors import InvariantError, RequestError
from tongbao.protocol.issuance import (
    PROPOSED_KINDS,
    ApprovalRequest,
    ControlRequest,
    IssuanceRequest,
    Proposal,
    ProposalPage,
    ProposalState,
    RedemptionRequest,
    SupplyOrderPage,
)
from tongbao.protocol.wire import Cursor
from tongbao.service.authentication import Authenticate, Caller, OwnNames, authenticated_by_any, home_of
from tongbao.service.http import Call, Nothing, Operations, Parameters, create_app
from tongbao.service.rate_limits import RateLimitSettings

__all__ = ["create_central_bank_app"]

PAGE_MAX = 100
KEY_DIGITS = 64


class _Clock(Protocol):
    def now_ms(self) -> int: ...


class ProposalPath(Parameters):
    """Which proposal."""

    proposal_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


# "" asks for all.
_State = Annotated[str, Field(pattern=f"^({'|'.join(ProposalState)})?$")]
_Kind = Annotated[str, Field(pattern=f"^({'|'.join(PROPOSED_KINDS)})?$")]


class ProposalQuery(Parameters):
    """Which proposals: in a state, of a kind; from where on, and how many."""

    state: _State = ""
    kind: _Kind = ""
    after: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_MAX


class OrderQuery(Parameters):
    """From where on, and how many."""

    after: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=PAGE_MAX)] = PAGE_MAX


def _officer_of(key_id: str) -> bytes | None:
    kind, _, digits = key_id.partition(":")
    if kind != "officer" or len(digits) != KEY_DIGITS or digits != digits.lower():
        return None
    try:
        return bytes.fromhex(digits)
    except ValueError:
        return None


def _authentication(office: CentralBankOffice, clock: _Clock, own_names: OwnNames | None) -> Authenticate:
    """Prove that a home asks, by its endorser key or its substitute, or an officer by his own."""

    async def public_keys_of(key_id: str) -> list[bytes]:
        officer, home = _officer_of(key_id), home_of(key_id)
        if officer is not None:
            return [officer] if await office.is_officer(PublicKey.ed25519(officer)) else []
        return [] if home is None else [key.key for key in await office.home_keys(home)]

    return authenticated_by_any(public_keys_of, clock, own_names=own_names)


def _caller_home(caller: Caller) -> int:
    """The home that asks."""
    home = home_of(caller.key_id)
    if home is None:
        raise RequestError("only an institution may ask for this", code="FORBIDDEN", cure="sign as home:NUMBER")
    return home


def _demand_officer(caller: Caller) -> None:
    if _officer_of(caller.key_id) is None:
        raise RequestError("only an officer may do this", code="FORBIDDEN", cure="sign as officer:KEY")


def _readable_home(caller: Caller) -> int | None:
    """Whose proposals the caller may read: his own, or everybody's as an officer and as the central bank."""
    return home_of(caller.key_id) or None


async def _asked(call: Call[Any, Any]) -> AskedUnder:
    request_id = sha256(f"{call.caller.key_id}\n{call.idempotency_key}".encode()).digest()
    return AskedUnder(request_id, await call.request_hash())


def create_central_bank_app(
    office: CentralBankOffice,
    *,
    clock: _Clock,
    registry: CollectorRegistry | None = None,
    instance: str = "central-bank",
    on_invariant: Callable[[InvariantError], None] | None = None,
    rate_limits: RateLimitSettings | None = None,
    own_names: OwnNames | None = None,
) -> FastAPI:
    """The application over an office that is started, or will be before anybody asks."""
    app = create_app(
        "Tongbao central bank",
        version=tongbao.__version__,
        description="Issuance, redemption and control: proposed by institutions and officers, approved by officers.",
        instance=instance,
        registry=registry,
        ready=office.demand_ready,
        on_invariant=on_invariant,
        rate_limits=rate_limits,
    )
    operations = Operations(app, authenticate=_authentication(office, clock, own_names))
    _add_proposing(operations, office)
    _add_reading(operations, office)
    return app


def _add_proposing(operations: Operations, office: CentralBankOffice) -> None:
    @operations.post("/v1/issuance", status=201)
    async def propose_issuance(call: Call[IssuanceRequest, Nothing]) -> Proposal:
        """Ask that coins of the currency be made at the asking home."""
        home = _caller_home(call.caller)
        return await office.propose_issuance(call.message, home=home, asked=await _asked(call))

    @operations.post("/v1/redemption", status=201)
    async def propose_redemption(call: Call[RedemptionRequest, Nothing]) -> Proposal:
        """Ask that coins of the asking home end; it submits the transaction once it is approved."""
        home = _caller_home(call.caller)
        return await office.propose_redemption(call.message, home=home, asked=await _asked(call))

    @operations.post("/v1/control", status=201)
    async def propose_control(call: Call[ControlRequest, Nothing]) -> Proposal:
        """Propose what changes institutions, officers, rules, clock or frozen coins."""
        _demand_officer(call.caller)
        return await office.propose_control(call.message, asked=await _asked(call))

    @operations.post("/v1/proposals/{proposal_id}/approvals")
    async def approve(call: Call[ApprovalRequest, ProposalPath]) -> Proposal:
        """Approve a proposal; repeating it is harmless."""
        _demand_officer(call.caller)
        return await office.approve(call.parameters.proposal_id, call.message)


def _add_reading(operations: Operations, office: CentralBankOffice) -> None:
    @operations.get("/v1/proposals")
    async def proposals(call: Call[Nothing, ProposalQuery]) -> ProposalPage:
        """Proposals, newest first: all of them to an officer, its own to a home; or only those asked for."""
        query, home = call.parameters, _readable_home(call.caller)
        return await office.proposals(
            home=home, state=query.state, kind=query.kind, after=query.after, limit=query.limit
        )

    @operations.get("/v1/proposals/{proposal_id}")
    async def proposal(call: Call[Nothing, ProposalPath]) -> Proposal:
        """One proposal, to an officer or to the home that it is about."""
        return await office.proposal(call.parameters.proposal_id, home=_readable_home(call.caller))

    @operations.get("/v1/supply/orders", public=True)
    async def supply_orders(call: Call[Nothing, OrderQuery]) -> SupplyOrderPage:
        """Every order that made or ended money, or changed who may order that, with approvals and receipts.

        Anybody may hold the registration centre's statements of the supply against them.
        """
        return await office.orders(after=call.parameters.after, limit=call.parameters.limit)
