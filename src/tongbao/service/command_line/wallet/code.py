"""`tongbao wallet code`: the payment code that a shop scans."""

from typing import Annotated, Final

import typer
from rich.text import Text

from tongbao.errors import RefusedError
from tongbao.protocol.money_request import MoneyRequest
from tongbao.protocol.payment_code import STEP_MS, step_at
from tongbao.service.command_line.agreement import demand_agreement
from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, console, fen_text, run
from tongbao.service.command_line.qr_image import terminal_qr
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.wallets import Wallet, WalletPayment
from tongbao.wallets.payment_codes import ShownBook

__all__ = ["code"]

LOOK_S: Final = 1.0
"""Between two looks whether a shop has asked; the payer waits at the counter."""


def code(
    name: NameArgument,
    wait_s: Annotated[
        int, typer.Option("--wait", min=0, max=3600, help="Show codes for so many seconds, and pay what is asked.")
    ] = 0,
    small: Annotated[
        int | None,
        typer.Option("--small", parser=parse_yuan, metavar="AMOUNT", help=f"{AMOUNT_HELP} Paid without asking."),
    ] = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show a payment code for a shop to scan; it changes every half minute and is good for one payment.

    With --wait the codes appear on standard error, and what the shop asks is paid: up to the amount of --small at once,
    above it after asking. Without it one code is shown, and the shop's request waits in `tongbao wallet request list`.

    Example: `tongbao wallet code alice --wait 120 --small 50.00`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)
    if not wait_s:
        _show_one(desk)
        return

    async def work() -> tuple[WalletPayment, MoneyRequest]:
        async with desk.opened() as wallet:
            request = await _asked(wallet, wait_s)
            what = f" for {request.description}" if request.description else ""
            question = f"Pay {fen_text(request.amount_fen)} to {request.requester_name} at home {request.home}{what}?"
            demand_agreement(question, yes=request.amount_fen <= (small or 0), as_json=as_json)
            return await wallet.money_requests.accept(request), request

    payment, request = run(work, as_json=as_json)
    text = f"{fen_text(payment.amount_fen)} paid to {request.requester_name}"
    answer(payment_summary(payment), as_json=as_json, text=f"{text}\ntransaction {payment.transaction_id.hex()}")


def _show_one(desk: WalletDesk) -> None:
    async def work() -> tuple[str, int]:
        async with desk.opened() as wallet:
            shown, now_ms = await wallet.payment_codes.open_book(), wallet.payment_codes.now_ms
            return str(shown.code(now_ms=now_ms)), (step_at(now_ms) + 1) * STEP_MS - now_ms

    made, left_ms = run(work, as_json=desk.as_json)
    content = {"payment_code": made, "left_ms": left_ms}
    answer(content, as_json=desk.as_json, text=f"{terminal_qr(made)}\n{_grouped(made)}")


def _grouped(code: str) -> str:
    return " ".join(code[place : place + 4] for place in range(0, len(code), 4))


async def _asked(wallet: Wallet, wait_s: int) -> MoneyRequest:
    """What a shop asks by a code that is shown meanwhile."""
    codes = wallet.payment_codes
    shown, step = await codes.open_book(), -1
    until_ms = codes.now_ms + wait_s * 1000
    while codes.now_ms < until_ms:
        if step_at(codes.now_ms) != step:
            step = step_at(codes.now_ms)
            _draw(shown, now_ms=codes.now_ms)
        request = await codes.asked_by(shown)
        if request is not None:
            return request
        await codes.sleep(LOOK_S)
    raise RefusedError(
        f"no shop has scanned the code within {wait_s} seconds",
        field="wait",
        cure="show a code again; if a shop asks later, tongbao wallet request list shows it",
        code="CODE_UNUSED",
    )


def _draw(shown: ShownBook, *, now_ms: int) -> None:
    made = str(shown.code(now_ms=now_ms))
    console.print(Text(f"{terminal_qr(made)}\n{_grouped(made)}"), soft_wrap=True)
