"""Ports that are taken, directories that cannot be written, data of another network: each stops with its cure."""

import shutil
import socket
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.running import make_network
from tongbao.errors import ConfigurationError, TongbaoError
from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import RoleProcess

WORLD_FAILED = 4


@pytest.fixture
def stranger(tmp_path: Path) -> DataDirectory:
    """Another network than the one that runs; nothing of it runs."""
    return make_network(tmp_path / "stranger", "stranger")


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        yield taken.getsockname()[1]


def _listening_on(config: Path, port: int) -> Path:
    lines = config.read_text(encoding="utf-8").splitlines()
    changed = [f'listen = {{ host = "127.0.0.1", port = {port} }}' if "listen" in line else line for line in lines]
    config.write_text("\n".join(changed), encoding="utf-8")
    return config


@pytest.mark.parametrize("role", ["registration", "central-bank", "institution-1"])
def test_a_port_in_use_is_named_with_the_cure(stranger: DataDirectory, taken_port: int, role: str) -> None:
    config = _listening_on(stranger.config(role), taken_port)

    ended = tongbao("serve", role.removesuffix("-1"), "--config", config, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert json_of(ended)["message"] == (
        f"port {taken_port} of 127.0.0.1 is in use; stop what uses it or choose another port"
    )
    assert not (config.parent / "index.sqlite").exists(), "a port in use costs nothing"


@pytest.mark.parametrize(
    "words", [("central-bank", "init", "--test-network"), ("up",), ("demo",)], ids=["init", "up", "demo"]
)
def test_no_network_is_made_where_nothing_can_be_written(tmp_path: Path, words: tuple[str, ...]) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a directory", encoding="utf-8")

    ended = tongbao(*words, "--data", in_the_way / "data", "--json")

    assert ended.exit_code in {3, WORLD_FAILED}
    assert f"cannot make a network in {in_the_way / 'data'}: Not a directory" in ended.stdout


def test_a_journal_that_cannot_be_written_is_named(stranger: DataDirectory) -> None:
    stranger.journal.write_text("not a directory", encoding="utf-8")

    ended = tongbao("serve", "registration", "--config", stranger.config("registration"), "--json")

    assert ended.exit_code == WORLD_FAILED
    assert json_of(ended)["message"].endswith(
        "journal: File exists; name another path, or mend this one and its permissions"
    )


def test_a_wallet_that_cannot_be_written_is_named(stranger: DataDirectory) -> None:
    in_the_way = stranger.wallets / "alice"
    in_the_way.write_text("not a directory", encoding="utf-8")

    ended = tongbao("wallet", "open", "alice", "--home", 1, "--class", "I", "--data", stranger.root, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert json_of(ended)["message"] == f"cannot make {in_the_way}: File exists"


def test_a_network_is_not_made_over_another(stranger: DataDirectory) -> None:
    ended = tongbao("central-bank", "init", "--data", stranger.root, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert json_of(ended)["message"] == f"{stranger.root} holds a network already: choose another directory"


def test_a_directory_without_a_network_is_told_so(tmp_path: Path) -> None:
    ended = tongbao("wallet", "list", "--data", tmp_path, "--json")

    assert ended.exit_code == WORLD_FAILED
    assert "holds no network" in json_of(ended)["message"]


# --- data of another network ------------------------------------------------------------------------------------------


def _borrow(database: Path, *, into: Path) -> None:
    """A database of the running network, as it is at this moment, in place of a stranger's."""
    with closing(sqlite3.connect(database)) as source, closing(sqlite3.connect(into)) as target:
        source.backup(target)


@asynccontextmanager
async def _started(data: DataDirectory, role: str) -> AsyncIterator[RoleProcess]:
    config, url = data.roles()[role]
    process = await RoleProcess.start(role, config=config, url=url, log=data.logs / f"{role}.log")
    try:
        await process.wait_ready()
        yield process
    finally:
        await process.stop()


async def _refusal_to_start(data: DataDirectory, role: str) -> TongbaoError:
    with pytest.raises(ConfigurationError) as refused:
        async with _started(data, role):
            pass
    return refused.value


async def test_the_registration_centre_does_not_take_another_networks_journal(
    network: DataDirectory, stranger: DataDirectory
) -> None:
    shutil.copytree(network.journal, stranger.journal)

    refused = await _refusal_to_start(stranger, "registration")

    assert network.network.network_id in str(refused)
    assert "name the directory of this network, or an empty one" in str(refused)


async def test_the_registration_centre_does_not_take_another_networks_index(
    network: DataDirectory, stranger: DataDirectory
) -> None:
    place = Path("registration") / "index.sqlite"
    _borrow(network.root / place, into=stranger.root / place)

    refused = await _refusal_to_start(stranger, "registration")

    assert f"the index belongs to the network {network.network.network_id}" in str(refused)
    assert "configure another index" in str(refused)


@pytest.mark.parametrize(
    ("role", "database"), [("central-bank", "office.sqlite"), ("institution-1", "institution.sqlite")]
)
async def test_nobody_takes_a_database_of_another_network(
    network: DataDirectory, stranger: DataDirectory, role: str, database: str
) -> None:
    _borrow(network.root / role / database, into=stranger.root / role / database)

    async with _started(stranger, "registration"):
        refused = await _refusal_to_start(stranger, role)

    assert "belongs to another network than the registration centre" in str(refused)
