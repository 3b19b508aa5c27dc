"""`tongbao wallet`: what people do with their wallets; those commands that move money are in `wallet_money`."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.coin import Address
from tongbao.errors import RequestError
from tongbao.institutions.policy import Limits, load_policy, packaged_policy
from tongbao.protocol.wallet import HistoryPage, WalletAccount, WalletClass, WalletKind, WalletState
from tongbao.service.command_line import (
    shop,
    wallet_accounts,
    wallet_code,
    wallet_coins,
    wallet_money,
    wallet_moving,
    wallet_payee,
    wallet_plan,
    wallet_receipts,
    wallet_requests,
    wallet_till,
    wallet_watch,
    wallet_webhooks,
)
from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import AMOUNTS, DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, fen_text, run, time_text
from tongbao.service.command_line.wallet_desk import (
    NameArgument,
    PasswordOption,
    WalletDesk,
    ask_secret,
    opened_store,
    wallet_keys,
)
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.wallet_directory import WalletDirectory, WalletProfile
from tongbao.wallets import WalletPayment, WalletPaymentState, new_phrase
from tongbao.wallets.keyfile import SEALING_ENTROPY_BYTES, KeyFileContent, seal_key_file
from tongbao.wallets.phrase import ENTROPY_BYTES

__all__ = ["app"]

PHRASE_VARIABLE: Final = "TONGBAO_WALLET_PHRASE"
WORDS: Final = 12

app = typer.Typer(
    help="Open a wallet, pay, be paid, look back, recover.\n\nExample: `tongbao wallet open alice --home 1 --class II`",
    no_args_is_help=True,
)

HomeOfWallet = Annotated[int, typer.Option("--home", min=1, help="The number of the institution that serves it.")]


@app.command("open")
def open_wallet(
    name: NameArgument,
    home: HomeOfWallet,
    wallet_class: Annotated[WalletClass, typer.Option("--class", help="I is known best and may do most.")],
    holder: Annotated[str | None, typer.Option(help="The holder's name; NAME where it is left out.")] = None,
    password_file: PasswordOption = None,
    *,
    corporate: Annotated[bool, typer.Option("--corporate", help="A company's wallet.")] = False,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Make a wallet and show its recovery phrase, once; what stopped halfway goes on from there.

    Example: `tongbao wallet open alice --home 1 --class II`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)
    kind = WalletKind.CORPORATE if corporate else WalletKind.PERSONAL

    async def work() -> tuple[WalletAccount, str]:
        async with connected(data) as connections:
            place = connections.data.institution(home)
            directory = WalletDirectory(connections.data.wallets, name)
            directory.make()
            async with directory.locked():
                phrase, profile = _kept_or_new(connections, directory, desk, home=home, holder=holder or name)
                keys = wallet_keys(connections, phrase)
                async with opened_store(connections, directory, keys, profile.home) as wallet:
                    if profile.home != place.home or await wallet.start():
                        raise _exists(name)
                    account = await wallet.open(holder_name=profile.holder, wallet_class=wallet_class, kind=kind)
                    return account, phrase

    account, phrase = run(work, as_json=as_json)
    lines = [*_account_lines(account), "", "Recovery phrase, shown this once. Who has it has the money; write it down:"]
    content = {**account.model_dump(mode="json"), "name": name, "phrase": phrase}
    answer(content, as_json=as_json, text="\n".join([*lines, f"  {phrase}"]))


def _kept_or_new(
    connections: Connections, directory: WalletDirectory, desk: WalletDesk, *, home: int, holder: str
) -> tuple[str, WalletProfile]:
    """Phrase and profile of a wallet that an earlier command began to open, or of a new one."""
    if directory.is_made:
        return directory.keys(desk.password()).phrase, directory.profile()
    password = desk.password(new=True)
    phrase = new_phrase(connections.entropy.bytes(ENTROPY_BYTES[WORDS]))
    return phrase, _keep(connections, directory, phrase, password, profile_of=(home, holder))


def _keep(
    connections: Connections, directory: WalletDirectory, phrase: str, password: str, *, profile_of: tuple[int, str]
) -> WalletProfile:
    wallet_id = wallet_keys(connections, phrase).wallet_id
    home, holder = profile_of
    profile = WalletProfile(home=home, wallet_id=wallet_id, holder=holder)
    entropy = connections.entropy.bytes(SEALING_ENTROPY_BYTES)
    sealed = seal_key_file(KeyFileContent(phrase=phrase), password, wallet_id=wallet_id, entropy=entropy)
    directory.write(profile, sealed)
    return profile


def _exists(name: str) -> RequestError:
    return RequestError(
        f"there is a wallet {name} already", field="name", cure="choose another name", code="WALLET_EXISTS"
    )


@app.command()
def recover(
    name: NameArgument,
    home: HomeOfWallet,
    phrase_file: Annotated[
        Path | None, typer.Option(help=f"Its first line is the phrase; else {PHRASE_VARIABLE}, else you type it.")
    ] = None,
    password_file: PasswordOption = None,
    *,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Bring a wallet back from its recovery phrase, with every coin that its home lists.

    Example: `tongbao wallet recover alice --home 1 --phrase-file phrase.txt`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[WalletAccount, int]:
        async with connected(data) as connections:
            directory = WalletDirectory(connections.data.wallets, name)
            if directory.is_made:
                raise _exists(name)
            phrase = ask_secret("phrase", phrase_file, variable=PHRASE_VARIABLE, as_json=as_json)
            keys = wallet_keys(connections, phrase)
            connections.data.institution(home)
            password = desk.password(new=True)
            directory.make()
            async with directory.locked(), opened_store(connections, directory, keys, home) as wallet:
                await wallet.start()
                found = await wallet.recover()
                account = await wallet.account()
                # Last: what is not there whole can be recovered again.
                _keep(connections, directory, phrase, password, profile_of=(home, account.holder_name))
                return account, found

    account, found = run(work, as_json=as_json)
    lines = [f"recovered with {count_text(found, 'coin')}", *_account_lines(account)]
    answer({**account.model_dump(mode="json"), "name": name, "coins": found}, as_json=as_json, text="\n".join(lines))


@app.command("list")
def list_wallets(data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """List the wallets in the data directory; no password is needed.

    Example: `tongbao wallet list`
    """

    async def work() -> list[dict[str, object]]:
        directory = DataDirectory.open(data)
        return [_listed(directory, name) for name in WalletDirectory.names(directory.wallets)]

    listed = run(work, as_json=as_json)
    lines = [f"{each['name']:<16}{each['holder']:<24}home {each['home']}  {each['address']}" for each in listed]
    answer({"wallets": listed}, as_json=as_json, text="\n".join(lines or ["none: tongbao wallet open makes one"]))


@app.command()
def address(name: NameArgument, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """Show where others pay the wallet; no password is needed.

    Example: `tongbao wallet address alice`
    """

    async def work() -> dict[str, object]:
        return _listed(DataDirectory.open(data), name)

    shown = run(work, as_json=as_json)
    answer(shown, as_json=as_json, text=str(shown["address"]))


def _listed(data: DataDirectory, name: str) -> dict[str, object]:
    profile = WalletDirectory(data.wallets, name).profile()
    where = Address(profile.home, profile.wallet_id, data.network.test_network)
    return {"name": name, **profile.model_dump(mode="json", exclude={"version"}), "address": str(where)}


@app.command()
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

    async def work() -> tuple[WalletAccount, int, int]:
        async with desk.opened() as wallet:
            return await wallet.account(), wallet.balance_fen, wallet.free_fen

    account, balance_fen, free_fen = run(work, as_json=as_json)
    limits = asdict(_limits(DataDirectory.open(data), account.wallet_class))
    lines = [*_account_lines(account), f"free      {fen_text(free_fen)}, not held by payments on their way"]
    names = ("one payment", "per day", "per year", "balance")
    figures = ["no limit" if fen is None else fen_text(fen) for fen in limits.values()]
    lines.append("limits    " + ", ".join(f"{what} {figure}" for what, figure in zip(names, figures, strict=True)))
    content = {**account.model_dump(mode="json"), "name": name, "balance_fen": balance_fen, "free_fen": free_fen}
    answer({**content, "limits": limits}, as_json=as_json, text="\n".join(lines))


def _limits(data: DataDirectory, wallet_class: WalletClass) -> Limits:
    """What the institutions of this data directory allow a class; a home elsewhere has the last word on its own."""
    path = data.root / "policy.json"
    policy = load_policy(str(path), path.read_bytes()) if path.exists() else packaged_policy()
    return policy.limits(wallet_class)


def _account_lines(account: WalletAccount) -> Sequence[str]:
    return (
        f"{account.holder_name}, {account.kind} wallet of class {account.wallet_class} at home {account.home}",
        f"wallet    {account.wallet_id.hex()}",
        f"address   {account.address}",
        f"balance   {fen_text(account.balance_fen)}",
        f"deposit   {fen_text(account.deposit_fen)}",
        *([] if account.state is WalletState.OPEN else [f"state     {account.state}"]),
    )


@app.command()
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


@app.command()
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


app.command(context_settings=AMOUNTS)(wallet_money.exchange)
app.command(context_settings=AMOUNTS)(wallet_money.deposit)
app.command(context_settings=AMOUNTS)(wallet_money.pay)
app.command()(wallet_money.merchant)
app.command(context_settings=AMOUNTS)(wallet_money.order)
app.command()(wallet_money.orders)
app.command(context_settings=AMOUNTS)(wallet_money.refund)
app.command()(wallet_coins.tidy)
app.command()(wallet_receipts.receipts)
app.command()(wallet_receipts.receipt)
app.command()(wallet_accounts.statement)
app.add_typer(shop.app, name="shop")
app.add_typer(wallet_watch.app, name="watch")
app.add_typer(wallet_till.app, name="till")
app.command()(wallet_accounts.data)
app.command()(wallet_payee.payee)
app.add_typer(wallet_payee.app, name="alias")
app.command()(wallet_accounts.close)
app.command()(wallet_moving.switch)
app.add_typer(wallet_requests.app, name="request")
app.add_typer(wallet_plan.app, name="plan")
app.command()(wallet_plan.due)
app.command()(wallet_code.code)
app.command()(wallet_webhooks.events)
app.add_typer(wallet_webhooks.app, name="webhook")
