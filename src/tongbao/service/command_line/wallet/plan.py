"""`tongbao wallet plan` and `tongbao wallet due`: payments on a later day, and standing orders."""

import asyncio
import sys
from dataclasses import replace
from typing import Annotated, Final

import typer

from tongbao.coin import Address
from tongbao.errors import PeerError, RequestError, WorldError
from tongbao.protocol.link import PersonLink
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, AmountArgument, DataOption
from tongbao.service.command_line.output import JsonOption, answer, console, fen_text, run
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.command_line.wallet.payee import chosen_payee, linked
from tongbao.wallets import Wallet
from tongbao.wallets.plan import GRACE_DAYS, Occurrence, OccurrenceState, Plan
from tongbao.wallets.plans import day_of
from tongbao.wallets.schedule import Every, Schedule, read_zone

__all__ = ["app", "due"]

app = typer.Typer(
    help="Plan payments; `tongbao wallet due` makes them when their day comes.\n\n"
    "Example: `tongbao wallet plan make alice 13800138000 2000 --first 2026-12-01 --every month`",
    no_args_is_help=True,
)

WALLET_BUSY: Final = "WALLET_BUSY"
WATCH_S: Final = 60.0
"""A plan names days: a minute after midnight is early enough."""

_EXIT_CODES: Final = ((OccurrenceState.IN_DOUBT, 6), (OccurrenceState.DUE, 1), (OccurrenceState.MISSED, 1))


