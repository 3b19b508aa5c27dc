"""A small file is there whole or not at all, for those who may read it."""

import stat
from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError
from tongbao.service.whole_file import copy_whole, write_whole


def test_a_file_is_replaced_by_its_owners_own_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "wallet.json"
    path.write_text("earlier")

    write_whole(path, b"later")

    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"later", 0o600)
    assert [each.name for each in tmp_path.iterdir()] == ["wallet.json"]


def test_what_an_interrupted_attempt_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / "config.toml.unfinished").write_bytes(b"half of a much longer file")

    write_whole(tmp_path / "config.toml", b"whole")

    assert (tmp_path / "config.toml").read_bytes() == b"whole"


def test_a_copy_has_the_same_readers(tmp_path: Path) -> None:
    source, target = tmp_path / "genesis.bin", tmp_path / "copy.bin"
    source.write_bytes(b"genesis")
    source.chmod(0o644)

    copy_whole(source, target)

    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"genesis", 0o644)


def test_where_nothing_can_be_written_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "wallet.json"
    path.write_bytes(b"earlier")
    (tmp_path / "wallet.json.unfinished").mkdir()

    with pytest.raises(ConfigurationError, match="cannot write"):
        write_whole(path, b"later")

    assert path.read_bytes() == b"earlier"
