"""Every command that the start page and the guides show runs as it stands there, one after another."""

from pathlib import Path

import pytest

from tests.scenarios.guides import Reader, commands_of, pages, running_currency

PAGES = ["docs/start.md", *pages("docs/guides")]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_page_run_one_after_another(page: str, tmp_path: Path) -> None:
    reader = Reader(tmp_path)

    with running_currency(tmp_path):
        for line in commands_of(page):
            reader.type(line)

    assert reader.known


@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_commands(page: str) -> None:
    assert commands_of(page)
