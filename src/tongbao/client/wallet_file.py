"""The file in which wallets keep what they must remember: open once in the whole machine, for all that share it."""

import asyncio
import os
from dataclasses import dataclass, field
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
    wallet_ids: set[bytes] = field(default_factory=set)


class WalletFiles:
    """The files that one program has open, each closed when its last wallet is."""

    def __init__(self) -> None:
        self._open: dict[str, _OpenFile] = {}
        self._opening = asyncio.Lock()

    async def use(self, path: Path, wallet_id: bytes) -> SqlStore:
        """The database in the file, which is made where there is none, for this wallet until `let_go`.

        Raises:
            RequestError: `WALLET_BUSY`, another program has the file, or this one has the wallet open already.
            ConfigurationError: it cannot be opened.
        """
        name = _name(path)
        async with self._opening:
            if name not in self._open:
                self._open[name] = await _opened(path)
            file = self._open[name]
            if wallet_id in file.wallet_ids:
                # Two at once would choose the same coins and the same locks.
                raise RequestError(
                    f"the wallet is open already, in {path}", cure="use it, or close it first", code="WALLET_BUSY"
                )
            file.wallet_ids.add(wallet_id)
            return file.store

    async def let_go(self, path: Path, wallet_id: bytes) -> None:
        """One wallet less uses the file; one that does not use it changes nothing."""
        name = _name(path)
        async with self._opening:
            file = self._open.get(name)
            if file is None:
                return
            file.wallet_ids.discard(wallet_id)
            if not file.wallet_ids:
                del self._open[name]
                await _closed(file)

    async def close(self) -> None:
        """Let go of every file, whoever uses it."""
        async with self._opening:
            while self._open:
                _, file = self._open.popitem()
                await _closed(file)


async def _closed(file: _OpenFile) -> None:
    try:
        await file.store.close()
    finally:
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
