"""Outsiders hold the supply to its statements from files alone: statements, orders, the genesis and the log's key."""

from pathlib import Path

import pytest

from tests.builders import GENESIS
from tests.command_line import json_of, tongbao
from tests.evidence.lies import LIES, truth
from tests.evidence.parties import Told
from tests.supply_history import LOG_KEY
from tongbao.service.supply_evidence import orders_file


def published(told: Told, directory: Path) -> list[object]:
    """What is published, in files, and the words of a command line that name them."""
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


@pytest.mark.parametrize(
    ("lie", "fault"),
    [
        ("wrong outstanding figure", "sum"),
        ("issue without an order", "growth"),
        ("order with too few officers", "order"),
        ("forged statement", "signature"),
    ],
)
def test_what_does_not_fit_is_named_and_ends_with_3(tmp_path: Path, lie: str, fault: str) -> None:
    words = published(LIES[lie](), tmp_path)

    ended = tongbao("supply", "verify", *words, "--json")

    assert ended.exit_code == 3
    assert fault in {each["fault"] for each in json_of(ended)["findings"]}
    assert "IT DOES NOT FIT" in tongbao("supply", "verify", *words).stdout


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
