"""A data directory is made whole or not at all, never over another, and its roles find what they need."""

import json
from pathlib import Path

import pytest

from tongbao.coin.control import AuthorityKind
from tongbao.errors import ConfigurationError
from tongbao.service.configuration import ClockChoice, InstitutionConfiguration, load_configuration
from tongbao.service.data_directory import DataDirectory, NetworkPlan, seeded_secret
from tongbao.service.key_file import read_key


def _plan(seed: str = "1") -> NetworkPlan:
    return NetworkPlan(
        name="Test",
        institutions=['工商 "ICBC"', "农业"],
        test_network=True,
        time_ms=1_000,
        quota_fen=10**12,
        ports=[7301, 7302, 7303, 7304],
        clock=ClockChoice.HEARTBEAT,
        secret=seeded_secret(seed),
    )


def test_what_is_made_can_be_opened_and_every_role_configured(tmp_path: Path) -> None:
    DataDirectory.make(tmp_path / "data", _plan())

    opened = DataDirectory.open(tmp_path / "data")

    assert list(opened.roles()) == ["registration", "central-bank", "institution-1", "institution-2"]
    for config, _ in opened.roles().values():
        load_configuration(config)
    first = load_configuration(opened.config("institution-1"))
    assert isinstance(first, InstitutionConfiguration)
    assert first.name == '工商 "ICBC"'
    assert [peer.home for peer in first.peers] == [2]


def test_genesis_names_the_keys_that_were_made(tmp_path: Path) -> None:
    made = DataDirectory.make(tmp_path / "data", _plan())

    genesis = made.genesis()

    endorser = read_key(made.root / "institution-2" / "endorser.key")
    assert genesis.institutions[1].key.key == endorser.public_key
    assert genesis.domain().network_id.hex() == made.network.network_id
    for officers in genesis.authorities:
        keys = [read_key(path).public_key for path in made.officer_keys(AuthorityKind(officers.authority))]
        assert [key.key for key in officers.keys] == keys
        assert officers.threshold == 2


def test_one_seed_makes_one_network(tmp_path: Path) -> None:
    first = DataDirectory.make(tmp_path / "a", _plan("7"))
    again = DataDirectory.make(tmp_path / "b", _plan("7"))
    other = DataDirectory.make(tmp_path / "c", _plan("8"))

    assert first.network.network_id == again.network.network_id
    assert first.network.network_id != other.network.network_id


def test_a_network_is_never_made_over_another(tmp_path: Path) -> None:
    made = DataDirectory.make(tmp_path / "data", _plan())
    before = made.genesis_file.read_bytes()

    with pytest.raises(ConfigurationError, match="holds a network already"):
        DataDirectory.make(tmp_path / "data", _plan("2"))

    assert made.genesis_file.read_bytes() == before


def test_an_empty_directory_says_how_to_make_a_network(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="tongbao up"):
        DataDirectory.open(tmp_path)


def test_a_directory_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ConfigurationError, match=r"cannot make a network|cannot write"):
        DataDirectory.make(tmp_path / "file" / "data", _plan())


def test_a_directory_with_anything_else_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("chapter 1", encoding="utf-8")

    with pytest.raises(ConfigurationError, match="is not empty and holds no network: choose an empty"):
        DataDirectory.make(tmp_path, _plan())

    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_new_volume_is_empty(tmp_path: Path) -> None:
    (tmp_path / "lost+found").mkdir()

    DataDirectory.make(tmp_path, _plan())

    assert DataDirectory.is_made(tmp_path)


def test_a_later_version_is_refused(tmp_path: Path) -> None:
    made = DataDirectory.make(tmp_path / "data", _plan())
    path = made.root / "network.json"
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "version": 3}))

    with pytest.raises(
        ConfigurationError, match="is of version 3, this software works with version 2: install a newer"
    ):
        DataDirectory.open(made.root)


def test_an_institution_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    made = DataDirectory.make(tmp_path / "data", _plan())

    with pytest.raises(ConfigurationError, match="no institution 3; it has 1, 2"):
        made.institution(3)


def test_an_earlier_version_is_refused_with_the_command_that_migrates_it(tmp_path: Path) -> None:
    DataDirectory.make(tmp_path / "data", _plan())
    path = tmp_path / "data" / "network.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "version": 1}))

    with pytest.raises(ConfigurationError, match=f"tongbao migrate --data {tmp_path / 'data'}"):
        DataDirectory.open(tmp_path / "data")
