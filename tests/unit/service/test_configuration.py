"""A configuration is checked whole before anything starts, and every problem names file and setting."""

from pathlib import Path

import pytest
from sqlalchemy import make_url

from tongbao.errors import ConfigurationError
from tongbao.service.configuration import InstitutionConfiguration, RegistrationConfiguration, load_configuration

REGISTRATION = """
role = "registration"
listen = { port = 7301 }
genesis = "genesis.bin"
journal = "journal"
index = "sqlite:///index.sqlite"
receipt_key = "receipt.key"
"""


def _file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_and_sqlite_files_are_taken_from_beside_the_file(tmp_path: Path) -> None:
    path = _file(tmp_path, REGISTRATION)

    loaded = load_configuration(path)

    assert isinstance(loaded, RegistrationConfiguration)
    assert loaded.journal == tmp_path / "journal"
    assert loaded.index == f"sqlite:///{tmp_path}/index.sqlite"
    assert loaded.listen.host == "127.0.0.1"


def test_a_folder_with_any_name_may_hold_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "50% of #1 & what?"
    folder.mkdir()

    loaded = load_configuration(_file(folder, REGISTRATION.replace("index.sqlite", "an%20index.sqlite?timeout=5")))

    assert isinstance(loaded, RegistrationConfiguration)
    url = make_url(loaded.index)
    assert (url.database, dict(url.query)) == (str(folder / "an index.sqlite"), {"timeout": "5"})


def test_a_database_server_keeps_its_url(tmp_path: Path) -> None:
    url = "postgresql+psycopg://tongbao@db.example/index"
    path = _file(tmp_path, REGISTRATION.replace("sqlite:///index.sqlite", url))

    loaded = load_configuration(path)

    assert isinstance(loaded, RegistrationConfiguration)
    assert loaded.index == url


def test_an_institution_names_its_peers(tmp_path: Path) -> None:
    text = """
    role = "institution"
    home = 2
    name = "农业"
    listen = { host = "::1", port = 7304 }
    database = "sqlite:///institution.sqlite"
    endorser_key = "endorser.key"
    vault_key = "vault.key"
    teller_key = "teller.key"
    registration = "http://127.0.0.1:7301"
    central_bank = "http://127.0.0.1:7302"
    peers = [{ home = 1, url = "http://127.0.0.1:7303" }]
    """

    loaded = load_configuration(_file(tmp_path, text))

    assert isinstance(loaded, InstitutionConfiguration)
    assert loaded.peers[0].home == 1
    assert loaded.policy is None


@pytest.mark.parametrize(
    ("before", "after", "problem"),
    [
        ("port = 7301", "port = 70000", "listen.port: Input should be less than or equal to 65535"),
        ('journal = "journal"', "", "journal: Field required"),
        (
            'journal = "journal"',
            'journal = "journal"\njurnal = 1',
            "jurnal: there is no such setting; do you mean journal?",
        ),
        ('"registration"', '"registrar"', "role"),
        ("role =", "role", "is not TOML"),
        ("port = 7301", "port = " + "9" * 5_000, "is not TOML"),
        ("port = 7301", "port = " + "[" * 5_000, "is not TOML"),
        ('"journal"', '"jour\\u0000nal"', "journal: Value error, has a NUL character"),
        ("port = 7301", 'port = 7301, host = "\\u0000"', "listen.host: Value error, has a NUL character"),
        ("role", "heartbeat_s = inf\nrole", "heartbeat_s: Input should be a finite number"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_wrong(tmp_path: Path, before: str, after: str, problem: str) -> None:
    path = _file(tmp_path, REGISTRATION.replace(before, after))

    with pytest.raises(ConfigurationError) as refused:
        load_configuration(path)

    assert str(path) in str(refused.value)
    assert problem in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"absent\.toml: No such file"):
        load_configuration(tmp_path / "absent.toml")


@pytest.mark.parametrize(
    ("setting", "cure"),
    [
        ("receipt_kye = 1", "do you mean receipt_key?"),
        ("heartbeats = 1", "do you mean heartbeat_s?"),
        ("zzz = 1", "leave it out"),
    ],
)
def test_a_setting_that_is_not_known_is_told_with_the_one_that_is_meant(
    tmp_path: Path, setting: str, cure: str
) -> None:
    with pytest.raises(ConfigurationError, match="there is no such setting") as refused:
        load_configuration(_file(tmp_path, f"{REGISTRATION}{setting}\n"))

    assert cure in str(refused.value)
