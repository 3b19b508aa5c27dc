"""Whoever adds a table says here, too, whose it is and what its fields mean."""

import importlib
import pkgutil

from tongbao import institutions
from tongbao.institutions.columns import metadata
from tongbao.institutions.disclosure.descriptions import DESCRIPTIONS, OF_NOBODY
from tongbao.institutions.disclosure.selections import rows_of


def all_tables() -> set[str]:
    for module in pkgutil.walk_packages(institutions.__path__, f"{institutions.__name__}."):
        if module.name.endswith("tables"):
            importlib.import_module(module.name)
    return set(metadata.tables)


def test_every_table_is_disclosed_or_is_of_nobody() -> None:
    tables = all_tables()

    unsaid = tables - set(DESCRIPTIONS) - set(OF_NOBODY)
    gone = (set(DESCRIPTIONS) | set(OF_NOBODY)) - tables
    twice = set(DESCRIPTIONS) & set(OF_NOBODY)
    assert not unsaid, f"describe these tables in institutions/disclosure/descriptions: {sorted(unsaid)}"
    assert not gone, f"these tables are described and are not there: {sorted(gone)}"
    assert not twice, f"these tables are of nobody, and disclosed all the same: {sorted(twice)}"


def test_every_field_that_is_disclosed_is_described_and_no_other() -> None:
    all_tables()

    differing = {
        name: set(description.fields) ^ {column.name for column in metadata.tables[name].columns}
        for name, description in DESCRIPTIONS.items()
        if set(description.fields) != {column.name for column in metadata.tables[name].columns}
    }
    assert not differing, f"describe each column in institutions/disclosure/descriptions: {differing}"


def test_it_is_known_of_every_table_whose_rows_they_are() -> None:
    all_tables()

    for name in DESCRIPTIONS:
        assert "WHERE" in str(rows_of(metadata.tables[name])), f"say in disclosure/selections.py whose rows {name} has"
