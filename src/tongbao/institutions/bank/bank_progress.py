"""Carries issuances and redemptions on: proposes them to the central bank's office, and does what follows."""

import asyncio
import logging

import sqlalchemy as sa

from tongbao.coin.transaction import Transaction
from tongbao.errors import InvariantError, PeerError, RequestError, TongbaoError
from tongbao.institutions.bank.bank_operations import ISSUE
from tongbao.institutions.bank.bank_outcomes import SPLIT_SUFFIX, redemption_holder, set_state
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Outgoing, OutgoingKind, record
from tongbao.institutions.settlement.proving import ask_receipt
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import AnyRow, bank_operations, transactions
from tongbao.protocol.banking import BankOperation, BankOperationState
from tongbao.protocol.client import SignedClient
from tongbao.protocol.issuance import IssuanceRequest, Proposal, ProposalState, RedemptionRequest, WaitsFor

__all__ = ["BankProgress"]

RECEIPT_WAIT_S = 2.0
"""How long whoever asks for an operation waits for its receipt, which the centre tells within milliseconds."""

_POLL_S = 0.5  # officers take minutes; a demonstration should not

_log = logging.getLogger(__name__)

# A redemption is settled by its receipt. An issuance is settled by its coins, and its receipt is still to be had then.
_UNPROVEN = sa.and_(
    bank_operations.c.kind == ISSUE, bank_operations.c.state == "settled", bank_operations.c.receipt.is_(None)
)
_GOING_ON = sa.select(bank_operations).where(
    sa.or_(bank_operations.c.state.in_(("requested", "proposed", "approved")), _UNPROVEN)
)
_ONE = _GOING_ON.where(bank_operations.c.operation_id == sa.bindparam("operation"))
_PROPOSED = (
    sa.update(bank_operations)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"), bank_operations.c.state == "requested")
    .values(state="proposed", proposal_id=sa.bindparam("proposal"))
)
# An issue is settled by its coins, which may come while the office is asked: what has ended stays so.
_APPROVED = (
    sa.update(bank_operations)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"), bank_operations.c.state == "proposed")
    .values(state="approved", transaction_id=sa.bindparam("identity"))
)
_PROVEN = (
    sa.update(bank_operations)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"))
    .values(receipt=sa.bindparam("proof"))
)
_STATE_OF_SPLIT = sa.select(transactions.c.state).where(transactions.c.subject == sa.bindparam("split"))
_ENDED = {
    ProposalState.REFUSED: BankOperationState.REFUSED,
    ProposalState.EXPIRED: BankOperationState.EXPIRED,
}


