"""A back-up is whole or none, says when it is not what was written, and is put back without undoing anything."""

import json
import sqlite3
import stat
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.command_line import json_of, tongbao
from tests.earlier_versions import FIRST, unpacked, with_free_ports
from tests.scenarios.running import make_network
from tongbao.adapters.redo import keep_redo
from tongbao.adapters.redo_log import RedoLog
from tongbao.adapters.sql_group import GroupWriter, open_engine, sqlite_url
from tongbao.errors import ConfigurationError, DamageError
from tongbao.institutions import migrations
from tongbao.institutions.tables import customers
from tongbao.service.backup import forget_redo, make_backup, restore, verify_backup
from tongbao.service.data_migration import migrate


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data directory in which there is money, and nobody who runs."""
    root = with_free_ports(unpacked(FIRST, tmp_path / "data"))
    migrate(root)
    return root


def names(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM customers ORDER BY customer_id")]


def change(database: Path) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("UPDATE customers SET name = 'changed'")
        connection.commit()


def test_a_backup_holds_what_cannot_be_made_again_and_no_keys_unless_they_are_asked_for(
    data: Path, tmp_path: Path
) -> None:
    made = make_backup(data, tmp_path / "without", keys=False)
    with_keys = make_backup(data, tmp_path / "with", keys=True)

    paths = {each.path for each in made.files}
    assert {"network.json", "genesis.bin", "institution-1/config.toml", "institution-1/institution.sqlite"} <= paths
    assert {"central-bank/office.sqlite", "journal/journal-00000000000000000000.segment"} <= paths
    assert "registration/index.sqlite" not in paths
    assert not any(path.endswith(".key") for path in paths)
    added = {each.path for each in with_keys.files} - paths
    assert {"institution-1/vault.key", "central-bank/officers/issuance-1.key", "registration/receipt.key"} <= added
    assert verify_backup(tmp_path / "with") == with_keys
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "with").rglob("*.key")} == {0o600}


def test_each_backup_has_a_folder_of_its_own(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "monday", keys=False)

    with pytest.raises(ConfigurationError, match="is not empty"):
        make_backup(data, tmp_path / "monday", keys=False)


def test_a_file_that_is_not_what_was_backed_up_is_named(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=False)
    segment = tmp_path / "backup" / "journal" / "journal-00000000000000000000.segment"
    content = bytearray(segment.read_bytes())
    content[100] ^= 1
    segment.write_bytes(content)

    ended = tongbao("backup", "verify", tmp_path / "backup", "--json")

    assert ended.exit_code == 3
    assert "journal-00000000000000000000.segment is not what was backed up" in json_of(ended)["message"]


def test_an_unfinished_backup_is_none(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=False)
    (tmp_path / "backup" / "manifest.json").unlink()

    with pytest.raises(ConfigurationError, match="no finished back-up"):
        verify_backup(tmp_path / "backup")


def test_a_missing_file_is_damage(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=False)
    (tmp_path / "backup" / "institution-1" / "institution.sqlite").unlink()

    with pytest.raises(DamageError, match="cannot be read"):
        restore(tmp_path / "backup", data, "institution-1")


def test_a_database_is_put_back_and_what_was_there_is_set_aside(data: Path, tmp_path: Path) -> None:
    database = data / "institution-1" / "institution.sqlite"
    before = names(database)
    make_backup(data, tmp_path / "backup", keys=False)
    change(database)

    done = restore(tmp_path / "backup", data, "institution-1")

    assert names(database) == before
    assert done.aside is not None
    assert set(names(done.aside)) == {"changed"}
    assert done.from_commit == done.to_commit


def test_a_role_moves_to_a_new_machine_with_its_keys(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=True)

    words = ("backup", "restore", tmp_path / "backup", "--role", "institution-2", "--data", tmp_path / "new", "--json")
    done = json_of(tongbao(*words))

    assert {"institution-2/vault.key", "institution-2/config.toml", "genesis.bin"} <= set(done["files"])
    assert not any(path.startswith(("institution-1", "journal")) for path in done["files"])
    assert names(tmp_path / "new" / "institution-2" / "institution.sqlite") == ["bob"]


def test_what_is_newer_than_the_backup_stays(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=True)
    config = data / "institution-1" / "config.toml"
    config.write_text("# newer\n" + config.read_text())

    restore(tmp_path / "backup", data, "institution-1")

    assert config.read_text().startswith("# newer")


def test_the_journal_is_never_put_back(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=True)

    with pytest.raises(ConfigurationError, match="never put back"):
        restore(tmp_path / "backup", data, "registration")


def test_a_role_that_is_not_in_the_backup_is_refused(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=True)

    with pytest.raises(ConfigurationError, match="it has central-bank, institution-1, institution-2"):
        restore(tmp_path / "backup", data, "institution-3")


def test_a_backup_is_not_put_into_another_network(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "backup", keys=True)
    other = make_network(tmp_path / "other", "other").root

    with pytest.raises(ConfigurationError, match="another network"):
        restore(tmp_path / "backup", other, "institution-1")

    assert not (other / "institution-1" / "institution.sqlite").exists()


@pytest.mark.parametrize("path", ["../outside", "/etc/passwd", "journal/../../outside", ".hidden"])
def test_a_manifest_names_no_place_outside_its_folder(data: Path, tmp_path: Path, path: str) -> None:
    make_backup(data, tmp_path / "backup", keys=False)
    manifest = tmp_path / "backup" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["files"][0]["path"] = path
    manifest.write_text(json.dumps(content))

    with pytest.raises(DamageError, match="cannot be read"):
        verify_backup(tmp_path / "backup")


def test_a_redo_log_forgets_what_is_older_than_a_verified_backup_and_the_backup_is_brought_on(
    data: Path, tmp_path: Path
) -> None:
    log_of(data, commits=30)
    make_backup(data, tmp_path / "monday", keys=False)
    before = [path.name for path in sorted((data / "institution-1/redo").glob("redo-*.log"))]

    command = ("backup", "forget-redo", tmp_path / "monday", "--role", "institution-1", "--data", data)
    told, again = [json_of(tongbao(*command, "--json")) for _ in range(2)]
    restored = restore(tmp_path / "monday", data, "institution-1")

    assert told["files"] == [*before[:-1], f"base-{0:020d}.sqlite"]
    assert again["files"] == []
    assert (restored.from_commit, restored.to_commit) == (32, 32)


def test_a_damaged_backup_makes_nothing_unnecessary(data: Path, tmp_path: Path) -> None:
    log_of(data, commits=30)
    make_backup(data, tmp_path / "monday", keys=False)
    before = sorted((data / "institution-1/redo").iterdir())
    (tmp_path / "monday/institution-1/institution.sqlite").write_bytes(b"x")

    with pytest.raises(DamageError):
        forget_redo(tmp_path / "monday", data, "institution-1")

    assert sorted((data / "institution-1/redo").iterdir()) == before


def test_where_no_redo_log_is_kept_none_is_forgotten(data: Path, tmp_path: Path) -> None:
    make_backup(data, tmp_path / "monday", keys=False)

    with pytest.raises(ConfigurationError, match="keeps no redo log"):
        forget_redo(tmp_path / "monday", data, "central-bank")


def change_to(connection: sa.Connection, *, number: int) -> int:
    return connection.execute(sa.update(customers).values(since_ms=number)).rowcount


def log_of(data: Path, *, commits: int) -> None:
    """Let institution 1 have a redo log in many files, and change so often what the log tells."""
    config = data / "institution-1/config.toml"
    if "redo_log" not in config.read_text():
        config.write_text(f'redo_log = "redo"\n{config.read_text()}')
    engine = open_engine(sqlite_url(str(data / "institution-1/institution.sqlite")))
    directory = data / "institution-1/redo"
    keep_redo(engine, migrations, directory, entropy=bytes).close()
    log = RedoLog.open(directory, segment_bytes_max=300)
    writer = GroupWriter(engine, log)
    for number in range(commits):
        writer.run([partial(change_to, number=number)])
        writer.commit()
    writer.roll_back()
    log.close()
    engine.dispose()


def test_the_key_of_a_witness_is_left_out_since_beside_an_older_record_it_could_cosign_two_histories(
    tmp_path: Path,
) -> None:
    data = make_network(tmp_path / "watched", "watched", with_witnesses=True)

    backup = make_backup(data.root, tmp_path / "copy", keys=True)

    paths = [each.path for each in backup.files]
    assert "institution-1/endorser.key" in paths
    assert "institution-1/witness.key" not in paths
