"""A check says everything that would keep a role from starting, all at once, and changes nothing."""

from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.running import make_network
from tongbao.service.configuration_check import check_configuration
from tongbao.service.data_directory import DataDirectory


@pytest.fixture
def data(tmp_path: Path) -> DataDirectory:
    return make_network(tmp_path / "data", "check")


def test_the_files_of_a_new_network_are_good(data: DataDirectory) -> None:
    before = sorted(data.root.rglob("*"))
    configs = [config for config, _ in data.roles().values()]

    found = json_of(tongbao("config", "check", *configs, "--json"))

    assert found["ok"] is True
    assert [each["role"] for each in found["files"]] == ["registration", "central-bank", "institution", "institution"]
    assert sorted(data.root.rglob("*")) == before


def test_everything_that_is_wrong_is_told_at_once(data: DataDirectory) -> None:
    config = data.config("institution-1")
    (config.parent / "vault.key").unlink()
    (config.parent / "teller.key").chmod(0o644)
    text = config.read_text(encoding="utf-8").replace("home = 2", "home = 1")
    config.write_text(text.replace("sqlite:///", "sqlite:///nowhere/") + 'policy = "missing.json"\n', encoding="utf-8")

    ended = tongbao("config", "check", config, "--json")

    assert ended.exit_code == 4
    (told,) = json_of(ended)["files"]
    starts = [problem.partition(":")[0] for problem in told["problems"]]
    assert starts == ["vault_key", "teller_key", "policy", "database", "peers"]


@pytest.mark.parametrize(
    ("role", "old", "new", "problem"),
    [
        ("registration", "genesis.bin", "config.toml", "genesis: "),
        ("registration", "sqlite:///index.sqlite", "nonsense", "index: nonsense is no database's URL"),
        ("registration", "receipt.key", "config.toml", "receipt_key: "),
        ("central-bank", "operator.key", "missing.key", "key: cannot read the key file"),
        ("institution-1", "sqlite:///institution.sqlite", "postgresql://bank", "redo_log: it is kept of SQLite's"),
        ("institution-1", "role =", "roll =", "role: "),
    ],
)
def test_a_problem_names_its_setting(data: DataDirectory, role: str, old: str, new: str, problem: str) -> None:
    config = data.config(role)
    changed = config.read_text(encoding="utf-8").replace(old, new)
    config.write_text(changed.replace("../config.toml", "config.toml"), encoding="utf-8")

    _, problems = check_configuration(config)

    assert any(problem in each for each in problems), problems
