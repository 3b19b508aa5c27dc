"""`tongbao wallet refunds`: refunds that the payer is asked about, on both sides."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import typer

from tongbao.errors import RequestError
from tongbao.protocol.link import OrderLink
from tongbao.protocol.refund import (
    ANSWER_MAX_S,
    ANSWER_MIN_S,
    AT_ONCE,
    Refund,
    RefundBox,
    RefundPage,
    RefundPolicy,
    RefundSilence,
    RefundState,
)
from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.wallets import Wallet, WalletPayment
from tongbao.wallets.refunds import Refunds

__all__ = ["app"]

app = typer.Typer(
    help="Offer refunds and pay those that are accepted, or answer what shops offer.\n\n"
    "Example: `tongbao wallet refunds list alice`",
    no_args_is_help=True,
)

RefundArgument = Annotated[str, typer.Argument(metavar="REFUND", help="Its id, as the list shows it.")]


def _terms(policy: RefundPolicy) -> str:
    if policy.answer_within_s is None:
        return "refunds go out at once, and nobody is asked"
    silence = "is consent" if policy.unanswered is RefundSilence.RETURNS else "is the end of the offer"
    return f"payers are asked and have {policy.answer_within_s:,} seconds to answer; silence {silence}"


def _line(refund: Refund) -> str:
    by = f" by {refund.decided_by}" if refund.decided_by else ""
    return f"{fen_text(refund.amount_fen)} from {refund.merchant_name}: {refund.state}{by}"


def _told(refund: Refund, *, as_json: bool) -> None:
    lines = [_line(refund), f"refund {refund.refund_id}, order {refund.order_number}"]
    if refund.undelivered:
        lines.append(f"the payer's institution did not take the offer: {refund.undelivered}")
    if refund.state is RefundState.OFFERED:
        until = "once the payer's institution has it" if refund.answer_by_ms is None else time_text(refund.answer_by_ms)
        means = "owed" if refund.unanswered is RefundSilence.RETURNS else "over"
        lines.append(f"to be answered until {until}; unanswered it is {means}")
    if refund.state is RefundState.ACCEPTED:
        lines.append("the shop's wallet pays it when it is in use the next time")
    answer(refund.model_dump(mode="json"), as_json=as_json, text="\n".join(lines))


@app.command()
def policy(
    name: NameArgument,
    answer_within_s: Annotated[
        int | None,
        typer.Option("--answer-within", min=ANSWER_MIN_S, max=ANSWER_MAX_S, help="Ask payers; seconds to answer."),
    ] = None,
    unanswered: Annotated[RefundSilence, typer.Option(help="What silence means.")] = RefundSilence.RETURNS,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    at_once: Annotated[bool, typer.Option("--at-once", help="Ask nobody.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Show how a shop refunds, or change it for the orders that it makes from now on.

    Example: `tongbao wallet refunds policy shop --answer-within 604800 --unanswered returns`

    Example: `tongbao wallet refunds policy shop --at-once`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> RefundPolicy:
        async with desk.opened() as wallet:
            if at_once and answer_within_s is not None:
                raise RequestError(
                    "either payers are asked or they are not",
                    field="at-once",
                    cure="give --at-once or --answer-within",
                    code="INVALID_FIELD",
                )
            if at_once:
                return await wallet.refunds.set_policy(AT_ONCE)
            if answer_within_s is None:
                return await wallet.refunds.policy()
            wanted = RefundPolicy(answer_within_s=answer_within_s, unanswered=unanswered)
            return await wallet.refunds.set_policy(wanted)

    found = run(work, as_json=as_json)
    answer(found.model_dump(mode="json"), as_json=as_json, text=_terms(found))


@app.command(context_settings=AMOUNTS)
def offer(
    name: NameArgument,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id or its link.")],
    amount: Annotated[
        int | None, typer.Argument(parser=parse_yuan, metavar="[AMOUNT]", help=f"{AMOUNT_HELP} Else all that is left.")
    ] = None,
    number: Annotated[str, typer.Option(help="Yours; the same number is the same refund.")] = "",
    reason: Annotated[str, typer.Option(help="Why; the payer sees it.")] = "",
    *,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask the payer of an order whether to give back what was paid, or a part of it.

    Example: `tongbao wallet refunds offer shop 46338182a54d18adea1350e161366f4e 28.00 --reason "one cup was cold"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Refund:
        async with desk.opened() as wallet:
            order_id = _order_id(wallet, order)
            return await wallet.refunds.offer(order_id, amount, refund_number=number, reason=reason)

    _told(run(work, as_json=as_json), as_json=as_json)


def _order_id(wallet: Wallet, order: str) -> str:
    is_link = order.startswith("tongbao:")
    return OrderLink.parse(order, network_id=wallet.keys.domain.network_id).order_id if is_link else order


@app.command("list")
def list_refunds(
    name: NameArgument,
    password_file: PasswordOption = None,
    after: Annotated[str, typer.Option(help="Go on behind this refund.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many refunds.")] = 20,
    data: DataOption = DEFAULT_DATA,
    *,
    offered: Annotated[bool, typer.Option("--offered", help="What the shop offers its payers.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List what shops offer the wallet, or what the shop offers its payers, newest first.

    Example: `tongbao wallet refunds list alice`

    Example: `tongbao wallet refunds list shop --offered`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> RefundPage:
        async with desk.opened() as wallet:
            side = wallet.refunds.offered if offered else wallet.refunds.received
            return await side(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [
        f"{each.refund_id}  order {each.order_number:<16}  {_line(each)}{f', {each.reason}' if each.reason else ''}"
        for each in page.refunds
    ]
    if page.next:
        lines.append(f"more with --after {page.next}")
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["no refunds"]))


def _decide(
    desk: WalletDesk, refund: str, deed: Callable[[Refunds, Refund], Awaitable[Refund]], *, box: RefundBox
) -> None:
    """Do with the refund of that name in the box what is asked for, and tell how it stands then."""

    async def work() -> Refund:
        async with desk.opened() as wallet:
            return await deed(wallet.refunds, await wallet.refunds.named(refund, box=box))

    _told(run(work, as_json=desk.as_json), as_json=desk.as_json)


@app.command()
def accept(
    name: NameArgument,
    refund: RefundArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take a refund that a shop offers.

    Example: `tongbao wallet refunds accept alice 25e5d18e7c815b86a64afe613a492acf`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)
    _decide(desk, refund, Refunds.accept, box=RefundBox.RECEIVED)


@app.command()
def decline(
    name: NameArgument,
    refund: RefundArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Decline a refund that a shop offers.

    Example: `tongbao wallet refunds decline alice 25e5d18e7c815b86a64afe613a492acf`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)
    _decide(desk, refund, Refunds.decline, box=RefundBox.RECEIVED)


@app.command()
def withdraw(
    name: NameArgument,
    refund: RefundArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take an offer of the shop back that nobody has answered.

    Example: `tongbao wallet refunds withdraw shop 25e5d18e7c815b86a64afe613a492acf`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)
    _decide(desk, refund, Refunds.withdraw, box=RefundBox.OFFERED)


@app.command()
def pay(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Pay every refund of the shop that is accepted, by word or by silence; each is paid once, however often it runs.

    Example: `tongbao wallet refunds pay shop`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[WalletPayment]:
        async with desk.opened() as wallet:
            return await wallet.refunds.carry_out()

    paid = run(work, as_json=as_json)
    lines = [f"{fen_text(each.amount_fen)} returned, transaction {each.transaction_id.hex()}" for each in paid]
    text = "\n".join([*lines, f"{count_text(len(paid), 'refund')} paid"])
    answer({"payments": [payment_summary(each) for each in paid]}, as_json=as_json, text=text)
