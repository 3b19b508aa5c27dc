"""The wallet's vectors are what the code derives and signs."""

from pathlib import Path

import pytest

from tests.vectors import generate_wallet


def test_the_files_are_what_the_code_makes() -> None:
    assert generate_wallet.main(["--check"]) == 0


def test_a_file_that_differs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_wallet, "FOLDER", tmp_path)

    before = generate_wallet.main(["--check"])
    written = generate_wallet.main([])
    after = generate_wallet.main(["--check"])

    assert (before, written, after) == (1, 0, 0)


def test_an_unknown_option_is_told() -> None:
    assert generate_wallet.main(["--chekc"]) == 2
