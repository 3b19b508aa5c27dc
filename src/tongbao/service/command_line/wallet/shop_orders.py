"""The commands of `tongbao wallet shop` about orders and a day's takings."""

from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.errors import ConfigurationError
from tongbao.protocol.link import OrderLink
from tongbao.protocol.order import Order, OrderAmendment
from tongbao.protocol.settlement_report import SettlementReport, SettlementTotals, report_csv
from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.wallets import Wallet

__all__ = ["amend", "cancel", "report", "tell_order"]

OrderArgument = Annotated[str, typer.Argument(metavar="ORDER", help="The order's id or its link.")]
AmountOption = Annotated[int | None, typer.Option("--amount", parser=parse_yuan, metavar="AMOUNT", help=AMOUNT_HELP)]
TipOption = Annotated[
    int | None,
    typer.Option("--tip-max", parser=parse_yuan, metavar="AMOUNT", help="The most that a payer may add as a tip."),
]


def tell_order(order: Order, *, as_json: bool) -> None:
    """Print an order that was made or changed."""
    lines = [order.link, f"order {order.order_id}, {fen_text(order.amount_fen)}, {order.state}"]
    lines.append(f"until {time_text(order.expires_at_ms)}")
    answer(order.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


def _order_id(wallet: Wallet, order: str) -> str:
    is_link = order.startswith("tongbao:")
    return OrderLink.parse(order, network_id=wallet.keys.domain.network_id).order_id if is_link else order


def amend(
    name: NameArgument,
    order: OrderArgument,
    amount: AmountOption = None,
    description: Annotated[str | None, typer.Option(help="What is bought.")] = None,
    expires_in_s: Annotated[int | None, typer.Option("--expires-in", min=1, help="Seconds from now on.")] = None,
    *,
    tip_max: TipOption = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Change an order that nobody has paid, or is about to pay; what is left out stays.

    Example: `tongbao wallet shop amend shop 46338182a54d18adea1350e161366f4e --amount 100.00`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Order:
        async with desk.opened() as wallet:
            amendment = OrderAmendment(
                amount_fen=amount, description=description, expires_in_s=expires_in_s, tip_fen_max=tip_max
            )
            return await wallet.sales.amend_order(_order_id(wallet, order), amendment)

    tell_order(run(work, as_json=as_json), as_json=as_json)


def cancel(
    name: NameArgument,
    order: OrderArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take an order back that nobody has paid, or is about to pay.

    Example: `tongbao wallet shop cancel shop 46338182a54d18adea1350e161366f4e`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Order:
        async with desk.opened() as wallet:
            return await wallet.sales.cancel_order(_order_id(wallet, order))

    tell_order(run(work, as_json=as_json), as_json=as_json)


NOT_PROVEN: Final = 3
"""The exit code of a check that failed."""


def report(
    name: NameArgument,
    day: Annotated[str | None, typer.Option(help="As 2021-06-11; today where it is left out.")] = None,
    to: Annotated[Path | None, typer.Option(help="Write the day's payments and refunds to this file, as CSV.")] = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show a day's payments, tips and refunds by till, held against the ledger; it ends with 3 where they differ.

    Example: `tongbao wallet shop report shop --day 2021-06-11 --to takings.csv`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> SettlementReport:
        async with desk.opened() as wallet:
            found = await wallet.sales.report(day=day)
        if to is not None:
            _write(to, report_csv(found.lines))
        return found

    found = run(work, as_json=as_json)
    lines = [f"{found.merchant_name}, {found.day}", *[_totals_line(each) for each in found.tills]]
    lines.append(_totals_line(found.total, name="total"))
    lines.append(f"the ledger says {fen_text(found.ledger_fen)}: {'agrees' if found.reconciled else 'DIFFERS'}")
    lines += [f"order {each.order_id}: {each.reason}" for each in found.breaks]
    answer(found.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))
    if not found.reconciled:
        raise typer.Exit(NOT_PROVEN)


def _totals_line(totals: SettlementTotals, *, name: str = "") -> str:
    return (
        f"{name or totals.till_name or 'no till':<16}{totals.payments:>6} paid {fen_text(totals.amount_fen)}, "
        f"tips {fen_text(totals.tips_fen)}, {totals.refunds} refunded {fen_text(totals.refunded_fen)}, "
        f"net {fen_text(totals.net_fen)}"
    )


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8", newline="")
    except OSError as error:
        raise ConfigurationError(f"cannot write {path}: {error.strerror}") from None