@app.command(context_settings=AMOUNTS)
def make(
    name: NameArgument,
    payee: Annotated[
        str, typer.Argument(metavar="ADDRESS|PHONE", help="Whom to pay; the address counts from then on.")
    ],
    amount: AmountArgument,
    first: Annotated[str, typer.Option(help="The first day, as 2026-12-01.")],
    every: Annotated[Every, typer.Option(help="How often from then on.")] = Every.ONCE,
    *,
    times: Annotated[int | None, typer.Option(help="How often in all; without end where it is left out.")] = None,
    grace_days: Annotated[int, typer.Option(help="For how many days a payment is made up for.")] = GRACE_DAYS,
    zone: Annotated[str, typer.Option(help="Where a day begins.")] = "Asia/Shanghai",
    purpose: Annotated[str, typer.Option(help="Your own words.")] = "",
    payee_name: Annotated[str, typer.Option(help="The plan is made for nobody of another name.")] = "",
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Make a plan to pay a person, on one day or again and again; nothing is paid or held before.

    Example: `tongbao wallet plan make alice 13800138000 2000 --first 2026-12-01 --every month --purpose rent`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Plan:
        schedule = Schedule(day_of(first), every, times, read_zone(zone))
        async with desk.started() as wallet:
            found = await chosen_payee(wallet, str(await _address(wallet, payee)), name=payee_name)
            plan = Plan(plan_id="", address=found.address, payee=found.name, amount_fen=amount, schedule=schedule)
            return await wallet.plans.make(replace(plan, grace_days=grace_days, purpose=purpose))

    made = run(work, as_json=as_json)
    text = f"plan {made.plan_id}: {_plan_text(made)}\nit is paid by: tongbao wallet due {name}"
    answer(_plan_content(made), as_json=as_json, text=text)


async def _address(wallet: Wallet, text: str) -> Address:
    link = await linked(wallet, text)
    if isinstance(link, PersonLink):
        return link.address
    raise RequestError(
        "a plan pays a person, and this is a shop's",
        field="payee",
        cure="name an address or a number",
        code="NOT_A_PERSON",
    )


@app.command("list")
def list_plans(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show all plans with what became of their payments; nothing is paid.

    Example: `tongbao wallet plan list alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[tuple[Plan, list[Occurrence]]]:
        async with desk.started() as wallet:
            return await wallet.plans.all()

    found = run(work, as_json=as_json)
    lines = []
    for plan, occurrences in found:
        lines.append(f"{plan.plan_id}  {_plan_text(plan)}")
        lines += [f"    {_occurrence_text(each)}" for each in occurrences]
    content = {
        "plans": [{**_plan_content(plan), "payments": [_told(each) for each in each_of]} for plan, each_of in found]
    }
    answer(content, as_json=as_json, text="\n".join(lines or ["no plans: tongbao wallet plan make makes one"]))


@app.command()
def cancel(
    name: NameArgument,
    plan_id: Annotated[str, typer.Argument(metavar="PLAN", help="As `plan list` shows it.")],
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Let a plan pay no more; what was signed for it may still settle.

    Example: `tongbao wallet plan cancel alice 4f1d2a90c37be586`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> Plan:
        async with desk.started() as wallet:
            return await wallet.plans.cancel(plan_id)

    ended = run(work, as_json=as_json)
    answer(_plan_content(ended), as_json=as_json, text=f"plan {ended.plan_id} pays no more")


def due(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would be paid.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on, once a minute, until it is interrupted.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Pay what the wallet's plans ask for by now, and tell what was missed; run it daily, or let it watch.

    Example: `tongbao wallet due alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    found = run(lambda: _watch(desk) if watch else _carry_out(desk, dry_run=dry_run), as_json=as_json)
    _tell(found, as_json=as_json)
    if not dry_run:
        raise typer.Exit(next((code for state, code in _EXIT_CODES if any(each.state is state for each in found)), 0))


async def _watch(desk: WalletDesk) -> list[Occurrence]:
    """Round after round; what stands in the way of one may be gone at the next."""
    knowing = replace(desk, remembered=desk.password())
    while True:
        try:
            found = await _carry_out(knowing, dry_run=False)
            if found:
                _tell(found, as_json=desk.as_json)
                sys.stdout.flush()
        except (WorldError, PeerError) as error:
            console.print(str(error), style="red", markup=False)
        except RequestError as error:
            if error.code != WALLET_BUSY:
                raise
        await asyncio.sleep(WATCH_S)


async def _carry_out(desk: WalletDesk, *, dry_run: bool) -> list[Occurrence]:
    """One round; the wallet is let go of between rounds, for other commands."""
    async with desk.started() as wallet:
        if dry_run:
            return await wallet.plans.due()
        await wallet.sync()
        return await wallet.plans.carry_out()


def _tell(found: list[Occurrence], *, as_json: bool) -> None:
    lines = [f"{_occurrence_text(each)}: {_plan_text(each.plan)}" for each in found]
    answer({"payments": [_told(each) for each in found]}, as_json=as_json, text="\n".join(lines or ["nothing is due"]))


def _plan_text(plan: Plan) -> str:
    whom = f"{plan.payee}, {plan.address}" if plan.payee else plan.address
    often = "" if plan.schedule.every is Every.ONCE else f" every {plan.schedule.every}"
    times = "" if plan.schedule.times is None else f", {plan.schedule.times} times"
    what = f" ({plan.purpose})" if plan.purpose else ""
    end = ", cancelled" if plan.cancelled else ""
    return f"{fen_text(plan.amount_fen)} to {whom}{often} from {plan.schedule.first}{times}{what}{end}"


def _occurrence_text(each: Occurrence) -> str:
    return f"{each.day} {each.state}" + (f" ({each.reason})" if each.reason else "")


def _plan_content(plan: Plan) -> dict[str, object]:
    schedule = plan.schedule
    return {
        "plan_id": plan.plan_id,
        "address": plan.address,
        "payee": plan.payee,
        "amount_fen": plan.amount_fen,
        "first": schedule.first.isoformat(),
        "every": schedule.every,
        "times": schedule.times,
        "zone": schedule.zone.key,
        "grace_days": plan.grace_days,
        "purpose": plan.purpose,
        "cancelled": plan.cancelled,
    }


def _told(each: Occurrence) -> dict[str, object]:
    return {
        "plan_id": each.plan.plan_id,
        "number": each.number,
        "day": each.day.isoformat(),
        "amount_fen": each.plan.amount_fen,
        "state": each.state,
        "reason": each.reason,
        "transaction_id": each.transaction_id.hex() if each.transaction_id else None,
    }
