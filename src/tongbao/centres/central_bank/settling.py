"""Settling: approved issue and control go to the ledger, approved redemptions are watched, what expired is closed.

A proposal's transaction is written down before it is handed in, and handed in again with the same bytes until the
ledger has answered or its expiry has passed; so nothing happens twice, whatever crashes.

Every transaction that is handed in takes its place in a batch for good, refused or not. So one whose serial is not the
next of its subject is not handed in: the ledger is asked how far the subject is, and is asked again a little later.
"""

import asyncio
import logging

from tongbao.centres.central_bank.bodies import Subject
from tongbao.centres.central_bank.ledger import LedgerLink
from tongbao.centres.central_bank.ports import Store
from tongbao.centres.central_bank.proposals import StoredProposal, close, open_proposals
from tongbao.coin import Domain
from tongbao.errors import RefusedError, TongbaoError
from tongbao.kernel import Status
from tongbao.protocol.issuance import ProposalState

__all__ = ["Settler"]

POLL_S = 1.0  # a home that submits its redemption sees it settled here within a second
SETTLED, EXPIRED, SERIAL_NOT_NEXT = Status.SETTLED.name, Status.EXPIRED.name, Status.SERIAL_NOT_NEXT.name

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
        left: set[Subject] = set()
        for proposal in waiting:
            if not await self._settle_or_log(proposal, time_ms=time_ms, is_first=proposal.counted not in left):
                left.add(proposal.counted)
        return bool(left)

    async def _settle_or_log(self, proposal: StoredProposal, *, time_ms: int, is_first: bool) -> bool:
        """Whether the proposal has come to its end; `is_first` of those that are open about its subject."""
        try:
            return await self._settle(proposal, time_ms=time_ms, is_first=is_first)
        except TongbaoError as error:
            _log.warning("proposal %s is tried again: %s", proposal.proposal_id, error)
            return False

    async def _settle(self, proposal: StoredProposal, *, time_ms: int, is_first: bool) -> bool:
        if proposal.state == ProposalState.PENDING:
            if time_ms > proposal.expiry_ms:
                await self._close(proposal, ProposalState.EXPIRED, status=EXPIRED)
            return time_ms > proposal.expiry_ms
        if time_ms > proposal.expiry_ms or proposal.kind == "redeem":
            return await self._settle_by_outcome(proposal)
        return is_first and await self._settle_in_turn(proposal)

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

    async def _settle_in_turn(self, proposal: StoredProposal) -> bool:
        last = await self._ledger.last_serial(proposal.authority, proposal.subject)
        if proposal.serial > last.serial + 1:
            return False
        return await self._hand_in(proposal, is_passed=proposal.serial <= last.serial)

    async def _hand_in(self, proposal: StoredProposal, *, is_passed: bool) -> bool:
        """Whether the ledger's answer is the last; `is_passed` where its serial was used before this was handed in."""
        try:
            verdict = await self._ledger.submit(proposal.transaction, self._domain)
        except RefusedError as error:
            # Judged and not written down: these bytes can never settle.
            await self._close(proposal, ProposalState.REFUSED, status=error.code)
            return True
        # A serial that is used stays so: whatever has not settled with it never will. Otherwise another was faster, and
        # the next round finds the serial used.
        if verdict.status == EXPIRED or (verdict.status == SERIAL_NOT_NEXT and not is_passed):
            return False
        state = ProposalState.SETTLED if verdict.status == SETTLED else ProposalState.REFUSED
        await self._close(proposal, state, status=verdict.status, receipt=verdict.receipt)
        return True

    async def _close(
        self, proposal: StoredProposal, state: ProposalState, *, status: str, receipt: bytes | None = None
    ) -> None:
        await self._store.write(lambda connection: close(connection, proposal, state, status=status, receipt=receipt))
        _log.info("proposal %s, %s: %s %s", proposal.proposal_id, proposal.description, state, status)
