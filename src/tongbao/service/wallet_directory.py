"""A wallet of the command line on the disk.

```
DATA/wallets/NAME/wallet.json     home, wallet id and holder: what can be shown without the password
DATA/wallets/NAME/keys.json       the recovery phrase, sealed with the password
DATA/wallets/NAME/wallet.sqlite   coins, what was signed, receipts
DATA/wallets/NAME/wallet-home-2.sqlite   the same, after a move to home 2
DATA/wallets/NAME/wallet.lock     held by the command that uses the wallet
DATA/wallets/NAME/accounts/ACCOUNT.json   the same as wallet.json, for another account of the same phrase
```

The accounts of a phrase are wallets of their own, named NAME/ACCOUNT; they share keys.json, the stores and the lock.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongbao.adapters.disk import lock_file
from tongbao.adapters.sql_group import sqlite_url
from tongbao.errors import ConfigurationError, DamageError, RequestError
from tongbao.protocol.wire import WalletId
from tongbao.service.whole_file import write_whole
from tongbao.wallets.derivation import INDEX_MAX
from tongbao.wallets.keyfile import KeyFileContent, open_key_file

__all__ = ["VERSION", "AccountProfile", "WalletDirectory", "WalletMove", "WalletProfile"]

VERSION: Final = 2
"""Raised when the layout changes; a directory of a later version is refused."""

ACCOUNTS: Final = "accounts"

_NAME: Final = re.compile(r"[^\W_][\w-]{0,63}")


class WalletMove(BaseModel):
    """A move to another institution that is not over: from where, to where, and the new wallet's first lock."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_home: Annotated[int, Field(ge=1, lt=2**32)]
    to_home: Annotated[int, Field(ge=1, lt=2**32)]
    first_lock: Annotated[int, Field(ge=0)]


