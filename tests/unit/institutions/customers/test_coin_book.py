"""A coin is kept once; one whose owner shows up late is news to that owner."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from tests.builders import bytes32
from tests.institution_database import database_of_alice
from tongbao.coin import CURRENCY, Coin, Input
from tongbao.institutions.customers.coin_book import NewCoin, Owner, add_coins, spend_coins
from tongbao.institutions.tables import coins

WALLET = bytes(16)
NUMBERS = {bytes32(number): number for number in (1, 2)}


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    with database_of_alice(WALLET) as connection:
        yield connection


def made(number: int, owner: Owner) -> NewCoin:
    opening = Input(bytes32(number), 0, Coin(CURRENCY, 100, 1, bytes32(7)))
    return NewCoin(bytes32(number), opening, owner, WALLET if owner is Owner.WALLET else None, None, sequence=1)


def listed(connection: sa.Connection) -> list[tuple[int, str, int]]:
    """Which coin, its owner and whether it is spent, in the order in which wallets hear of them."""
    rows = connection.execute(sa.select(coins).order_by(coins.c.number))
    return [(NUMBERS[row.coin_id], row.owner, row.spent) for row in rows]


def test_a_coin_whose_owner_shows_up_late_is_listed_after_what_its_owner_has_read(connection: sa.Connection) -> None:
    late = made(1, Owner.UNKNOWN)
    add_coins(connection, [late, made(2, Owner.WALLET)])

    add_coins(connection, [replace(late, owner=Owner.WALLET, wallet_id=WALLET)])

    assert listed(connection) == [(2, "wallet", 0), (1, "wallet", 0)]


def test_late_news_of_a_coin_changes_nothing(connection: sa.Connection) -> None:
    add_coins(connection, [made(1, Owner.WALLET), made(2, Owner.VAULT)])
    spend_coins(connection, [bytes32(1)])

    add_coins(connection, [made(1, Owner.UNKNOWN), made(1, Owner.WALLET), made(2, Owner.WALLET)])

    assert listed(connection) == [(1, "wallet", 1), (2, "vault", 0)]
