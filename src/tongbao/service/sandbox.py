"""A test network as processes of its own, with money in its institutions' vaults: what demo and replay start from."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tongbao.centres.central_bank.bodies import value_of
from tongbao.centres.central_bank.description import describe
from tongbao.coin import Approval, Kind, PublicKey, Transaction, approve_digest
from tongbao.coin.control import AuthorityKind
from tongbao.errors import NetworkError, PeerError, RefusedError, RequestError
from tongbao.protocol.banking import BankOperation, BankOperationState, BankReport, RequestIssuance, RequestRedemption
from tongbao.protocol.issuance import ApprovalRequest, Proposal
from tongbao.protocol.registration import HeartbeatRequest, LedgerStatus, SupplyReport
from tongbao.service.connections import Connections
from tongbao.service.data_directory import OFFICERS_NEEDED, DataDirectory
from tongbao.service.key_file import read_key
from tongbao.service.processes import RoleProcess, start_all, stop_all

__all__ = [
    "approval_of",
    "approve",
    "approve_as",
    "bank_report",
    "heartbeat",
    "issue",
    "read_supply",
    "redeem",
    "request_issuance",
    "running_network",
    "transaction_of",
    "wait_until_settled",
]

SETTLE_WITHIN_S = 30.0
POLL_S = 0.05
_ENDED = {BankOperationState.SETTLED, BankOperationState.REFUSED, BankOperationState.EXPIRED}


@asynccontextmanager
async def running_network(data: DataDirectory) -> AsyncIterator[list[RoleProcess]]:
    """Every role as a process of its own, answering; all are stopped at the end."""
    processes = await start_all(data.roles(), logs=data.logs)
    try:
        yield processes
    finally:
        await stop_all(processes)


async def approve(connections: Connections, proposal_id: str, *, officers: int = OFFICERS_NEEDED) -> Proposal:
    """Let that many of the issuance officers, whose keys lie in the data directory, approve a proposal."""
    first, *others = connections.data.officer_keys(AuthorityKind.ISSUANCE)[:officers]
    proposal = await approve_as(connections, proposal_id, first)
    for path in others:
        proposal = await approve_as(connections, proposal_id, path)
    return proposal


async def approve_as(connections: Connections, proposal_id: str, officer: Path) -> Proposal:
    """Let the officer whose key file it is approve a proposal; approving again changes nothing."""
    desk = connections.as_officer(officer)
    proposal = await desk.get(f"/v1/proposals/{proposal_id}", Proposal)
    approval = approval_of(proposal, officer, connections.data)
    request = ApprovalRequest(approval=approval.encode())
    key = f"approval-{proposal_id}-{approval.signature.hex()[:16]}"
    return await desk.post(f"/v1/proposals/{proposal_id}/approvals", request, Proposal, idempotency_key=key)


def approval_of(proposal: Proposal, officer: Path, data: DataDirectory) -> Approval:
    """The officer's approval of what the proposal's transaction is, whatever the office says that it is.

    Raises:
        PeerError: the office's words and its transaction are not the same.
    """
    domain = data.genesis().domain()
    identity = transaction_of(proposal, data).id(domain)
    key = read_key(officer)
    return Approval(PublicKey.ed25519(key.public_key), key.sign(approve_digest(identity, domain)))


def transaction_of(proposal: Proposal, data: DataDirectory) -> Transaction:
    """What the proposal's approval would approve.

    Raises:
        PeerError: the office's words and its transaction are not the same.
    """
    try:
        transaction = Transaction.decode(proposal.transaction)
    except RequestError as error:
        raise PeerError(f"the office's transaction cannot be read: {error}") from None
    identity, body = transaction.id(data.genesis().domain()), transaction.body
    shown = proposal.transaction_id, proposal.kind, proposal.value_fen, proposal.description
    meant = identity, body.kind.name.lower(), value_of(body), describe(body, home=proposal.home)
    issued_elsewhere = body.kind == Kind.ISSUE and any(coin.home != proposal.home for coin in body.outputs)
    if shown != meant or issued_elsewhere:
        raise PeerError("the office's words are not those of its transaction: do not approve it")
    return transaction


async def issue(connections: Connections, home: int, amount_fen: int, *, coins: int = 1) -> BankOperation:
    """Request money for the institution's vault, let officers approve it, and wait for the coins."""
    request = RequestIssuance(amount_fen=amount_fen, coins=coins)
    before = await bank_report(connections, home)
    operation = await request_issuance(connections, home, request, idempotency_key=connections.new_key())
    await approve(connections, operation.proposal_id)
    settled = await wait_until_settled(connections, home, operation)
    await _wait_for_vault(connections, home, before.vault_fen + amount_fen)
    return settled


