"""The file by which somebody sees another's wallet."""

from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError, DamageError
from tongbao.service.watch_file import WatchFile

FILE = WatchFile(
    name="accountant",
    network_id=bytes(32),
    address="tbt1...",
    home_url="http://home",
    centre_url="http://centre",
    watch_key=bytes(range(32)),
)


def test_it_is_read_as_it_was_written_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"

    FILE.write(path)

    assert WatchFile.read(path) == FILE
    assert path.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over_and_nothing_read_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "seen.json"
    path.write_text("mine")

    with pytest.raises(ConfigurationError):
        FILE.write(path)
    with pytest.raises(ConfigurationError):
        WatchFile.read(tmp_path / "nothing")

    assert path.read_text() == "mine"


def test_another_file_and_one_of_a_later_version_are_told_apart(tmp_path: Path) -> None:
    other, later = tmp_path / "other.json", tmp_path / "later.json"
    other.write_text("{}")
    later.write_text(FILE.model_copy(update={"tongbao_watch_file": 2}).model_dump_json())

    with pytest.raises(DamageError):
        WatchFile.read(other)
    with pytest.raises(ConfigurationError, match="version 2"):
        WatchFile.read(later)
