"""`tongbao wallet till`: a merchant's tills, and what such a till does with its own key, without the wallet's password.

The key of a till lies in `DATA/wallets/NAME/tills/TILL.key`, readable by its owner alone; it moves no money.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.coin.ed25519 import SECRET_SEED_BYTES
from tongbao.errors import RequestError
from tongbao.protocol.order import Order, OrderPage, OrderRequest
from tongbao.protocol.till import Till, TillPage
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.command_line.wallet.shop_orders import TipOption, tell_order
from tongbao.service.connections import connected
from tongbao.service.key_file import read_key, write_key
from tongbao.service.wallet_directory import WalletDirectory
from tongbao.wallets import HomeAddress, OrderDesk, TillPlace, Wallet

__all__ = ["app"]

_TILL_NAME: Final = re.compile(r"[^\W_][\w-]{0,63}")
_PAGE: Final = 200

app = typer.Typer(
    help="Let tills make orders of a shop, and be such a till.\n\nExample: `tongbao wallet till open shop till-1`",
    no_args_is_help=True,
)

TillArgument = Annotated[str, typer.Argument(metavar="TILL", help="What you call the till.")]


def _key_file(directory: WalletDirectory, till: str) -> Path:
    if _TILL_NAME.fullmatch(till) is None:
        raise RequestError(
            f"{till!r} is no name for a till",
            field="till",
            cure="take up to 64 letters, digits, underscores and hyphens, a letter or a digit first",
            code="NAME_INVALID",
        )
    return directory.path / "tills" / f"{till}.key"


def _tell(till: Till, *, as_json: bool) -> None:
    closed = "" if till.closed_at_ms is None else f", closed {time_text(till.closed_at_ms)}"
    text = f"{till.name}: till {till.till_id.hex()}, opened {time_text(till.since_ms)}{closed}"
    answer(till.model_dump(mode="json"), as_json=as_json, text=text)


@app.command("open")
def open_till(
    name: NameArgument,
    till: TillArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make a key for a till, and let it make orders of the shop; what stopped halfway goes on with the same key.

    Example: `tongbao wallet till open shop till-1`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Till:
        async with connected(data) as connections, desk.opened() as wallet:
            path = _key_file(WalletDirectory(connections.data.wallets, name), till)
            seed = connections.entropy.bytes(SECRET_SEED_BYTES)
            key = read_key(path) if path.exists() else write_key(path, seed)
            return await wallet.tills.open(till, key.public_key)

    _tell(run(work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_tills(
    name: NameArgument,
    password_file: PasswordOption = None,
    after: Annotated[str, typer.Option(help="Go on behind this till.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="How many tills.")] = 50,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the shop's tills, closed ones included.

    Example: `tongbao wallet till list shop`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> TillPage:
        async with desk.opened() as wallet:
            return await wallet.tills.page(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [f"{till.name:<24}{till.till_id.hex()}{'  closed' if till.closed_at_ms else ''}" for till in page.tills]
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["no tills yet"]))


@app.command("close")
def close_till(
    name: NameArgument,
    till: TillArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a till make no orders any more, for good; those that it made can still be paid.

    Example: `tongbao wallet till close shop till-1`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Till:
        async with desk.opened() as wallet:
            return await wallet.tills.close(await _till_id(wallet, till))

    _tell(run(work, as_json=as_json), as_json=as_json)


async def _till_id(wallet: Wallet, till: str) -> bytes:
    page = await wallet.tills.page(limit=_PAGE)
    while till not in {each.name for each in page.tills}:
        if not page.next:
            raise _unknown(till)
        page = await wallet.tills.page(after=page.next, limit=_PAGE)
    return next(each.till_id for each in page.tills if each.name == till)


def _unknown(till: str) -> RequestError:
    return RequestError(
        f"the shop has no till {till}", field="till", cure="tongbao wallet till list shows all", code="TILL_UNKNOWN"
    )


# --- at the till ------------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _at_till(data: Path, name: str, till: str) -> AsyncIterator[OrderDesk]:
    async with connected(data) as connections:
        directory = WalletDirectory(connections.data.wallets, name)
        profile, path = directory.profile(), _key_file(directory, till)
        if not path.exists():
            raise _unknown(till)
        home, domain = connections.data.institution(profile.home), connections.data.genesis().domain()
        place = TillPlace(HomeAddress(home.home, home.url), profile.wallet_id, domain)
        network, clock, entropy = connections.network, connections.clock, connections.entropy
        yield OrderDesk(read_key(path), place, network=network, clock=clock, entropy=entropy)


@app.command(context_settings=AMOUNTS)
def order(
    name: NameArgument,
    till: TillArgument,
    amount: AmountArgument,
    number: Annotated[str | None, typer.Option(help="The till's; the same number is the same order.")] = None,
    description: Annotated[str, typer.Option(help="What is bought.")] = "",
    *,
    tip_max: TipOption = None,
    expires_in_s: Annotated[int, typer.Option("--expires-in", min=1, help="Seconds within which it is paid.")] = 900,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Ask for money at a till: prints the link that the payer pays. No password is needed.

    Example: `tongbao wallet till order shop till-1 12.80 --description "two bowls of noodles"`
    """

    async def work() -> Order:
        async with _at_till(data, name, till) as desk:
            request = OrderRequest(
                amount_fen=amount,
                order_number=number or desk.new_number(),
                description=description,
                expires_in_s=expires_in_s,
                tip_fen_max=tip_max or 0,
            )
            return await desk.create_order(request)

    tell_order(run(work, as_json=as_json), as_json=as_json)


@app.command()
def orders(
    name: NameArgument,
    till: TillArgument,
    after: Annotated[str, typer.Option(help="Go on behind this order.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=_PAGE, help="How many orders.")] = 20,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """List the orders that a till made, newest first. No password is needed.

    Example: `tongbao wallet till orders shop till-1`
    """

    async def work() -> OrderPage:
        async with _at_till(data, name, till) as desk:
            return await desk.orders(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [
        f"{each.order_id}  {each.order_number:<16}{fen_text(each.amount_fen):>14}  {each.state}" for each in page.orders
    ]
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["no orders yet"]))


@app.command()
def cancel(
    name: NameArgument,
    till: TillArgument,
    order_id: Annotated[str, typer.Argument(metavar="ORDER", help="The order's id.")],
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take an order of the till back that nobody has paid, or is about to pay. No password is needed.

    Example: `tongbao wallet till cancel shop till-1 46338182a54d18adea1350e161366f4e`
    """

    async def work() -> Order:
        async with _at_till(data, name, till) as desk:
            return await desk.cancel_order(order_id)

    tell_order(run(work, as_json=as_json), as_json=as_json)
