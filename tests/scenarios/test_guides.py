"""Every command that the start page and the guides show runs as it stands there, one after another."""

from pathlib import Path

import pytest

from tests.scenarios.guides import START, STOP, commands_of, follow, pages

PAGES = ["docs/start.md", *(page for page in [*pages("docs/guides"), *pages("docs/operations")] if commands_of(page))]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_one_after_another(page: str, tmp_path: Path) -> None:
    reader = follow(page, tmp_path)

    assert reader.known


def test_the_guides_and_most_pages_of_operations_have_commands() -> None:
    assert {Path(page).stem for page in PAGES} >= {
        *("start", "merchant", "wallet-maker", "institution", "central-bank"),
        *("monitoring", "backup", "restore", "upgrade", "incidents", "audit"),
    }


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_stops_it_starts_again(page: str) -> None:
    commands = commands_of(page)

    assert commands.count(STOP) == commands.count(START)
