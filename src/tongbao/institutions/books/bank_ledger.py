"""The bank ledger: double entry. Every entry sums to zero, and no customer's deposit is ever negative.

Credit is positive. A deposit is what the institution owes a customer, so it is a credit; cash and the coins of the
vault are what it has, so they are debits. Money of an exchange that is neither deposit nor coin yet stands in transit.
Reserves stand in other books of the institution; here stands what was paid out of them, so that it is a credit.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

import sqlalchemy as sa

from tongbao.institutions.tables import accounts, entries, postings
from tongbao.protocol.banking import AccountKind
from tongbao.statements import Among, Statement

__all__ = [
    "DEPOSIT_ACCOUNTS_FROM",
    "Account",
    "Entry",
    "account_of_customer",
    "balances",
    "book",
    "open_deposit_account",
]


class Account(IntEnum):
    """The institution's own accounts."""

    CASH = 1
    """Banknotes that tellers have taken."""
    VAULT = 2
    """Unspent coins of the vault."""
    RESERVES = 3
    """Paid in to the central bank for money that was issued and not redeemed."""
    EXCHANGE_IN_TRANSIT = 4
    """Taken from deposits for coins that have not settled yet."""

    @property
    def kind(self) -> AccountKind:
        """What its balance means."""
        return _KINDS[self]


_KINDS = {
    Account.CASH: AccountKind.ASSET,
    Account.VAULT: AccountKind.ASSET,
    Account.RESERVES: AccountKind.CONTRA_ASSET,
    Account.EXCHANGE_IN_TRANSIT: AccountKind.LIABILITY,
}


DEPOSIT_ACCOUNTS_FROM = 1000
"""Numbers below are kept for accounts of the institution itself."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to the books, with its effect on each account.

    Attributes:
        kind: what happened.
        subject: the id of what it happened for.
        time_ms: ledger time.
        changes: by account; credit is positive.
    """

    kind: str
    subject: bytes
    time_ms: int
    changes: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        if sum(amount for _, amount in self.changes) != 0:
            raise ValueError(f"an entry sums to zero, this one is {self.changes}")
        if len(self.changes) < 2 or not all(amount for _, amount in self.changes):  # noqa: PLR2004 - double entry
            raise ValueError(f"an entry changes two accounts or more, this one is {self.changes}")


_INSERT_ENTRY = Statement(sa.insert(entries).returning(entries.c.entry_id))
_INSERT_POSTING = Statement(sa.insert(postings))
_CHANGE = Statement(
    sa.update(accounts)
    .where(accounts.c.account_id == sa.bindparam("account"))
    .values(balance_fen=accounts.c.balance_fen + sa.bindparam("change"))
)
_OPEN = sa.insert(accounts)


def book(connection: sa.Connection, booked: Iterable[Entry]) -> list[int]:
    """Write the entries and change the balances; returns the entries' numbers.

    A deposit that would become negative breaks a constraint of the database, and undoes everything.
    """
    totals: defaultdict[int, int] = defaultdict(int)
    lines: list[dict[str, int]] = []
    numbers: list[int] = []
    for entry in booked:
        row = {"kind": entry.kind, "subject": entry.subject, "time_ms": entry.time_ms}
        number = int(_INSERT_ENTRY.all(connection, row)[0].entry_id)
        numbers.append(number)
        for line, (account, amount) in enumerate(entry.changes):
            totals[account] += amount
            lines.append({"entry_id": number, "line": line, "account_id": account, "amount_fen": amount})
    _INSERT_POSTING.run_many(connection, lines)
    changes = [{"account": account, "change": change} for account, change in totals.items() if change]
    _CHANGE.run_many(connection, changes)
    return numbers


def account_of_customer(customer_id: int) -> int:
    """The number of a customer's deposit account."""
    return DEPOSIT_ACCOUNTS_FROM + customer_id


def open_deposit_account(connection: sa.Connection, customer_id: int) -> int:
    """Open the deposit account of a customer and return its number."""
    number = account_of_customer(customer_id)
    connection.execute(
        _OPEN,
        {
            "account_id": number,
            "name": f"deposit {customer_id}",
            "kind": "deposit",
            "customer_id": customer_id,
            "balance_fen": 0,
        },
    )
    return number


_BALANCES = Among(
    lambda numbers: sa.select(accounts.c.account_id, accounts.c.balance_fen).where(accounts.c.account_id.in_(numbers))
)


def balances(connection: sa.Connection, numbers: Sequence[int]) -> dict[int, int]:
    """The balance of each account."""
    return {row.account_id: row.balance_fen for row in _BALANCES.all(connection, numbers)}
