"""`tongbao wallet shop`: what a merchant shows; the commands about orders and takings are in `shop_orders`."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import RequestError
from tongbao.protocol.link import OrderLink
from tongbao.protocol.money_request import MoneyRequest, MoneyRequestState
from tongbao.protocol.shop_code import CITY_UNKNOWN
from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run
from tongbao.service.command_line.qr_image import save_qr, terminal_qr
from tongbao.service.command_line.wallet import shop_orders
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.wallets import Wallet

__all__ = ["app"]

LOOK_S = 0.5
"""Between two looks whether it is paid; payer and cashier wait."""

app = typer.Typer(
    help="Show codes that payers scan, scan theirs, change orders, and count a day's takings.\n\n"
    "Example: `tongbao wallet shop qr shop`",
    no_args_is_help=True,
)
app.command()(shop_orders.amend)
app.command()(shop_orders.cancel)
app.command()(shop_orders.report)


@app.command()
def qr(
    name: NameArgument,
    order: Annotated[
        str | None, typer.Argument(metavar="[ORDER]", help="The order's id or its link; else the shop's own code.")
    ] = None,
    amount: Annotated[
        int | None, typer.Option(parser=parse_yuan, metavar="AMOUNT", help=f"{AMOUNT_HELP} Of the shop's own code.")
    ] = None,
    city: Annotated[str, typer.Option(help="Where the shop is, at most 15 letters; the code shows it.")] = CITY_UNKNOWN,
    to: Annotated[Path | None, typer.Option(help="Write the QR code to this .svg or .png file.")] = None,
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Show the QR code of an order, or the shop's own, by which every payer names the amount.

    Example: `tongbao wallet shop qr shop 46338182a54d18adea1350e161366f4e`

    Example: `tongbao wallet shop qr shop --city Hangzhou --to wall.svg`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[str, str]:
        async with desk.opened() as wallet:
            if order is None:
                payload = await wallet.shop_codes.static(amount_fen=amount, city=city)
                return payload, str(wallet.shop_codes.link(amount_fen=amount))
            if amount is not None:
                raise RequestError(
                    "an order has its amount already", field="amount", cure="leave it out", code="AMOUNT_DIFFERS"
                )
            return await _of_order(wallet, order, city)

    payload, link = run(work, as_json=as_json)
    if to is not None:
        run(lambda: _saved(payload, to), as_json=as_json)
    drawn = f"written to {to}" if to is not None else terminal_qr(payload)
    content = {"payload": payload, "link": link, "file": None if to is None else str(to)}
    answer(content, as_json=as_json, text=f"{drawn}\n{payload}\n{link}")


async def _of_order(wallet: Wallet, order: str, city: str) -> tuple[str, str]:
    is_link = order.startswith("tongbao:")
    network_id = wallet.keys.domain.network_id
    order_id = OrderLink.parse(order, network_id=network_id).order_id if is_link else order
    found = await wallet.sales.order(order_id)
    return await wallet.shop_codes.dynamic(found, city=city), found.link


async def _saved(payload: str, to: Path) -> None:
    save_qr(payload, to)


@app.command(context_settings=AMOUNTS)
def charge(
    name: NameArgument,
    payment_code: Annotated[str, typer.Argument(metavar="CODE", help="The 32 digits that the payer's wallet shows.")],
    amount: AmountArgument,
    number: Annotated[str, typer.Option(help="Yours; the same number is the same order.")] = "",
    description: Annotated[str, typer.Option("--for", help="What it is for; the payer sees it.")] = "",
    *,
    wait_s: Annotated[int, typer.Option("--wait", min=0, max=600, help="Seconds to wait for the payment.")] = 60,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask whoever shows a payment code for money, and wait until it is paid; the state says what became of it.

    Example: `tongbao wallet shop charge shop 71000000000148219033761505731842 12.50 --for tea`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequest:
        async with desk.opened() as wallet:
            request = await wallet.money_requests.charge(
                payment_code, amount, request_number=number, description=description
            )
            until_ms = wallet.payment_codes.now_ms + wait_s * 1000
            while request.state is MoneyRequestState.OPEN and wallet.payment_codes.now_ms < until_ms:
                await wallet.payment_codes.sleep(LOOK_S)
                request = await wallet.money_requests.find(request.request_id, home=request.home)
            return request

    charged = run(work, as_json=as_json)
    why = f" ({charged.reason})" if charged.reason else ""
    text = f"{fen_text(charged.amount_fen)} {charged.state}{why}\norder {charged.request_id}"
    answer(charged.model_dump(mode="json"), as_json=as_json, text=text)
