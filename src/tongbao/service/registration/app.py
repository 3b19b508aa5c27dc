"""The registration centre's HTTP operations: each turns a request into one call of the centre and back."""

from collections.abc import Callable
from typing import Annotated, Protocol

from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from pydantic import Field

import tongbao
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin.coin import INPUT_BYTES
from tongbao.coin.control import AuthorityKind
from tongbao.errors import InvariantError, RefusedError
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.registration import (
    COINS_PAGE_MAX,
    STATEMENTS_PAGE_MAX,
    WAIT_S_MAX,
    CoinPage,
    CoinProofAnswer,
    CoinSearch,
    Directory,
    GenesisAnswer,
    HeartbeatRequest,
    LedgerStatus,
    NewestStatement,
    OutcomeAnswer,
    Pulse,
    ReceiptAnswer,
    SerialAnswer,
    SubmissionAnswer,
    SubmissionRequest,
    SupplyReport,
    SupplyStatementPage,
)
from tongbao.protocol.wire import Cursor, Hash
from tongbao.service.authentication import Authenticate, Caller, OwnNames, authenticated_by_any, home_of
from tongbao.service.http import Call, Nothing, Operations, Parameters, create_app
from tongbao.service.rate_limits import RateLimitSettings
from tongbao.service.registration.log_site import LogSite
from tongbao.service.registration.recency import reach
from tongbao.service.registration.streams import add_streams

__all__ = ["create_registration_app"]

SUBJECT_BYTES_MAX = 64  # the longest is a kind of freeze with a hash


class _Clock(Protocol):
    def now_ms(self) -> int: ...


class OutcomePath(Parameters):
    """Whose outcome."""

    transaction_id: Hash


class StatementsQuery(Parameters):
    """Behind which number, and how many."""

    after: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=STATEMENTS_PAGE_MAX)] = STATEMENTS_PAGE_MAX


class OpeningPath(Parameters):
    """Which coin: everything that its id commits to, as a transaction opens it, in hexadecimal."""

    opening: Annotated[str, Field(pattern=f"^[0-9a-f]{{{2 * INPUT_BYTES}}}$")]


class SerialPath(Parameters):
    """Whose serial: an authority's number, and the subject in hexadecimal."""

    authority: Annotated[int, Field(ge=1, le=len(AuthorityKind))]
    subject: Annotated[str, Field(pattern=f"^([0-9a-f]{{2}}){{1,{SUBJECT_BYTES_MAX}}}$")]


class FeedQuery(Parameters):
    """From where on, how many, and how long to wait where there are none."""

    after: Cursor = ""
    limit: Annotated[int, Field(ge=1, le=COINS_PAGE_MAX)] = COINS_PAGE_MAX
    wait_s: Annotated[float, Field(ge=0, le=WAIT_S_MAX)] = 0


def _home_authentication(centre: RegistrationCentre, clock: _Clock, own_names: OwnNames | None) -> Authenticate:
    """Prove that a home asks: by its endorser key or, where the offices set one, by its substitute."""

    async def public_keys_of(key_id: str) -> list[bytes]:
        home = home_of(key_id)
        return [] if home is None else [key.key for key in await centre.endorser_keys(home)]

    return authenticated_by_any(public_keys_of, clock, own_names=own_names)


def _caller_home(caller: Caller) -> int:
    home = home_of(caller.key_id)
    if home is None:
        raise InvariantError(f"{caller.key_id} was let in as a home")
    return home


def _demand_central_bank(caller: Caller) -> None:
    if _caller_home(caller) != CENTRAL_BANK:
        raise RefusedError(
            "only the central bank may ask for this", code="FORBIDDEN", field="signature-input", cure="sign as home:0"
        )


def create_registration_app(
    centre: RegistrationCentre,
    *,
    clock: _Clock,
    registry: CollectorRegistry | None = None,
    instance: str = "registration",
    on_invariant: Callable[[InvariantError], None] | None = None,
    rate_limits: RateLimitSettings | None = None,
    own_names: OwnNames | None = None,
) -> FastAPI:
    """The application over a centre that is started, or will be before anybody asks."""
    app = create_app(
        "Tongbao registration centre",
        version=tongbao.__version__,
        description="Orders, journals and settles; answers for every coin and every transaction.",
        instance=instance,
        registry=registry,
        ready=centre.demand_ready,
        on_invariant=on_invariant,
        rate_limits=rate_limits,
    )
    operations = Operations(app, authenticate=_home_authentication(centre, clock, own_names))
    _add_public(operations, centre)
    add_streams(operations, centre)
    _add_supply_proofs(operations, centre)
    _add_outcomes(operations, centre)
    _add_for_homes(operations, centre)
    _add_for_central_bank(operations, centre)
    app.mount("/log", LogSite(centre))
    return app


