"""The configuration's page is what the models say."""

from pathlib import Path

import pytest

from tools import configuration_reference


def test_the_page_says_what_the_models_say() -> None:
    stated = configuration_reference.PAGE.read_text(encoding="utf-8")

    assert stated == configuration_reference.page(), "run python tools/configuration_reference.py"


def test_every_setting_of_every_role_has_words_of_its_own() -> None:
    roles = configuration_reference.page().partition("## Sections")[0]

    lines = [line for line in roles.splitlines() if line.startswith("| `")]

    assert len(lines) > 20
    assert [line for line in lines if line.endswith("|  |")] == []


def test_checking_tells_a_page_that_is_out_of_date_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(configuration_reference, "PAGE", tmp_path / "page.md")
    (tmp_path / "page.md").write_text("old")

    assert configuration_reference.main("--check") == 1
    assert configuration_reference.main() == 0
    assert configuration_reference.main("--check") == 0
