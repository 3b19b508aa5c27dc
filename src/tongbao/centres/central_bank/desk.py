"""The officers' desk: requests become proposals, approvals are checked and, once they are enough, joined to them."""

from collections.abc import Callable, Sequence

import sqlalchemy as sa

from tongbao.centres.central_bank import proposals
from tongbao.centres.central_bank.bodies import (
    REDEMPTION,
    OfficeSecret,
    Subject,
    demand_value,
    keys_to_prove,
    read_control,
    read_redemption,
    subject_of_issue,
    subject_of_operation,
    value_of,
    wanted_coins,
)
from tongbao.centres.central_bank.description import describe, worth_text
from tongbao.centres.central_bank.ledger import LedgerLink
from tongbao.centres.central_bank.ports import Store
from tongbao.centres.central_bank.proposals import AskedUnder, Draft, StoredProposal
from tongbao.coin import CURRENCY, VALUE_MAX, Approval, Body, Genesis, Kind, PublicKey, Transaction, approve_digest
from tongbao.coin.control import Officers
from tongbao.coin.encoding import Reader
from tongbao.coin.suites import verify_signature
from tongbao.errors import RefusedError, RequestError
from tongbao.kernel import Judging
from tongbao.kernel.rules import RULES
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.issuance import (
    ApprovalRequest,
    ControlRequest,
    IssuanceRequest,
    ProposalState,
    RedemptionRequest,
)
from tongbao.vaults.issuance import issue_body

__all__ = ["Desk"]

OPEN_PROPOSALS_MAX = 64  # of one home, and of control: more than officers look through in an hour


