from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from tongbao.adapters.migration import upgrade
from tongbao.adapters.sql_group import open_engine
from tongbao.institutions import migrations
from tongbao.institutions.books.bank_ledger import Account, Entry, balances, book, open_deposit_account
from tongbao.institutions.tables import accounts, customers, postings


def prepared(engine: sa.Engine) -> tuple[int, int]:
    """Two deposit accounts in a database of one's own."""
    upgrade(engine, migrations)
    with engine.begin() as connection:
        return (
            _open(connection, "Alice"),
            _open(connection, "Bob"),
        )


def _open(connection: sa.Connection, name: str) -> int:
    row = {"name": name, "kind": "personal", "since_ms": 0}
    number = connection.execute(sa.insert(customers).returning(customers.c.customer_id), row).scalar_one()
    return open_deposit_account(connection, number)


@pytest.fixture
def engine() -> Iterator[sa.Engine]:
    engine = open_engine("sqlite:///file:/bank-ledger?vfs=memdb&uri=true")
    yield engine
    engine.dispose()


@pytest.mark.parametrize("changes", [((1, 5), (2, -4)), ((1, 0), (2, 0)), ((1, 5),), (), ((1, 5), (2, -5), (3, 0))])
def test_an_entry_sums_to_zero_over_two_accounts_or_more(changes: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="entry"):
        Entry("wrong", b"", 0, changes)


def test_a_deposit_that_would_become_negative_undoes_the_whole_entry(engine: sa.Engine) -> None:
    alice, _ = prepared(engine)
    entry = Entry("too much", b"", 0, ((alice, -1), (Account.CASH, 1)))

    with pytest.raises(sa.exc.IntegrityError), engine.begin() as connection:
        _raise_as_sqlalchemy(connection, entry)

    with engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(postings)).scalar_one() == 0


def _raise_as_sqlalchemy(connection: sa.Connection, entry: Entry) -> None:
    """The driver's own error, as SQLAlchemy would wrap it."""
    try:
        book(connection, [entry])
    except Exception as error:
        raise sa.exc.IntegrityError("", {}, error) from error


@given(
    moves=st.lists(
        st.tuples(st.sampled_from([0, 1]), st.integers(1, 50), st.sampled_from(["cash", "exchange", "back"])),
        max_size=30,
    )
)
def test_whatever_is_booked_the_books_balance_and_agree_with_their_postings(
    moves: list[tuple[int, int, str]],
) -> None:
    engine = open_engine("sqlite://")
    customers_accounts = prepared(engine)

    for who, amount, what in moves:
        account = customers_accounts[who]
        changes = {
            "cash": ((Account.CASH, -amount), (account, amount)),
            "exchange": ((account, -amount), (Account.EXCHANGE_IN_TRANSIT, amount)),
            "back": ((Account.EXCHANGE_IN_TRANSIT, -amount), (account, amount)),
        }[what]
        try:
            with engine.begin() as connection:
                book(connection, [Entry(what, b"", 0, changes)])
        except Exception as error:  # noqa: BLE001 - any driver's word for a broken constraint
            assert "constraint" in str(error).lower()  # noqa: PT017

    with engine.connect() as connection:
        kept = dict(connection.execute(sa.select(accounts.c.account_id, accounts.c.balance_fen)).all())
        posted = dict(
            connection.execute(
                sa.select(postings.c.account_id, sa.func.sum(postings.c.amount_fen)).group_by(postings.c.account_id)
            ).all()
        )
    assert sum(kept.values()) == 0
    assert min(kept[account] for account in (*customers_accounts, Account.EXCHANGE_IN_TRANSIT)) >= 0
    assert {account: posted.get(account, 0) for account in kept} == kept
    engine.dispose()


def test_entries_booked_together_are_numbered_one_after_another(engine: sa.Engine) -> None:
    alice, bob = prepared(engine)
    paid_in = [Entry("cash", b"", 0, ((Account.CASH, -5), (account, 5))) for account in (alice, bob)]

    with engine.begin() as connection:
        numbers = book(connection, paid_in)
        found = balances(connection, [alice, bob, Account.CASH])

    assert (numbers, found) == ([1, 2], {alice: 5, bob: 5, Account.CASH: -10})
