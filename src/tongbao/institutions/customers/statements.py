"""Statements: what an account held before a period, what moved in it, and what it held after.

The two ends are computed in different ways, one from the past and one from the balance of today, so that a movement
which was lost or counted twice shows as a difference. Everything is read from one state of the database.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import RequestError
from tongbao.institutions.books.bank_ledger import DEPOSIT_ACCOUNTS_FROM
from tongbao.institutions.customers.customers import Customers
from tongbao.institutions.customers.history import SETTLED
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow, accounts, entries, history, postings, transactions, wallets
from tongbao.protocol.cursor import read_place
from tongbao.protocol.statement import Movement, Statement, StatementAccount

__all__ = ["StatementPeriod", "Statements"]


@dataclass(frozen=True, slots=True)
class StatementPeriod:
    """From one ledger time on and before another.

    Raises:
        RequestError: INVALID_FIELD where it ends before it begins.
    """

    from_ms: int
    until_ms: int

    def __post_init__(self) -> None:
        if self.from_ms >= self.until_ms:
            raise RequestError(
                f"the period begins at {self.from_ms} and ends before {self.until_ms}",
                code="INVALID_FIELD",
                field="until_ms",
                cure="let the period end after it begins",
            )


# One movement each, by the columns `number`, `kind`, `amount_fen`, `counterparty`, `transaction_id` and `time_ms`.
_OF_WALLET = sa.select(
    history.c.number,
    history.c.kind,
    history.c.amount_fen,
    history.c.counterparty,
    history.c.transaction_id,
    history.c.time_ms,
).where(history.c.wallet_id == sa.bindparam("whose"), history.c.state == SETTLED)
# The index of deposits' postings is used only where the query says that it asks for a deposit.
_FIRST_DEPOSIT: sa.ColumnElement[int] = sa.literal_column(str(DEPOSIT_ACCOUNTS_FROM))
_OF_DEPOSIT = (
    sa.select(
        entries.c.entry_id.label("number"),
        entries.c.kind,
        sa.func.sum(postings.c.amount_fen).label("amount_fen"),
        sa.literal("").label("counterparty"),
        sa.null().label("transaction_id"),
        entries.c.time_ms,
    )
    .join(entries, entries.c.entry_id == postings.c.entry_id)
    .where(postings.c.account_id == sa.bindparam("whose"), postings.c.account_id >= _FIRST_DEPOSIT)
    .group_by(entries.c.entry_id, entries.c.kind, entries.c.time_ms)
)
_BALANCES = {
    StatementAccount.WALLET: sa.select(wallets.c.balance_fen).where(wallets.c.wallet_id == sa.bindparam("whose")),
    StatementAccount.DEPOSIT: sa.select(accounts.c.balance_fen).where(accounts.c.account_id == sa.bindparam("whose")),
}
_OPEN = (
    sa.select(transactions.c.number)
    .where(transactions.c.open == 1, transactions.c.recorded_ms < sa.bindparam("until_ms"))
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class _Movements:
    """The statements over one account's movements."""

    sums: sa.Select[*tuple[int, ...]]
    page: sa.Select[*tuple[object, ...]]

    @classmethod
    def of(cls, every: "sa.Select[*tuple[object, ...]]") -> "_Movements":
        movement = every.subquery("movement")
        from_ms: sa.BindParameter[int] = sa.bindparam("from_ms")
        until_ms: sa.BindParameter[int] = sa.bindparam("until_ms")
        inside = sa.and_(movement.c.time_ms >= from_ms, movement.c.time_ms < until_ms)
        before_page = sa.and_(inside, movement.c.number <= sa.bindparam("after_number"))
        sums = sa.select(
            *[
                sa.func.coalesce(sa.func.sum(sa.case((condition, movement.c.amount_fen), else_=0)), 0).label(name)
                for name, condition in (
                    ("before", movement.c.time_ms < from_ms),
                    ("turned", before_page),
                    ("later", movement.c.time_ms >= until_ms),
                )
            ]
        )
        page = (
            sa.select(movement)
            .where(inside, movement.c.number > sa.bindparam("after_number"))
            .order_by(movement.c.number)
            .limit(sa.bindparam("count"))
        )
        return cls(sums, page)


_MOVEMENTS = {
    StatementAccount.WALLET: _Movements.of(_OF_WALLET),
    StatementAccount.DEPOSIT: _Movements.of(_OF_DEPOSIT),
}


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database says of a page of a statement."""

    opening_fen: int
    turned_fen: int
    closing_fen: int
    rows: list[AnyRow]
    settled: bool


class Statements:
    """Makes statements."""

    def __init__(self, premises: Premises, customers: Customers) -> None:
        self._premises = premises
        self._customers = customers

    async def page(
        self, wallet_id: bytes, account: StatementAccount, period: StatementPeriod, *, after: str, limit: int
    ) -> Statement:
        """The statement with those of its movements that come behind `after`."""
        premises, facts = self._premises, await self._customers.facts(wallet_id)
        whose = facts.wallet_id if account is StatementAccount.WALLET else facts.account_id
        wanted: dict[str, object] = {
            "whose": whose,
            "from_ms": period.from_ms,
            "until_ms": period.until_ms,
            "after_number": read_place(after),
            "count": limit,
        }
        found = await premises.ports.store.read(lambda connection: _find(connection, account, wanted))
        home, ledger = premises.settings.home, premises.ledger
        return Statement(
            wallet_id=facts.wallet_id,
            address=str(Address(home, facts.wallet_id, premises.genesis.test_network)),
            home=home,
            institution=premises.settings.name,
            holder_name=facts.holder_name,
            account=account,
            from_ms=period.from_ms,
            until_ms=period.until_ms,
            opening_fen=found.opening_fen,
            movements=_movements(found),
            closing_fen=found.closing_fen,
            # Until the feed has been read beyond the period, and while anything that was sent in it has no outcome,
            # something may settle in it still.
            final=found.settled and period.until_ms <= ledger.seen_ms,
            next=str(found.rows[-1].number) if len(found.rows) == limit else "",
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )


def _find(connection: sa.Connection, account: StatementAccount, wanted: dict[str, object]) -> _Found:
    movements = _MOVEMENTS[account]
    sums = connection.execute(movements.sums, wanted).one()
    balance_fen = int(connection.execute(_BALANCES[account], {"whose": wanted["whose"]}).scalar_one())
    return _Found(
        opening_fen=int(sums.before),
        turned_fen=int(sums.turned),
        closing_fen=balance_fen - int(sums.later),
        rows=list(connection.execute(movements.page, wanted)),
        settled=connection.execute(_OPEN, {"until_ms": wanted["until_ms"]}).first() is None,
    )


def _movements(found: _Found) -> list[Movement]:
    balance_fen, movements = found.opening_fen + found.turned_fen, list[Movement]()
    for row in found.rows:
        balance_fen += int(row.amount_fen)
        movements.append(
            Movement(
                number=str(row.number),
                kind=row.kind,
                amount_fen=int(row.amount_fen),
                balance_fen=balance_fen,
                counterparty=row.counterparty,
                transaction_id=row.transaction_id,
                time_ms=row.time_ms,
            )
        )
    return movements
