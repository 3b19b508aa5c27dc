"""`tongbao wallet request`: asking somebody for money, and answering who asks."""

from typing import Annotated

import typer

from tongbao.errors import RequestError
from tongbao.protocol.link import PersonLink
from tongbao.protocol.money_request import REQUEST_LIFE_S, MoneyRequest, MoneyRequestPage
from tongbao.service.command_line.agreement import AgreeOption, demand_agreement
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.command_line.wallet.payee import linked
from tongbao.wallets import WalletPayment

__all__ = ["app"]

app = typer.Typer(
    help="Ask somebody for money, and answer who asks.\n\nExample: `tongbao wallet request list alice`",
    no_args_is_help=True,
)

RequestArgument = Annotated[str, typer.Argument(metavar="REQUEST", help="Its id, as the list shows it.")]


def _told(request: MoneyRequest, *, as_json: bool) -> None:
    why = f" ({request.reason})" if request.reason else ""
    lines = [f"{fen_text(request.amount_fen)} for {request.requester_name}: {request.state}{why}"]
    lines.append(f"request {request.request_id}, until {time_text(request.expires_at_ms)}")
    answer(request.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


@app.command(context_settings=AMOUNTS)
def ask(
    name: NameArgument,
    payer: Annotated[str, typer.Argument(metavar="ADDRESS|PHONE", help="Whom to ask.")],
    amount: AmountArgument,
    number: Annotated[str, typer.Option(help="Yours; the same number is the same request.")] = "",
    description: Annotated[str, typer.Option("--for", help="What it is for; the payer sees it.")] = "",
    *,
    expires_in_s: Annotated[
        int, typer.Option("--expires-in", min=1, help="Seconds within which it is paid.")
    ] = REQUEST_LIFE_S,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask somebody for money, who finds the request in the wallet, at any institution.

    Example: `tongbao wallet request ask bob tb1qyqqqqqp347qylt5gu3p7hnfwppwf227yu2hxg5f 88.00 --for lunch`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequest:
        async with desk.opened() as wallet:
            link = await linked(wallet, payer)
            if not isinstance(link, PersonLink):
                raise RequestError(
                    "only a wallet is asked for money",
                    field="payer",
                    cure="name a person's address or phone number",
                    code="ADDRESS_INVALID",
                )
            return await wallet.money_requests.ask(
                str(link.address), amount, request_number=number, description=description, expires_in_s=expires_in_s
            )

    _told(run(work, as_json=as_json), as_json=as_json)


@app.command()
def recall(
    name: NameArgument,
    transaction: Annotated[str, typer.Argument(metavar="TRANSACTION", help="The payment's, as `receipts` lists it.")],
    reason: Annotated[str, typer.Option(help="What went wrong; the payee sees it.")] = "",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask a person whom you paid by mistake to give it back; the person accepts or declines as any request.

    Example: `tongbao wallet request recall alice TRANSACTION --reason "a digit was wrong"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequest:
        async with desk.opened() as wallet:
            paid = [each for each in await wallet.payments() if each.transaction_id.hex() == transaction]
            if not paid:
                raise RequestError(
                    "the wallet has made no such payment",
                    field="transaction",
                    cure="take the id from tongbao wallet receipts",
                    code="NOT_FOUND",
                )
            return await wallet.money_requests.recall(paid[0], reason=reason)

    _told(run(work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_requests(
    name: NameArgument,
    password_file: PasswordOption = None,
    after: Annotated[str, typer.Option(help="Go on behind this request.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many requests.")] = 20,
    data: DataOption = DEFAULT_DATA,
    *,
    sent: Annotated[bool, typer.Option("--sent", help="What the wallet asks of others.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what the wallet is asked for, or what it asks of others, newest first.

    Example: `tongbao wallet request list alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequestPage:
        async with desk.opened() as wallet:
            side = wallet.money_requests.sent if sent else wallet.money_requests.received
            return await side(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [
        f"{each.request_id}  {fen_text(each.amount_fen):>14}  {each.state:<9}  "
        f"{each.payer_address if sent else each.requester_name}{f', {each.description}' if each.description else ''}"
        f"{', gives back what was received by mistake' if each.recall_of else ''}"
        for each in page.requests
    ]
    if page.next:
        lines.append(f"more with --after {page.next}")
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["no requests"]))


@app.command()
def accept(
    name: NameArgument,
    request: RequestArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    yes: AgreeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Pay what is asked for, after showing to whom.

    Example: `tongbao wallet request accept alice 46338182a54d18adea1350e161366f4e`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[WalletPayment, str]:
        async with desk.opened() as wallet:
            found = await wallet.money_requests.named(request)
            what = f" for {found.description}" if found.description else ""
            question = f"Pay {fen_text(found.amount_fen)} to {found.requester_name} at home {found.home}{what}?"
            demand_agreement(question, yes=yes, as_json=as_json)
            return await wallet.money_requests.accept(found), found.requester_name

    payment, whom = run(work, as_json=as_json)
    lines = [f"{fen_text(payment.amount_fen)} paid to {whom}", f"transaction {payment.transaction_id.hex()}"]
    answer(payment_summary(payment), as_json=as_json, text="\n".join(lines))


@app.command()
def decline(
    name: NameArgument,
    request: RequestArgument,
    reason: Annotated[str, typer.Option(help="Why; the requester sees it.")] = "",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Say no to a request.

    Example: `tongbao wallet request decline alice 46338182a54d18adea1350e161366f4e --reason "paid in cash"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequest:
        async with desk.opened() as wallet:
            found = await wallet.money_requests.named(request)
            return await wallet.money_requests.decline(found, reason=reason)

    _told(run(work, as_json=as_json), as_json=as_json)


@app.command()
def cancel(
    name: NameArgument,
    request: RequestArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take back what the wallet asks of somebody.

    Example: `tongbao wallet request cancel bob 46338182a54d18adea1350e161366f4e`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> MoneyRequest:
        async with desk.opened() as wallet:
            return await wallet.money_requests.cancel(await wallet.money_requests.named(request))

    _told(run(work, as_json=as_json), as_json=as_json)
