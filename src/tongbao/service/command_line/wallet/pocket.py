"""`tongbao wallet pocket`: gifts that come back if nobody takes them, and savings that somebody else may take later."""

import re
from datetime import date, datetime, time
from typing import Annotated, Final

import typer

from tongbao.errors import RequestError
from tongbao.protocol.link import PersonLink
from tongbao.protocol.pocket import PocketParty, PocketState
from tongbao.service.command_line.agreement import AgreeOption, demand_agreement
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.command_line.wallet.payee import chosen_payee, linked
from tongbao.wallets import Wallet
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish
from tongbao.wallets.schedule import read_zone

__all__ = ["app"]

app = typer.Typer(
    help="Put money where another wallet can open it, too: gifts that come back, and savings with an heir.\n\n"
    "Example: `tongbao wallet pocket give alice 13800138000 88.00 --until 30d`",
    no_args_is_help=True,
)

_SPAN: Final = re.compile(r"([0-9]{1,6})([smhd])")
_SPAN_MS: Final = {"s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}

WhomArgument = Annotated[str, typer.Argument(metavar="ADDRESS|PHONE", help="The other one who can open it.")]
PurposeOption = Annotated[str, typer.Option("--for", help="Why, for both to read and nobody else.")]
ZoneOption = Annotated[str, typer.Option(help="Where a day begins.")]
PayeeNameOption = Annotated[str, typer.Option(help="The other one's name: nothing is done for anybody else.")]
RequestOption = Annotated[str, typer.Option(help="Yours; the same one with the same words is the same pocket.")]
WHEN: Final = "A day, as 2026-12-01, or how long from now, as 90s, 12h or 30d."


@app.command(context_settings=AMOUNTS)
def give(
    name: NameArgument,
    whom: WhomArgument,
    amount: AmountArgument,
    until: Annotated[str, typer.Option(help=f"From when on you may take it back. {WHEN}")],
    purpose: PurposeOption = "",
    *,
    payee_name: PayeeNameOption = "",
    only_homes: Annotated[
        list[int] | None,
        typer.Option("--only-home", min=1, help="Where alone the money may go; give it once for each."),
    ] = None,
    request_id: RequestOption = "",
    zone: ZoneOption = "Asia/Shanghai",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    yes: AgreeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Give somebody money that he takes when he likes; what he has not taken by then, you may take back.

    Example: `tongbao wallet pocket give alice 13800138000 88.00 --until 30d --for books`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> OwnPocket:
        async with desk.opened() as wallet:
            later_from_ms, other = await _later_and_other(wallet, until, zone, whom, payee_name)
            demand_agreement(
                f"Give {fen_text(amount)} to {other}, and take it back from {time_text(later_from_ms)} on?",
                yes=yes,
                as_json=as_json,
            )
            homes = tuple(only_homes or ())
            wish = PocketWish(
                address=other, amount_fen=amount, later_from_ms=later_from_ms, purpose=purpose, homes=homes
            )
            return await wallet.pockets.put(wish, request_id=request_id)

    _told(run(work, as_json=as_json), as_json=as_json)


@app.command(context_settings=AMOUNTS)
def save(
    name: NameArgument,
    heir: WhomArgument,
    amount: AmountArgument,
    from_time: Annotated[str, typer.Option("--from", help=f"From when on the other one may take it, too. {WHEN}")],
    purpose: PurposeOption = "",
    *,
    payee_name: PayeeNameOption = "",
    request_id: RequestOption = "",
    zone: ZoneOption = "Asia/Shanghai",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    yes: AgreeOption = False,
    as_json: JsonOption = False,
) -> None:
    """Put money by that you take out when you like; if you never do, somebody else may from a time on.

    Example: `tongbao wallet pocket save alice 13800138000 5000 --from 2027-01-01 --for "if I lose my phrase"`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> OwnPocket:
        async with desk.opened() as wallet:
            later_from_ms, other = await _later_and_other(wallet, from_time, zone, heir, payee_name)
            demand_agreement(
                f"Put {fen_text(amount)} by, and let {other} take it from {time_text(later_from_ms)} on?",
                yes=yes,
                as_json=as_json,
            )
            wish = PocketWish(
                address=other, amount_fen=amount, later_from_ms=later_from_ms, purpose=purpose, savings=True
            )
            return await wallet.pockets.put(wish, request_id=request_id)

    _told(run(work, as_json=as_json), as_json=as_json)


@app.command("list")
def list_pockets(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    past: Annotated[bool, typer.Option("--past", help="Also those whose money was taken, as last heard of.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List the pockets that this wallet can open, and from when on: those that it made, and those made for it.

    Example: `tongbao wallet pocket list alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[list[OwnPocket], int]:
        async with desk.opened() as wallet:
            found = await (wallet.pockets.past() if past else wallet.pockets.all())
            return found, (await wallet.account()).time_ms

    found, now_ms = run(work, as_json=as_json)
    lines = [line for each in found for line in _lines(each, now_ms)]
    answer({"pockets": [_content(each) for each in found]}, as_json=as_json, text="\n".join(lines or ["none"]))


@app.command()
def take(
    name: NameArgument,
    pocket: Annotated[
        str, typer.Argument(metavar="POCKET", help="As the list shows it; its first letters are enough.")
    ],
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Take the money out of a pocket into the wallet; whoever of the two is first has it.

    Example: `tongbao wallet pocket take bob 3f0c91d2`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> OwnPocket:
        async with desk.opened() as wallet:
            found = await _named(wallet, pocket)
            return await wallet.pockets.take(found.told.home, found.pocket_id)

    _told(run(work, as_json=as_json), as_json=as_json)


async def _later_and_other(wallet: Wallet, when: str, zone: str, whom: str, payee_name: str) -> tuple[int, str]:
    """When the later one's time begins, and the other one's address. What was in doubt before has its outcome first."""
    await wallet.conclude()
    later_from_ms = later_from(when, zone, now_ms=(await wallet.account()).time_ms)
    link = await linked(wallet, whom)
    if not isinstance(link, PersonLink):
        raise RequestError(
            "a pocket is opened by persons, and this is a shop's",
            field="whom",
            cure="name a person's address or number",
            code="NOT_A_PERSON",
        )
    return later_from_ms, (await chosen_payee(wallet, str(link.address), name=payee_name)).address


def later_from(text: str, zone: str, *, now_ms: int) -> int:
    """The ledger time that a day or a span of time names; a day begins where `zone` is.

    Raises:
        RequestError: TIME_INVALID.
    """
    span = _SPAN.fullmatch(text)
    if span is not None:
        return now_ms + int(span.group(1)) * _SPAN_MS[span.group(2)]
    try:
        begins = datetime.combine(date.fromisoformat(text), time(), read_zone(zone))
    except ValueError:
        raise RequestError(
            f"{text!r} is neither a day nor a span of time", field="time", cure=WHEN, code="TIME_INVALID"
        ) from None
    return int(begins.timestamp()) * 1000


async def _named(wallet: Wallet, text: str) -> OwnPocket:
    """The pocket whose id begins so, be its money there or taken."""
    found = [each for each in await wallet.pockets.past() if text and each.pocket_id.hex().startswith(text.lower())]
    if len({each.pocket_id for each in found}) != 1:
        raise RequestError(
            f"{len(found) or 'no'} pockets of this wallet begin with {text!r}",
            field="pocket",
            cure="take the id from tongbao wallet pocket list",
            code="NOT_FOUND",
        )
    return found[0]


def _content(pocket: OwnPocket) -> dict[str, object]:
    words = pocket.words
    return {
        **pocket.told.model_dump(mode="json", exclude={"sealed", "coin"}),
        "party": pocket.party.value,
        "opens_at_ms": pocket.opens_at_ms,
        "later_from_ms": None if words is None else words.lock.later_from_ms,
        "only_homes": [] if words is None else list(words.lock.homes),
        "purpose": "" if words is None else words.purpose,
    }


def _told(pocket: OwnPocket, *, as_json: bool) -> None:
    answer(_content(pocket), as_json=as_json, text="\n".join(_lines(pocket, pocket.told.time_ms)))


def _lines(pocket: OwnPocket, now_ms: int) -> list[str]:
    told, words = pocket.told, pocket.words
    made = pocket.party is PocketParty.MAKER
    whom = f"for {told.other_address}" if made else f"from {told.maker_address}"
    purpose = f", {words.purpose}" if words is not None and words.purpose else ""
    return [
        f"{told.pocket_id.hex()[:16]}  {fen_text(told.amount_fen)} {whom} at home {told.home}{purpose}",
        f"  {_state_text(pocket, now_ms)}",
    ]


def _state_text(pocket: OwnPocket, now_ms: int) -> str:
    told, words = pocket.told, pocket.words
    if told.state is PocketState.TAKEN:
        who = "you" if told.taken_by is pocket.party else "the other one"
        return f"{who} took it at {time_text(told.taken_ms or 0)}"
    if told.state is PocketState.EMPTY:
        return "nothing is in it yet"
    if words is None:
        return "what opens it cannot be read; its maker can take it back when the time has come"
    later = time_text(words.lock.later_from_ms)
    if now_ms >= words.lock.later_from_ms:
        return f"both of you can take it now, since {later}"
    return (
        f"you can take it from {later} on" if pocket.opens_at_ms else f"you can take it; so can the other from {later}"
    )
