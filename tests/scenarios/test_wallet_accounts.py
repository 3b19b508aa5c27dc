"""Several wallets of one phrase, in one file: kept apart, and found again together on a new machine."""

import shutil
import zlib
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.test_wallet_commands import PASSWORD, Desk
from tongbao.service.data_directory import DataDirectory


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"a{zlib.crc32(request.node.name.encode()):08x}")


def new(desk: Desk, account: str, home: int) -> str:
    """Open another account of alice; its address."""
    return str(desk.ask("accounts new", "alice", account, "--class", "II", "--home", home)["address"])


def balances(desk: Desk, *names: str) -> list[tuple[int, int]]:
    """What is in the wallets, and aside."""
    shown = [desk.ask("show", name) for name in names]
    return [(each["balance_fen"], each["aside_fen"]) for each in shown]


def test_accounts_share_a_file_and_nothing_that_others_see(desk: Desk) -> None:
    first = desk.open("alice", 10_000)
    rent = new(desk, "rent", 1)
    desk.ask("pay", "alice", rent, "40", "--yes")

    found = desk.ask("accounts list", "alice")["accounts"]
    names = [each["name"] for each in json_of(tongbao("wallet", "list", "--data", desk.data.root, "--json"))["wallets"]]
    again = desk.refusal("accounts new", "alice", "rent", "--class", "II")
    kept = desk.refusal("accounts remove", "alice", "rent")
    nested = desk.refusal("open", "alice/rent", "--home", 1, "--class", "II")

    assert balances(desk, "alice", "alice/rent") == [(6_000, 0), (4_000, 0)]
    assert [each["address"] for each in found] == [first["address"], rent]
    assert len({each["wallet_id"] for each in found}) == 2
    assert {desk.name("alice"), desk.name("alice/rent")} <= set(names)
    assert [each["error"] for each in (again, kept, nested)] == ["WALLET_EXISTS", "ACCOUNT_OPEN", "NAME_INVALID"]
    assert len(list((desk.data.wallets / desk.name("alice")).glob("*.sqlite"))) == 1


def test_a_phrase_brings_back_all_accounts_with_change_and_pockets(desk: Desk, tmp_path: Path) -> None:
    phrase = desk.open("alice", 20_000)["phrase"]
    bob = desk.open("bob", home=2)
    rent, away = new(desk, "rent", 1), new(desk, "away", 2)
    desk.ask("pay", "alice", rent, "50", "--yes")
    desk.ask("pay", "alice", away, "30", "--yes")
    desk.ask("pay", "alice/rent", bob["address"], "12.34", "--yes")
    desk.ask("pocket give", "alice/rent", bob["address"], "20", "--until", "30d", "--yes")
    saved = desk.ask("pocket save", "alice/away", bob["address"], "10", "--from", "30d", "--yes")
    before = balances(desk, "alice", "alice/rent", "alice/away")

    shutil.rmtree(desk.data.wallets / desk.name("alice"))
    words = tmp_path / "phrase.txt"
    words.write_text(phrase + "\n", encoding="utf-8")
    desk.ask("recover", "alice", "--home", 1, "--phrase-file", words)
    here = desk.ask("accounts recover", "alice")["found"]
    there = desk.ask("accounts recover", "alice", "--home", 2)["found"]
    desk.ask("pocket take", "alice/account-2", saved["pocket_id"])

    assert (here, there) == ([desk.name("alice/account-1")], [desk.name("alice/account-2")])
    after = balances(desk, "alice", "alice/account-1", "alice/account-2")
    assert before == [(12_000, 0), (1_766, 2_000), (2_000, 1_000)]
    assert after == [*before[:2], (3_000, 0)]


def test_people_read_where_their_accounts_are_paid(desk: Desk) -> None:
    desk.open("alice")
    rent = new(desk, "rent", 1)

    ended = tongbao(
        *("wallet", "accounts", "list", desk.name("alice"), "--data", desk.data.root), TONGBAO_WALLET_PASSWORD=PASSWORD
    )

    assert f"home 1  {rent}" in ended.output
