"""The commands of `tongbao wallet` that show what a wallet is and has, and that finish what is in doubt."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from tongbao.coin import Address
from tongbao.institutions.policy import Limits, load_policy, packaged_policy
from tongbao.protocol.wallet import HistoryPage, WalletAccount, WalletClass, WalletState
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, fen_text, run, time_text
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.service.data_directory import DataDirectory
from tongbao.service.wallet_directory import WalletDirectory
from tongbao.wallets import WalletPayment, WalletPaymentState

__all__ = ["account_lines", "address", "described", "history", "list_wallets", "resume", "show"]


def list_wallets(data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """List the wallets in the data directory; no password is needed.

    Example: `tongbao wallet list`
    """

    async def work() -> list[dict[str, object]]:
        directory = DataDirectory.open(data)
        return [described(directory, name) for name in WalletDirectory.names(directory.wallets)]

    listed = run(work, as_json=as_json)
    lines = [f"{each['name']:<16}{each['holder']:<24}home {each['home']}  {each['address']}" for each in listed]
    answer({"wallets": listed}, as_json=as_json, text="\n".join(lines or ["none: tongbao wallet open makes one"]))


def address(name: NameArgument, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """Show where others pay the wallet; no password is needed.

    Example: `tongbao wallet address alice`
    """

    async def work() -> dict[str, object]:
        return described(DataDirectory.open(data), name)

    shown = run(work, as_json=as_json)
    answer(shown, as_json=as_json, text=str(shown["address"]))


def described(data: DataDirectory, name: str) -> dict[str, object]:
    """A wallet or an account as a list shows it, from what needs no password."""
    profile = WalletDirectory(data.wallets, name).profile()
    where = Address(profile.home, profile.wallet_id, data.network.test_network)
    return {"name": name, **profile.model_dump(mode="json", exclude={"version"}), "address": str(where)}


def show(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show balance, deposit and limits.

    Example: `tongbao wallet show alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[WalletAccount, int, int, int]:
        async with desk.opened() as wallet:
            return await wallet.account(), wallet.balance_fen, wallet.free_fen, await wallet.pockets.aside_fen()

    account, balance_fen, free_fen, aside_fen = run(work, as_json=as_json)
    limits = asdict(_limits(DataDirectory.open(data), account.wallet_class))
    lines = [*account_lines(account), f"free      {fen_text(free_fen)}, not held by payments on their way"]
    if aside_fen:
        lines.append(f"aside     {fen_text(aside_fen)}, in pockets: tongbao wallet pocket list {name}")
    names = ("one payment", "per day", "per year", "balance")
    figures = ["no limit" if fen is None else fen_text(fen) for fen in limits.values()]
    lines.append("limits    " + ", ".join(f"{what} {figure}" for what, figure in zip(names, figures, strict=True)))
    content = {**account.model_dump(mode="json"), "name": name, "balance_fen": balance_fen, "free_fen": free_fen}
    content["aside_fen"] = aside_fen
    answer({**content, "limits": limits}, as_json=as_json, text="\n".join(lines))


def _limits(data: DataDirectory, wallet_class: WalletClass) -> Limits:
    """What the institutions of this data directory allow a class; a home elsewhere has the last word on its own."""
    path = data.root / "policy.json"
    policy = load_policy(str(path), path.read_bytes()) if path.exists() else packaged_policy()
    return policy.limits(wallet_class)


def account_lines(account: WalletAccount) -> Sequence[str]:
    """A wallet in lines of text: whose it is, where it is paid, and what it has."""
    return (
        f"{account.holder_name}, {account.kind} wallet of class {account.wallet_class} at home {account.home}",
        f"wallet    {account.wallet_id.hex()}",
        f"address   {account.address}",
        f"balance   {fen_text(account.balance_fen)}",
        f"deposit   {fen_text(account.deposit_fen)}",
        *([] if account.state is WalletState.OPEN else [f"state     {account.state}"]),
    )


def history(
    name: NameArgument,
    password_file: PasswordOption = None,
    after: Annotated[str, typer.Option(help="Go on behind this entry.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many entries.")] = 20,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show what happened to the wallet, newest first.

    Example: `tongbao wallet history alice --limit 5`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> HistoryPage:
        async with desk.opened() as wallet:
            return await wallet.history(after=after, limit=limit)

    page = run(work, as_json=as_json)
    lines = [
        f"{time_text(each.time_ms)}  {each.kind:<10}{fen_text(each.amount_fen):>16}  {each.state:<8}  "
        f"{each.counterparty}"
        for each in page.entries
    ]
    if page.next:
        lines.append(f"more with --after {page.next}")
    answer(page.model_dump(mode="json"), as_json=as_json, text="\n".join(lines or ["nothing has happened yet"]))


def resume(
    name: NameArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Bring payments and exchanges that are in doubt to their end, by sending the same signed bytes again.

    Example: `tongbao wallet resume alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[WalletPayment]:
        async with desk.started() as wallet:
            return await wallet.resume()

    resumed = run(work, as_json=as_json)
    lines = [f"{each.kind} of {fen_text(each.amount_fen)}: {_fate(each)}" for each in resumed]
    content = {"payments": [payment_summary(each) for each in resumed]}
    answer(content, as_json=as_json, text="\n".join(lines or ["nothing was in doubt"]))


def _fate(payment: WalletPayment) -> str:
    if payment.state is WalletPaymentState.SIGNED:
        return f"in doubt; it may settle until {time_text(payment.expiry_ms)}, and its coins are held until then"
    return f"{payment.state} {payment.status}"