async def redeem(connections: Connections, home: int, amount_fen: int) -> BankOperation:
    """Give money from the institution's vault back, with officers' approval, and wait until it has ended."""
    request = RequestRedemption(amount_fen=amount_fen)
    operation = await connections.as_teller(home).post(
        "/v1/bank/redemption", request, BankOperation, idempotency_key=connections.new_key()
    )
    operation = await _wait_for_proposal(connections, home, operation)
    await approve(connections, operation.proposal_id)
    return await wait_until_settled(connections, home, operation)


async def request_issuance(
    connections: Connections, home: int, request: RequestIssuance, *, idempotency_key: str
) -> BankOperation:
    """Ask for money in the institution's vault; returns once it is proposed to the officers, or has ended."""
    teller = connections.as_teller(home)
    operation = await teller.post("/v1/bank/issuance", request, BankOperation, idempotency_key=idempotency_key)
    return await _wait_for_proposal(connections, home, operation)


async def _wait_for_proposal(connections: Connections, home: int, operation: BankOperation) -> BankOperation:
    deadline_s = time.monotonic() + SETTLE_WITHIN_S
    while not operation.proposal_id and operation.state not in _ENDED:
        _demand_time(deadline_s, f"the {operation.kind} of home {home} was not proposed")
        operation = await _operation(connections, home, operation)
    return operation


async def wait_until_settled(connections: Connections, home: int, operation: BankOperation) -> BankOperation:
    """Return the operation once it has settled.

    Raises:
        RefusedError: it was refused or has expired.
        NetworkError: it has not ended in time.
    """
    deadline_s = time.monotonic() + SETTLE_WITHIN_S
    while operation.state not in _ENDED:
        _demand_time(deadline_s, f"the {operation.kind} of home {home} has not ended")
        operation = await _operation(connections, home, operation)
    if operation.state is not BankOperationState.SETTLED:
        raise RefusedError(f"the {operation.kind} of home {home} ended {operation.state}", code=operation.status)
    return operation


async def _operation(connections: Connections, home: int, operation: BankOperation) -> BankOperation:
    await asyncio.sleep(POLL_S)
    path = f"/v1/bank/operations/{operation.operation_id.hex()}"
    return await connections.as_teller(home).get(path, BankOperation)


async def bank_report(connections: Connections, home: int) -> BankReport:
    """The institution's books and vault at this moment."""
    return await connections.as_teller(home).get("/v1/bank/report", BankReport)


async def _wait_for_vault(connections: Connections, home: int, vault_fen: int) -> None:
    deadline_s = time.monotonic() + SETTLE_WITHIN_S
    while (await bank_report(connections, home)).vault_fen < vault_fen:
        _demand_time(deadline_s, f"the coins issued to home {home} have not reached its vault")
        await asyncio.sleep(POLL_S)


def _demand_time(deadline_s: float, what: str) -> None:
    if time.monotonic() > deadline_s:
        raise NetworkError(f"{what} within {SETTLE_WITHIN_S:.0f} s")


async def heartbeat(connections: Connections, time_ms: int) -> LedgerStatus:
    """Let ledger time go on to that time, as the central bank of a test network may."""
    request = HeartbeatRequest(time_ms=time_ms)
    centre = connections.as_central_bank()
    status = await centre.post("/v1/heartbeats", request, LedgerStatus, idempotency_key=connections.new_key())
    if status.time_ms < time_ms:
        raise PeerError(f"the centre answers ledger time {status.time_ms} to a heartbeat of {time_ms}")
    return status


async def read_supply(connections: Connections, *, sequence: int = 0) -> SupplyReport:
    """The supply as the registration centre counts it, no older than the batch with that sequence."""
    headers: Mapping[str, str] = {"tongbao-minimum-sequence": str(sequence)} if sequence else {}
    return await connections.registration().get("/v1/supply", SupplyReport, headers=headers)
