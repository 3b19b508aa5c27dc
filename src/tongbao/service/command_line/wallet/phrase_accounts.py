"""`tongbao wallet accounts`: several wallets of one phrase, in one file, which nobody can connect."""

from typing import Annotated, Final

import typer

from tongbao.errors import RefusedError, RequestError
from tongbao.protocol.wallet import WalletAccount, WalletClass, WalletState
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.command_line.wallet.desk import (
    NameArgument,
    PasswordOption,
    WalletDesk,
    opened_store,
    wallet_keys,
)
from tongbao.service.command_line.wallet.showing import account_lines, described
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.wallet_directory import AccountProfile, WalletDirectory

__all__ = ["app"]

app = typer.Typer(
    help="Have several wallets of one phrase, each named NAME/ACCOUNT in every other command.\n\n"
    "Example: `tongbao wallet accounts new alice rent --class III`",
    no_args_is_help=True,
)

ACCOUNTS_GAP: Final = 5
"""Numbers in a row that the home does not know: as many accounts as somebody may have had elsewhere or never opened."""

AccountArgument = Annotated[str, typer.Argument(metavar="ACCOUNT", help="What you call the account.")]


@app.command()
def new(
    name: NameArgument,
    account: AccountArgument,
    *,
    wallet_class: Annotated[WalletClass, typer.Option("--class", help="I is known best and may do most.")],
    home: Annotated[int | None, typer.Option(min=1, help="Its institution; that of NAME where it is left out.")] = None,
    holder: Annotated[str | None, typer.Option(help="The holder's name; that of NAME where it is left out.")] = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    as_json: JsonOption = False,
) -> None:
    """Open another account of the wallet's phrase: a wallet with an address, coins and limits of its own.

    Example: `tongbao wallet accounts new alice rent --class III`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> WalletAccount:
        async with connected(data) as connections:
            first = WalletDirectory(connections.data.wallets, name)
            made = WalletDirectory(connections.data.wallets, f"{name}/{account}")
            async with first.locked():
                phrase, profile = first.keys(desk.password()).phrase, first.profile()
                if not made.is_made:
                    number, at = first.next_account(), home or profile.home
                    wallet_id = wallet_keys(connections, phrase, account=number).wallet_id
                    connections.data.institution(at)
                    kept = AccountProfile(home=at, wallet_id=wallet_id, holder=holder or profile.holder, account=number)
                    made.write_profile(kept)
                keys = wallet_keys(connections, phrase, account=made.account)
                async with opened_store(connections, made, keys, made.profile().home) as wallet:
                    if await wallet.start():
                        raise RequestError(
                            f"there is an account {name}/{account} already",
                            field="account",
                            cure="choose another name",
                            code="WALLET_EXISTS",
                        )
                    return await wallet.open(holder_name=made.profile().holder, wallet_class=wallet_class)

    opened = run(work, as_json=as_json)
    content = {**opened.model_dump(mode="json"), "name": f"{name}/{account}"}
    answer(content, as_json=as_json, text="\n".join([f"{name}/{account}", *account_lines(opened)]))


@app.command("list")
def list_accounts(name: NameArgument, data: DataOption = DEFAULT_DATA, *, as_json: JsonOption = False) -> None:
    """List the accounts of a wallet's phrase on this machine; no password is needed.

    Example: `tongbao wallet accounts list alice`
    """

    async def work() -> list[dict[str, object]]:
        directory = DataDirectory.open(data)
        first = WalletDirectory(directory.wallets, name)
        return [described(directory, each) for each in (first.name, *first.accounts)]

    found = run(work, as_json=as_json)
    lines = [f"{each['name']:<24}home {each['home']}  {each['address']}" for each in found]
    answer({"accounts": found}, as_json=as_json, text="\n".join(lines))


@app.command()
def remove(
    name: NameArgument,
    account: AccountArgument,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Forget an account that is closed; its number is used for no other.

    Example: `tongbao wallet accounts remove alice rent`
    """
    full = f"{name}/{account}"
    desk = WalletDesk(name=full, data=data, password_file=password_file, as_json=as_json)

    async def work() -> None:
        async with desk.started() as wallet:
            state = (await wallet.account()).state
        if state is not WalletState.CLOSED:
            raise RefusedError(
                f"the account is {state}, and may hold money",
                field="account",
                cure=f"tongbao wallet close {full}",
                code="ACCOUNT_OPEN",
            )
        WalletDirectory(DataDirectory.open(data).wallets, full).remove_account()

    run(work, as_json=as_json)
    answer({"removed": full}, as_json=as_json, text=f"{full} is forgotten")


@app.command()
def recover(
    name: NameArgument,
    home: Annotated[int | None, typer.Option(min=1, help="Where to look; at the home of NAME if left out.")] = None,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Find the other accounts of a phrase that was recovered, with every coin; they are named account-1 and so on.

    Example: `tongbao wallet accounts recover alice`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> list[str]:
        found: list[str] = []
        async with connected(data) as connections:
            first = WalletDirectory(connections.data.wallets, name)
            async with first.locked():
                phrase, at = first.keys(desk.password()).phrase, home or first.profile().home
                known = {WalletDirectory(connections.data.wallets, each).profile().wallet_id for each in first.accounts}
                number = gap = 0
                while gap < ACCOUNTS_GAP:
                    number += 1
                    keys = wallet_keys(connections, phrase, account=number)
                    made = _unnamed(WalletDirectory(connections.data.wallets, f"{name}/account-{number}"))
                    if keys.wallet_id in known:
                        continue
                    async with opened_store(connections, made, keys, at) as wallet:
                        try:
                            await wallet.start()
                            await wallet.recover()
                            holder = (await wallet.account()).holder_name
                        except RequestError as error:
                            if error.code != "WALLET_UNKNOWN":
                                raise
                            gap += 1
                            continue
                    gap = 0
                    profile = AccountProfile(home=at, wallet_id=keys.wallet_id, holder=holder, account=number)
                    made.write_profile(profile)
                    found.append(made.name)
        return found

    found = run(work, as_json=as_json)
    text = "\n".join([f"found {count_text(len(found), 'account')}", *found])
    answer({"found": found}, as_json=as_json, text=text)


def _unnamed(directory: WalletDirectory) -> WalletDirectory:
    """The directory, under a name that no account has."""
    while directory.is_made:
        directory = WalletDirectory(directory.path.parent, f"{directory.name}-found")
    return directory
