"""Proposals of the central bank's office: made by officers, and shown to people."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from tongbao.centres.central_bank.description import coin_text
from tongbao.coin import Transaction
from tongbao.errors import RequestError
from tongbao.protocol.issuance import ControlRequest, Proposal, ProposalState, WaitsFor
from tongbao.service.command_line.output import answer, console, run, time_text
from tongbao.service.connections import connected

__all__ = [
    "OfficerOption",
    "cure_of",
    "demand_agreement",
    "proposal_text",
    "propose",
    "show_proposed",
    "state_text",
    "waiting_text",
    "whole_text",
]

OfficerOption = Annotated[Path, typer.Option("--officer", help="The officer's key file.", exists=True, dir_okay=False)]


async def propose(request: ControlRequest, officer: Path, data: Path) -> Proposal:
    """Propose a control operation as the officer."""
    async with connected(data) as connections:
        desk = connections.as_officer(officer)
        return await desk.post("/v1/control", request, Proposal, idempotency_key=connections.new_key())


def show_proposed(work: Callable[[], Coroutine[Any, Any, Proposal]], *, as_json: bool) -> None:
    """Do the work, and show the control proposal that came of it."""
    shown = run(work, as_json=as_json)
    text = f"{shown.description}: proposal {shown.proposal_id}, {shown.approvals} of {shown.threshold} approvals"
    answer(shown.model_dump(mode="json"), as_json=as_json, text=text)


def proposal_text(proposal: Proposal) -> str:
    """A proposal in one line."""
    approvals = f"{proposal.approvals} of {proposal.threshold}"
    waits = "" if proposal.waits_for is None else f"  (waits for {waiting_text(proposal.waits_for)})"
    state = state_text(proposal.state, proposal.status)
    helps = f"  ({cure_of(proposal.status)})" if proposal.state == ProposalState.REFUSED else ""
    return f"{proposal.proposal_id}  {approvals} approvals  {state}  {proposal.description}{waits}{helps}"


def whole_text(proposal: Proposal, transaction: Transaction) -> str:
    """Everything that an approval approves, as the transaction itself says it."""
    body = transaction.body
    lines = [
        proposal.description,
        f"  proposal     {proposal.proposal_id}, {proposal.approvals} of {proposal.threshold} approvals",
        f"  transaction  {proposal.transaction_id.hex()}",
        f"  expires      {time_text(body.expiry_ms)}",
    ]
    lines += [f"  serial       {body.serial}"] if body.serial else []
    lines += [f"  ends         {coin_text(spent.coin)}" for spent in body.inputs]
    lines += [f"  makes        {coin_text(coin)}" for coin in body.outputs]
    return "\n".join(lines)


def demand_agreement(shown: str, *, as_json: bool) -> None:
    """Show what is to be approved and ask; programs, which nobody can ask, must say --yes instead."""
    if as_json:
        raise RequestError(
            "nobody is there to agree",
            field="yes",
            cure="add --yes to approve without asking",
            code="CONFIRMATION_MISSING",
        )
    console.print(Text(shown), soft_wrap=True)
    typer.confirm("approve?", default=False, abort=True, err=True)


_CURES = {
    "QUOTA_EXCEEDED": "ask for less, redeem first, or have the quota raised",
    "SERIAL_NOT_NEXT": "another proposal about the same took its serial: propose it again",
    "APPROVALS_MISSING": "its officers have changed meanwhile: propose it again",
    "OUTPUT_HOME_INACTIVE": "let the officers of control resume the home, then propose it again",
    "INPUT_NOT_UNSPENT": "its coins were spent otherwise: choose others",
    "NOT_FROZEN": "freeze the coin or its lock first",
    "FREEZE_TOO_RECENT": "wait until the delay has passed, then propose it again",
}
"""What officers and tellers can do about the refusals that they meet most; docs/reference/statuses.md has them all."""


def state_text(state: str, status: str) -> str:
    """How far a proposal or an operation is, and why it was refused, where it was."""
    return f"{state} {status}" if state == ProposalState.REFUSED else state


def cure_of(status: str) -> str:
    """What helps against a refusal."""
    return _CURES.get(status, f"see {status} in docs/reference/statuses.md")


def waiting_text(waits_for: WaitsFor) -> str:
    """What must settle first, and what makes it."""
    if waits_for.proposal_id:
        return f"proposal {waits_for.proposal_id}, which comes before it: serial {waits_for.serial}"
    return f"serial {waits_for.serial}, whose proposal ended without it: the next one about the same takes it"
