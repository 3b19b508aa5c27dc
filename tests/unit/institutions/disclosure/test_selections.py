import pytest
import sqlalchemy as sa

from tongbao.institutions.disclosure.selections import rows_of
from tongbao.institutions.tables import history


def test_a_table_that_names_wallets_is_selected_by_them() -> None:
    assert "WHERE history.wallet_id = :wallet ORDER BY history.number" in str(rows_of(history)).replace("\n", "")


def test_of_a_table_of_which_nobody_has_said_whose_it_is_nothing_is_selected() -> None:
    unsaid = sa.Table("unsaid", sa.MetaData(), sa.Column("name", sa.Text, primary_key=True))

    with pytest.raises(KeyError):
        rows_of(unsaid)
