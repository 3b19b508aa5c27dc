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
from tongbao.service.command_line.options import DEFAULT_DATA, HOME_MAX, AmountArgument, DataOption, hexadecimal
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.connections import connected

__all__ = ["app"]

app = typer.Typer(
    help="Propose a control transaction; officers of its authority then approve it.", no_args_is_help=True
)

KEY_BYTES = 32
ID_BYTES = 32

HomeArgument = Annotated[int, typer.Argument(min=1, max=HOME_MAX, metavar="HOME", help="The institution's number.")]
KeyArgument = Annotated[
    bytes, typer.Argument(parser=hexadecimal(KEY_BYTES, "an Ed25519 key"), metavar="KEY", help="Ed25519.")
]
KeysArgument = Annotated[
    list[bytes],
    typer.Argument(parser=hexadecimal(KEY_BYTES, "an Ed25519 key"), metavar="KEY...", help="All of theirs, Ed25519."),
]
IdArgument = Annotated[
    bytes, typer.Argument(parser=hexadecimal(ID_BYTES, "an id"), metavar="ID", help="Of the lock or coin.")
]
TargetArgument = Annotated[str, typer.Argument(metavar="lock|coin", help="What ID is the id of.")]
OfficerOption = Annotated[Path, typer.Option("--officer", help="The officer's key file.", exists=True, dir_okay=False)]


def _propose(build: Callable[[], ControlOperation], officer: Path, data: Path, *, as_json: bool) -> None:
    """Propose what `build` makes; what it refuses to make is told like every other refusal."""

    async def work() -> Proposal:
        operation = build()
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
    """Admit an institution.

    Example: `tongbao central-bank control register 3 KEY --officer control-1.key`
    """
    _propose(lambda: RegisterInstitution(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("suspend")
def suspend(
    home: HomeArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Stop what a home endorses and receives.

    Example: `tongbao central-bank control suspend 2 --officer control-1.key`
    """
    _propose(lambda: SuspendInstitution(home, suspended=True), officer, data, as_json=as_json)


@app.command("resume")
def resume(
    home: HomeArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Let a suspended home go on.

    Example: `tongbao central-bank control resume 2 --officer control-1.key`
    """
    _propose(lambda: SuspendInstitution(home, suspended=False), officer, data, as_json=as_json)


@app.command("rekey")
def rekey(
    home: HomeArgument,
    key: KeyArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Give a home a new endorser key.

    Example: `tongbao central-bank control rekey 2 KEY --officer control-1.key`
    """
    _propose(lambda: RekeyInstitution(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("substitute")
def substitute(
    home: HomeArgument,
    key: KeyArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a second key endorse for a home.

    Example: `tongbao central-bank control substitute 2 KEY --officer offices-1.key`
    """
    _propose(lambda: SubstituteKey(home, PublicKey.ed25519(key)), officer, data, as_json=as_json)


@app.command("successor")
def successor(
    home: HomeArgument,
    successor_home: Annotated[
        int, typer.Argument(min=1, max=HOME_MAX, metavar="SUCCESSOR", help="The home that serves instead.")
    ],
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let another home serve a failed one's coins.

    Example: `tongbao central-bank control successor 2 1 --officer control-1.key`
    """
    _propose(lambda: SetSuccessor(home, successor_home), officer, data, as_json=as_json)


@app.command("quota")
def quota(
    home: HomeArgument,
    amount: AmountArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Set what may be issued into a home.

    Example: `tongbao central-bank control quota 2 5000000 --officer issuance-1.key`
    """
    _propose(lambda: Quota(CURRENCY, home, amount), officer, data, as_json=as_json)


@app.command("officers")
def officers(
    authority: Annotated[str, typer.Argument(metavar="issuance|control|offices", help="Whose officers.")],
    threshold: Annotated[int, typer.Argument(min=1, help="How many must approve.")],
    keys: KeysArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Replace an authority's officers.

    Example: `tongbao central-bank control officers issuance 2 KEY KEY KEY --officer control-1.key`
    """
    kinds = {kind.name.lower(): kind for kind in AuthorityKind}
    if authority not in kinds:
        raise typer.BadParameter(f"authority must be one of {', '.join(kinds)}", param_hint="authority")
    _propose(
        lambda: Officers(kinds[authority], threshold, tuple(map(PublicKey.ed25519, keys))),
        officer,
        data,
        as_json=as_json,
    )


@app.command("freeze")
def freeze(
    target: TargetArgument,
    named: IdArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Stop a coin or a lock.

    Example: `tongbao central-bank control freeze coin ID --officer offices-1.key`
    """
    kind = _target(target)
    _propose(lambda: Freeze(kind, named), officer, data, as_json=as_json)


@app.command("unfreeze")
def unfreeze(
    target: TargetArgument,
    named: IdArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Lift a freeze.

    Example: `tongbao central-bank control unfreeze coin ID --officer offices-1.key`
    """
    kind = _target(target)
    _propose(lambda: Unfreeze(kind, named), officer, data, as_json=as_json)


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
    """Set ledger time after a clock went wrong.

    Example: `tongbao central-bank control clock 1790000000000 --officer control-1.key`
    """
    _propose(lambda: ClockOperation(time_ms), officer, data, as_json=as_json)
