"""Tills: a merchant's places for asking for money, each with a key of its own that moves none."""

from typing import Final

import sqlalchemy as sa

from tongbao.errors import RefusedError, RequestError
from tongbao.institutions.orders.openness import till_closed
from tongbao.institutions.orders.orders import OrderMaker
from tongbao.institutions.orders.tables import tills
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, merchants
from tongbao.protocol.cursor import read_place
from tongbao.protocol.till import Till, TillPage, TillRequest, till_id_of

__all__ = ["TILLS_MAX", "Tills"]

TILLS_MAX: Final = 10_000
"""Tills of one merchant, closed ones included: more than the largest chain of shops has."""

_BY_ID = sa.select(tills).where(tills.c.till_id == sa.bindparam("till"))
_BY_NAME = sa.select(tills.c.till_id).where(
    tills.c.wallet_id == sa.bindparam("wallet"), tills.c.name == sa.bindparam("called")
)
_LAST = sa.select(sa.func.coalesce(sa.func.max(tills.c.number), 0)).where(tills.c.wallet_id == sa.bindparam("wallet"))
_PAGE = (
    sa.select(tills)
    .where(tills.c.wallet_id == sa.bindparam("wallet"), tills.c.number > sa.bindparam("after_number"))
    .order_by(tills.c.number)
    .limit(sa.bindparam("count"))
)
_INSERT = sa.insert(tills)
_CLOSE = sa.update(tills).where(tills.c.till_id == sa.bindparam("till")).values(closed_ms=sa.bindparam("at_ms"))
_MERCHANT = sa.select(merchants.c.wallet_id).where(merchants.c.wallet_id == sa.bindparam("wallet"))


class Tills:
    """Opens, lists and closes tills, and says who a till is."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def open(self, wallet_id: bytes, request: TillRequest) -> Till:
        """A new till of the merchant, or the same one again for the same key and name.

        Raises:
            RequestError: CONFLICT where key or name are those of another till; FORBIDDEN to who is no merchant.
            RefusedError: TILL_CLOSED where just this till was closed.
        """
        till_id = till_id_of(wallet_id, request.public_key, self._premises.domain)
        return await self._premises.ports.store.write(
            lambda connection: self._open(connection, wallet_id, till_id, request)
        )

    def _open(self, connection: sa.Connection, wallet_id: bytes, till_id: bytes, request: TillRequest) -> Till:
        _demand_merchant(connection, wallet_id)
        known = connection.execute(_BY_ID, {"till": till_id}).one_or_none()
        if known is None:
            self._insert(connection, wallet_id, till_id, request)
        elif known.name != request.name:
            raise _conflict(f"this key is that of the till {known.name}", field="public_key")
        elif known.closed_ms is not None:
            raise till_closed()
        return _till(connection.execute(_BY_ID, {"till": till_id}).one())

    def _insert(self, connection: sa.Connection, wallet_id: bytes, till_id: bytes, request: TillRequest) -> None:
        if connection.execute(_BY_NAME, {"wallet": wallet_id, "called": request.name}).first() is not None:
            raise _conflict(f"there is, or was, another till {request.name}", field="name")
        last = int(connection.execute(_LAST, {"wallet": wallet_id}).scalar_one())
        if last >= TILLS_MAX:
            raise RefusedError(
                f"a merchant has at most {TILLS_MAX} tills, closed ones included",
                code="TILLS_TOO_MANY",
                cure="use the tills that there are, or open another wallet for another shop",
            )
        row = {"till_id": till_id, "wallet_id": wallet_id, "number": last + 1, "name": request.name}
        now_ms = self._premises.ledger.time_ms
        connection.execute(_INSERT, {**row, "public_key": request.public_key, "since_ms": now_ms, "closed_ms": None})

    async def page(self, wallet_id: bytes, *, after: str, count: int) -> TillPage:
        """The merchant's tills, oldest first, from a cursor on."""
        place = read_place(after)

        def read(connection: sa.Connection) -> list[AnyRow]:
            _demand_merchant(connection, wallet_id)
            wanted = {"wallet": wallet_id, "after_number": place, "count": count}
            return list(connection.execute(_PAGE, wanted).all())

        rows = await self._premises.ports.store.read(read)
        return TillPage(tills=[_till(row) for row in rows], next=str(rows[-1].number) if len(rows) == count else "")

    async def find(self, till_id: bytes) -> Till:
        """The till with that id, open or closed; raises NOT_FOUND."""
        row = await self._premises.ports.store.read(
            lambda connection: connection.execute(_BY_ID, {"till": till_id}).one_or_none()
        )
        if row is None:
            raise _unknown()
        return _till(row)

    async def find_own(self, till_id: bytes, wallet_id: bytes) -> Till:
        """The same for its merchant alone: to others it is not there."""
        till = await self.find(till_id)
        if till.merchant_wallet_id != wallet_id:
            raise _unknown()
        return till

    async def maker(self, till_id: bytes) -> OrderMaker:
        """The till as one who makes orders; raises TILL_CLOSED."""
        till = await self.find(till_id)
        if till.closed_at_ms is not None:
            raise till_closed()
        return OrderMaker(till.merchant_wallet_id, till_id)

    async def key(self, till_id: bytes) -> bytes | None:
        """The Ed25519 key that speaks for the till; also for a closed one, which is told that it is closed."""
        try:
            return (await self.find(till_id)).public_key
        except RequestError:
            return None

    async def close(self, till_id: bytes, wallet_id: bytes) -> Till:
        """Let the till make no orders any more; those that it made can still be paid."""

        def close(connection: sa.Connection) -> Till:
            known = connection.execute(_BY_ID, {"till": till_id}).one_or_none()
            if known is None or known.wallet_id != wallet_id:
                raise _unknown()
            if known.closed_ms is None:
                connection.execute(_CLOSE, {"till": till_id, "at_ms": self._premises.ledger.time_ms})
            return _till(connection.execute(_BY_ID, {"till": till_id}).one())

        return await self._premises.ports.store.write(close)


def _demand_merchant(connection: sa.Connection, wallet_id: bytes) -> None:
    if connection.execute(_MERCHANT, {"wallet": wallet_id}).first() is None:
        raise RequestError(
            "the wallet is not a merchant's",
            code="FORBIDDEN",
            cure="register the wallet as a merchant's first (POST /v1/merchants)",
        )


def _till(row: AnyRow) -> Till:
    return Till(
        till_id=row.till_id,
        merchant_wallet_id=row.wallet_id,
        name=row.name,
        public_key=row.public_key,
        since_ms=row.since_ms,
        closed_at_ms=row.closed_ms,
    )


def _unknown() -> RequestError:
    return RequestError(
        "this institution has no such till of the asking merchant",
        code="NOT_FOUND",
        field="till_id",
        cure="list the tills (GET /v1/tills)",
    )


def _conflict(reason: str, *, field: str) -> RequestError:
    return RequestError(reason, code="CONFLICT", field=field, cure="give another till another key and another name")
