"""Key files are their owner's alone, never overwritten, and say when they are damaged."""

import json
from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError
from tongbao.service.key_file import read_key, write_key

SEED = bytes(range(32))


def test_a_written_key_is_read_back(tmp_path: Path) -> None:
    written = write_key(tmp_path / "new" / "officer.key", SEED)

    read = read_key(tmp_path / "new" / "officer.key")

    assert read.public_key == written.public_key
    assert (tmp_path / "new" / "officer.key").stat().st_mode & 0o777 == 0o600


def test_an_existing_key_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    write_key(path, SEED)
    before = path.read_bytes()

    with pytest.raises(ConfigurationError, match="cannot write"):
        write_key(path, bytes(32))

    assert path.read_bytes() == before


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    write_key(path, SEED)
    path.chmod(0o644)

    with pytest.raises(ConfigurationError, match="chmod 600"):
        read_key(path)


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.key: No such file"):
        read_key(tmp_path / "absent.key")


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"secret_seed": "zz", "public_key": ""}', "\x00"])
def test_what_is_no_key_file_says_so(tmp_path: Path, content: str) -> None:
    path = tmp_path / "officer.key"
    path.write_text(content)
    path.chmod(0o600)

    with pytest.raises(ConfigurationError, match="no key file"):
        read_key(path)


def test_two_halves_that_do_not_belong_together_are_damage(tmp_path: Path) -> None:
    path = tmp_path / "officer.key"
    write_key(path, SEED)
    content = json.loads(path.read_text())
    content["secret_seed"] = bytes(32).hex()
    path.write_text(json.dumps(content))

    with pytest.raises(ConfigurationError, match="do not belong together"):
        read_key(path)
