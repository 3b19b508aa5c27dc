"""Codes in a running network, command by command: shown by a shop, scanned by a payer."""

import json
import os
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from tests.scenarios.test_wallet_commands import PASSWORD, Desk
from tongbao.protocol.emvco import Payload
from tongbao.service.data_directory import DataDirectory


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"c{zlib.crc32(request.node.name.encode()):08x}")


def test_a_printed_code_is_scanned_and_paid_with_the_amount_that_the_payer_names(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 10_000)
    desk.shop()
    printed = tmp_path / "wall.png"
    shown = desk.ask("shop qr", "shop", "--city", "Hangzhou", "--to", printed)
    scanned = zxingcpp.read_barcodes(Image.open(printed))[0].text

    refused = desk.refusal("pay", "alice", scanned, "--yes")
    paid = desk.ask("pay", "alice", scanned, "12.50", "--yes")

    assert scanned == shown["payload"]
    assert refused["error"] == "AMOUNT_MISSING"
    assert (paid["amount_fen"], paid["state"]) == (1_250, "settled")
    assert [(each["amount_fen"], each["state"]) for each in desk.ask("orders", "shop")["orders"]] == [(1_250, "paid")]


def test_a_code_of_an_order_is_shown_and_paid(desk: Desk) -> None:
    desk.open("bob", 20_000, home=1)
    desk.shop()
    order = desk.ask("order", "shop", "128", "--number", "tea-1")

    shown = desk.ask("shop qr", "shop", order["order_id"])
    paid = desk.ask("pay", "bob", shown["payload"], "--yes")

    payload = Payload.parse(shown["payload"])
    assert (payload.value("01"), payload.value("54"), payload.value("59")) == ("12", "128.00", "Tea House")
    assert (paid["amount_fen"], shown["link"]) == (12_800, order["link"])
    assert desk.refusal("pay", "bob", shown["payload"][:-1] + "?", "--yes")["error"] == "QR_CHECKSUM"


def test_somebody_at_another_home_is_asked_for_money_and_pays_or_declines(desk: Desk) -> None:
    alice = desk.open("alice", 10_000)
    desk.open("bob", home=2)
    asked = desk.ask("request ask", "bob", alice["address"], "88", "--number", "1", "--for", "lunch")
    again = desk.ask("request ask", "bob", alice["address"], "12", "--number", "2")

    listed = desk.ask("request list", "alice")["requests"]
    unconfirmed = desk.refusal("request accept", "alice", asked["request_id"])
    paid = desk.ask("request accept", "alice", asked["request_id"], "--yes")
    declined = desk.ask("request decline", "alice", again["request_id"], "--reason", "paid in cash")
    sent = desk.ask("request list", "bob", "--sent")["requests"]

    assert [(each["requester_name"], each["amount_fen"], each["description"]) for each in listed] == [
        (desk.name("bob"), 1_200, ""),
        (desk.name("bob"), 8_800, "lunch"),
    ]
    assert unconfirmed["error"] == "CONFIRMATION_MISSING"
    assert (paid["amount_fen"], declined["state"], sent[1]["state"]) == (8_800, "declined", "paid")
    assert desk.ask("show", "bob")["balance_fen"] == 8_800


def test_a_payment_code_is_scanned_by_a_shop_and_paid_by_itself_up_to_a_small_amount(desk: Desk) -> None:
    desk.open("alice", 10_000, home=2)
    desk.shop()
    payer = _ShowsCodes(desk, "alice", "--wait", 60, "--small", "20")

    charged = desk.ask("shop charge", "shop", payer.code(), "12.50", "--for", "tea", "--wait", 30)
    paid = payer.answer()

    assert (charged["state"], charged["payer_address"]) == ("paid", "")
    assert (paid["amount_fen"], paid["state"]) == (1_250, "settled")
    assert desk.ask("show", "alice")["balance_fen"] == 8_750


def test_what_is_more_than_the_small_amount_waits_for_the_payer(desk: Desk) -> None:
    desk.open("alice", 10_000)
    desk.shop()
    shown = desk.ask("code", "alice")["payment_code"]

    charged = desk.ask("shop charge", "shop", shown, "50", "--wait", 0)
    again = desk.refusal("shop charge", "shop", shown, "50", "--wait", 0)
    listed = desk.ask("request list", "alice")["requests"]
    desk.ask("request accept", "alice", listed[0]["request_id"], "--yes")

    assert (charged["state"], again["error"]) == ("open", "CODE_REFUSED")
    assert desk.ask("show", "alice")["balance_fen"] == 5_000


class _ShowsCodes:
    """A payer whose wallet shows codes, as a process beside the shop's."""

    def __init__(self, desk: Desk, who: str, *words: object) -> None:
        named = ("wallet", "code", desk.name(who), *words, "--data", desk.data.root, "--json")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tongbao", *map(str, named)],
            env={**os.environ, "TONGBAO_WALLET_PASSWORD": PASSWORD},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def code(self) -> str:
        """The digits that stand under the QR code."""
        assert self._process.stderr is not None
        for line in self._process.stderr:
            digits = line.replace(" ", "").strip()
            if len(digits) == 32 and digits.isdecimal():
                return digits
        raise AssertionError("no code was shown")

    def answer(self) -> dict[str, Any]:
        """What the command says at its end."""
        told, complaint = self._process.communicate(timeout=60)
        assert self._process.returncode == 0, complaint + told
        answered: dict[str, Any] = json.loads(told)
        return answered
