"""The file in which wallets keep what they must remember: open once in the whole machine, for all that share it."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.disk import FileLock, lock_file
from tongbao.adapters.sql_group import sqlite_url
from tongbao.adapters.store import SqlStore
from tongbao.errors import ConfigurationError, RequestError
from tongbao.wallets import prepare_store

__all__ = ["WalletFiles"]


@dataclass(slots=True)
class _OpenFile:
    store: SqlStore
    lock: FileLock
    users: int = 0


class WalletFiles:
    """The files that one program has open, each closed when its last wallet is."""

    def __init__(self) -> None:
        self._open: dict[str, _OpenFile] = {}
        self._opening = asyncio.Lock()

    async def use(self, path: Path) -> SqlStore:
        """The database in the file, which is made where there is none.

        Raises:
            RequestError: `WALLET_BUSY`, another program has it.
            ConfigurationError: it cannot be opened.
        """
        name = _name(path)
        async with self._opening:
            if name not in self._open:
                self._open[name] = await _opened(path)
            self._open[name].users += 1
            return self._open[name].store

    async def let_go(self, path: Path) -> None:
        """One wallet less uses the file."""
        name = _name(path)
        file = self._open[name]
        file.users -= 1
        if not file.users:
            del self._open[name]
            await file.store.close()
            await file.lock.release()


def _name(path: Path) -> str:
    """One name for a file, however it is reached."""
    return os.path.realpath(path)


async def _opened(path: Path) -> _OpenFile:
    lock_path = path.with_name(path.name + ".lock")
    try:
        lock = lock_file(str(lock_path))
    except OSError as error:
        raise ConfigurationError(f"cannot lock {lock_path}: {error.strerror}") from None
    if lock is None:
        # Two programs at once would choose the same coins and the same locks.
        raise RequestError(f"another program uses {path}", cure="wait until it has ended", code="WALLET_BUSY")
    store = SqlStore.open(sqlite_url(str(path)))
    try:
        await prepare_store(store)
    except BaseException:
        await store.close()
        await lock.release()
        raise
    return _OpenFile(store, lock)