class WalletProfile(BaseModel):
    """What of a wallet is no secret on the machine that keeps it.

    `first_home` is where it was opened, if that is not where it is now: the first home's store has the plain name.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Annotated[int, Field(ge=1)] = VERSION
    home: Annotated[int, Field(ge=1, lt=2**32)]
    wallet_id: WalletId
    holder: str
    first_home: Annotated[int, Field(ge=1, lt=2**32)] | None = None
    move: WalletMove | None = None


class AccountProfile(WalletProfile):
    """The same for another account of the phrase; `account` is its number there, from 1."""

    account: Annotated[int, Field(ge=1, le=INDEX_MAX)]


class WalletDirectory:
    """Where the wallet of a name lies, whether it is there or not.

    Attributes:
        name: letters, digits, underscores and hyphens; behind a stroke the same for another account of the phrase.
        path: the directory, one for all accounts.
        account_name: the account's; "" for the first, which has none.
    """

    def __init__(self, wallets: Path, name: str) -> None:
        owner, stroke, account_name = name.partition("/")
        if _NAME.fullmatch(owner) is None or (stroke and _NAME.fullmatch(account_name) is None):
            raise RequestError(
                f"{name!r} is no name for a wallet",
                field="name",
                cure="take up to 64 letters, digits, underscores and hyphens, a letter or a digit first; NAME/ACCOUNT",
                code="NAME_INVALID",
            )
        self.name = name
        self.path = wallets / owner
        self.account_name = account_name

    @staticmethod
    def names(wallets: Path) -> list[str]:
        """The names of all wallets and their accounts, sorted."""
        owners = [path.parent for path in wallets.glob("*/wallet.json")]
        return sorted(name for owner in owners for name in (owner.name, *_account_names(owner)))

    @property
    def is_made(self) -> bool:
        """Whether the wallet is there."""
        return self._profile_file.exists()

    @property
    def account(self) -> int:
        """The account's number in the phrase: 0 for the first."""
        profile = self.profile()
        return profile.account if isinstance(profile, AccountProfile) else 0

    @property
    def accounts(self) -> list[str]:
        """The names of the phrase's other accounts on this machine, as NAME/ACCOUNT, sorted."""
        return _account_names(self.path)

    def next_account(self) -> int:
        """The number of an account that none has, nor had on this machine."""
        found = [*self._accounts.glob("*.json"), *self._accounts.glob("*.removed")]
        return 1 + max([AccountProfile.model_validate_json(each.read_bytes()).account for each in found], default=0)

    def remove_account(self) -> None:
        """Forget the account; its number is used for no other."""
        self._profile_file.rename(self._profile_file.with_suffix(f".{self.account}.removed"))

    def store_url(self, home: int) -> str:
        """The database that keeps what the wallet must remember of a home; each home has its own."""
        profile = self.profile() if self.is_made else None
        first = home if profile is None else profile.first_home or profile.home
        return sqlite_url(str(self.path / ("wallet.sqlite" if home == first else f"wallet-home-{home}.sqlite")))

    def profile(self) -> WalletProfile:
        """What can be shown without the password.

        Raises:
            RequestError: `WALLET_UNKNOWN`.
            DamageError: the file is not what was written.
            ConfigurationError: a later version of this program wrote it.
        """
        try:
            kind = AccountProfile if self.account_name else WalletProfile
            profile = kind.model_validate_json(self._profile_file.read_bytes())
        except FileNotFoundError:
            raise self._unknown() from None
        except OSError as error:
            raise ConfigurationError(f"cannot read {self._profile_file}: {error.strerror}") from None
        except ValidationError:
            raise DamageError(
                f"{self._profile_file} is damaged: restore it, or recover the wallet from its phrase"
            ) from None
        if profile.version > VERSION:
            raise ConfigurationError(f"{self._profile_file} is of version {profile.version}: install a newer program")
        return profile

    def keys(self, password: str) -> KeyFileContent:
        """What the key file keeps; raises `WrongPasswordError` for another password."""
        try:
            return open_key_file(self._key_file.read_bytes(), password)
        except OSError as error:
            raise ConfigurationError(f"cannot read {self._key_file}: {error.strerror}") from None

    def make(self) -> None:
        """Make the directory, readable by its owner alone."""
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(f"cannot make {self.path}: {error.strerror}") from None

    def write(self, profile: WalletProfile, sealed_keys: bytes) -> None:
        """Keep keys and profile; the wallet is there once the profile is, which comes last."""
        write_whole(self._key_file, sealed_keys)
        self.write_profile(profile)

    def write_profile(self, profile: WalletProfile) -> None:
        """Keep another profile of a wallet that is there."""
        self._profile_file.parent.mkdir(mode=0o700, exist_ok=True)
        write_whole(self._profile_file, profile.model_dump_json(indent=2).encode() + b"\n")

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Use the wallet alone: two commands at once would choose the same coins and the same locks.

        Raises:
            RequestError: `WALLET_BUSY`.
        """
        path = self.path / "wallet.lock"
        try:
            lock = lock_file(str(path))
        except OSError as error:
            raise ConfigurationError(f"cannot lock {path}: {error.strerror}") from None
        if lock is None:
            raise RequestError(
                f"another command uses the wallet {self.name}", cure="wait until it has ended", code="WALLET_BUSY"
            )
        try:
            yield
        finally:
            await lock.release()

    @property
    def _profile_file(self) -> Path:
        return self._accounts / f"{self.account_name}.json" if self.account_name else self.path / "wallet.json"

    @property
    def _accounts(self) -> Path:
        return self.path / ACCOUNTS

    @property
    def _key_file(self) -> Path:
        return self.path / "keys.json"

    def _unknown(self) -> RequestError:
        return RequestError(
            f"there is no wallet {self.name} in {self.path.parent}",
            field="name",
            cure="tongbao wallet list shows all; tongbao wallet open makes one, tongbao wallet recover brings one back",
            code="WALLET_UNKNOWN",
        )


def _account_names(owner: Path) -> list[str]:
    return sorted(f"{owner.name}/{path.stem}" for path in (owner / ACCOUNTS).glob("*.json"))
