"""Proposals of the central bank's office, for people."""

from tongbao.protocol.issuance import Proposal, WaitsFor
from tongbao.service.command_line.output import fen_text

__all__ = ["proposal_text", "waiting_text"]


def proposal_text(proposal: Proposal) -> str:
    """A proposal in one line."""
    approvals = f"{proposal.approvals} of {proposal.threshold}"
    waits = "" if proposal.waits_for is None else f"  (waits for {waiting_text(proposal.waits_for)})"
    return (
        f"{proposal.proposal_id}  {proposal.kind:<9} home {proposal.home}  {fen_text(proposal.value_fen):>20}  "
        f"{approvals} approvals  {proposal.state}  {proposal.description}{waits}"
    )


def waiting_text(waits_for: WaitsFor) -> str:
    """What must settle first, and what makes it."""
    if waits_for.proposal_id:
        return f"proposal {waits_for.proposal_id}, which comes before it: serial {waits_for.serial}"
    return f"serial {waits_for.serial}, whose proposal ended without it: the next one about the same takes it"
