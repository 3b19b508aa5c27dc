"""`tongbao replay`: real purchases become payments in a running currency."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from tongbao.protocol.wallet import WalletClass
from tongbao.service.command_line.output import JsonOption, answer, console, fen_text, run
from tongbao.service.command_line.progress import progress_bar
from tongbao.service.machine import describe_machine
from tongbao.service.replay.columns import Unit
from tongbao.service.replay.rows import Purchases, read_purchases
from tongbao.service.replay.session import ReplayResult
from tongbao.service.replay.session import replay as run_replay

__all__ = ["replay"]

ZONE = ZoneInfo("Asia/Shanghai")
"""The time zone of the packaged policy, whose days and years limit payments."""

MALFORMED_SHOWN = 20
MISCOUNTED = 3

_File = Annotated[Path, typer.Argument(metavar="FILE.csv", help="Purchases, one a row, with a header.")]
_Scale = Annotated[int, typer.Option(min=1, max=10**9, help="Multiply every amount.")]
_Class = Annotated[WalletClass, typer.Option(help="Of every payer's wallet.")]
_Limit = Annotated[int | None, typer.Option(min=1, help="Replay no more than that many rows.")]
_Seed = Annotated[str, typer.Option(help="The same seed makes the same keys, and so the same money.")]
_Data = Annotated[Path | None, typer.Option("--data", help="Keep the network here; it must be empty.")]


def replay(
    file: _File,
    payer: Annotated[str | None, typer.Option(metavar="COLUMN", help="Who pays.")] = None,
    payee: Annotated[str | None, typer.Option(metavar="COLUMN", help="Who is paid.")] = None,
    amount: Annotated[str | None, typer.Option(metavar="COLUMN", help="How much.")] = None,
    time: Annotated[str | None, typer.Option(metavar="COLUMN", help="When.")] = None,
    *,
    unit: Annotated[Unit | None, typer.Option(help="Of the amount.")] = None,
    scale: _Scale = 1,
    wallet_class: _Class = WalletClass.I,
    limit: _Limit = None,
    seed: _Seed = "1",
    data: _Data = None,
    as_json: JsonOption = False,
) -> None:
    """Replay real purchases as payments, through HTTP, in a network of separate processes.

    Columns and unit that are not named are inferred and printed. Rows that cannot be read are reported with their line
    and do not stop the run.

    Example: `tongbao replay purchases.csv --payer household --payee store --amount amount_cents --unit fen`
    """

    async def work() -> ReplayResult:
        named = {"payer": payer, "payee": payee, "amount": amount, "time": time}
        purchases = read_purchases(file, named=named, unit=unit, scale=scale, limit=limit, zone=ZONE)
        _introduce(purchases)
        with ExitStack() as stack:
            report = stack.enter_context(progress_bar())
            root = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongbao-replay-"))) / "data"
            return await run_replay(
                purchases, root=root, zone=ZONE, wallet_class=wallet_class, seed=seed, report=report
            )

    result = run(work, as_json=as_json)
    answer(result.summary(), as_json=as_json, text=_text(result))
    if not result.supply.holds:
        raise typer.Exit(MISCOUNTED)


def _introduce(purchases: Purchases) -> None:
    console.print(purchases.columns.describe(), markup=False)
    for malformed in purchases.malformed[:MALFORMED_SHOWN]:
        console.print(f"line {malformed.line}: {malformed.reason}", markup=False)
    if len(purchases.malformed) > MALFORMED_SHOWN:
        console.print(f"and {len(purchases.malformed) - MALFORMED_SHOWN} more malformed rows")


def _text(result: ReplayResult) -> str:
    tally, supply = result.tally, result.supply
    machine = describe_machine()
    rate = f"{tally.settled / tally.seconds:,.1f}" if tally.seconds else "0"
    refused = ", ".join(f"{name} {count:,}" for name, count in sorted(tally.refused.items())) or "none"
    where = f"{result.ledger.kernel} kernel, {machine['processor']}, {machine['cores']} cores"
    issued, redeemed, unspent = fen_text(supply.issued), fen_text(supply.redeemed), fen_text(supply.unspent)
    exact = "exact" if supply.holds else "WRONG"
    return "\n".join(
        [
            f"rows       {tally.rows + result.malformed:,}",
            f"settled    {tally.settled:,} payments, {fen_text(tally.turnover_fen)}",
            f"refunded   {tally.refunded:,}   skipped {tally.skipped:,}   unmatched {tally.unmatched:,}",
            f"malformed  {result.malformed:,}",
            f"refused    {refused}",
            f"speed      {rate} payments/s in {tally.seconds:.1f} s ({where})",
            f"supply     issued {issued}, redeemed {redeemed}, unspent {unspent} in {supply.coins:,} coins: {exact}",
            f"verdicts   {supply.confirmation}",
            f"digest     {result.ledger.state_digest.hex()}",
        ]
    )
