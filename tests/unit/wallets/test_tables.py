"""Many wallets share one database, so nothing in it may belong to none of them."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from tongbao.wallets.tables import COINS, FORMATS, TABLES

OF_WALLETS = [table for table in TABLES.sorted_tables if table is not FORMATS]


@pytest.mark.parametrize("table", OF_WALLETS, ids=lambda table: table.name)
def test_every_row_names_its_wallet_first(table: sa.Table) -> None:
    assert next(iter(table.primary_key.columns)).name == "wallet_id"


def test_two_wallets_may_know_the_same_coin_and_neither_knows_it_twice() -> None:
    engine = sa.create_engine("sqlite://")
    TABLES.create_all(engine)
    coin = {"coin_id": bytes(32), "opening": bytes(82), "lock_index": 1}

    with engine.begin() as connection:
        connection.execute(COINS.insert(), [{"wallet_id": bytes([n]) * 16, **coin} for n in (1, 2)])
        with pytest.raises(IntegrityError):
            connection.execute(COINS.insert(), {"wallet_id": bytes([1]) * 16, **coin})
