"""People who pay people: by number, by name, on a day of their choice, and by mistake."""

import zlib

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.test_wallet_commands import PASSWORD, Desk
from tongbao.service.data_directory import DataDirectory


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"p{zlib.crc32(request.node.name.encode()):08x}")


def alias(desk: Desk, command: str, who: str, *words: object) -> dict[str, object]:
    """What `tongbao wallet alias` answers."""
    named = ("wallet", "alias", command, desk.name(who), *words, "--data", desk.data.root, "--json")
    ended = tongbao(*named, TONGBAO_WALLET_PASSWORD=PASSWORD)
    assert ended.exit_code == 0, ended.output
    return json_of(ended)


def prove(desk: Desk, who: str, phone: str, *, home: int) -> None:
    """Claim a number with the code that the teller tells."""
    alias(desk, "claim", who, phone)
    codes = json_of(tongbao("bank", "codes", "--home", home, "--data", desk.data.root, "--json"))["codes"]
    alias(desk, "confirm", who, phone, codes[0]["code"])


def test_a_person_at_another_home_is_paid_by_telephone_number(desk: Desk) -> None:
    desk.open("alice", 10_000)
    desk.ask("open", "bob", "--home", 2, "--class", "II", "--holder", "李小明")
    prove(desk, "bob", "139 0000 0001", home=2)

    asked = tongbao(
        *("wallet", "pay", desk.name("alice"), "13900000001", "88", "--data", desk.data.root),
        typed="y\n",
        TONGBAO_WALLET_PASSWORD=PASSWORD,
    )

    assert asked.exit_code == 0, asked.output
    assert "Pay ¥88.00 to *小明," in asked.output
    assert desk.ask("show", "bob")["balance_fen"] == 8_800
    assert alias(desk, "list", "bob")["aliases"] == [
        {"masked": "+86139******01", "since_ms": desk.ask("payee", "alice", "13900000001")["since_ms"]}
    ]


def test_nothing_is_paid_to_somebody_of_another_name(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.ask("open", "bob", "--home", 2, "--class", "II", "--holder", "李小明")

    refused = desk.refusal("pay", "alice", bob["address"], "88", "--payee-name", "李大明", "--yes")
    unsaid = desk.refusal("pay", "alice", bob["address"], "--yes")
    paid = desk.ask("pay", "alice", bob["address"], "12", "--payee-name", "李小明", "--yes")

    assert unsaid["error"] == "AMOUNT_MISSING"
    assert (refused["error"], refused["field"]) == ("NAME_DIFFERS", "payee_name")
    assert paid["state"] == "settled"
    assert desk.ask("show", "alice")["balance_fen"] == 8_800


def test_a_number_that_was_released_finds_nobody(desk: Desk) -> None:
    desk.open("alice")
    desk.open("bob")
    prove(desk, "bob", "13900000002", home=1)
    before = desk.ask("payee", "alice", "13900000002", "--payee-name", desk.name("bob"))

    alias(desk, "release", "bob", "13900000002")

    assert (before["home"], before["payee"]["matches"]) == (1, True)
    assert desk.refusal("payee", "alice", "13900000002")["error"] == "ALIAS_UNKNOWN"
