"""The reconciliation: books against themselves, coins against the ledger one by one, and each difference explained.

The ledger moves while it is read. So a difference counts only if it is there when everything is looked at again, once
this home has read all that the ledger held at the first look, and no open transaction of this home, which was recorded
before it was sent, explains it.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa

from tongbao.coin.transaction import Transaction
from tongbao.institutions.books.bank_ledger import Account
from tongbao.institutions.books.book_checks import book_breaks, book_lines
from tongbao.institutions.customers.coin_book import Owner
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.arrivals import Arrivals
from tongbao.institutions.tables import AnyRow, accounts, coins, transactions
from tongbao.protocol.reconciliation import BREAKS_SHOWN_MAX, Break, BreakKind, Reconciliation, ReconciliationLine
from tongbao.protocol.registration import COINS_PAGE_MAX, CoinRecord

__all__ = ["Reconciling"]

_HERE = sa.select(coins.c.coin_id, coins.c.spent, coins.c.owner).where(
    coins.c.coin_id.in_(sa.bindparam("coin_ids", expanding=True))
)
_ALL_HERE = sa.select(coins.c.coin_id, coins.c.value).where(coins.c.sequence <= sa.bindparam("sequence"))
_OPEN = sa.select(transactions.c.transaction_id, transactions.c.content).where(transactions.c.open == 1)
_RESERVES = sa.select(accounts.c.balance_fen).where(accounts.c.account_id == Account.RESERVES)


@dataclass(slots=True)
class _Seen:
    """One look at everything.

    Attributes:
        lines: sums and what they are held against.
        breaks: every difference, by kind and subject.
        coins: how many of the ledger's coins were looked up.
        explained: coins whose difference an open transaction explains.
    """

    lines: list[ReconciliationLine] = field(default_factory=list)
    breaks: dict[tuple[BreakKind, str], Break] = field(default_factory=dict)
    coins: int = 0
    explained: int = 0

    def add(self, found: Iterable[Break]) -> None:
        """Take in differences."""
        self.breaks.update({(each.kind, each.subject): each for each in found})


@dataclass(frozen=True, slots=True)
class _OnTheWay:
    """What open transactions of this home spend and make."""

    transaction_ids: frozenset[bytes]
    coin_ids: frozenset[bytes]


class Reconciling:
    """Compares."""

    def __init__(self, premises: Premises, arrivals: Arrivals) -> None:
        self._premises = premises
        self._arrivals = arrivals

    async def reconcile(self) -> Reconciliation:
        """The report as of the ledger's latest batch that this home has read."""
        first = again = await self._look()
        if first.breaks:
            # What others have made here meanwhile may be on its way to the books.
            await self._premises.ledger.refresh()
            await self._arrivals.reach(self._premises.ledger.sequence)
            again = await self._look()
        kept = [each for name, each in again.breaks.items() if name in first.breaks]
        shown = _shown(kept)
        ledger = self._premises.ledger
        kinds = {each.kind for each in kept}
        return Reconciliation(
            home=self._premises.settings.home,
            reconciles=kinds <= {BreakKind.COIN_WITHOUT_OWNER},
            lines=again.lines,
            coins=again.coins,
            on_the_way=again.explained + len(first.breaks) - len(kept),
            breaks=shown,
            explanations={kind.value: kind.explanation for kind in BreakKind if kind in kinds},
            more_breaks=len(kept) - len(shown),
            sequence=ledger.seen_sequence,
            time_ms=ledger.seen_ms,
        )

    async def _look(self) -> _Seen:
        seen, store = _Seen(), self._premises.ports.store
        await self._look_at_coins(seen)
        issued = await self._premises.ledger.issued_here()
        seen.lines = await store.read(book_lines)
        seen.add(await store.read(lambda connection: list(book_breaks(connection))))
        reserves = int(await store.read(lambda connection: connection.execute(_RESERVES).scalar_one()))
        against = "issued less redeemed on the ledger"
        line = ReconciliationLine(name="reserves", against=against, books_fen=reserves, other_fen=issued)
        seen.lines.append(line)
        if reserves != issued:
            kind = BreakKind.RESERVES_DIFFER
            seen.add([Break(kind=kind, subject="reserves", books_fen=reserves, other_fen=issued)])
        return seen

    # --- coins --------------------------------------------------------------------------------------------------------

    async def _look_at_coins(self, seen: _Seen) -> None:
        """Every coin that the ledger has made here, page by page, against its row."""
        store, cursor = self._premises.ports.store, ""
        known = set[bytes]()
        on_the_way = await store.read(self._on_the_way)
        while True:
            page = await self._premises.ledger.coins(cursor, limit=COINS_PAGE_MAX, wait_s=0)
            wanted = [record.coin_id for record in page.coins]
            rows = await store.read(partial(_rows, coin_ids=wanted))
            seen.coins += len(page.coins)
            known.update(wanted)
            for record in page.coins:
                self._compare(record, rows.get(record.coin_id), on_the_way, seen)
            if len(page.coins) < COINS_PAGE_MAX:
                break
            cursor = page.next
        seen.add(await store.read(lambda connection: _never_made(connection, known, page.sequence)))

    def _on_the_way(self, connection: sa.Connection) -> _OnTheWay:
        found = connection.execute(_OPEN).all()
        domain = self._premises.domain
        spent = [each.coin_id(domain) for row in found for each in Transaction.decode(row.content).body.inputs]
        return _OnTheWay(frozenset(row.transaction_id for row in found), frozenset(spent))

    @staticmethod
    def _compare(record: CoinRecord, row: AnyRow | None, on_the_way: _OnTheWay, seen: _Seen) -> None:
        kind = _difference(record, row)
        if kind is None:
            return
        if record.coin_id in on_the_way.coin_ids or record.origin in on_the_way.transaction_ids:
            seen.explained += 1
            return
        unspent = 0 if row is None or row.spent else record.value
        ledger = 0 if record.spent else record.value
        seen.add([Break(kind=kind, subject=record.coin_id.hex(), books_fen=unspent, other_fen=ledger)])


def _difference(record: CoinRecord, row: AnyRow | None) -> BreakKind | None:
    if row is None:
        return BreakKind.COIN_UNKNOWN_HERE
    if record.spent and not row.spent:
        return None if row.owner == Owner.UNKNOWN else BreakKind.SPENT_ON_LEDGER
    if row.spent and not record.spent:
        return BreakKind.SPENT_HERE_ONLY
    if row.owner == Owner.UNKNOWN and not record.spent:
        return BreakKind.COIN_WITHOUT_OWNER
    return None


def _rows(connection: sa.Connection, coin_ids: Sequence[bytes]) -> dict[bytes, AnyRow]:
    return {row.coin_id: row for row in connection.execute(_HERE, {"coin_ids": list(coin_ids)})}


def _never_made(connection: sa.Connection, known: set[bytes], sequence: int) -> list[Break]:
    """Coins here, of batches that were read, that the ledger does not list."""
    rows = [row for row in connection.execute(_ALL_HERE, {"sequence": sequence}) if row.coin_id not in known]
    kind = BreakKind.COIN_UNKNOWN_TO_LEDGER
    return [Break(kind=kind, subject=row.coin_id.hex(), books_fen=row.value, other_fen=0) for row in rows]


def _shown(breaks: Sequence[Break]) -> list[Break]:
    """As many of each kind as the report takes."""
    counted: Counter[BreakKind] = Counter()
    shown = []
    for each in breaks:
        counted[each.kind] += 1
        if counted[each.kind] <= BREAKS_SHOWN_MAX:
            shown.append(each)
    return shown
