"""A holder's accounts as a whole, command by command in a running network: statements, and what is known of them."""

import asyncio
import csv
import json
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import json_of, tongbao
from tongbao.protocol.registration import LedgerStatus
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.sandbox import heartbeat

PASSWORD = "open sesame"


@dataclass(frozen=True)
class Holders:
    """Commands of one test's wallets."""

    data: DataDirectory
    prefix: str

    def run(self, command: str, who: str, *words: object) -> Any:  # noqa: ANN401 - typer's
        named = ("wallet", command, f"{self.prefix}-{who}", *words, "--data", self.data.root, "--json")
        return tongbao(*named, TONGBAO_WALLET_PASSWORD=PASSWORD)

    def ask(self, command: str, who: str, *words: object) -> dict[str, Any]:
        ended = self.run(command, who, *words)
        assert ended.exit_code == 0, ended.output
        return json_of(ended)

    def refusal(self, command: str, who: str, *words: object) -> str:
        ended = self.run(command, who, *words)
        assert ended.exit_code == 1, ended.output
        return str(json_of(ended)["error"])

    def bank(self, command: str, *words: object, home: int = 1) -> dict[str, Any]:
        ended = tongbao("bank", command, *words, "--home", home, "--data", self.data.root, "--json")
        assert ended.exit_code == 0, ended.output
        return json_of(ended)

    def open(self, who: str, yuan: str = "", *, home: int = 1) -> dict[str, Any]:
        """A wallet with so much in coins."""
        opened = self.ask("open", who, "--home", home, "--class", "II")
        if yuan:
            self.bank("deposit", opened["wallet_id"], yuan, home=home)
            self.ask("exchange", who, yuan)
        return opened


async def minutes_pass(data: DataDirectory, minutes: int) -> None:
    """Ledger time goes on, and both institutions hear of it."""
    async with connected(data.root) as connections:
        time_ms = (await connections.registration().get("/v1/status", LedgerStatus)).time_ms
        await heartbeat(connections, time_ms + minutes * 60_000)


@pytest.fixture
def holders(network: DataDirectory, request: pytest.FixtureRequest) -> Holders:
    return Holders(network, f"a{zlib.crc32(request.node.name.encode()):08x}")


def test_a_statement_is_shown_and_written_for_spreadsheets_and_for_printing(holders: Holders, tmp_path: Path) -> None:
    holders.open("alice", "100.00")
    bob = holders.open("bob", home=2)
    holders.ask("pay", "alice", bob["address"], "30.00", "--yes")

    shown = holders.ask("statement", "alice", "--csv", tmp_path / "alice.csv", "--pdf", tmp_path / "alice.pdf")

    assert (shown["opening_fen"], shown["closing_fen"]) == (0, 7_000)
    assert [(each["kind"], each["balance_fen"]) for each in shown["movements"]] == [
        ("exchange", 10_000),
        ("payment", 7_000),
    ]
    lines = list(csv.reader((tmp_path / "alice.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [line[4] for line in lines[1:]] == ["0.00", "100.00", "70.00", "70.00"]
    assert (tmp_path / "alice.pdf").read_bytes().startswith(b"%PDF-")


def test_the_deposit_account_and_the_history_agree_with_the_statements(holders: Holders) -> None:
    holders.open("alice", "100.00")
    holders.ask("deposit", "alice", "40.00")

    deposit = holders.ask("statement", "alice", "--account", "deposit")

    account = holders.ask("show", "alice")
    assert [each["kind"] for each in deposit["movements"]] == ["cash deposit", "exchange begun", "coins into deposit"]
    assert deposit["closing_fen"] == account["deposit_fen"] == 4_000
    history = holders.ask("history", "alice")["entries"]
    assert sum(each["amount_fen"] for each in history) == holders.ask("statement", "alice")["closing_fen"] == 6_000


def test_a_statement_is_told_in_chinese(holders: Holders) -> None:
    holders.open("alice", "1.00")
    words = ("wallet", "statement", f"{holders.prefix}-alice", "--language", "zh", "--data", holders.data.root)

    ended = tongbao(*words, TONGBAO_WALLET_PASSWORD=PASSWORD)

    assert all(part in ended.stdout for part in ("数字货币钱包对账单", "期末余额", "存款兑换转入", "¥1.00"))


def test_a_holder_fetches_everything_that_is_known_of_him(holders: Holders, tmp_path: Path) -> None:
    opened = holders.open("alice", "100.00")

    told = holders.ask("data", "alice", "--to", tmp_path / "alice.zip")

    assert {each["name"]: each["rows"] for each in told["tables"]}["history"] == 1
    with zipfile.ZipFile(tmp_path / "alice.zip") as archive:
        [wallet] = json.loads(archive.read("data/wallets.json"))
        assert wallet["wallet_id"] == opened["wallet_id"]
        assert json.loads(archive.read("fields.json"))["wallets"]["fields"]["balance_fen"]


def test_a_wallet_is_emptied_paid_out_and_closed_and_nobody_can_pay_it(holders: Holders) -> None:
    opened, _bob = holders.open("alice", "100.00"), holders.open("bob", "5.00", home=2)

    emptied = holders.ask("close", "alice", "--yes")
    refused = holders.refusal("pay", "bob", opened["address"], "1.00", "--yes")
    paid_out = holders.bank("payout", opened["wallet_id"], "100.00")
    waiting = holders.ask("close", "alice", "--yes")
    asyncio.run(minutes_pass(holders.data, 5))
    closed = holders.ask("close", "alice", "--yes")

    assert (emptied["state"], emptied["balance_fen"], emptied["deposit_fen"]) == ("closing", 0, 10_000)
    assert (refused, paid_out["deposit_fen"], waiting["state"]) == ("WALLET_CLOSED", 0, "closing")
    assert closed["state"] == holders.ask("show", "alice")["state"] == "closed"
    assert len(holders.ask("history", "alice")["entries"]) == 2
    assert holders.ask("close", "alice", "--withdraw")["state"] == "open"


def test_a_holder_moves_to_another_institution_with_everything_and_the_same_phrase(holders: Holders) -> None:
    opened, _bob = holders.open("alice", "100.00"), holders.open("bob", "5.00")
    holders.bank("deposit", opened["wallet_id"], "7.00")

    moved = holders.ask("switch", "alice", "--to", 2, "--yes")
    sent_on = holders.run("pay", "bob", opened["address"], "1.00", "--yes")
    asyncio.run(minutes_pass(holders.data, 5))
    done = holders.ask("switch", "alice", "--to", 2, "--yes")
    holders.ask("pay", "bob", done["new"]["address"], "1.00", "--yes")

    shown = holders.ask("show", "alice")
    assert (moved["done"], done["done"], done["old"]["state"]) == (False, True, "closed")
    assert (shown["home"], shown["balance_fen"], shown["wallet_id"]) == (2, 10_800, opened["wallet_id"])
    assert json_of(sent_on)["cure"] == f"pay {done['new']['address']}"
    assert holders.ask("statement", "alice", "--home", 1)["closing_fen"] == 0
    assert holders.ask("address", "alice")["address"] == done["new"]["address"]
    assert holders.refusal("switch", "alice", "--to", 2, "--yes") == "SAME_HOME"


def test_days_that_are_none_are_refused_in_words(holders: Holders) -> None:
    holders.open("alice")

    ended = holders.run("statement", "alice", "--from", "2026-11-02", "--to", "2026-11-01")

    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["error"] == "PERIOD_WRONG"
