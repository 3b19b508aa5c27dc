"""What wallets have paid per day and year, and what is on its way to them: limits checked and used in one go.

Everything here runs inside a write of the store, so that two payments of one wallet never see the same room.
"""

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.policy import LimitCode, Limits, Periods
from tongbao.institutions.tables import expected, usage, wallets
from tongbao.statements import Statement

__all__ = [
    "Used",
    "demand_room",
    "expect",
    "on_the_way",
    "refused_by_limit",
    "release",
    "stop_expecting",
    "take",
    "used_before",
]

Used = dict[tuple[bytes, int], int]
"""Fen used, by wallet and period."""

# Both databases speak this form of "insert or add"; SQLAlchemy has no single construct for it.
_TAKE = Statement(
    "INSERT INTO usage (wallet_id, period, used_fen) VALUES (:wallet_id, :day, :amount), (:wallet_id, :year, :amount) "
    "ON CONFLICT (wallet_id, period) DO UPDATE SET used_fen = usage.used_fen + excluded.used_fen "
    "RETURNING period, used_fen"
)
_RELEASE = (
    sa.update(usage)
    .where(
        usage.c.wallet_id == sa.bindparam("wallet"),
        usage.c.period.in_((sa.bindparam("day"), sa.bindparam("year"))),
    )
    .values(used_fen=usage.c.used_fen - sa.bindparam("amount"))
)
_USED = sa.select(usage.c.wallet_id, usage.c.period, usage.c.used_fen).where(
    usage.c.wallet_id.in_(sa.bindparam("wallets", expanding=True)),
    usage.c.period.in_((sa.bindparam("day"), sa.bindparam("year"))),
)
_EXPECT = sa.text(
    "INSERT INTO expected (lock_id, wallet_id, amount_fen, expiry_ms) "
    "VALUES (:lock_id, :wallet_id, :amount_fen, :expiry_ms) ON CONFLICT (lock_id) "
    "DO UPDATE SET amount_fen = excluded.amount_fen, expiry_ms = excluded.expiry_ms"
)
_STOP_EXPECTING = Statement(sa.delete(expected).where(expected.c.lock_id == sa.bindparam("lock")))
_FORGET = sa.delete(expected).where(
    expected.c.wallet_id == sa.bindparam("wallet"), expected.c.expiry_ms < sa.bindparam("seen_ms")
)
_ON_THE_WAY = (
    sa.select(expected.c.wallet_id, sa.func.sum(expected.c.amount_fen))
    .where(
        expected.c.wallet_id.in_(sa.bindparam("wallets", expanding=True)),
        expected.c.expiry_ms >= sa.bindparam("seen_ms"),
    )
    .group_by(expected.c.wallet_id)
)
_BALANCE = sa.select(wallets.c.balance_fen).where(wallets.c.wallet_id == sa.bindparam("wallet"))

_WORDS = {
    LimitCode.SINGLE: "the most that a wallet of its class may pay at once",
    LimitCode.DAY: "what a wallet of its class may pay in a day",
    LimitCode.YEAR: "what a wallet of its class may pay in a year",
    LimitCode.BALANCE: "what a wallet of its class may hold",
}
_CURES = {
    LimitCode.SINGLE: "pay less at once, or ask for a wallet of a higher class",
    LimitCode.DAY: "pay the rest on another day, or ask for a wallet of a higher class",
    LimitCode.YEAR: "pay the rest next year, or ask for a wallet of a higher class",
    LimitCode.BALANCE: "turn coins of the receiving wallet into deposit first",
}


def refused_by_limit(code: str) -> RefusedError:
    """The refusal to raise for a limit."""
    return RefusedError(f"the amount exceeds {_WORDS[code]}", code=code, field="amount_fen", cure=_CURES[code])


def take(connection: sa.Connection, wallet_id: bytes, amount_fen: int, *, periods: Periods, limits: Limits) -> None:
    """Use up a payment's room, or raise the first limit that it would exceed.

    It is counted also where the class has no limit: the wallet may change its class before the year is over.
    """
    row = {"wallet_id": wallet_id, "day": periods.day, "year": periods.year, "amount": amount_fen}
    used: dict[int, int] = dict(_TAKE.all(connection, row))
    refused = limits.payment_refusal(
        amount_fen,
        day_used_fen=used[periods.day] - amount_fen,
        year_used_fen=used[periods.year] - amount_fen,
    )
    if refused:
        raise refused_by_limit(refused)


def release(connection: sa.Connection, rows: Sequence[tuple[bytes, Periods, int]]) -> None:
    """Give back the room of payments that will never settle: wallet, periods and amount of each."""
    connection.execute(
        _RELEASE,
        [
            {"wallet": wallet_id, "day": periods.day, "year": periods.year, "amount": amount}
            for wallet_id, periods, amount in rows
        ],
    )


def used_before(connection: sa.Connection, wallet_ids: Sequence[bytes], periods: Periods) -> Used:
    """What the wallets have used of the periods; 0 where nothing is said."""
    if not wallet_ids:
        return {}
    wanted = {"wallets": list(wallet_ids), "day": periods.day, "year": periods.year}
    return {(wallet_id, period): used for wallet_id, period, used in connection.execute(_USED, wanted)}


def on_the_way(connection: sa.Connection, wallet_ids: Sequence[bytes], *, seen_ms: int) -> dict[bytes, int]:
    """What may still arrive at each wallet, as far as the news of arrivals has been read (`seen_ms`)."""
    if not wallet_ids:
        return {}
    wanted = {"wallets": list(wallet_ids), "seen_ms": seen_ms}
    return {wallet_id: int(total) for wallet_id, total in connection.execute(_ON_THE_WAY, wanted)}


def demand_room(connection: sa.Connection, wallet_id: bytes, amount_fen: int, *, limits: Limits, seen_ms: int) -> None:
    """Return if the wallet may hold that much more than it has and expects, else raise LIMIT_BALANCE."""
    if limits.balance_fen is None:
        return
    connection.execute(_FORGET, {"wallet": wallet_id, "seen_ms": seen_ms})
    balance = connection.execute(_BALANCE, {"wallet": wallet_id}).scalar_one()
    coming = on_the_way(connection, [wallet_id], seen_ms=seen_ms).get(wallet_id, 0)
    refused = limits.balance_refusal(balance + coming + amount_fen)
    if refused:
        raise refused_by_limit(refused)


def expect(connection: sa.Connection, rows: Sequence[tuple[bytes, bytes, int, int]]) -> None:
    """Count on money to arrive: lock, wallet, amount and expiry of each."""
    names = ("lock_id", "wallet_id", "amount_fen", "expiry_ms")
    connection.execute(_EXPECT, [dict(zip(names, row, strict=True)) for row in rows])


def stop_expecting(connection: sa.Connection, lock_ids: Iterable[bytes]) -> None:
    """The money has arrived, or never will."""
    _STOP_EXPECTING.run_many(connection, [{"lock": lock_id} for lock_id in lock_ids])
