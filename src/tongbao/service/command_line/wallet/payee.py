"""`tongbao wallet payee` and `tongbao wallet alias`: whom one pays, and by which numbers one is found."""

from typing import Annotated

import typer

from tongbao.coin import Address
from tongbao.errors import RequestError
from tongbao.protocol.link import OrderLink, PersonLink, ShopLink
from tongbao.protocol.payee import Alias, AliasClaim, FoundPayee, PayeeName, is_phone
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.wallets import Wallet

__all__ = ["app", "chosen_payee", "linked", "payee"]

app = typer.Typer(
    help="Be found by a telephone number.\n\nExample: `tongbao wallet alias claim bob 13800138000`",
    no_args_is_help=True,
)

PhoneArgument = Annotated[
    str, typer.Argument(metavar="PHONE", help="As +86 138 0013 8000, in quotes where it has spaces.")
]


async def chosen_payee(wallet: Wallet, address: str, *, name: str = "") -> PayeeName:
    """Whose address it is; `name` must be his if it is given.

    Raises:
        RequestError: NAME_DIFFERS, and whatever the home says of an address that nobody has.
    """
    payee = await wallet.payees.check(address, name=name)
    if payee.matches is False:
        raise RequestError(
            f"the payee is {payee.name}, not {name}",
            field="payee_name",
            cure="ask the payee for the name and the address again; nothing was paid",
            code="NAME_DIFFERS",
        )
    return payee


async def linked(wallet: Wallet, text: str) -> OrderLink | ShopLink | PersonLink:
    """What a text leads to; a telephone number to the person who is found by it."""
    if not is_phone(text):
        return wallet.scanning.read(text)
    found = await wallet.payees.find(text)
    return PersonLink.of(Address.parse(found.payee.address), network_id=wallet.keys.domain.network_id)


async def _looked_up(wallet: Wallet, text: str, name: str) -> PayeeName | FoundPayee:
    if is_phone(text):
        return await wallet.payees.find(text, name=name)
    return await wallet.payees.check(text, name=name)


def payee(
    name: NameArgument,
    payee: Annotated[str, typer.Argument(metavar="ADDRESS|PHONE", help="Whom you want to pay.")],
    payee_name: Annotated[str, typer.Option(help="The name that you have in mind.")] = "",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show whose address or telephone number it is: the name, with what strangers need not know hidden.

    Example: `tongbao wallet payee alice 13800138000 --payee-name "Li Bo"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> PayeeName | FoundPayee:
        async with desk.started() as wallet:
            return await _looked_up(wallet, payee, payee_name)

    found = run(work, as_json=as_json)
    answer(found.model_dump(mode="json"), as_json=as_json, text="\n".join(_lines(found)))


def _lines(found: PayeeName | FoundPayee) -> list[str]:
    who = found.payee if isinstance(found, FoundPayee) else found
    lines = [f"{who.name} ({who.kind})", f"address  {who.address}"]
    if who.matches is not None:
        lines.append("the name that you have in mind" if who.matches else "NOT the name that you have in mind")
    if isinstance(found, FoundPayee):
        lines.append(f"proven   {time_text(found.since_ms)}, at home {found.home}")
        if found.unanswered:
            silent = ", ".join(str(home) for home in found.unanswered)
            lines.append(f"no answer came from home {silent}, where the number may have been proven later")
    return lines


@app.command()
def claim(
    name: NameArgument,
    phone: PhoneArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Ask for a code that goes to the number, to show that it is yours.

    Example: `tongbao wallet alias claim bob "+86 138 0013 8000"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> AliasClaim:
        async with desk.started() as wallet:
            return await wallet.payees.claim(phone)

    claimed = run(work, as_json=as_json)
    text = (
        f"a code goes to {claimed.masked}; it counts until {time_text(claimed.expires_ms)}\n"
        f"then: tongbao wallet alias confirm {name} PHONE CODE\n"
        "in a test network the teller has the code: tongbao bank codes"
    )
    answer(claimed.model_dump(mode="json"), as_json=as_json, text=text)


@app.command()
def confirm(
    name: NameArgument,
    phone: PhoneArgument,
    code: Annotated[str, typer.Argument(metavar="CODE", help="Six digits that came to the number.")],
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Be found by the number from now on, with the code that came to it.

    Example: `tongbao wallet alias confirm bob 13800138000 123456`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Alias:
        async with desk.started() as wallet:
            return await wallet.payees.confirm(phone, code)

    proven = run(work, as_json=as_json)
    answer(proven.model_dump(mode="json"), as_json=as_json, text=f"whoever pays {proven.masked} pays this wallet")


@app.command("list")
def list_aliases(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show by which numbers the wallet is found.

    Example: `tongbao wallet alias list bob`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[Alias]:
        async with desk.started() as wallet:
            return await wallet.payees.aliases()

    _show_aliases(run(work, as_json=as_json), as_json=as_json)


@app.command()
def release(
    name: NameArgument,
    phone: PhoneArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Be found by the number no more; shows what is left.

    Example: `tongbao wallet alias release bob 13800138000`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[Alias]:
        async with desk.started() as wallet:
            return await wallet.payees.release(phone)

    _show_aliases(run(work, as_json=as_json), as_json=as_json)


def _show_aliases(aliases: list[Alias], *, as_json: bool) -> None:
    lines = [f"{each.masked}  since {time_text(each.since_ms)}" for each in aliases]
    content = {"aliases": [each.model_dump(mode="json") for each in aliases]}
    answer(content, as_json=as_json, text="\n".join(lines or ["none: the wallet is found by its address alone"]))
