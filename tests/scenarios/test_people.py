"""People who pay people: by number, by name, on a day of their choice, and by mistake."""

import json
import os
import signal
import subprocess
import sys
import zlib
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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


# --- plans ------------------------------------------------------------------------------------------------------------


def plan(desk: Desk, command: str, who: str, *words: object) -> dict[str, Any]:
    """What `tongbao wallet plan` answers."""
    named = ("wallet", "plan", command, desk.name(who), *words, "--data", desk.data.root, "--json")
    ended = tongbao(*named, TONGBAO_WALLET_PASSWORD=PASSWORD)
    assert ended.exit_code == 0, ended.output
    return json_of(ended)


def day_of(account: dict[str, Any], *, days: int = 0) -> str:
    """A day so many after that of an account's answer, where most holders live."""
    moment = datetime.fromtimestamp(account["time_ms"] / 1000, ZoneInfo("Asia/Shanghai"))
    return (moment + timedelta(days=days)).date().isoformat()


def test_a_plan_is_paid_by_the_command_that_asks_what_is_due(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob", home=2)
    today = day_of(bob)
    made = plan(desk, "make", "alice", bob["address"], "25", "--first", today, "--every", "month", "--times", 3)

    shown = desk.ask("due", "alice", "--dry-run")
    first = desk.ask("due", "alice")
    again = desk.ask("due", "alice")

    assert [(each["day"], each["state"]) for each in shown["payments"]] == [(today, "due")]
    assert [(each["plan_id"], each["state"]) for each in first["payments"]] == [(made["plan_id"], "paid")]
    assert again["payments"] == []
    assert desk.ask("show", "bob")["balance_fen"] == 2_500
    [listed] = plan(desk, "list", "alice")["plans"]
    assert [each["state"] for each in listed["payments"]] == ["paid", "waiting"]


def test_what_is_missed_or_cannot_be_paid_is_told_with_another_exit_code(desk: Desk) -> None:
    desk.open("alice", 1_000)
    bob = desk.open("bob")
    plan(desk, "make", "alice", bob["address"], "5", "--first", day_of(bob, days=-30))
    dear = plan(desk, "make", "alice", bob["address"], "500", "--first", today := day_of(bob))

    ended = desk.run("due", "alice")
    told = {each["state"]: each for each in json_of(ended)["payments"]}
    plan(desk, "cancel", "alice", dear["plan_id"])

    assert ended.exit_code == 1
    assert (told["missed"]["day"] < today, told["due"]["plan_id"]) == (True, dear["plan_id"])
    assert told["due"]["reason"]
    assert desk.ask("due", "alice")["payments"] == []
    assert desk.ask("show", "bob")["balance_fen"] == 0


def test_a_plan_for_somebody_of_another_name_is_not_made(desk: Desk) -> None:
    desk.open("alice", 1_000)
    bob = desk.open("bob")
    words = (bob["address"], "5", "--first", "2030-01-01", "--payee-name", "somebody else")

    ended = tongbao(
        *("wallet", "plan", "make", desk.name("alice"), *words, "--data", desk.data.root, "--json"),
        TONGBAO_WALLET_PASSWORD=PASSWORD,
    )

    assert (ended.exit_code, json_of(ended)["error"]) == (1, "NAME_DIFFERS")
    assert plan(desk, "list", "alice")["plans"] == []


def test_a_wallet_that_watches_pays_by_itself_and_lets_other_commands_have_it(desk: Desk) -> None:
    desk.open("alice", 1_000)
    bob = desk.open("bob")
    plan(desk, "make", "alice", bob["address"], "5", "--first", day_of(bob))
    words = ("due", desk.name("alice"), "--watch", "--data", str(desk.data.root), "--json")
    watching = subprocess.Popen(
        [sys.executable, "-m", "tongbao", "wallet", *words],
        stdout=subprocess.PIPE,
        env={**os.environ, "TONGBAO_WALLET_PASSWORD": PASSWORD},
    )
    try:
        assert watching.stdout is not None
        told = json.loads(watching.stdout.readline())
        shown = desk.ask("show", "alice")
    finally:
        watching.send_signal(signal.SIGINT)
        watching.communicate(timeout=30)

    assert [each["state"] for each in told["payments"]] == ["paid"]
    assert shown["balance_fen"] == 500
    assert watching.returncode == 130


# --- recalls ----------------------------------------------------------------------------------------------------------


def request(desk: Desk, command: str, who: str, *words: object) -> dict[str, Any]:
    """What `tongbao wallet request` answers."""
    named = ("wallet", "request", command, desk.name(who), *words, "--data", desk.data.root, "--json")
    ended = tongbao(*named, TONGBAO_WALLET_PASSWORD=PASSWORD)
    assert ended.exit_code == 0, ended.output
    return json_of(ended)


def test_what_was_paid_by_mistake_comes_back_if_the_payee_agrees(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob", home=2)
    paid = desk.ask("pay", "alice", bob["address"], "88", "--yes")
    asked = request(desk, "recall", "alice", paid["transaction_id"], "--reason", "a digit was wrong")
    [found] = request(desk, "list", "bob")["requests"]

    request(desk, "accept", "bob", found["request_id"], "--yes")

    assert (asked["recall_of"], found["recall_of"]) == (paid["transaction_id"], paid["transaction_id"])
    assert (desk.ask("show", "alice")["balance_fen"], desk.ask("show", "bob")["balance_fen"]) == (10_000, 0)
    assert request(desk, "list", "alice", "--sent")["requests"][0]["state"] == "paid"
