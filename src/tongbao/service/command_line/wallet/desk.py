"""How the commands of `tongbao wallet` come by a wallet: its directory, its password, its store and its home."""

import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.adapters.store import SqlStore
from tongbao.errors import BusyError, ConfigurationError, NetworkError, PeerError, RequestError
from tongbao.service.command_line.in_doubt import payment_in_doubt
from tongbao.service.connections import Connections, connected
from tongbao.service.wallet_directory import WalletDirectory
from tongbao.wallets import (
    InDoubtError,
    RefusedForNowError,
    Wallet,
    WalletKeys,
    prepare_store,
    read_phrase,
    seed_of,
)

__all__ = ["NameArgument", "PasswordOption", "WalletDesk", "ask_secret", "opened_store", "wallet_keys"]

_log = logging.getLogger(__name__)

PASSWORD_VARIABLE: Final = "TONGBAO_WALLET_PASSWORD"  # noqa: S105 - where the password is, not what it is

NameArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="What you call the wallet; NAME/ACCOUNT for another account of it.")
]
PasswordOption = Annotated[
    Path | None,
    typer.Option(
        "--password-file", help=f"Its first line is the password; else {PASSWORD_VARIABLE}, else you type it."
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletDesk:
    """One command's way to one wallet.

    Attributes:
        name: the wallet's.
        data: the network's data directory.
        password_file: where the password stands; None for the environment or the terminal.
        as_json: a program asks, and nobody is there to type anything.
        remembered: the password, where it has been asked for already.
        home: an earlier home of the wallet; None for where it is now.
    """

    name: str
    data: Path
    password_file: Path | None
    as_json: bool
    remembered: str | None = field(default=None, repr=False)
    home: int | None = None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Wallet]:
        """The wallet, with all coins that came until now and enough locks for those to come.

        Raises:
            RequestError: `WALLET_UNKNOWN`, `WALLET_BUSY`, `WRONG_PASSWORD`, `WALLET_NOT_OPENED`.
            StillOpenError: a payment is signed, and nobody can say yet whether it settles.
        """
        async with self.started() as wallet:
            await wallet.catch_up()
            await wallet.refill()
            await _tidy(wallet)
            yield wallet

    @asynccontextmanager
    async def started(self) -> AsyncIterator[Wallet]:
        """The wallet as it was left, before it has asked its home anything."""
        async with connected(self.data) as connections:
            directory = WalletDirectory(connections.data.wallets, self.name)
            home = self.home or directory.profile().home
            async with directory.locked():
                phrase = directory.keys(self.password()).phrase
                keys = wallet_keys(connections, phrase, account=directory.account)
                async with opened_store(connections, directory, keys, home) as wallet:
                    if not await wallet.start():
                        raise RequestError(
                            f"the wallet {self.name} has keys and was never opened at its home",
                            cure="run tongbao wallet open again, it goes on from there",
                            code="WALLET_NOT_OPENED",
                        )
                    try:
                        yield wallet
                    except (InDoubtError, RefusedForNowError) as error:
                        raise payment_in_doubt(self.name, error) from error

    def password(self, *, new: bool = False) -> str:
        """The wallet's password; a new one is typed twice.

        Raises:
            RequestError: `PASSWORD_MISSING`.
            ConfigurationError: the file cannot be read.
        """
        if self.remembered is not None:
            return self.remembered
        return ask_secret("password", self.password_file, variable=PASSWORD_VARIABLE, as_json=self.as_json, twice=new)


async def _tidy(wallet: Wallet) -> None:
    """Keep coins few; whatever stands in its way is no reason to refuse what was asked for."""
    try:
        await wallet.tidy()
    except (RequestError, PeerError, NetworkError, BusyError) as error:
        _log.warning("the coins are not merged now: %s", error)


def ask_secret(what: str, file: Path | None, *, variable: str, as_json: bool, twice: bool = False) -> str:
    """A secret from the first line of a file, else from the environment, else from the keyboard."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"cannot read the {what} in {file}: {error}") from None
    if variable in os.environ:
        return os.environ[variable]
    if as_json or not sys.stdin.isatty():
        raise RequestError(
            f"the wallet needs its {what}, and there is nobody to ask",
            field=what,
            cure=f"give --{what}-file FILE or set {variable}",
            code=f"{what.upper()}_MISSING",
        )
    return str(typer.prompt(what.capitalize(), hide_input=True, confirmation_prompt=twice, err=True))


def wallet_keys(connections: Connections, phrase: str, *, account: int = 0) -> WalletKeys:
    """The keys that an account of a phrase stands for in this network."""
    return WalletKeys(seed_of(read_phrase(phrase)), connections.data.genesis().domain(), account=account)


@asynccontextmanager
async def opened_store(
    connections: Connections, directory: WalletDirectory, keys: WalletKeys, home: int
) -> AsyncIterator[Wallet]:
    """The wallet with its store, which is closed at the end; `start` says whether it was opened before."""
    store = SqlStore.open(directory.store_url(home))
    try:
        await prepare_store(store)
        yield connections.wallet(keys, store, home)
    finally:
        await store.close()
