"""`tongbao central-bank control`: propose what changes institutions, officers, rules, clock and frozen coins."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tongbao.coin import CURRENCY, PublicKey
from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
)
from tongbao.coin.encoding import u8
from tongbao.protocol.issuance import ControlRequest, Proposal
from tongbao.service.command_line.control_move import move
from tongbao.service.command_line.options import (
    AMOUNTS,
    DEFAULT_DATA,
    HOME_MAX,
    AmountArgument,
    DataOption,
    hexadecimal,
)
from tongbao.service.command_line.output import JsonOption
from tongbao.service.command_line.proposal import OfficerOption, propose, show_proposed

__all__ = ["app"]

app = typer.Typer(
    help="Propose a control transaction; officers of its authority then approve it.\n\n"
    "Example: `tongbao central-bank control suspend 2 --officer control-1.key`",
    no_args_is_help=True,
)

KEY_BYTES = 32
NUMBER_MAX = 2**32 - 1
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
AssetArgument = Annotated[
    int, typer.Argument(min=0, max=NUMBER_MAX, metavar="ASSET", help="The asset's number; 0 is the currency.")
]
CodeArgument = Annotated[
    str, typer.Argument(metavar="CODE", help="Its short name, up to 16 printable ASCII characters.")
]


def _propose(build: Callable[[], ControlOperation], officer: Path, data: Path, *, as_json: bool) -> None:
    """Propose what `build` makes; what it refuses to make is told like every other refusal."""

    async def work() -> Proposal:
        operation = build()
        return await propose(ControlRequest(operation=u8(operation.NUMBER) + operation.payload()), officer, data)

    show_proposed(work, as_json=as_json)


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


app.command("move", context_settings=AMOUNTS)(move)


@app.command("asset")
def asset(
    number: AssetArgument,
    code: CodeArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Admit an asset, give it another short name, or let a suspended one go on.

    Example: `tongbao central-bank control asset 1 BOND-2027 --officer control-1.key`
    """
    _propose(lambda: RegisterAsset(number, active=True, code=code), officer, data, as_json=as_json)


@app.command("suspend-asset")
def suspend_asset(
    number: AssetArgument,
    code: CodeArgument,
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Stop all coins of an asset.

    Example: `tongbao central-bank control suspend-asset 1 BOND-2027 --officer control-1.key`
    """
    _propose(lambda: RegisterAsset(number, active=False, code=code), officer, data, as_json=as_json)


@app.command("rules")
def rules(
    version: Annotated[int, typer.Argument(min=1, max=NUMBER_MAX, help="One that the ledger's software knows.")],
    officer: OfficerOption,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let another version of the rules judge from the next batch on.

    Example: `tongbao central-bank control rules 2 --officer control-1.key`
    """
    _propose(lambda: ActivateRules(version), officer, data, as_json=as_json)


@app.command("receipt-key")
def receipt_key(
    key: KeyArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """Admit a key with which the registration centre signs receipts and outcomes.

    Example: `tongbao central-bank control receipt-key KEY --officer control-1.key`
    """
    _propose(lambda: ReceiptKey(PublicKey.ed25519(key), active=True), officer, data, as_json=as_json)


@app.command("end-receipt-key")
def end_receipt_key(
    key: KeyArgument, officer: OfficerOption, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False
) -> None:
    """End a key of the registration centre, which must sign with another by then; the last key cannot be ended.

    Example: `tongbao central-bank control end-receipt-key KEY --officer control-1.key`
    """
    _propose(lambda: ReceiptKey(PublicKey.ed25519(key), active=False), officer, data, as_json=as_json)


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
