"""Coins that others made for this home: found in the registration centre's feed by the locks that were handed out.

Coins of this home's own transactions stand in the feed as well. They are left to the submitter, which knows what the
change of a payment is and never lets a transaction of its own go without an outcome.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY
from tongbao.errors import BusyError, InvariantError, TongbaoError
from tongbao.institutions.bank.bank_outcomes import ISSUANCE, issued
from tongbao.institutions.books.bank_ledger import Entry, book
from tongbao.institutions.customers.coin_book import NewCoin, Owner, add_coins, change_balances, value_in_currency
from tongbao.institutions.customers.history import SETTLED, Happening, OrderName, write_history
from tongbao.institutions.customers.limits import stop_expecting
from tongbao.institutions.payments.payment_outcomes import PaymentKind, mark_paid
from tongbao.institutions.pockets.pocket_book import POCKET, fill
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.carrying import carried_through
from tongbao.institutions.settlement.settling import Settling, VaultNews
from tongbao.institutions.tables import AnyRow, acceptances, coins, locks, orders, settings, transactions
from tongbao.protocol.payment import AcceptanceAnswer
from tongbao.protocol.registration import COINS_PAGE_MAX, WAIT_S_MAX, CoinPage, CoinRecord
from tongbao.statements import Among, Statement

__all__ = ["Arrivals"]

_PAUSE_S = 1.0
# A page costs both sides a millisecond however few coins it holds, so under load they gather for a moment. Nobody has
# to wait that long: whoever must know of a batch reads on at once.
_GATHER_S = 0.1
# Where nothing arrives but what is known, the place is written down this often; a restart reads the rest again.
_COINS_BETWEEN_BOOKMARKS = 5_000
_BOOKMARK = "feed cursor"

_log = logging.getLogger(__name__)

_KNOWN_COINS = Among(lambda coin_ids: sa.select(coins.c.coin_id).where(coins.c.coin_id.in_(coin_ids)))
_OWN = Among(lambda origins: sa.select(transactions.c.transaction_id).where(transactions.c.transaction_id.in_(origins)))
_LOCKS = Among(lambda lock_ids: sa.select(locks).where(locks.c.lock_id.in_(lock_ids)))
_ORDER = Statement(
    sa.select(
        orders.c.order_id,
        orders.c.order_number,
        orders.c.description,
        orders.c.amount_fen,
        orders.c.tip_fen_max,
        orders.c.paid_ms,
        orders.c.payer_home,
        orders.c.payer_handle,
    ).where(orders.c.order_id == sa.bindparam("order"))
)
_ACCEPTED = sa.select(acceptances.c.content).where(
    acceptances.c.anchor == sa.bindparam("by_anchor"), acceptances.c.lock_id == sa.bindparam("lock")
)
_READ_BOOKMARK = sa.select(settings.c.value).where(settings.c.name == _BOOKMARK)
_WRITE_BOOKMARK = Statement(
    "INSERT INTO settings (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
)


@dataclass(slots=True)
class _Arrived:
    """What the coins of a page change."""

    coins: list[NewCoin] = field(default_factory=list)
    balances: defaultdict[bytes, int] = field(default_factory=lambda: defaultdict(int))
    locks: list[bytes] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    happened: list[Happening] = field(default_factory=list)
    paid: list[dict[str, object]] = field(default_factory=list)
    news: VaultNews = field(default_factory=VaultNews)


class Arrivals:
    """Reads the feed."""

    def __init__(self, premises: Premises, settling: Settling) -> None:
        self._premises = premises
        self._settling = settling
        self._reading = asyncio.Lock()
        self._cursor = ""
        self._since_bookmark = 0

    async def load(self) -> None:
        """Go on where an earlier process stopped."""
        found = await self._premises.ports.store.read(
            lambda connection: connection.execute(_READ_BOOKMARK).scalar_one_or_none()
        )
        self._cursor = "" if found is None else bytes(found).decode()

    async def run(self) -> None:
        """Read the feed for ever; a task of its own."""
        while True:
            try:
                place = self._cursor
                page = await self._premises.ledger.coins(place, limit=COINS_PAGE_MAX, wait_s=WAIT_S_MAX)
                async with self._reading:
                    # Somebody in a hurry may have read on meanwhile.
                    if place == self._cursor:
                        await self._take(page)
                if page.coins:
                    await self._premises.ports.clock.sleep(_GATHER_S)
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("the feed of coins cannot be read: %s", error)
                await self._premises.ports.clock.sleep(_PAUSE_S)

    async def reach(self, sequence: int) -> None:
        """Return once every coin that batch `sequence` or an earlier one made here is known."""
        await self._premises.ledger.reach(sequence)
        if sequence > self._premises.ledger.seen_sequence:
            # Of coins that have been booked the vault must hear, even if nobody waits for the answer any more.
            await carried_through(lambda: self._read_up_to(sequence), spawn=self._premises.ports.spawn, name="reading")

    async def _read_up_to(self, sequence: int) -> None:
        ledger = self._premises.ledger
        while sequence > ledger.seen_sequence:
            async with self._reading:
                if sequence <= ledger.seen_sequence:
                    return
                before = self._cursor
                await self._take(await ledger.coins(before, limit=COINS_PAGE_MAX, wait_s=0))
            if sequence > ledger.seen_sequence and self._cursor == before:
                raise BusyError(f"the registration centre accounts for coins up to batch {ledger.seen_sequence}")

    async def _take(self, page: CoinPage) -> None:
        """Book a page; one that was read before, or by another reader, changes nothing."""
        ledger, store = self._premises.ledger, self._premises.ports.store
        if page.coins:
            unknown = await store.read(lambda connection: _unknown(connection, page.coins))
            self._since_bookmark += len(page.coins)
            if unknown or self._since_bookmark >= _COINS_BETWEEN_BOOKMARKS:
                news = await store.write(lambda connection: self._book(connection, page, unknown))
                self._settling.tell_vault(news)
                self._since_bookmark = 0
        self._cursor = page.next
        ledger.observe(sequence=page.sequence, time_ms=page.time_ms)
        if len(page.coins) < COINS_PAGE_MAX and page.sequence >= ledger.seen_sequence:
            ledger.seen_sequence, ledger.seen_ms = page.sequence, page.time_ms
            ledger.wake()

    def _book(self, connection: sa.Connection, page: CoinPage, unknown: Sequence[CoinRecord]) -> VaultNews:
        """Book those coins of the page that were not known a moment ago, and are not now."""
        arrived = _Arrived()
        unknown = _unknown(connection, unknown)
        given = {row.lock_id: row for row in _LOCKS.all(connection, [record.lock_id for record in unknown])}
        for record in unknown:
            self._arrive(connection, record, given.get(record.lock_id), arrived, time_ms=page.time_ms)
        self._write(connection, arrived)
        _WRITE_BOOKMARK.run(connection, {"name": _BOOKMARK, "value": page.next.encode()})
        return arrived.news

    def _write(self, connection: sa.Connection, arrived: _Arrived) -> None:
        add_coins(connection, arrived.coins)
        change_balances(connection, arrived.balances)
        stop_expecting(connection, arrived.locks)
        if arrived.entries:
            book(connection, arrived.entries)
        write_history(connection, arrived.happened)
        mark_paid(connection, arrived.paid)

    def _arrive(
        self, connection: sa.Connection, record: CoinRecord, lock: AnyRow | None, arrived: _Arrived, *, time_ms: int
    ) -> None:
        if lock is None:
            arrived.coins.append(_new(record, Owner.UNKNOWN, None))
        elif lock.purpose == ISSUANCE:
            arrived.coins.append(_new(record, Owner.VAULT, lock))
            arrived.news.added.append((record.opening(), lock.salt))
            arrived.entries.append(
                issued(connection, lock.subject, record.value, origin=record.origin, time_ms=time_ms)
            )
        elif lock.purpose == POCKET:
            arrived.coins.append(_new(record, Owner.WALLET, lock))
            fill(connection, [record.lock_id], at_ms=time_ms)
        else:
            arrived.coins.append(_new(record, Owner.WALLET, lock))
            arrived.balances[lock.wallet_id] += value_in_currency(record.opening().coin)
            arrived.locks.append(record.lock_id)
            arrived.happened.append(self._happening(connection, record, lock, arrived, time_ms=time_ms))

    def _happening(
        self, connection: sa.Connection, record: CoinRecord, lock: AnyRow, arrived: _Arrived, *, time_ms: int
    ) -> Happening:
        paid, tip_fen = None, 0
        if lock.purpose != PaymentKind.ORDER:
            words = _description(connection, lock)
        else:
            order = _ORDER.first(connection, {"order": lock.subject})
            words = order.description or order.order_number
            over_fen = record.value - order.amount_fen
            # A home that lets its customer pay less has paid something, but not the order.
            if order.paid_ms is None and record.asset == CURRENCY and 0 <= over_fen <= order.tip_fen_max:
                tip_fen = over_fen
                arrived.paid.append(_paid(order, record, time_ms, tip_fen=tip_fen))
                paid = OrderName(order.order_id, order.order_number)
        kind = PaymentKind.REFUND if lock.purpose == PaymentKind.REFUND else "received"
        return Happening(lock.wallet_id, kind, record.value, words, record.origin, SETTLED, time_ms, paid, tip_fen)


def _description(connection: sa.Connection, lock: AnyRow) -> str:
    """What this home said of the money when it accepted it."""
    wanted = {"by_anchor": lock.subject, "lock": lock.lock_id}
    content = connection.execute(_ACCEPTED, wanted).scalar_one_or_none()
    return "" if content is None else AcceptanceAnswer.model_validate_json(content).description


def _unknown(connection: sa.Connection, records: Sequence[CoinRecord]) -> list[CoinRecord]:
    """The coins that are neither known nor about to be told of by the submitter."""
    known = {row.coin_id for row in _KNOWN_COINS.all(connection, [record.coin_id for record in records])}
    new = [record for record in records if record.coin_id not in known]
    own = {row.transaction_id for row in _OWN.all(connection, list({record.origin for record in new}))}
    return [record for record in new if record.origin not in own]


def _new(record: CoinRecord, owner: Owner, lock: AnyRow | None) -> NewCoin:
    wallet_id, salt = (None, None) if lock is None else (lock.wallet_id, lock.salt)
    return NewCoin(record.coin_id, record.opening(), owner, wallet_id, salt, record.sequence)


def _paid(order: AnyRow, record: CoinRecord, time_ms: int, *, tip_fen: int) -> dict[str, object]:
    return {
        "order": order.order_id,
        "at_ms": time_ms,
        "identity": record.origin,
        "coin": record.coin_id,
        "tip": tip_fen,
        "from_home": order.payer_home,
        "handle": order.payer_handle,
    }
