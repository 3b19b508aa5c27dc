"""A data directory of the first version becomes one of this version: told before, done once, kept as it was beside."""

import hashlib
import json
import socket
import sqlite3
import tomllib
from contextlib import closing
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.earlier_versions import FIRST, unpacked, with_free_ports
from tongbao.errors import ConfigurationError
from tongbao.service import data_migration
from tongbao.service.data_directory import DATA_VERSION, DataDirectory
from tongbao.service.data_migration import migrate, plan_migration


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """A data directory of version 1, which nobody uses."""
    return with_free_ports(unpacked(FIRST, tmp_path / "data"))


def fingerprints(root: Path) -> dict[str, str]:
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def deposits(database: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.execute("SELECT name, balance_fen FROM accounts WHERE kind = 'deposit' ORDER BY name"))


def test_a_dry_run_tells_everything_and_changes_nothing(first: Path) -> None:
    before = fingerprints(first)

    told = json_of(tongbao("migrate", "--data", first, "--dry-run", "--json"))

    assert (told["from_version"], told["to_version"], told["dry_run"]) == (1, DATA_VERSION, True)
    places = [change["place"] for change in told["changes"]]
    assert places[:2] == ["institution-1/config.toml", "institution-2/config.toml"]
    assert "institution-1/institution.sqlite" in places
    assert places[-1] == "network.json"
    assert fingerprints(first) == before


def test_what_was_told_is_done_and_then_there_is_nothing_to_do(first: Path) -> None:
    told = plan_migration(first)
    before = deposits(first / "institution-1" / "institution.sqlite")

    done = migrate(first)

    assert done == told
    assert plan_migration(first).changes == ()
    assert "nothing to do" in tongbao("migrate", "--data", first).stdout
    assert DataDirectory.open(first).network.version == DATA_VERSION
    assert deposits(first / "institution-1" / "institution.sqlite") == before
    for home in (1, 2):
        folder = first / f"institution-{home}"
        assert tomllib.loads((folder / "config.toml").read_text())["redo_log"] == "redo"
        assert list((folder / "redo").glob("base-*.sqlite")), "what was there before the log is its base"


def test_configurations_and_databases_are_kept_as_they_were(first: Path) -> None:
    before = fingerprints(first)

    migrate(first)

    kept = first / f"before-version-{DATA_VERSION}"
    after = fingerprints(kept)
    configs = {name: each for name, each in before.items() if name.endswith("config.toml")}
    assert {name: after[name] for name in configs} == configs
    with closing(sqlite3.connect(kept / "institution-1" / "institution.sqlite")) as connection:
        (revision,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    assert revision == "2026_01_01_first"


def test_what_was_interrupted_is_done_again(first: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def power_cut(_root: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as interrupted:
        interrupted.setattr(data_migration, "_write_version", power_cut)
        with pytest.raises(KeyboardInterrupt):
            migrate(first)

    migrate(first)

    assert plan_migration(first).changes == ()
    kept = first / f"before-version-{DATA_VERSION}" / "institution-1" / "config.toml"
    assert "redo_log" not in kept.read_text(), "what was kept first is the older state"


def test_nothing_is_migrated_while_a_role_runs(first: Path) -> None:
    before = fingerprints(first)
    port = int(json.loads((first / "network.json").read_text())["registration"]["url"].rpartition(":")[2])

    with socket.socket() as running:
        running.bind(("127.0.0.1", port))
        running.listen()
        with pytest.raises(ConfigurationError, match="registration seems to run"):
            migrate(first)

    assert fingerprints(first) == before


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ('{"version": 99}', "install a newer one"),
        ("{}", "names no version"),
        ("nonsense", "cannot be read"),
    ],
)
def test_what_is_no_data_directory_of_ours_is_refused(tmp_path: Path, content: str, complaint: str) -> None:
    (tmp_path / "network.json").write_text(content)

    with pytest.raises(ConfigurationError, match=complaint):
        plan_migration(tmp_path)


def test_an_empty_directory_has_nothing_to_migrate(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no network"):
        migrate(tmp_path)
