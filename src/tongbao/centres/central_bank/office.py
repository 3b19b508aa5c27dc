"""The central bank's office: institutions ask for issuance and redemption, officers decide, the ledger settles."""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.centres.central_bank import proposals
from tongbao.centres.central_bank.bodies import OfficeSecret, keys_to_prove
from tongbao.centres.central_bank.description import describe
from tongbao.centres.central_bank.desk import Desk
from tongbao.centres.central_bank.ledger import LedgerLink
from tongbao.centres.central_bank.ports import Ports, Task
from tongbao.centres.central_bank.proposals import AskedUnder, StoredProposal
from tongbao.centres.central_bank.publishing import orders_after
from tongbao.centres.central_bank.settling import Settler
from tongbao.centres.central_bank.tables import settings as settings_table
from tongbao.coin import Genesis, PublicKey
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import BusyError, ConfigurationError, RequestError, WorldError
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.cursor import read_place
from tongbao.protocol.issuance import (
    ApprovalRequest,
    ControlRequest,
    IssuanceRequest,
    Proposal,
    ProposalPage,
    ProposalState,
    RedemptionRequest,
    SupplyOrderPage,
)

__all__ = ["AskedUnder", "CentralBankOffice", "OfficeSettings"]

GENESIS = "genesis"


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeSettings:
    """How the office works.

    Attributes:
        operator_key: the endorser key of home 0.
        registration_url: where the registration centre answers.
        patience: with it.
    """

    operator_key: SigningKey
    registration_url: str
    patience: Patience | None = None


@dataclass(frozen=True, slots=True)
class _Parts:
    """What there is once the network is known."""

    desk: Desk
    settler: Settler


