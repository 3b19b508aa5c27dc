"""`tongbao wallet` and `tongbao supply` in a running network, command by command."""

import asyncio
import fcntl
import json
import shutil
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.running import LosesPayments, make_network
from tongbao.adapters.clock import SystemClock
from tongbao.adapters.entropy import SystemEntropy
from tongbao.service.command_line import main
from tongbao.service.command_line.wallet.desk import opened_store, wallet_keys
from tongbao.service.connections import Connections
from tongbao.service.data_directory import DataDirectory
from tongbao.service.wallet_directory import WalletDirectory
from tongbao.wallets import InDoubtError

PASSWORD = "open sesame"
REFUSED, WRONG_COMMAND_LINE, NOT_PROVEN, WORLD_FAILED = 1, 2, 3, 4


@dataclass(frozen=True)
class Desk:
    """Commands of one test; the names of its wallets are its own."""

    data: DataDirectory
    prefix: str

    def name(self, who: str) -> str:
        return f"{self.prefix}-{who}"

    def run(self, command: str, who: str, *words: object, password: str = PASSWORD) -> Any:  # noqa: ANN401 - typer's
        named = ("wallet", *command.split(), self.name(who), *words, "--data", self.data.root, "--json")
        return tongbao(*named, TONGBAO_WALLET_PASSWORD=password)

    def ask(self, command: str, who: str, *words: object) -> dict[str, Any]:
        ended = self.run(command, who, *words)
        assert ended.exit_code == 0, ended.output
        return json_of(ended)

    def refusal(self, command: str, who: str, *words: object, password: str = PASSWORD) -> dict[str, Any]:
        ended = self.run(command, who, *words, password=password)
        assert ended.exit_code == REFUSED, ended.output
        return json_of(ended)

    def open(self, who: str, amount_fen: int = 0, *, home: int = 1, wallet_class: str = "II") -> dict[str, Any]:
        """A wallet with so much in coins."""
        opened = self.ask("open", who, "--home", home, "--class", wallet_class)
        if amount_fen:
            yuan = f"{amount_fen / 100:.2f}"
            cash = tongbao("bank", "deposit", opened["wallet_id"], yuan, "--home", home, "--data", self.data.root)
            assert cash.exit_code == 0, cash.output
            self.ask("exchange", who, yuan)
        return opened

    def shop(self) -> None:
        """A merchant's wallet."""
        self.ask("open", "shop", "--home", 1, "--class", "I", "--corporate", "--holder", "Tea House Ltd")
        self.ask("merchant", "shop", "Tea House", "--category", "5812")


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"w{zlib.crc32(request.node.name.encode()):08x}")


def test_a_wallet_is_opened_shown_and_listed(desk: Desk) -> None:
    opened = desk.open("alice", wallet_class="IV")

    shown = desk.ask("show", "alice")
    listed = json_of(tongbao("wallet", "list", "--data", desk.data.root, "--json"))["wallets"]

    assert len(opened["phrase"].split()) == 12
    assert (shown["balance_fen"], shown["deposit_fen"], shown["wallet_class"]) == (0, 0, "IV")
    assert shown["limits"] == {
        "single_fen": 200_000,
        "day_fen": 500_000,
        "year_fen": 5_000_000,
        "balance_fen": 1_000_000,
    }
    assert [each["address"] for each in listed if each["name"] == desk.name("alice")] == [opened["address"]]
    assert desk.ask("address", "alice")["address"] == opened["address"]


