"""`tongbao wallet open` and `recover`: a new wallet, and one that comes back from its phrase."""

from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.errors import RequestError
from tongbao.protocol.wallet import WalletAccount, WalletClass, WalletKind
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.command_line.wallet.desk import (
    NameArgument,
    PasswordOption,
    WalletDesk,
    ask_secret,
    opened_store,
    wallet_keys,
)
from tongbao.service.command_line.wallet.showing import account_lines
from tongbao.service.connections import Connections, connected
from tongbao.service.wallet_directory import WalletDirectory, WalletProfile
from tongbao.wallets import new_phrase
from tongbao.wallets.keyfile import SEALING_ENTROPY_BYTES, KeyFileContent, seal_key_file
from tongbao.wallets.phrase import ENTROPY_BYTES

__all__ = ["open_wallet", "recover"]

PHRASE_VARIABLE: Final = "TONGBAO_WALLET_PHRASE"
WORDS: Final = 12

HomeOfWallet = Annotated[int, typer.Option("--home", min=1, help="The number of the institution that serves it.")]


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
            directory = _of_first_account(WalletDirectory(connections.data.wallets, name))
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
    lines = [*account_lines(account), "", "Recovery phrase, shown this once. Who has it has the money; write it down:"]
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


def _of_first_account(directory: WalletDirectory) -> WalletDirectory:
    if directory.account_name:
        raise RequestError(
            "another account of a phrase is opened beside the first",
            field="name",
            cure="tongbao wallet accounts new, or tongbao wallet accounts recover",
            code="NAME_INVALID",
        )
    return directory


def _exists(name: str) -> RequestError:
    return RequestError(
        f"there is a wallet {name} already", field="name", cure="choose another name", code="WALLET_EXISTS"
    )


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
            directory = _of_first_account(WalletDirectory(connections.data.wallets, name))
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
    lines = [f"recovered with {count_text(found, 'coin')}", *account_lines(account)]
    answer({**account.model_dump(mode="json"), "name": name, "coins": found}, as_json=as_json, text="\n".join(lines))
