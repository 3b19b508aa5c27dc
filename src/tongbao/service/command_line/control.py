"""`tongbao central-bank control`: propose what changes institutions, officers, rules, clock and frozen coins."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tongbao.coin import CURRENCY, PublicKey
from tongbao.coin.control import (
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    Quota,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
)
from tongbao.coin.encoding import u8
from tongbao.protocol.issuance import ControlRequest, Proposal
from tongbao.service.command_line.options import DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.connections import connected

__all__ = ["app"]

app = typer.Typer(
    help="Propose a control transaction; officers of its authority then approve it.", no_args_is_help=True
)

KEY_BYTES = 32
ID_BYTES = 32


def _hex(length: int, what: str) -> Callable[[str], bytes]:
    def parse(text: str) -> bytes:
        try:
            data = bytes.fromhex(text)
        except ValueError:
            data = b""
        if len(data) != length:
            raise typer.BadParameter(f"{what} has {2 * length} hexadecimal digits")
        return data

    return parse


HomeArgument = Annotated[int, typer.Argument(min=1, metavar="HOME", help="The institution's number.")]
KeyArgument = Annotated[bytes, typer.Argument(parser=_hex(KEY_BYTES, "an Ed25519 key"), metavar="KEY", help="Ed25519.")]
IdArgument = Annotated[bytes, typer.Argument(parser=_hex(ID_BYTES, "an id"), metavar="ID", help="Of the lock or coin.")]
TargetArgument = Annotated[str, typer.Argument(metavar="lock|coin", help="What ID is the id of.")]
OfficerOption = Annotated[Path, typer.Option("--officer", help="The officer's key file.", exists=True, dir_okay=False)]


def _propose(operation: ControlOperation, officer: Path, data: Path, *, as_json: bool) -> None:
    async def work() -> Proposal:
        async with connected(data) as connections:
            request = ControlRequest(operation=u8(operation.NUMBER) + operation.payload())
            desk = connections.as_officer(officer)
            return await desk.post("/v1/control", request, Proposal, idempotency_key=connections.new_key())

    shown = run(work, as_json=as_json)
    text = f"{shown.description}: proposal {shown.proposal_id}, {shown.approvals} of {shown.threshold} approvals"
    answer(shown.model_dump(mode="json"), as_json=as_json, text=text)


@app.command("register")
def register(
    home: HomeArgument,
    key: KeyArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Admit an institution. Example: `tongbao central-bank control register 3 ab12... --officer control-1.key`."""
    _propose(RegisterInstitution(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("suspend")
def suspend(
    home: HomeArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Stop what a home endorses and receives. Example: `... control suspend 2 --officer control-1.key`."""
    _propose(SuspendInstitution(home, suspended=True), officer, data, as_json=as_json)


@app.command("resume")
def resume(
    home: HomeArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Let a suspended home go on. Example: `... control resume 2 --officer control-1.key`."""
    _propose(SuspendInstitution(home, suspended=False), officer, data, as_json=as_json)


@app.command("rekey")
def rekey(
    home: HomeArgument,
    key: KeyArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Give a home a new endorser key. Example: `... control rekey 2 ab12... --officer control-1.key`."""
    _propose(RekeyInstitution(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("substitute")
def substitute(
    home: HomeArgument,
    key: KeyArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a second key endorse for a home. Example: `... control substitute 2 ab12... --officer offices-1.key`."""
    _propose(SubstituteKey(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("successor")
def successor(
    home: HomeArgument,
    successor_home: Annotated[int, typer.Argument(min=1, metavar="SUCCESSOR", help="The home that serves instead.")],
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let another home serve a failed one's coins. Example: `... control successor 2 1 --officer control-1.key`."""
    _propose(SetSuccessor(home, successor_home), officer, data, as_json=as_json)


@app.command("quota")
def quota(
    home: HomeArgument,
    amount: AmountArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Set what may be issued into a home. Example: `... control quota 2 5000000 --officer issuance-1.key`."""
    _propose(Quota(CURRENCY, home, amount), officer, data, as_json=as_json)


@app.command("officers")
def officers(
    authority: Annotated[str, typer.Argument(metavar="issuance|control|offices", help="Whose officers.")],
    threshold: Annotated[int, typer.Argument(min=1, help="How many must approve.")],
    keys: Annotated[list[bytes], typer.Argument(parser=_hex(KEY_BYTES, "an Ed25519 key"), metavar="KEY...")],
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Replace an authority's officers. Example: `... control officers issuance 2 ab.. cd.. --officer control-1.key`."""
    kinds = {kind.name.lower(): kind for kind in AuthorityKind}
    if authority not in kinds:
        raise typer.BadParameter(f"authority must be one of {', '.join(kinds)}", param_hint="authority")
    operation = Officers(kinds[authority], threshold, tuple(PublicKey.ed25519(key) for key in keys))
    _propose(operation, officer, data, as_json=as_json)


@app.command("freeze")
def freeze(
    target: TargetArgument,
    named: IdArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Stop a coin or a lock. Example: `... control freeze coin ab12... --officer offices-1.key`."""
    _propose(Freeze(_target(target), named), officer, data, as_json=as_json)


@app.command("unfreeze")
def unfreeze(
    target: TargetArgument,
    named: IdArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Lift a freeze. Example: `... control unfreeze coin ab12... --officer offices-1.key`."""
    _propose(Unfreeze(_target(target), named), officer, data, as_json=as_json)


def _target(name: str) -> FreezeTarget:
    kinds = {kind.name.lower(): kind for kind in FreezeTarget}
    if name not in kinds:
        raise typer.BadParameter("name a lock or a coin", param_hint="lock|coin")
    return kinds[name]


@app.command("clock")
def clock(
    time_ms: Annotated[int, typer.Argument(min=0, help="Ledger time in milliseconds since 1970.")],
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Set ledger time after a clock went wrong. Example: `... control clock 1790000000000 --officer control-1.key`."""
    _propose(ClockOperation(time_ms), officer, data, as_json=as_json)
