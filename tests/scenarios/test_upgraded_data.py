"""People who had money when the first version ran have it in this one, and go on."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.earlier_versions import FIRST, unpacked, with_free_ports
from tongbao.service.data_directory import DataDirectory
from tongbao.service.sandbox import running_network

pytestmark = pytest.mark.slow

HELD_FEN = {"alice": (26_800, 20_000), "tea": (2_000, 0), "bob": (1_200, 0)}
"""Coins and deposit of each wallet, as the first version showed them."""


@pytest.fixture
def upgraded(tmp_path: Path) -> Iterator[Path]:
    """The first version's data, migrated, with every role of this version running on them."""
    root = with_free_ports(unpacked(FIRST, tmp_path / "data"))
    assert tongbao("migrate", "--data", root).exit_code == 0
    with asyncio.Runner() as runner:
        running = running_network(DataDirectory.open(root))
        runner.run(running.__aenter__())
        try:
            yield root
        finally:
            runner.run(running.__aexit__(None, None, None))


def ask(root: Path, *words: object) -> dict[str, object]:
    ended = tongbao(*words, "--data", root, "--json", TONGBAO_WALLET_PASSWORD="secret")
    assert ended.exit_code == 0, ended.stdout
    return json_of(ended)


def test_a_data_directory_of_the_first_version_goes_on_in_this_one(upgraded: Path) -> None:
    shown = {name: ask(upgraded, "wallet", "show", name) for name in HELD_FEN}
    assert {name: (each["balance_fen"], each["deposit_fen"]) for name, each in shown.items()} == HELD_FEN
    assert ask(upgraded, "supply")["agrees"] is True
    report = ask(upgraded, "bank", "report", "--home", 1)
    assert (report["balanced"], report["circulating_fen"]) == (True, 28_800)
    history = json.dumps(ask(upgraded, "wallet", "history", "alice"))
    assert "Tea House" in history

    order = ask(upgraded, "wallet", "order", "tea", "10.00", "--number", "after the upgrade")
    ask(upgraded, "wallet", "pay", "alice", order["link"], "--yes")
    ask(upgraded, "wallet", "exchange", "alice", "50.00")

    assert ask(upgraded, "wallet", "show", "alice")["balance_fen"] == 26_800 - 1_000 + 5_000
    assert ask(upgraded, "bank", "report", "--home", 1)["balanced"] is True


def test_a_data_directory_of_the_first_version_is_not_used_before_it_is_migrated(tmp_path: Path) -> None:
    root = with_free_ports(unpacked(FIRST, tmp_path / "data"))

    ended = tongbao("wallet", "list", "--data", root, "--json")

    assert ended.exit_code == 4
    assert "run tongbao migrate" in json_of(ended)["message"]
