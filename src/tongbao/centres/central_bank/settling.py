"""Settling: approved issue and control go to the ledger, approved redemptions are watched, what expired is closed.

A proposal's transaction is written down before it is handed in, and handed in again with the same bytes until the
ledger has answered or its expiry has passed; so nothing happens twice, whatever crashes.
"""

import asyncio
import logging

from tongbao.centres.central_bank.ledger import LedgerLink
from tongbao.centres.central_bank.ports import Store
from tongbao.centres.central_bank.proposals import StoredProposal, close, open_proposals
from tongbao.coin import Domain
from tongbao.errors import RefusedError, TongbaoError
from tongbao.kernel import Status
from tongbao.protocol.issuance import ProposalState

__all__ = ["Settler"]

POLL_S = 1.0  # a home that submits its redemption sees it settled here within a second
SETTLED, EXPIRED = Status.SETTLED.name, Status.EXPIRED.name

# Others hold the place that these wait for: the serial before theirs, an earlier answer.
_MAY_STILL_SETTLE = frozenset({Status.SERIAL_NOT_NEXT.name})

_log = logging.getLogger(__name__)


class Settler:
    """Brings open proposals to their end, one round after another."""

    def __init__(self, ledger: LedgerLink, store: Store, domain: Domain) -> None:
        self._ledger = ledger
        self._store = store
        self._domain = domain
        self.woken = asyncio.Event()
        """Set by whoever has made something new to settle."""

    async def run(self) -> None:
        """Settle for ever; sleeps where nothing is open."""
        while True:
            self.woken.clear()
            is_open = await self.settle_open()
            try:
                async with asyncio.timeout(POLL_S if is_open else None):
                    await self.woken.wait()
            except TimeoutError:
                continue

    async def settle_open(self) -> bool:
        """One round over everything that is open; return whether something still is."""
        try:
            waiting = await self._store.read(open_proposals)
            if not waiting:
                return False
            time_ms = (await self._ledger.status()).time_ms
        except TongbaoError as error:
            _log.warning("proposals are settled later: %s", error)
            return True
        return not all([await self._settle_or_log(each, time_ms=time_ms) for each in waiting])

    async def _settle_or_log(self, proposal: StoredProposal, *, time_ms: int) -> bool:
        """Whether the proposal has come to its end."""
        try:
            return await self._settle(proposal, time_ms=time_ms)
        except TongbaoError as error:
            _log.warning("proposal %s is tried again: %s", proposal.proposal_id, error)
            return False

    async def _settle(self, proposal: StoredProposal, *, time_ms: int) -> bool:
        if proposal.state == ProposalState.PENDING:
            if time_ms > proposal.expiry_ms:
                await self._close(proposal, ProposalState.EXPIRED, status=EXPIRED)
            return time_ms > proposal.expiry_ms
        if time_ms > proposal.expiry_ms or proposal.kind == "redeem":
            return await self._settle_by_outcome(proposal)
        return await self._hand_in(proposal)

    async def _settle_by_outcome(self, proposal: StoredProposal) -> bool:
        """What somebody else hands in, or what may have settled without our hearing of it."""
        known = await self._ledger.outcome(proposal.transaction_id, self._domain)
        if known.receipt is not None:
            await self._close(proposal, ProposalState.SETTLED, status=SETTLED, receipt=known.receipt)
            return True
        if known.outcome.proves_absence(expiry_ms=proposal.expiry_ms):
            await self._close(proposal, ProposalState.EXPIRED, status=EXPIRED)
            return True
        return False

    async def _hand_in(self, proposal: StoredProposal) -> bool:
        try:
            verdict = await self._ledger.submit(proposal.transaction, self._domain)
        except RefusedError as error:
            # Judged and not written down: these bytes can never settle.
            await self._close(proposal, ProposalState.REFUSED, status=error.code)
            return True
        if verdict.status in _MAY_STILL_SETTLE or verdict.status == EXPIRED:
            return False
        state = ProposalState.SETTLED if verdict.status == SETTLED else ProposalState.REFUSED
        await self._close(proposal, state, status=verdict.status, receipt=verdict.receipt)
        return True

    async def _close(
        self, proposal: StoredProposal, state: ProposalState, *, status: str, receipt: bytes | None = None
    ) -> None:
        await self._store.write(lambda connection: close(connection, proposal, state, status=status, receipt=receipt))
        _log.info("proposal %s, %s: %s %s", proposal.proposal_id, proposal.description, state, status)
