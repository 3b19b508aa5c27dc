"""A whole currency whose journal is kept by a server that was started with what `tongbao cluster config` wrote."""

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import json_of, tongbao
from tests.nats_servers import HOST, free_ports, server_program, wait_for
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.journal_place import ClusterJournal, journal_of
from tongbao.service.recount import judge_journal
from tongbao.service.sandbox import issue, read_supply, running_network

pytestmark = pytest.mark.cluster


@dataclass(frozen=True)
class Running:
    """A server that runs, and the options by which networks are made on it."""

    options: list[str]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    program, (port,) = server_program(), free_ports(1)
    place = f"nats://{HOST}:{port}"
    told = json_of(tongbao("cluster", "config", "--servers", place, "--directory", tmp_path / "cluster", "--json"))
    assert told["journal"] == place
    (one,) = told["servers"]
    process = subprocess.Popen([program, "-c", one["configuration"], "-l", str(tmp_path / "server.log")])
    try:
        wait_for(HOST, port, tmp_path / "server.log")
        yield Running(["--journal", told["journal"], "--journal-key", told["key"]])
    finally:
        process.terminate()
        process.wait()


def _run(*words: str | Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tongbao", *map(str, words), "--json"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    content: dict[str, Any] = json.loads(ended.stdout)
    return content


def test_the_demo_tells_its_story_and_the_supply_is_counted_from_the_servers(server: Running, tmp_path: Path) -> None:
    told = _run("demo", "--data", tmp_path / "data", *server.options)

    assert told["ok"]
    assert told["supply"]["unspent"] == told["supply"]["outstanding"] > 0
    assert not list((tmp_path / "data" / "journal").glob("*.segment"))
    counted = _run("supply", "--data", tmp_path / "data")
    assert counted["agrees"]


def test_a_centre_that_lost_everything_but_the_servers_comes_to_the_same_digest(
    server: Running, tmp_path: Path
) -> None:
    root = tmp_path / "data"
    _run("central-bank", "init", "--data", root, "--test-network", "--port", str(free_ports(1)[0]), *server.options)
    data = DataDirectory.open(root)
    assert isinstance(journal_of(data), ClusterJournal)

    async def life(*, issued_fen: int) -> bytes:
        async with running_network(data), connected(root) as connections:
            if issued_fen:
                await issue(connections, 1, issued_fen)
            return (await read_supply(connections)).state_digest

    first = asyncio.run(life(issued_fen=500_000))
    for index in (root / "registration").glob("index.sqlite*"):
        index.unlink()
    shutil.rmtree(data.journal)
    second = asyncio.run(life(issued_fen=0))
    judged = asyncio.run(judge_journal(journal_of(data), genesis=data.genesis_file.read_bytes()))

    assert first == second == judged.kernel.state_digest