def test_an_order_is_paid_refunded_and_looked_back_upon(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 60_000)
    desk.shop()
    order = desk.ask("order", "shop", "128", "--number", "tea-1", "--description", "Longjing")

    paid = desk.ask("pay", "alice", order["link"], "--yes")
    refunded = desk.ask("refund", "shop", order["link"], "28")
    history = desk.ask("history", "alice")["entries"]
    receipts = desk.ask("receipts", "alice", "--to", tmp_path)["receipts"]

    assert (paid["amount_fen"], paid["state"], refunded["amount_fen"]) == (12_800, "settled", 2_800)
    assert [(each["kind"], each["amount_fen"]) for each in history] == [
        ("refund", 2_800),
        ("payment", -12_800),
        ("exchange", 60_000),
    ]
    assert [each["state"] for each in desk.ask("orders", "shop")["orders"]] == ["paid"]
    assert {path.stem for path in tmp_path.iterdir()} == {each["transaction_id"] for each in receipts}
    assert desk.ask("show", "alice")["balance_fen"] == 50_000


def test_a_payer_is_shown_what_is_paid_and_asked(desk: Desk) -> None:
    desk.open("alice", 20_000)
    desk.shop()
    link = desk.ask("order", "shop", "128", "--description", "Longjing")["link"]

    ended = tongbao(
        *("wallet", "pay", desk.name("alice"), link, "--data", desk.data.root), TONGBAO_WALLET_PASSWORD=PASSWORD
    )

    assert "Pay ¥128.00 to Tea House at home 1 for Longjing?" in ended.output
    assert ended.exit_code != 0, "nobody has agreed"
    assert desk.ask("show", "alice")["balance_fen"] == 20_000