def _add_public(operations: Operations, centre: RegistrationCentre) -> None:
    @operations.get("/v1/status", public=True)
    async def status(call: Call[Nothing, Nothing]) -> LedgerStatus:
        """Where the ledger stands."""
        await reach(centre, call.request)
        return await centre.status()

    @operations.get("/v1/genesis", public=True)
    async def genesis(_call: Call[Nothing, Nothing]) -> GenesisAnswer:
        """The genesis of the network."""
        return await centre.genesis()

    @operations.get("/v1/institutions", public=True)
    async def institutions(call: Call[Nothing, Nothing]) -> Directory:
        """Every home, the officers, and the keys that speak for each now."""
        await reach(centre, call.request)
        return await centre.directory()

    @operations.get("/v1/supply", public=True)
    async def supply(call: Call[Nothing, Nothing]) -> SupplyReport:
        """Issued, redeemed and unspent per asset and home, with the state digest."""
        await reach(centre, call.request)
        return await centre.supply()

    @operations.get("/v1/pulse", public=True)
    async def pulse(call: Call[Nothing, Nothing]) -> Pulse:
        """How much settles each second and how long it takes, with the supply as it was lately."""
        await reach(centre, call.request)
        return await centre.pulse()


def _add_supply_proofs(operations: Operations, centre: RegistrationCentre) -> None:
    @operations.get("/v1/supply/statements", public=True)
    async def supply_statements(call: Call[Nothing, StatementsQuery]) -> SupplyStatementPage:
        """Statements of the supply, signed by the log's key, the oldest first; at most those of a page."""
        return await centre.supply_proofs.statements(after=call.parameters.after, limit=call.parameters.limit)

    @operations.get("/v1/supply/coins/{opening}", public=True, revalidated=False)
    async def counted_coin(call: Call[Nothing, OpeningPath]) -> CoinProofAnswer:
        """The proof that a coin is counted in the latest statement; whoever knows the coin may ask."""
        return await centre.supply_proofs.prove_coin(bytes.fromhex(call.parameters.opening))


def _add_outcomes(operations: Operations, centre: RegistrationCentre) -> None:
    @operations.get("/v1/outcomes/{transaction_id}", public=True)
    async def outcome(call: Call[Nothing, OutcomePath]) -> OutcomeAnswer:
        """Whether a transaction has settled, signed; whoever knows its id may ask."""
        await reach(centre, call.request)
        return await centre.outcome(call.parameters.transaction_id)

    @operations.get("/v1/receipts/{transaction_id}", public=True)
    async def logged_receipt(call: Call[Nothing, OutcomePath]) -> ReceiptAnswer:
        """The receipt of a settled transaction, with its proof from the transparency log; whoever knows its id may ask.

        Whoever has the log's public keys verifies it without asking anybody. A second or so after the transaction
        settled the log does not cover it yet: ask again then.
        """
        await reach(centre, call.request)
        return await centre.logged_receipt(call.parameters.transaction_id)


def _add_for_homes(operations: Operations, centre: RegistrationCentre) -> None:
    @operations.post("/v1/submissions")
    async def submit(call: Call[SubmissionRequest, Nothing]) -> SubmissionAnswer:
        """Settle an endorsed list of transactions; repeating it is harmless."""
        return await centre.submit(call.message, caller=_caller_home(call.caller))

    @operations.post("/v1/submissions/encoded")
    async def submit_encoded(call: Call[bytes, Nothing]) -> bytes:
        """Settle an endorsed list of transactions, as bytes on both sides.

        The body is one encoded submission and the answer its encoded verdicts, as the wire format lays them out. It
        costs both sides a small part of what JSON does; what it does is the same.
        """
        return await centre.submit_encoded(call.message, caller=_caller_home(call.caller))

    @operations.get("/v1/coins", revalidated=False)
    async def coins(call: Call[Nothing, FeedQuery]) -> CoinPage:
        """Coins made at the asking home since a cursor, in order."""
        await reach(centre, call.request)
        query = call.parameters
        caller = _caller_home(call.caller)
        return await centre.coins(caller=caller, after=query.after, limit=query.limit, wait_s=query.wait_s)

    @operations.post("/v1/coins/search")
    async def search(call: Call[CoinSearch, Nothing]) -> CoinPage:
        """Coins of the asking home under certain locks."""
        await reach(centre, call.request)
        return await centre.search_coins(call.message, caller=_caller_home(call.caller))


def _add_for_central_bank(operations: Operations, centre: RegistrationCentre) -> None:
    @operations.get("/v1/serials/{authority}/{subject}")
    async def serial(call: Call[Nothing, SerialPath]) -> SerialAnswer:
        """The last serial that was settled for a subject of an authority."""
        _demand_central_bank(call.caller)
        authority = AuthorityKind(call.parameters.authority)
        return await centre.serial(authority, bytes.fromhex(call.parameters.subject))

    @operations.post("/v1/supply/statements")
    async def state_supply(call: Call[Nothing, Nothing]) -> NewestStatement:
        """Make a statement of the supply as it is now, beside those that the centre makes by itself."""
        _demand_central_bank(call.caller)
        return await centre.supply_proofs.state()

    @operations.post("/v1/heartbeats")
    async def heartbeat(call: Call[HeartbeatRequest, Nothing]) -> LedgerStatus:
        """Let ledger time go on."""
        _demand_central_bank(call.caller)
        return await centre.heartbeat(call.message)
