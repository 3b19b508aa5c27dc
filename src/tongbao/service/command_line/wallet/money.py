"""The commands of `tongbao wallet` that move money, and those of a shop that asks for it."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import RequestError
from tongbao.protocol.link import OrderLink, PersonLink
from tongbao.protocol.order import Merchant, Order, OrderPage
from tongbao.protocol.payee import PayeeName
from tongbao.protocol.wallet import Exchange
from tongbao.service.command_line.agreement import AgreeOption, demand_agreement
from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.command_line.wallet.payee import chosen_payee, linked
from tongbao.service.command_line.wallet.shop_orders import TipOption
from tongbao.service.connections import connected
from tongbao.wallets import PaymentKind, Wallet, WalletPayment, WalletPaymentState
from tongbao.wallets.plan import plan_of_request

__all__ = ["deposit", "exchange", "merchant", "order", "orders", "pay", "refund"]

LINK_BEGINS = "tongbao:"


def _show(payment: WalletPayment, what: str, *, as_json: bool) -> None:
    text = f"{fen_text(payment.amount_fen)} {what}\ntransaction {payment.transaction_id.hex()}"
    answer(payment_summary(payment), as_json=as_json, text=f"{text}\nsettled     {time_text(payment.time_ms)}")


async def _request_id(wallet: Wallet, kind: PaymentKind, payee: str, amount_fen: int) -> str:
    """That of an equal payment which is still in doubt, so that asking again never pays twice; else "" for a new one.

    The last word of a payment's name is its request id.
    """
    for payment in await wallet.payments():
        same = (payment.kind, payment.amount_fen, payment.state) == (kind, amount_fen, WalletPaymentState.SIGNED)
        request_id = payment.name.rpartition(" ")[2]
        # What a plan pays is no repetition of what the holder pays besides.
        if same and payee in payment.name and not plan_of_request(request_id):
            return request_id
    return ""


def exchange(
    name: NameArgument,
    amount: AmountArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Turn deposit into coins, one for one.

    Example: `tongbao wallet exchange alice 100.00`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[Exchange, int]:
        async with desk.opened() as wallet:
            return await wallet.exchange(amount), wallet.balance_fen

    made, balance_fen = run(work, as_json=as_json)
    content = {**made.model_dump(mode="json"), "balance_fen": balance_fen}
    answer(content, as_json=as_json, text=f"{fen_text(amount)} exchanged; the wallet now has {fen_text(balance_fen)}")


def deposit(
    name: NameArgument,
    amount: AmountArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Turn coins back into deposit, one for one.

    Example: `tongbao wallet deposit alice 50.00`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WalletPayment:
        async with desk.opened() as wallet:
            request_id = await _request_id(wallet, PaymentKind.DEPOSIT, "", amount)
            return await wallet.deposit(amount, request_id=request_id)

    _show(run(work, as_json=as_json), "is deposit again", as_json=as_json)


def pay(
    name: NameArgument,
    payee: Annotated[
        str,
        typer.Argument(
            metavar="CODE|LINK|ADDRESS|PHONE", help="A scanned QR code, a link, or a person's address or number."
        ),
    ],
    amount: Annotated[
        int | None, typer.Argument(parser=parse_yuan, metavar="[AMOUNT]", help=f"{AMOUNT_HELP} To a person or a shop.")
    ] = None,
    payee_name: Annotated[str, typer.Option(help="A person's: nothing is paid to anybody else.")] = "",
    password_file: PasswordOption = None,
    *,
    tip: Annotated[
        int | None, typer.Option(parser=parse_yuan, metavar="AMOUNT", help="On top of what an order asks.")
    ] = None,
    data: DataOption = DEFAULT_DATA,
    yes: AgreeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Pay an order, a shop or a person by QR code, link or address, after showing what is paid to whom.

    Example: `tongbao wallet pay alice "tongbao:order?home=1&id=3f0c&network=9a1be0f2"`

    Example: `tongbao wallet pay alice tb1qyqqqqqp347qylt5gu3p7hnfwppwf227yu2hxg5f 88.00`

    Example: `tongbao wallet pay alice "00020101021226980032..." 12.50`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    def agree(what: str) -> None:
        demand_agreement(what, yes=yes, as_json=as_json)

    async def work() -> tuple[WalletPayment, str]:
        async with desk.opened() as wallet:
            link = await linked(wallet, payee)
            if isinstance(link, PersonLink):
                wanted_fen = _wanted(link, amount)
                is_named = bool(payee_name) or not yes
                person = await chosen_payee(wallet, str(link.address), name=payee_name) if is_named else None
                return await _pay_person(wallet, link, wanted_fen, agree, named=person), str(link.address)
            order = await wallet.scanning.order(link, amount_fen=amount)
            what = f" for {order.description}" if order.description else ""
            added = f" and a tip of {fen_text(tip)}" if tip else ""
            agree(f"Pay {fen_text(order.amount_fen)}{added} to {order.merchant_name} at home {order.home}{what}?")
            return await wallet.pay_order(order, tip_fen=tip or 0), order.merchant_name

    payment, whom = run(work, as_json=as_json)
    _show(payment, f"paid to {whom}", as_json=as_json)


Agree = Callable[[str], None]


def _wanted(link: PersonLink, amount_fen: int | None) -> int:
    wanted_fen = link.amount_fen if amount_fen is None else amount_fen
    if wanted_fen is None:
        raise RequestError("how much is to be paid?", field="amount", cure="add the amount", code="AMOUNT_MISSING")
    return wanted_fen


async def _pay_person(
    wallet: Wallet, link: PersonLink, amount_fen: int, agree: Agree, *, named: PayeeName | None
) -> WalletPayment:
    payee = link.address
    request_id = await _request_id(wallet, PaymentKind.PERSON, str(payee), amount_fen)
    what = f" for {link.purpose}" if link.purpose else ""
    whom = "" if named is None else f"{named.name}, "
    agree(f"Pay {fen_text(amount_fen)} to {whom}{payee} at home {payee.home}{what}?")
    return await wallet.pay_person(str(payee), amount_fen, request_id=request_id)


def refund(
    name: NameArgument,
    order: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id or its link.")],
    amount: AmountArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Return all or a part of what was paid for an order of this shop.

    Example: `tongbao wallet refund shop 46338182a54d18adea1350e161366f4e 28.00`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WalletPayment:
        async with desk.opened() as wallet:
            network_id = wallet.keys.domain.network_id
            is_link = order.startswith(LINK_BEGINS)
            order_id = OrderLink.parse(order, network_id=network_id).order_id if is_link else order
            request_id = await _request_id(wallet, PaymentKind.REFUND, order_id, amount)
            return await wallet.refund(order_id, amount, request_id=request_id)

    _show(run(work, as_json=as_json), "returned to the payer", as_json=as_json)


def merchant(
    name: NameArgument,
    shop: Annotated[str, typer.Argument(metavar="SHOP", help="The name that payers see.")],
    category: Annotated[str, typer.Option(help="Merchant category of ISO 18245, four digits.")] = "5999",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let the wallet take orders under a shop's name.

    Example: `tongbao wallet merchant shop "Tea House" --category 5812`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Merchant:
        async with desk.opened() as wallet:
            return await wallet.sales.register(shop, category=category)

    made = run(work, as_json=as_json)
    answer(made.model_dump(mode="json"), as_json=as_json, text=f"{made.name} takes orders (category {made.category})")


def order(
    name: NameArgument,
    amount: AmountArgument,
    number: Annotated[str | None, typer.Option(help="Yours; the same number is the same order.")] = None,
    description: Annotated[str, typer.Option(help="What is bought.")] = "",
    expires_in_s: Annotated[int, typer.Option("--expires-in", min=1, help="Seconds within which it is paid.")] = 900,
    *,
    tip_max: TipOption = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask for money: prints the link that the payer pays.

    Example: `tongbao wallet order shop 128.00 --number tea-1 --description "Longjing, 100 g"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Order:
        async with desk.opened() as wallet:
            chosen = number or await _new_number(data)
            return await wallet.sales.create_order(
                amount, chosen, description=description, expires_in_s=expires_in_s, tip_fen_max=tip_max or 0
            )

    made = run(work, as_json=as_json)
    text = f"{made.link}\norder {made.order_id}, {fen_text(made.amount_fen)}, until {time_text(made.expires_at_ms)}"
    answer(made.model_dump(mode="json"), as_json=as_json, text=text)


async def _new_number(data: Path) -> str:
    async with connected(data) as connections:
        return connections.new_key()[:12]


def orders(
    name: NameArgument,
    password_file: PasswordOption = None,
    after: Annotated[str, typer.Option(help="Go on behind this order.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many orders.")] = 20,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the shop's orders, newest first.

    Example: `tongbao wallet orders shop`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> OrderPage:
        async with desk.opened() as wallet:
            return await wallet.sales.orders(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [
        f"{each.order_id}  {each.order_number:<16}{fen_text(each.amount_fen):>14}  {each.state:<9}"
        f"{f'refunded {fen_text(each.refunded_fen)}' if each.refunded_fen else ''}"
        for each in page.orders
    ]
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["no orders yet"]))