def test_a_person_is_paid_across_homes_and_makes_deposit_of_it(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob", home=2)

    paid = desk.ask("pay", "alice", bob["address"], "88", "--yes")
    deposited = desk.ask("deposit", "bob", "8")

    shown = desk.ask("show", "bob")
    assert (paid["kind"], deposited["kind"]) == ("person", "deposit")
    assert (shown["balance_fen"], shown["deposit_fen"]) == (8_000, 800)
    assert desk.ask("resume", "bob") == {"payments": []}


def test_a_wallet_comes_back_from_its_phrase(desk: Desk) -> None:
    opened = desk.open("alice", 10_000)
    where = ("--home", 1, "--data", desk.data.root, "--json")

    recovered = tongbao(
        *("wallet", "recover", desk.name("again"), *where),
        TONGBAO_WALLET_PASSWORD="another",
        TONGBAO_WALLET_PHRASE=opened["phrase"].upper(),
    )

    assert json_of(recovered)["wallet_id"] == opened["wallet_id"]
    assert json_of(recovered)["coins"] == 1
    shown = json_of(desk.run("show", "again", password="another"))
    assert (shown["balance_fen"], shown["holder_name"]) == (10_000, opened["holder_name"])


def test_a_receipt_is_verified_without_anybody(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 100)
    [kept] = desk.ask("receipts", "alice", "--to", tmp_path)["receipts"]
    file, genesis = tmp_path / f"{kept['transaction_id']}.receipt", desk.data.genesis_file
    in_base64 = tmp_path / "base64"
    in_base64.write_text(kept["receipt"] + "\n", encoding="ascii")

    verified = [tongbao("wallet", "receipt", path, "--genesis", genesis, "--json") for path in (file, in_base64)]
    bent = file.read_bytes()[:-9] + bytes(9)
    file.write_bytes(bent)
    refused = tongbao("wallet", "receipt", file, "--genesis", genesis, "--json")

    assert [json_of(each)["status"] for each in verified] == ["SETTLED", "SETTLED"]
    assert json_of(verified[0])["transaction_id"] == kept["transaction_id"]
    assert (refused.exit_code, json_of(refused)["valid"], json_of(refused)["error"]) == (
        NOT_PROVEN,
        False,
        "RECEIPT_INVALID",
    )


async def test_asking_again_for_what_is_in_doubt_pays_once(desk: Desk) -> None:
    await asyncio.to_thread(desk.open, "alice", 30_000)
    bob = await asyncio.to_thread(desk.open, "bob", home=2)
    await _sign_and_lose(desk, bob["address"], 10_000)

    again = await asyncio.to_thread(desk.ask, "pay", "alice", bob["address"], "100", "--yes")
    anew = await asyncio.to_thread(desk.ask, "pay", "alice", bob["address"], "100", "--yes")

    shown = await asyncio.to_thread(desk.ask, "show", "alice")
    assert again["transaction_id"] != anew["transaction_id"]
    assert shown["balance_fen"] == 10_000, "what was in doubt, and what was asked for after it had settled"


async def test_what_is_in_doubt_is_resumed(desk: Desk) -> None:
    await asyncio.to_thread(desk.open, "alice", 30_000)
    bob = await asyncio.to_thread(desk.open, "bob", home=2)
    await _sign_and_lose(desk, bob["address"], 10_000)

    resumed = await asyncio.to_thread(desk.ask, "resume", "alice")

    assert [(each["kind"], each["state"]) for each in resumed["payments"]] == [("person", "settled")]


async def _sign_and_lose(desk: Desk, address: str, amount_fen: int) -> None:
    """Leave a payment of Alice's behind as a command does whose answer never came."""
    network = LosesPayments()
    directory = WalletDirectory(desk.data.wallets, desk.name("alice"))
    phrase = directory.keys(PASSWORD).phrase
    connections = Connections(desk.data, network, SystemClock(), SystemEntropy())
    try:
        async with opened_store(connections, directory, wallet_keys(connections, phrase), 1) as wallet:
            assert await wallet.start()
            with pytest.raises(InDoubtError):
                await wallet.pay_person(address, amount_fen)
    finally:
        await network.close()


# --- what is wrong ----------------------------------------------------------------------------------------------------


def test_a_wrong_password_is_told_so(desk: Desk) -> None:
    desk.open("alice")

    refused = desk.refusal("show", "alice", password="wrong")

    assert (refused["error"], refused["field"], bool(refused["cure"])) == ("WRONG_PASSWORD", "password", True)


def test_a_password_that_nobody_can_be_asked_for_is_missing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open("alice")
    monkeypatch.delenv("TONGBAO_WALLET_PASSWORD", raising=False)

    ended = tongbao("wallet", "show", desk.name("alice"), "--data", desk.data.root, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (REFUSED, "PASSWORD_MISSING")
    assert "--password-file" in json_of(ended)["cure"]


def test_a_password_is_read_from_the_first_line_of_a_file(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice")
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\nsomething else\n", encoding="utf-8")

    ended = desk.run("show", "alice", "--password-file", file, password="wrong")

    assert ended.exit_code == 0


@pytest.mark.parametrize("command", ["show", "address", "history", "resume"])
def test_an_unknown_wallet_is_told_so(desk: Desk, command: str) -> None:
    refused = desk.refusal(command, "nobody")

    assert (refused["error"], refused["field"]) == ("WALLET_UNKNOWN", "name")
    assert "tongbao wallet list" in refused["cure"]


def test_a_name_that_leads_elsewhere_is_no_name(desk: Desk) -> None:
    ended = tongbao("wallet", "address", "../institution-1", "--data", desk.data.root, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (REFUSED, "NAME_INVALID")


def test_a_wallet_is_not_opened_over_another(desk: Desk) -> None:
    opened = desk.open("alice")

    refused = desk.refusal("open", "alice", "--home", 1, "--class", "II")

    assert refused["error"] == "WALLET_EXISTS"
    assert desk.ask("address", "alice")["address"] == opened["address"]


def test_a_wallet_is_used_by_one_command_at_a_time(desk: Desk) -> None:
    desk.open("alice")
    with (desk.data.wallets / desk.name("alice") / "wallet.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)

        refused = desk.refusal("show", "alice")

    assert refused["error"] == "WALLET_BUSY"
    assert refused["cure"]


def test_more_than_there_is_is_not_paid(desk: Desk) -> None:
    desk.open("alice", 100)
    bob = desk.open("bob")

    refused = desk.refusal("pay", "alice", bob["address"], "1.01", "--yes")

    assert (refused["error"], bool(refused["cure"])) == ("COINS_INSUFFICIENT", True)


@pytest.mark.parametrize(
    ("payee", "words", "error"),
    [
        ("tongbao:order?home=1&id=0&network=00000000", (), "WRONG_NETWORK"),
        ("tongbao:nothing", (), "LINK_INVALID"),
        ("tbt1nobody", ("1",), "ADDRESS_INVALID"),
        ("tbt1nobody", (), "ADDRESS_INVALID"),
    ],
)
def test_what_names_no_payee_is_not_paid(desk: Desk, payee: str, words: tuple[str, ...], error: str) -> None:
    desk.open("alice")

    refused = desk.refusal("pay", "alice", payee, *words, "--yes")

    assert (refused["error"], bool(refused["cure"])) == (error, True)


def test_a_program_must_agree_in_so_many_words(desk: Desk) -> None:
    desk.open("alice", 100)
    bob = desk.open("bob")

    refused = desk.refusal("pay", "alice", bob["address"], "1")

    assert (refused["error"], refused["cure"]) == ("CONFIRMATION_MISSING", "add --yes to pay without asking")


@pytest.mark.parametrize("amount", ["0", "-5", "-0.01", "0.001", "12.345", "five", "NaN"])
@pytest.mark.parametrize("command", [("wallet", "exchange", "alice"), ("bank", "issue")])
def test_an_amount_that_is_none_is_a_wrong_command_line(
    command: tuple[str, ...], amount: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["tongbao", *command, amount, "--json"])

    with pytest.raises(SystemExit) as ended:
        main()

    told = json.loads(capsys.readouterr().out)
    assert ended.value.code == WRONG_COMMAND_LINE
    assert (told["error"], told["field"]) == ("USAGE", "amount")
    assert f"{amount!r}" in told["message"] or f"{amount} yuan" in told["message"]
    assert told["cure"] == f"see tongbao {command[0]} {command[1]} --help"


# --- supply -----------------------------------------------------------------------------------------------------------


def test_the_supply_is_counted_twice_and_agrees(desk: Desk) -> None:
    desk.open("alice", 12_345)

    ended = tongbao("supply", "--data", desk.data.root, "--json")

    told = json_of(ended)
    assert ended.exit_code == 0
    assert told["agrees"] is True
    assert told["outstanding"] == told["issued"] - told["redeemed"] == told["unspent"] > 0
    figures = {name: told[name] for name in ("issued", "redeemed", "outstanding", "unspent")}
    assert told["recounted"] == {**figures, "unconfirmed": told["recounted"]["unconfirmed"]}
    assert [home["home"] for home in told["homes"]] == [1, 2]
    assert len(told["state_digest"]) == 64


def test_a_centre_elsewhere_is_asked_without_a_data_directory(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TONGBAO_DATA", raising=False)

    ended = tongbao("supply", "--url", desk.data.network.registration.url, "--json")

    assert (json_of(ended)["agrees"], json_of(ended)["recounted"]) == (True, None)


def test_whoever_has_only_a_copy_of_the_journal_counts_the_same_supply(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 12_345)
    live = json_of(tongbao("supply", "--data", desk.data.root, "--json"))
    copy = tmp_path / "copy"
    shutil.copytree(desk.data.journal, copy / "journal")
    shutil.copy(desk.data.genesis_file, copy)

    alone = json_of(tongbao("supply", "--data", copy, "--json"))

    same = ("issued", "redeemed", "outstanding", "unspent", "homes", "state_digest", "agrees")
    assert {name: alone[name] for name in same} == {name: live[name] for name in same}
    assert (live["centre_asked"], alone["centre_asked"], alone["agrees"]) == (True, False, True)


def test_a_journal_of_another_network_than_the_centres_is_not_held_against_it(desk: Desk, tmp_path: Path) -> None:
    other = make_network(tmp_path / "other", "other")

    ended = tongbao("supply", "--url", desk.data.network.registration.url, "--data", other.root, "--json")

    assert (ended.exit_code, json_of(ended)["error"]) == (WORLD_FAILED, "ConfigurationError")
    assert "another network's than the journal" in json_of(ended)["message"]