class Desk:
    """Makes proposals and takes approvals."""

    def __init__(self, ledger: LedgerLink, store: Store, genesis: Genesis, secret: OfficeSecret) -> None:
        self._ledger = ledger
        self._store = store
        self._genesis = genesis
        self._domain = genesis.domain()
        self._secret = secret

    # --- proposing ----------------------------------------------------------------------------------------------------

    async def propose_issuance(self, request: IssuanceRequest, *, home: int, asked: AskedUnder) -> StoredProposal:
        """Propose the coins that a home wants."""
        repeated = await self._repeated(asked)
        if repeated is not None:
            return repeated
        await self._demand_served(home)
        subject, coins = subject_of_issue(home), wanted_coins(request.coins, home)
        await self._demand_quota(home, value=sum(coin.value for coin in coins))

        def body_of(serial: int, expiry_ms: int, reference: bytes) -> Body:
            body = issue_body(coins, serial=serial, expiry_ms=expiry_ms, reference=reference)
            demand_value(body, field="coins")
            return body

        return await self._propose(subject, body_of, home=home, asked=asked)

    async def propose_control(self, request: ControlRequest, *, asked: AskedUnder) -> StoredProposal:
        """Propose what an officer wants to change."""
        repeated = await self._repeated(asked)
        if repeated is not None:
            return repeated
        parts = read_control(request)
        subject = subject_of_operation(parts.operation)

        def body_of(serial: int, expiry_ms: int, reference: bytes) -> Body:
            body = Body(
                Kind.CONTROL,
                expiry_ms,
                reference,
                inputs=parts.inputs,
                outputs=parts.outputs,
                serial=serial,
                operation=parts.operation,
            )
            demand_value(body, field="outputs")
            return body

        home = getattr(parts.operation, "home", CENTRAL_BANK)
        return await self._propose(subject, body_of, home=home, asked=asked)

    async def propose_redemption(self, request: RedemptionRequest, *, home: int, asked: AskedUnder) -> StoredProposal:
        """Propose the redeem transaction of a home; the same transaction is the same proposal."""
        repeated = await self._repeated(asked)
        if repeated is not None:
            return repeated
        await self._demand_served(home)
        status = await self._ledger.status()
        judging = Judging(self._domain, self._genesis.limits, RULES[status.rules])
        transaction = read_redemption(request.transaction, judging, home=home, time_ms=status.time_ms)
        demand_value(transaction.body, field="transaction")
        draft = self._draft(transaction, REDEMPTION, home=home)

        def write(connection: sa.Connection) -> StoredProposal:
            known = proposals.find_by_transaction(connection, draft.transaction_id)
            return known or self._record(connection, draft, asked)

        return await self._store.write(write)

    async def _repeated(self, asked: AskedUnder) -> StoredProposal | None:
        return await self._store.read(lambda connection: proposals.find_repeated(connection, asked))

    async def _demand_served(self, home: int) -> None:
        directory = await self._ledger.directory()
        entry = next((each for each in directory.institutions if each.home == home), None)
        if home == CENTRAL_BANK or entry is None:
            raise RequestError(f"home {home} is no institution", code="FORBIDDEN", cure="ask as an institution")
        if entry.suspended or entry.served_by != home:
            raise RefusedError(
                f"home {home} is suspended or has a successor",
                code="HOME_SUSPENDED",
                cure="let the officers of control resume it, or let its successor ask",
            )

    async def _demand_quota(self, home: int, *, value: int) -> None:
        """Spare officers what the ledger would refuse now; what has changed by the time it settles, it says then."""
        quota, left = await self._ledger.quota_left(home)
        if left < value <= VALUE_MAX:
            raise RefusedError(
                f"the quota of home {home} is {worth_text(CURRENCY, quota)}, of which {worth_text(CURRENCY, left)} are "
                f"left: {worth_text(CURRENCY, value)} are too much",
                code="QUOTA_EXCEEDED",
                field="coins",
                cure="ask for less, redeem first, or let the officers of issuance raise the quota",
            )

    async def _propose(
        self, subject: Subject, body_of: Callable[[int, int, bytes], Body], *, home: int, asked: AskedUnder
    ) -> StoredProposal:
        """Record a proposal whose serial is the next that is free."""
        answer = await self._ledger.last_serial(subject.authority, subject.name)
        expiry_ms = answer.time_ms + self._genesis.limits.expiry_ahead_max_ms

        def write(connection: sa.Connection) -> StoredProposal:
            known = proposals.find_repeated(connection, asked)
            if known is not None:
                return known
            serial, attempt = proposals.next_serial(connection, subject, last=answer.serial)
            body = body_of(serial, expiry_ms, self._secret.reference(subject, attempt=attempt))
            return self._record(connection, self._draft(Transaction(body), subject, home=home), asked)

        return await self._store.write(write)

    def _draft(self, transaction: Transaction, subject: Subject, *, home: int) -> Draft:
        body = transaction.body
        identity, description = transaction.id(self._domain), describe(body, home=home)
        return Draft(transaction, identity, home, subject, value_of(body), description)

    def _record(self, connection: sa.Connection, draft: Draft, asked: AskedUnder) -> StoredProposal:
        # What homes ask for must not keep officers from control over them.
        home = None if draft.body.kind == Kind.CONTROL else draft.home
        if proposals.open_count(connection, home=home) >= OPEN_PROPOSALS_MAX:
            raise RefusedError(
                f"{OPEN_PROPOSALS_MAX} proposals of {'control' if home is None else f'home {home}'} wait already",
                code="TOO_MANY_PROPOSALS",
                cure="wait until some of them are approved or have expired",
            )
        return proposals.record(connection, draft, asked)

    # --- approving ----------------------------------------------------------------------------------------------------

    async def approve(self, proposal: StoredProposal, request: ApprovalRequest) -> StoredProposal:
        """Take one officer's approval; the one that makes them enough closes the transaction.

        Raises:
            RequestError: the approval is none, or not by somebody whose approval counts.
        """
        approval = _read_approval(request.approval)
        officers = (await self._ledger.officers())[proposal.authority]
        to_prove, proofs_needed = keys_to_prove(proposal.body.operation)
        if approval.key not in officers.keys and approval.key not in to_prove:
            raise RequestError(
                "this key is none of the officers who may approve the proposal",
                code="FORBIDDEN",
                field="approval",
                cure=f"let an officer of {proposal.authority.name.lower()} approve it",
            )
        verify_signature(approval.key, approval.signature, approve_digest(proposal.transaction_id, self._domain))

        def write(connection: sa.Connection) -> StoredProposal:
            current = proposals.find(connection, proposal.proposal_id) or proposal
            _demand_open(current, approval, proposals.approvals_of(connection, proposal.proposal_id))
            if current.state != ProposalState.PENDING:
                return current
            proposals.record_approval(connection, proposal.proposal_id, approval)
            given = proposals.approvals_of(connection, proposal.proposal_id)
            if _enough(given, officers, to_prove, proofs_needed):
                proposals.seal(connection, current, given)
            return proposals.find(connection, proposal.proposal_id) or current

        return await self._store.write(write)


def _read_approval(data: bytes) -> Approval:
    reader = Reader(data, "approval")
    approval = Approval.read(reader)
    reader.finish()
    return approval


def _demand_open(proposal: StoredProposal, approval: Approval, given: Sequence[Approval]) -> None:
    """A proposal that has ended takes no approval; a repeated one is answered as the first was."""
    ended = proposal.state in {ProposalState.REFUSED, ProposalState.EXPIRED}
    if ended and approval.key not in {each.key for each in given}:
        raise RefusedError(
            f"the proposal is {proposal.state} already",
            code=f"PROPOSAL_{proposal.state.upper()}",
            cure="let whoever asked propose it again",
        )


def _enough(given: Sequence[Approval], officers: Officers, to_prove: Sequence[PublicKey], proofs_needed: int) -> bool:
    keys = {each.key for each in given}
    return len(keys & set(officers.keys)) >= officers.threshold and len(keys & set(to_prove)) >= proofs_needed
