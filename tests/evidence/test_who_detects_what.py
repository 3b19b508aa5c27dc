"""The table in docs/reference/supply-proof.md: for each lie, who finds it and who cannot, a test for each cell."""

import re
from pathlib import Path

import pytest

from tests.evidence.lies import LIES, truth
from tests.evidence.parties import PARTIES

PAGE = Path(__file__).parents[2] / "docs/reference/supply-proof.md"
FOUND, HIDDEN = "finds it", "cannot"


def table() -> dict[str, dict[str, str]]:
    """The page's table: by lie and party, whether it is found."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    start = next(at for at, row in enumerate(rows) if row[0] == "what is wrong")
    header = rows[start]
    body = [row for row in rows[start + 1 :] if len(row) == len(header) and not re.fullmatch("-+", row[0])]
    return {row[0]: dict(zip(header[1:], row[1:], strict=True)) for row in body}


CELLS = [(lie, party) for lie in LIES for party in PARTIES]


@pytest.mark.parametrize(("lie", "party"), CELLS, ids=[f"{lie}: {party}" for lie, party in CELLS])
async def test_a_party_finds_what_the_table_says_and_nothing_else(lie: str, party: str, tmp_path: Path) -> None:
    told = LIES[lie]()

    found = await PARTIES[party](told, tmp_path)

    assert (FOUND if found else HIDDEN) == table()[lie][party]


@pytest.mark.parametrize("party", PARTIES)
async def test_where_nothing_is_wrong_nobody_finds_anything(party: str, tmp_path: Path) -> None:
    assert not await PARTIES[party](truth(), tmp_path)


def test_the_page_has_a_row_for_each_lie_and_a_column_for_each_party() -> None:
    assert list(table()) == list(LIES)
    assert {tuple(row) for row in table().values()} == {tuple(PARTIES)}


def test_every_lie_is_found_by_somebody_or_the_page_says_why_not() -> None:
    unfound = [lie for lie, row in table().items() if FOUND not in row.values()]

    assert unfound == ["history rewritten, nothing kept", "two views, never compared", "another's coin left out"]
