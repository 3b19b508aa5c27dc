"""Proposals of the central bank's office: made by officers, and shown to people."""

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.protocol.issuance import ControlRequest, Proposal, ProposalState, WaitsFor
from tongbao.service.command_line.output import answer, fen_text, run
from tongbao.service.connections import connected

__all__ = ["OfficerOption", "proposal_text", "propose", "show_proposed", "state_text", "waiting_text"]

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
    return (
        f"{proposal.proposal_id}  {proposal.kind:<9} home {proposal.home}  {fen_text(proposal.value_fen):>20}  "
        f"{approvals} approvals  {state_text(proposal.state, proposal.status)}  {proposal.description}{waits}"
    )


def state_text(state: str, status: str) -> str:
    """How far a proposal or an operation is, and why it was refused, where it was."""
    return f"{state} {status}" if state == ProposalState.REFUSED else state


def waiting_text(waits_for: WaitsFor) -> str:
    """What must settle first, and what makes it."""
    if waits_for.proposal_id:
        return f"proposal {waits_for.proposal_id}, which comes before it: serial {waits_for.serial}"
    return f"serial {waits_for.serial}, whose proposal ended without it: the next one about the same takes it"
