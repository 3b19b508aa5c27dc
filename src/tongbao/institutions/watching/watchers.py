"""Watchers: admitted and ended by the wallet, and asked for at each of their requests."""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.institutions.watching.tables import watchers
from tongbao.protocol.watching import Watcher, WatcherList, WatcherRequest

__all__ = ["WATCHERS_MAX", "Watchers"]

WATCHERS_MAX: Final = 64
"""Watchers of one wallet, ended ones included: an accountant a year for a working life, in one answer."""

_BY_KEY = sa.select(watchers).where(watchers.c.public_key == sa.bindparam("watcher"))
_OF_WALLET = sa.select(watchers).where(watchers.c.wallet_id == sa.bindparam("wallet")).order_by(watchers.c.number)
_INSERT = sa.insert(watchers)
_END = sa.update(watchers).where(watchers.c.public_key == sa.bindparam("watcher")).values(ended_ms=sa.bindparam("at"))


class Watchers:
    """Says who may see which wallet."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def admit(self, wallet_id: bytes, request: WatcherRequest) -> Watcher:
        """Let a key see the wallet, or find that it does, under the same name.

        Raises:
            RequestError: CONFLICT where the key is a watcher already, of another wallet or under another name.
            RefusedError: WATCHER_ENDED, WATCHERS_TOO_MANY.
        """

        def write(connection: sa.Connection) -> Watcher:
            known = connection.execute(_BY_KEY, {"watcher": request.public_key}).one_or_none()
            if known is None:
                self._insert(connection, wallet_id, request)
            else:
                _demand_same(known, wallet_id, request)
            return _watcher(connection.execute(_BY_KEY, {"watcher": request.public_key}).one())

        return await self._premises.ports.store.write(write)

    def _insert(self, connection: sa.Connection, wallet_id: bytes, request: WatcherRequest) -> None:
        count = len(connection.execute(_OF_WALLET, {"wallet": wallet_id}).all())
        if count >= WATCHERS_MAX:
            raise RefusedError(
                f"a wallet has at most {WATCHERS_MAX} watchers, ended ones included",
                code="WATCHERS_TOO_MANY",
                cure="use those that there are",
            )
        row = {"public_key": request.public_key, "wallet_id": wallet_id, "number": count + 1, "name": request.name}
        connection.execute(_INSERT, {**row, "since_ms": self._premises.ledger.time_ms, "ended_ms": None})

    async def end(self, wallet_id: bytes, public_key: bytes) -> Watcher:
        """Let the watcher see nothing any more; ended already, it stays so. Raises NOT_FOUND."""

        def write(connection: sa.Connection) -> Watcher:
            known = connection.execute(_BY_KEY, {"watcher": public_key}).one_or_none()
            if known is None or known.wallet_id != wallet_id:
                raise RequestError(
                    "this wallet has no such watcher",
                    code="NOT_FOUND",
                    field="public_key",
                    cure="look among the watchers that the wallet has",
                )
            if known.ended_ms is None:
                connection.execute(_END, {"watcher": public_key, "at": self._premises.ledger.time_ms})
            return _watcher(connection.execute(_BY_KEY, {"watcher": public_key}).one())

        return await self._premises.ports.store.write(write)

    async def listed(self, wallet_id: bytes) -> WatcherList:
        """The wallet's watchers, oldest first."""
        rows = await self._premises.ports.store.read(
            lambda connection: connection.execute(_OF_WALLET, {"wallet": wallet_id}).all()
        )
        return WatcherList(watchers=[_watcher(row) for row in rows])

    async def watched(self, public_key: bytes) -> bytes | None:
        """The id of the wallet that the key may see now; None where there is none."""
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_BY_KEY, {"watcher": public_key}).one_or_none()
        )
        return None if row is None or row.ended_ms is not None else bytes(row.wallet_id)


def _demand_same(known: AnyRow, wallet_id: bytes, request: WatcherRequest) -> None:
    if (known.wallet_id, known.name) != (wallet_id, request.name):
        raise RequestError(
            "this key is that of another watcher", code="CONFLICT", field="public_key", cure="make a key for this one"
        )
    if known.ended_ms is not None:
        raise RefusedError(
            "this watcher was ended", code="WATCHER_ENDED", field="public_key", cure="make a key for a new watcher"
        )


def _watcher(row: AnyRow) -> Watcher:
    return Watcher(
        wallet_id=row.wallet_id,
        number=row.number,
        name=row.name,
        public_key=row.public_key,
        since_ms=row.since_ms,
        ended_at_ms=row.ended_ms,
    )
