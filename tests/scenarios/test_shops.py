"""A shop with two tills takes money and tips, changes its mind, and counts its day, command by command."""

import csv
import zlib
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.test_wallet_commands import Desk
from tongbao.service.data_directory import DataDirectory


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"s{zlib.crc32(request.node.name.encode()):08x}")


def test_a_day_at_a_shop_with_two_tills(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 60_000)
    bob = desk.open("bob", home=2)
    desk.ask("pay", "alice", bob["address"], "100", "--yes")
    desk.shop()
    for till in ("left", "right"):
        desk.ask("till open", "shop", till)
    of_left = desk.ask("till order", "shop", "left", "128", "--number", "1", "--tip-max", "10")
    of_right = desk.ask("till order", "shop", "right", "12.80", "--description", "noodles")
    by_shop = desk.ask("order", "shop", "50")
    forgotten = desk.ask("till order", "shop", "left", "1")

    desk.ask("pay", "alice", of_left["link"], "--tip", "5", "--yes")
    desk.ask("pay", "bob", of_right["link"], "--yes")
    desk.ask("shop amend", "shop", by_shop["link"], "--amount", "40", "--description", "with a discount")
    desk.ask("pay", "alice", by_shop["link"], "--yes")
    cancelled = desk.ask("till cancel", "shop", "left", forgotten["order_id"])
    desk.ask("refund", "shop", of_left["order_id"], "28")

    report = desk.ask("shop report", "shop", "--to", tmp_path / "takings.csv")
    with (tmp_path / "takings.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [(each["till_name"], each["amount_fen"], each["tips_fen"], each["net_fen"]) for each in report["tills"]] == [
        ("", 4_000, 0, 4_000),
        ("left", 12_800, 500, 10_500),
        ("right", 1_280, 0, 1_280),
    ]
    assert (report["reconciled"], report["ledger_fen"], report["breaks"]) == (True, 15_780, [])
    assert sum(int(line["amount_fen"]) + int(line["tip_fen"]) for line in lines) == 15_780
    assert desk.ask("show", "shop")["balance_fen"] == 15_780
    assert cancelled["state"] == "cancelled"
    assert [each["order_id"] for each in desk.ask("till orders", "shop", "right")["orders"]] == [of_right["order_id"]]


def test_a_shop_that_asks_before_it_gives_back(desk: Desk) -> None:
    desk.open("alice", 10_000)
    desk.open("bob", home=2)
    desk.ask("pay", "alice", desk.ask("show", "bob")["address"], "30", "--yes")
    desk.shop()
    set_to = desk.ask("refunds policy", "shop", "--answer-within", 86_400, "--unanswered", "lapses")
    desk.ask("till open", "shop", "left")
    by_till = desk.ask("till order", "shop", "left", "20", "--number", "1")
    abroad = desk.ask("order", "shop", "30")
    desk.ask("pay", "alice", by_till["link"], "--yes")
    desk.ask("pay", "bob", abroad["link"], "--yes")
    directly = desk.refusal("refund", "shop", by_till["order_id"], "5")

    for order in (by_till, abroad):
        desk.ask("refunds offer", "shop", order["link"], "5", "--number", "r", "--reason", "a cracked cup")
    [of_alice] = desk.ask("refunds list", "alice")["refunds"]
    [of_bob] = desk.ask("refunds list", "bob")["refunds"]
    accepted = desk.ask("refunds accept", "bob", of_bob["refund_id"])
    declined = desk.ask("refunds decline", "alice", of_alice["refund_id"])
    paid = [desk.ask("refunds pay", "shop")["payments"] for _ in range(2)]

    assert by_till["refund_policy"] == abroad["refund_policy"] == set_to
    assert directly["error"] == "REFUND_NEEDS_OFFER"
    assert (accepted["state"], declined["state"]) == ("accepted", "declined")
    assert [[each["amount_fen"] for each in round_] for round_ in paid] == [[500], []]
    assert desk.ask("show", "bob")["balance_fen"] == 500
    assert desk.refusal("refunds withdraw", "shop", of_bob["refund_id"])["error"] == "REFUND_CLOSED"
    assert [each["state"] for each in desk.ask("refunds list", "shop", "--offered")["refunds"]] == [
        "returned",
        "declined",
    ]


def test_an_order_is_cancelled_before_it_is_paid_and_not_after(desk: Desk) -> None:
    desk.open("alice", 1_000)
    desk.shop()
    first, second = [desk.ask("order", "shop", amount) for amount in ("1", "2")]

    desk.ask("shop cancel", "shop", first["link"])
    unpaid = desk.refusal("pay", "alice", first["link"], "--yes")
    desk.ask("pay", "alice", second["link"], "--yes")
    too_late = desk.refusal("shop cancel", "shop", second["order_id"])

    assert (unpaid["error"], too_late["error"]) == ("ORDER_CANCELLED", "ORDER_PAID")


def test_a_till_works_without_the_password_until_it_is_closed(desk: Desk) -> None:
    desk.shop()
    desk.ask("till open", "shop", "left")
    named = (desk.name("shop"), "left", "1", "--data", desk.data.root, "--json")

    made = tongbao("wallet", "till", "order", *named)
    closed = desk.ask("till close", "shop", "left")
    refused = tongbao("wallet", "till", "order", *named)

    assert made.exit_code == 0, made.output
    assert closed["closed_at_ms"] is not None
    assert json_of(refused)["error"] == "TILL_CLOSED"
    assert [each["name"] for each in desk.ask("till list", "shop")["tills"]] == ["left"]


@pytest.mark.parametrize(("till", "error"), [("nobody", "TILL_UNKNOWN"), ("../wallet", "NAME_INVALID")])
def test_a_till_that_is_none_is_told_so(desk: Desk, till: str, error: str) -> None:
    desk.shop()

    assert desk.refusal("till orders", "shop", till)["error"] == error