class CentralBankOffice:
    """Keeps proposals and officers' approvals, and endorses as home 0 what enough of them agree to.

    `start` before anything else, on a database that its `migrations` have seen; `stop` at the end.
    """

    def __init__(self, ports: Ports, settings: OfficeSettings) -> None:
        self._ports = ports
        self._settings = settings
        client = SignedClient(
            network=ports.network,
            clock=ports.clock,
            base_url=settings.registration_url,
            key_id=f"home:{CENTRAL_BANK}",
            sign=settings.operator_key.sign,
            patience=settings.patience,
        )
        self._ledger = LedgerLink(client, ports.clock, settings.operator_key)
        self._parts: _Parts | None = None
        self._settling: Task | None = None

    async def start(self) -> None:
        """Find out which network this is, and go on with what is open.

        Raises:
            ConfigurationError: the proposals are another network's, or the key is not the central bank's.
            WorldError: the registration centre does not answer and was never asked before.
        """
        genesis = await self._genesis()
        domain = genesis.domain()
        secret = OfficeSecret(domain, self._settings.operator_key)
        settler = Settler(self._ledger, self._ports.store, domain)
        self._parts = _Parts(Desk(self._ledger, self._ports.store, genesis, secret), settler)
        self._settling = self._ports.spawn.task(settler.run(), name="settler")

    async def _genesis(self) -> Genesis:
        """The network's genesis: the one of the proposals, which must be the registration centre's."""
        kept = await self._ports.store.read(_read_genesis)
        try:
            found = await self._ledger.genesis()
            operators = await self._ledger.home_keys(CENTRAL_BANK)
        except WorldError:
            # The registration centre may start later than this; what is known already is enough to begin with.
            if kept is None:
                raise
            return Genesis.decode(kept)
        if kept is not None and kept != found.encode():
            raise ConfigurationError(
                "the database of proposals belongs to another network than the registration centre: configure the "
                "database of this network, or an empty one"
            )
        if PublicKey.ed25519(self._settings.operator_key.public_key) not in operators:
            raise ConfigurationError(
                "the configured key is not the central bank's on this network: configure the key file of home 0"
            )
        await self._ports.store.write(lambda connection: _keep_genesis(connection, found.encode()))
        return found

    async def stop(self) -> None:
        """Stop settling; the next start goes on with it."""
        self._parts = None
        settling, self._settling = self._settling, None
        if settling is not None:
            settling.cancel()

    async def demand_ready(self) -> None:
        """Raise what stands in the way of work, if anything does."""
        self._running()

    def _running(self) -> _Parts:
        if self._parts is None:
            raise BusyError("the central bank's office is not open", retry_after_s=5)
        return self._parts

    # --- who asks -----------------------------------------------------------------------------------------------------

    async def home_keys(self, home: int) -> tuple[PublicKey, ...]:
        """The keys that speak for a home now; none where it is unknown."""
        return await self._ledger.home_keys(home)

    async def is_officer(self, key: PublicKey) -> bool:
        """Whether the key is an officer's, or one that an open proposal would make one and that must prove itself."""
        officers = await self._ledger.officers()
        if any(key in each.keys for each in officers.values()):
            return True
        waiting = await self._ports.store.read(proposals.open_proposals)
        return any(key in keys_to_prove(each.body.operation)[0] for each in waiting)

    # --- proposals ----------------------------------------------------------------------------------------------------

    async def propose_issuance(self, request: IssuanceRequest, *, home: int, asked: AskedUnder) -> Proposal:
        """Propose that coins be made at the asking home."""
        return await self._proposed(await self._running().desk.propose_issuance(request, home=home, asked=asked))

    async def propose_redemption(self, request: RedemptionRequest, *, home: int, asked: AskedUnder) -> Proposal:
        """Propose that coins of the asking home end."""
        return await self._proposed(await self._running().desk.propose_redemption(request, home=home, asked=asked))

    async def propose_control(self, request: ControlRequest, *, asked: AskedUnder) -> Proposal:
        """Propose a control operation."""
        return await self._proposed(await self._running().desk.propose_control(request, asked=asked))

    async def _proposed(self, proposal: StoredProposal) -> Proposal:
        self._running().settler.woken.set()
        return await self._answer(proposal)

    async def approve(self, proposal_id: str, request: ApprovalRequest) -> Proposal:
        """Take an officer's approval."""
        parts = self._running()
        approved = await parts.desk.approve(await self._find(proposal_id, home=None), request)
        parts.settler.woken.set()
        return await self._answer(approved)

    async def proposal(self, proposal_id: str, *, home: int | None) -> Proposal:
        """One proposal, to an officer or to the home that it is about."""
        return await self._answer(await self._find(proposal_id, home=home))

    async def proposals(self, *, home: int | None, state: str, after: str, limit: int, kind: str = "") -> ProposalPage:
        """Proposals, newest first: all of them to an officer, its own to a home."""
        self._running()
        wanted, before = _state(state), read_place(after, newest_first=True)
        found = await self._ports.store.read(
            lambda connection: proposals.listed(
                connection, home=home, state=wanted, kind=kind, before=before, limit=limit
            )
        )
        following = str(found[-1].number) if len(found) == limit else ""
        return ProposalPage(proposals=[await self._answer(each) for each in found], next=following)

    async def orders(self, *, after: str, limit: int) -> SupplyOrderPage:
        """What was carried out, for anybody, in the order in which it was proposed."""
        self._running()
        number = read_place(after)
        return await self._ports.store.read(lambda connection: orders_after(connection, after=number, limit=limit))

    async def _find(self, proposal_id: str, *, home: int | None) -> StoredProposal:
        self._running()
        found = await self._ports.store.read(lambda connection: proposals.find(connection, proposal_id))
        if found is None or (home is not None and (found.home != home or found.kind == proposals.CONTROL)):
            raise RequestError(
                f"there is no proposal {proposal_id}", code="NOT_FOUND", field="proposal_id", cure="list the proposals"
            )
        return found

    async def _answer(self, stored: StoredProposal) -> Proposal:
        given, before = await self._ports.store.read(
            lambda connection: (
                proposals.approvals_of(connection, stored.proposal_id),
                proposals.waits_for(connection, stored),
            )
        )
        officers = (await self._ledger.officers())[stored.authority]
        return Proposal(
            proposal_id=stored.proposal_id,
            kind=stored.kind,
            home=stored.home,
            value_fen=stored.value_fen,
            # Not as it was stored: these words must be those that officers' programs of this version find.
            description=describe(stored.body, home=stored.home),
            state=stored.state,
            transaction_id=stored.transaction_id,
            transaction=stored.transaction,
            approvals=len(given),
            threshold=officers.threshold,
            expiry_ms=stored.expiry_ms,
            status=stored.status,
            receipt=stored.receipt,
            waits_for=before,
        )


def _state(text: str) -> ProposalState | None:
    if not text:
        return None
    try:
        return ProposalState(text)
    except ValueError:
        known = ", ".join(ProposalState)
        raise RequestError(
            f"no proposal is ever {text!r}", code="INVALID_FIELD", field="state", cure=f"ask for one of {known}"
        ) from None


def _read_genesis(connection: sa.Connection) -> bytes | None:
    query = sa.select(settings_table.c.value).where(settings_table.c.name == GENESIS)
    return connection.execute(query).scalar()


def _keep_genesis(connection: sa.Connection, genesis: bytes) -> None:
    if _read_genesis(connection) is None:
        connection.execute(sa.insert(settings_table), {"name": GENESIS, "value": genesis})
