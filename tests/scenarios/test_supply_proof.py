"""Outsiders hold the supply to its statements from files alone: statements, orders, the genesis and the log's key."""

from pathlib import Path

import pytest

from tests.builders import GENESIS
from tests.command_line import json_of, tongbao
from tests.evidence.lies import LIES, truth
from tests.evidence.parties import Told
from tests.published_logs import write_files
from tests.supply_history import LOG_KEY
from tongbao.service.supply_evidence import orders_file


def published(told: Told, directory: Path) -> list[object]:
    """What is published, in files, and the words of a command line that name them."""
    write_files(directory, told.log)
    statements = directory / "supply"
    statements.mkdir()
    for number, each in enumerate(told.statements, 1):
        (statements / str(number)).write_bytes(each)
    (statements / "latest").write_bytes(told.statements[-1])
    orders = [(each.transaction.encode(), each.receipt.encode()) for each in told.orders]
    (directory / "orders.json").write_text(orders_file(orders))
    (directory / "genesis.bin").write_bytes(GENESIS.encode())
    (directory / "log.vkey").write_text(LOG_KEY.verifier_key.encode() + "\n")
    named = {"statements": "supply", "orders": "orders.json", "genesis": "genesis.bin", "key": "log.vkey"}
    return [word for name, file in named.items() for word in (f"--{name}", directory / file)]


def test_everything_fits_where_nothing_is_wrong(tmp_path: Path) -> None:
    words = published(truth(), tmp_path)

    found = json_of(tongbao("supply", "verify", *words, "--json"))

    assert found["holds"] is True
    assert (found["statements"], found["first"], found["last"], found["orders"]) == (2, 1, 2, 3)
    assert found["assets"] == [{"asset": 0, "issued": 1400, "redeemed": 200, "outstanding": 1200}]
    assert found["findings"] == []
    assert (found["log_size"], found["statements_in_log"]) == (6, 2)
    assert "6 entries long, holds 2 of 2 statements" in tongbao("supply", "verify", *words).stdout


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        ("wrong outstanding figure", "sum"),
        ("issue without an order", "growth"),
        ("order with too few officers", "order"),
        ("forged statement", "signature"),
        ("another statement than the log's", "unlogged"),
        ("statement left out of the log", "unlogged"),
        ("log cut short", "log-history"),
        ("log made anew", "log-history"),
        ("tile of the log withheld", "log"),
    ],
)
def test_what_does_not_fit_is_named_and_ends_with_3(
    tmp_path: Path, lie: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tongbao.service.supply_log.ROUND_S", 0.0)
    words = published(LIES[lie](), tmp_path)

    ended = tongbao("supply", "verify", *words, "--json")

    assert ended.exit_code == 3
    assert fault in {each["fault"] for each in json_of(ended)["findings"]}
    assert "IT DOES NOT FIT" in tongbao("supply", "verify", *words).stdout


def test_a_bent_tile_is_named_and_ends_with_3(tmp_path: Path) -> None:
    words = published(truth(), tmp_path)
    tile = tmp_path / "tile/0/000.p/6"
    tile.write_bytes(tile.read_bytes()[:-1] + b"?")

    ended = tongbao("supply", "verify", *words)

    assert ended.exit_code == 3
    assert "log: tile/0/000.p/6" in ended.stdout


def test_without_a_log_beside_them_the_statements_are_held_against_none_unless_one_is_named(tmp_path: Path) -> None:
    told = truth()
    told.log = {}
    words = published(told, tmp_path)

    found = json_of(tongbao("supply", "verify", *words, "--json"))
    insisted = tongbao("supply", "verify", *words, "--log", tmp_path)

    assert (found["holds"], found["log_size"], found["statements_in_log"]) == (True, None, None)
    assert "no transparency log stands beside the statements" in tongbao("supply", "verify", *words).stdout
    assert insisted.exit_code == 4
    assert "holds no checkpoint" in insisted.stderr


def test_a_holder_checks_offline_that_its_coin_is_counted(tmp_path: Path) -> None:
    told = truth()
    published(told, tmp_path)
    assert told.coin is not None
    file = tmp_path / "coin.proof"
    file.write_text(f"{told.coin.encode().hex()}\n\n{told.statements[-1].decode()}")

    found = json_of(tongbao("supply", "check-coin", file, "--key", tmp_path / "log.vkey", "--json"))

    assert (found["counted"], found["value"], found["statement"]) == (True, 300, 2)


@pytest.mark.parametrize("change", [("00", "01"), ("total 1200", "total 1300"), ("\n\ntongbao", "tongbao")])
def test_a_proof_that_was_changed_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    told = truth()
    published(told, tmp_path)
    assert told.coin is not None
    text = f"{told.coin.encode().hex()}\n\n{told.statements[-1].decode()}"
    file = tmp_path / "coin.proof"
    file.write_text(text.replace(*change, 1))

    ended = tongbao("supply", "check-coin", file, "--key", tmp_path / "log.vkey")

    assert ended.exit_code == 1


def test_without_statements_or_key_the_command_says_what_to_name(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    nothing = tongbao("supply", "verify")
    empty = tongbao("supply", "verify", "--statements", tmp_path / "empty", "--key", LOG_KEY.verifier_key.encode())

    assert (nothing.exit_code, empty.exit_code) == (4, 4)
    assert "--statements" in nothing.stderr
