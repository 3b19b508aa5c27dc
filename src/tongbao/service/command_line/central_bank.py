"""`tongbao central-bank`: make a network, and the officers' desk."""

from typing import Annotated
from urllib.parse import quote

import typer

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.protocol.client import SignedClient
from tongbao.protocol.issuance import ApprovalRequest, Proposal, ProposalPage
from tongbao.protocol.registration import LedgerStatus
from tongbao.service.command_line import control
from tongbao.service.command_line.journal_option import (
    AuthoritiesOption,
    JournalKeyOption,
    JournalOption,
    cluster_settings,
)
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.command_line.proposal import OfficerOption, demand_agreement, proposal_text, whole_text
from tongbao.service.configuration import ClockChoice
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.sandbox import approval_of, transaction_of

__all__ = ["app"]

app = typer.Typer(
    help="Make a network; approve issuance, redemption and control.\n\nExample: `tongbao central-bank proposals`",
    no_args_is_help=True,
)
app.add_typer(control.app, name="control")

FIRST_PORT = 7300
QUOTA_YUAN = 1_000_000_000
FEN_PER_YUAN = 100
REFUSED_SHOWN_MS = 86_400_000  # a day
DEFAULT_INSTITUTIONS = ("First Bank", "Second Bank")

ProposalArgument = Annotated[str, typer.Argument(metavar="PROPOSAL", help="The proposal's id.")]


@app.command()
def init(
    data: DataOption = DEFAULT_DATA,
    name: Annotated[str, typer.Option(help="What the currency is called.")] = "Tongbao",
    institution: Annotated[list[str] | None, typer.Option(help="An institution's name; give it once for each.")] = None,
    port: Annotated[int, typer.Option(min=1024, max=65000, help="The first of the ports that roles use.")] = FIRST_PORT,
    seed: Annotated[str | None, typer.Option(help="Makes the same keys again; only with --test-network.")] = None,
    *,
    journal: JournalOption = None,
    journal_key: JournalKeyOption = None,
    journal_authorities: AuthoritiesOption = None,
    test_network: Annotated[bool, typer.Option(help="Seeds and free heartbeats are allowed.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Make genesis, the keys of every role and their configuration in an empty directory.

    Example: `tongbao central-bank init --data pilot --institution "First Bank" --institution "Second Bank"`
    """
    if seed is not None and not test_network:
        raise typer.BadParameter("a seed is for test networks: add --test-network", param_hint="--seed")
    cluster = cluster_settings(journal, journal_key, journal_authorities)

    async def work() -> DataDirectory:
        institutions = institution or list(DEFAULT_INSTITUTIONS)
        entropy = SystemEntropy()
        plan = NetworkPlan(
            name=name,
            institutions=institutions,
            test_network=test_network,
            time_ms=SystemClock().now_ms(),
            quota_fen=QUOTA_YUAN * FEN_PER_YUAN,
            ports=[port + place for place in range(1, len(institutions) + 3)],
            clock=ClockChoice.WALL,
            secret=seeded_secret(seed) if seed is not None else lambda _: entropy.bytes(32),
            cluster=cluster,
        )
        return DataDirectory.make(data, plan)

    made = run(work, as_json=as_json)
    lines = [f"{made.network.name}: network {made.network.network_id}", f"in {made.root}"]
    lines += [f"  {role:<16}{url}" for role, (_, url) in made.roles().items()]
    lines.append(f"officers' keys: {made.root / 'central-bank' / 'officers'}: give each to its officer")
    answer(made.network.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


@app.command()
def proposals(
    officer: OfficerOption,
    state: Annotated[
        str | None,
        typer.Option(
            help="pending, approved, settled, refused or expired; empty for all. Else those that are open, and those "
            "refused within the last day."
        ),
    ] = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List proposals, newest first.

    Example: `tongbao central-bank proposals --officer issuance-1.key`
    """

    async def work() -> ProposalPage:
        async with connected(data) as connections:
            desk = connections.as_officer(officer)
            if state is None:
                return await _open_and_refused(connections, desk)
            return await _page(desk, state)

    page = run(work, as_json=as_json)
    lines = [proposal_text(proposal) for proposal in page.proposals] or ["none"]
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


async def _page(desk: SignedClient, state: str) -> ProposalPage:
    return await desk.get("/v1/proposals", ProposalPage, query={"state": state} if state else {})


async def _open_and_refused(connections: Connections, desk: SignedClient) -> ProposalPage:
    """What may still need somebody: everything open, and what was refused a short while ago."""
    found = [*(await _page(desk, "pending")).proposals, *(await _page(desk, "approved")).proposals]
    refused = (await _page(desk, "refused")).proposals
    if refused:
        # A proposal expires within hours of its making, so its expiry says well enough how long ago it ended.
        now_ms = (await connections.registration().get("/v1/status", LedgerStatus)).time_ms
        found += [proposal for proposal in refused if proposal.expiry_ms > now_ms - REFUSED_SHOWN_MS]
    return ProposalPage(proposals=found, next="")


@app.command()
def approve(
    proposal_id: ProposalArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Approve without asking.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Approve a proposal as an officer, after showing what its transaction does.

    What is shown and signed is computed here from the transaction itself. Programs say `--yes`.

    Example: `tongbao central-bank approve 1f2e3d --officer issuance-1.key`
    """

    async def work() -> Proposal:
        async with connected(data) as connections:
            desk = connections.as_officer(officer)
            proposal = await desk.get(f"/v1/proposals/{quote(proposal_id, safe='')}", Proposal)
            transaction = transaction_of(proposal, connections.data)
            if not yes:
                demand_agreement(whole_text(proposal, transaction), as_json=as_json)
            approval = approval_of(proposal, officer, connections.data)
            request = ApprovalRequest(approval=approval.encode())
            path = f"/v1/proposals/{quote(proposal_id, safe='')}/approvals"
            return await desk.post(path, request, Proposal, idempotency_key=f"{approval.signature.hex()[:32]}")

    shown = run(work, as_json=as_json)
    answer(shown.model_dump(mode="json"), as_json=as_json, text=proposal_text(shown))
