"""Issuance for newcomers to try: they ask as a treasurer, look as an officer at what is signed, and approve."""

import asyncio
from hashlib import sha256
from typing import Final

from tongbao.coin.control import AuthorityKind
from tongbao.errors import PeerError, RefusedError, RequestError
from tongbao.protocol.banking import RequestIssuance
from tongbao.protocol.issuance import Proposal, ProposalPage, ProposalState
from tongbao.protocol.sandbox import SandboxApproval, SandboxIssuance, SandboxProposal, SandboxProposals
from tongbao.service.connections import Connections
from tongbao.service.sandbox import approve_as, request_issuance, transaction_of
from tongbao.service.web.sandbox.homes import demand_home

__all__ = ["ISSUANCES_PER_DAY_MAX", "ISSUANCE_FEN_MAX", "IssuanceDesk"]

ISSUANCE_FEN_MAX: Final = 100_000_000
"""A million yuan: a thousandth of an institution's quota."""

ISSUANCES_PER_DAY_MAX: Final = 100
"""The office keeps every proposal for ever, and the quota of an institution holds for days of them."""

WAITING_SHOWN_MAX: Final = 20
"""What one screen shows; each home has one of them at a time from here."""

PROPOSALS_REMEMBERED_MAX: Final = 1_000
"""Who has approved them; a proposal is looked at for minutes."""

_DAY_MS: Final = 86_400_000
_ISSUE: Final = "issue"


class IssuanceDesk:
    """Asks for issuance and approves it, with the keys in the data directory."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._officers = connections.data.officer_keys(AuthorityKind.ISSUANCE)
        self._approved: dict[str, set[int]] = {}
        self._day = 0
        self._keys: set[str] = set()
        # One asks at a time: two would both see that nothing waits, and that one more is left today.
        self._turn = asyncio.Lock()

    @property
    def officers(self) -> int:
        """How many officers there are."""
        return len(self._officers)

    def left_today(self) -> int:
        """How many issuances may still be asked for."""
        return ISSUANCES_PER_DAY_MAX - len(self._today())

    async def ask(self, request: SandboxIssuance, *, key: str) -> SandboxProposal:
        """Ask for money in a vault; the same key asks once.

        Raises:
            RefusedError: SANDBOX_LIMIT; ISSUANCE_WAITS, another of this institution waits for officers.
        """
        demand_home(self._connections.data, request.home)
        if request.amount_fen > ISSUANCE_FEN_MAX:
            raise _limit(f"¥{ISSUANCE_FEN_MAX // 100:,} at once", field="amount_fen", cure="ask for less")
        wanted = RequestIssuance(amount_fen=request.amount_fen)
        named = f"sandbox-issuance-{sha256(key.encode()).hexdigest()}"
        async with self._turn:
            if key not in self._today():
                await self._demand_turn(request.home)
            operation = await request_issuance(self._connections, request.home, wanted, idempotency_key=named)
            # Not before: whoever asks again after no answer must find his turn anew.
            self._today().add(key)
        if not operation.proposal_id:
            raise RefusedError(f"the issuance is {operation.state}", code=operation.status or "REFUSED")
        return await self.find(operation.proposal_id)

    async def find(self, proposal_id: str) -> SandboxProposal:
        """An issuance, as an officer sees it."""
        return self._shown(await self._proposal(proposal_id))

    async def waiting(self) -> SandboxProposals:
        """Every issuance that waits for officers, newest first."""
        return SandboxProposals(proposals=[self._shown(each) for each in await self._pending()])

    async def approve(self, proposal_id: str, approval: SandboxApproval) -> SandboxProposal:
        """Approve as one of the officers; twice is once.

        Raises:
            RequestError: there is no such officer or proposal.
            PeerError: the words are not those of the transaction: no officer signs that.
        """
        if approval.officer > len(self._officers):
            raise RequestError(
                f"there are {len(self._officers)} officers",
                code="INVALID_FIELD",
                field="officer",
                cure=f"send 1 to {len(self._officers)}",
            )
        await self._proposal(proposal_id)
        approved = await approve_as(self._connections, proposal_id, self._officers[approval.officer - 1])
        self._approved.setdefault(proposal_id, set()).add(approval.officer)
        if len(self._approved) > PROPOSALS_REMEMBERED_MAX:
            del self._approved[next(iter(self._approved))]
        return self._shown(approved)

    # --- what the office says -----------------------------------------------------------------------------------------

    async def _proposal(self, proposal_id: str) -> Proposal:
        desk = self._connections.as_officer(self._officers[0])
        found = await desk.get(f"/v1/proposals/{proposal_id}", Proposal)
        if found.kind != _ISSUE:
            raise RequestError(
                f"there is no issuance {proposal_id}", code="NOT_FOUND", field="proposal_id", cure="list the proposals"
            )
        return found

    async def _pending(self) -> list[Proposal]:
        desk = self._connections.as_officer(self._officers[0])
        query: dict[str, str | int] = {
            "state": ProposalState.PENDING.value,
            "kind": _ISSUE,
            "limit": WAITING_SHOWN_MAX,
        }
        return (await desk.get("/v1/proposals", ProposalPage, query=query)).proposals

    def _shown(self, proposal: Proposal) -> SandboxProposal:
        return SandboxProposal(
            proposal_id=proposal.proposal_id,
            home=proposal.home,
            value_fen=proposal.value_fen,
            description=proposal.description,
            words_hold=self._words_hold(proposal),
            state=proposal.state,
            transaction_id=proposal.transaction_id,
            approvals=proposal.approvals,
            approved_by=sorted(self._approved.get(proposal.proposal_id, ())),
            threshold=proposal.threshold,
            expiry_ms=proposal.expiry_ms,
        )

    def _words_hold(self, proposal: Proposal) -> bool:
        try:
            transaction_of(proposal, self._connections.data)
        except PeerError:
            return False
        return True

    # --- limits -------------------------------------------------------------------------------------------------------

    def _today(self) -> set[str]:
        """The keys of today's issuances."""
        day = self._connections.clock.now_ms() // _DAY_MS
        if day != self._day:
            self._day, self._keys = day, set()
        return self._keys

    async def _demand_turn(self, home: int) -> None:
        """Serials leave no gap: what nobody approves would hold up everything that is asked for after it."""
        if self.left_today() <= 0:
            raise _limit(f"{ISSUANCES_PER_DAY_MAX} issuances a day", field="", cure="come again tomorrow")
        waiting = [each for each in await self._pending() if each.home == home]
        if waiting:
            raise RefusedError(
                f"an issuance of home {home} waits for officers already",
                code="ISSUANCE_WAITS",
                field="home",
                cure=f"approve {waiting[-1].proposal_id} first",
            )


def _limit(what: str, *, field: str, cure: str) -> RefusedError:
    return RefusedError(f"the sandbox asks for at most {what}", code="SANDBOX_LIMIT", field=field, cure=cure)