class BankProgress:
    """Carries on what is recorded, one step at a time."""

    def __init__(self, premises: Premises, submitter: Submitter, office: SignedClient) -> None:
        self._premises = premises
        self._submitter = submitter
        self._office = office
        self._wanted = asyncio.Event()
        self._stepping = asyncio.Lock()
        self._waits: dict[bytes, WaitsFor] = {}

    def begin(self) -> None:
        """There may be something to do."""
        self._wanted.set()

    async def run(self) -> None:
        """Carry on, for ever; a task of its own."""
        while True:
            rows = await self._premises.ports.store.read(lambda connection: connection.execute(_GOING_ON).all())
            if not rows:
                self._wanted.clear()
                self._waits.clear()
                await self._wanted.wait()
                continue
            for row in rows:
                await self.step(row.operation_id)
            await self._premises.ports.clock.sleep(_POLL_S)

    async def step(self, operation_id: bytes) -> None:
        """Do the next thing for one operation, if its turn has come."""
        async with self._stepping:
            row = await self._premises.ports.store.read(
                lambda connection: connection.execute(_ONE, {"operation": operation_id}).one_or_none()
            )
            if row is None:
                return
            try:
                await self._step(row)
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("operation %s waits: %s", operation_id.hex(), error)

    async def _step(self, row: AnyRow) -> None:
        if row.state == BankOperationState.REQUESTED:
            await self._propose(row)
            return
        if row.state == BankOperationState.SETTLED:
            await self._keep_receipt(row.operation_id, row.transaction_id)
            return
        proposal = await self._office.get(f"/v1/proposals/{row.proposal_id}", Proposal)
        self._learn_wait(row.operation_id, proposal)
        if proposal.state in _ENDED:
            await self._end(row, _ENDED[proposal.state], proposal.status or proposal.state.name)
        elif row.kind == ISSUE:
            if proposal.state != ProposalState.PENDING and row.state == BankOperationState.PROPOSED:
                await self._approve(row, proposal.transaction_id)
        elif proposal.state != ProposalState.PENDING:
            await self._submit(row, proposal)

    def waits_for(self, operation_id: bytes) -> WaitsFor | None:
        """What the operation waits for, as the office said when it was last asked; None where it waits for nothing."""
        return self._waits.get(operation_id)

    def _learn_wait(self, operation_id: bytes, proposal: Proposal) -> None:
        if proposal.waits_for is None:
            self._waits.pop(operation_id, None)
        else:
            self._waits[operation_id] = proposal.waits_for

    async def _propose(self, row: AnyRow) -> None:
        try:
            proposal = await self._ask(row)
        except RequestError as error:
            # Authentication failing is a fault of ours that an operator mends; anything else is an answer.
            if error.code in {"UNAUTHENTICATED", "SIGNATURE_INVALID", "SIGNATURE_STALE"}:
                raise
            await self._end(row, BankOperationState.REFUSED, error.code)
            return
        if proposal is None:
            return
        self._learn_wait(row.operation_id, proposal)
        named = {"operation": row.operation_id, "proposal": proposal.proposal_id}
        await self._premises.ports.store.write(lambda connection: connection.execute(_PROPOSED, named).rowcount)

    async def _ask(self, row: AnyRow) -> Proposal | None:
        """The office's answer; None where the split must settle first."""
        key = row.operation_id.hex()
        if row.kind == ISSUE:
            wanted = IssuanceRequest.model_validate_json(row.content)
            return await self._office.post("/v1/issuance", wanted, Proposal, idempotency_key=key)
        split = {"split": row.operation_id + SPLIT_SUFFIX}
        state = await self._premises.ports.store.read(
            lambda connection: connection.execute(_STATE_OF_SPLIT, split).scalar_one_or_none()
        )
        if state not in {None, "settled"}:
            return None
        offered = RedemptionRequest.model_validate_json(row.content)
        return await self._office.post("/v1/redemption", offered, Proposal, idempotency_key=key)

    async def _end(self, row: AnyRow, state: BankOperationState, status: str) -> None:
        """Only this home submits a redemption, so one that it has not submitted can never settle."""
        if row.kind != ISSUE and row.state == BankOperationState.APPROVED:
            return
        await self._premises.ports.store.write(
            lambda connection: set_state(connection, row.operation_id, state, status)
        )
        self._premises.vault.purse.release(redemption_holder(row.operation_id))

    async def prove(self, operation: BankOperation) -> bool:
        """Whether there is a receipt now that a settled issuance had not; without one it is asked for again later."""
        if operation.state != BankOperationState.SETTLED or operation.receipt or operation.transaction_id is None:
            return False
        try:
            async with asyncio.timeout(RECEIPT_WAIT_S):
                await self._keep_receipt(operation.operation_id, operation.transaction_id)
        except InvariantError:
            raise
        except (TimeoutError, TongbaoError) as error:
            _log.warning("operation %s has no receipt yet: %s", operation.operation_id.hex(), error)
            return False
        return True

    async def _keep_receipt(self, operation_id: bytes, identity: bytes) -> None:
        """Ask the registration centre, which has settled the issue, for the receipt that proves it."""
        receipt = await ask_receipt(self._premises.ledger, identity)
        row = {"operation": operation_id, "proof": receipt}
        await self._premises.ports.store.write(lambda connection: connection.execute(_PROVEN, row).rowcount)

    async def _approve(self, row: AnyRow, identity: bytes) -> None:
        named = {"operation": row.operation_id, "identity": identity}
        await self._premises.ports.store.write(lambda connection: connection.execute(_APPROVED, named).rowcount)

    async def _submit(self, row: AnyRow, proposal: Proposal) -> None:
        """Submit the redemption with the officers' approvals; the submitter sees to it from there on."""
        if row.state == BankOperationState.APPROVED:
            return
        domain = self._premises.domain
        offered = Transaction.decode(RedemptionRequest.model_validate_json(row.content).transaction)
        approved = Transaction.decode(proposal.transaction)
        if approved.id(domain) != offered.id(domain) or approved.witnesses != offered.witnesses:
            raise PeerError("the office handed back another transaction than it was given")
        outgoing = Outgoing.of(
            approved,
            domain,
            kind=OutgoingKind.REDEMPTION,
            subject=row.operation_id,
            recorded_ms=self._premises.ledger.time_ms,
        )

        def write(connection: sa.Connection) -> None:
            record(connection, outgoing)
            connection.execute(_APPROVED, {"operation": row.operation_id, "identity": outgoing.transaction_id})

        await self._premises.ports.store.write(write)
        await self._submitter.settle(outgoing)
