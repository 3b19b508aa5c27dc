"""Money that two wallets can open: gifts that come back, savings with an heir, lost wallets in between."""

import asyncio
import shutil
import time
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.command_line import tongbao
from tests.scenarios.test_wallet_commands import PASSWORD, Desk
from tongbao.service.connections import connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.sandbox import heartbeat
from tongbao.service.wallet_directory import WalletDirectory


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    return Desk(network, f"k{zlib.crc32(request.node.name.encode()):08x}")


def waiting(desk: Desk, who: str) -> dict[str, Any]:
    """The pocket that somebody else made for the wallet, once its institution has heard of it."""
    for _ in range(100):
        for pocket in desk.ask("pocket list", who)["pockets"]:
            if pocket["party"] == "other":
                return dict(pocket)
        time.sleep(0.1)
    raise AssertionError("the pocket does not arrive")


def take_when_open(desk: Desk, who: str, pocket: dict[str, Any]) -> dict[str, Any]:
    """Take it once ledger time has come so far; on this network a heartbeat makes it."""

    async def beat() -> None:
        async with connected(desk.data.root) as connections:
            await heartbeat(connections, pocket["later_from_ms"])

    asyncio.run(beat())
    return desk.ask("pocket take", who, pocket["pocket_id"])


def lose(desk: Desk, who: str, phrase: str, home: int, folder: Path) -> dict[str, Any]:
    """The machine is gone; the wallet is brought back from its phrase."""
    shutil.rmtree(desk.data.wallets / desk.name(who))
    words = folder / "phrase.txt"
    words.write_text(phrase + "\n", encoding="utf-8")
    return desk.ask("recover", who, "--home", home, "--phrase-file", words)


def test_a_gift_waits_for_its_payee_at_another_institution(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob", home=2)

    given = desk.ask("pocket give", "alice", bob["address"], "88", "--until", "30d", "--for", "books", "--yes")
    found = waiting(desk, "bob")
    shown = desk.ask("show", "alice")
    taken = desk.ask("pocket take", "bob", found["pocket_id"][:12])

    assert (given["state"], found["purpose"], found["opens_at_ms"]) == ("filled", "books", 0)
    assert (shown["balance_fen"], shown["aside_fen"]) == (1_200, 8_800)
    assert (taken["state"], taken["taken_by"]) == ("taken", "other")
    assert desk.ask("show", "bob")["balance_fen"] == 8_800
    assert desk.refusal("pocket take", "alice", given["pocket_id"])["error"] == "POCKET_TAKEN"


def test_a_gift_that_nobody_takes_goes_back_also_on_a_new_machine(desk: Desk, tmp_path: Path) -> None:
    phrase = desk.open("alice", 10_000)["phrase"]
    bob = desk.open("bob", home=2)
    given = desk.ask("pocket give", "alice", bob["address"], "88", "--until", "90s", "--yes")
    early = desk.refusal("pocket take", "alice", given["pocket_id"])

    found = lose(desk, "alice", phrase, 1, tmp_path)
    back = take_when_open(desk, "alice", given)

    assert early["error"] == "POCKET_NOT_YET_OPEN"
    assert found["balance_fen"] == 1_200
    assert (back["taken_by"], desk.ask("show", "alice")["balance_fen"]) == ("maker", 10_000)
    assert desk.refusal("pocket take", "bob", given["pocket_id"])["error"] == "POCKET_TAKEN"


def test_savings_are_the_savers_at_any_time_and_the_heirs_later(desk: Desk, tmp_path: Path) -> None:
    desk.open("alice", 10_000)
    heir = desk.open("heir", home=2)
    one, two = [
        desk.ask("pocket save", "alice", heir["address"], amount, "--from", "90s", "--yes") for amount in ("50", "30")
    ]

    lose(desk, "heir", heir["phrase"], 2, tmp_path)
    early = desk.refusal("pocket take", "heir", waiting(desk, "heir")["pocket_id"])
    desk.ask("pocket take", "alice", one["pocket_id"])
    take_when_open(desk, "heir", two)

    assert early["error"] == "POCKET_NOT_YET_OPEN"
    assert [desk.ask("show", who)["balance_fen"] for who in ("alice", "heir")] == [7_000, 3_000]


def test_a_wallet_is_neither_closed_nor_moved_while_its_money_lies_in_a_pocket(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob")
    desk.ask("pocket give", "alice", bob["address"], "88", "--until", "30d", "--yes")

    refused = [desk.refusal("close", "alice", "--yes"), desk.refusal("switch", "alice", "--to", 2, "--yes")]

    assert [each["error"] for each in refused] == ["POCKETS_OPEN"] * 2
    assert desk.ask("show", "alice")["state"] == "open"
    assert desk.ask("show", "alice")["home"] == 1
    assert WalletDirectory(desk.data.wallets, desk.name("alice")).profile().move is None


def test_wrong_times_and_payees_are_refused_with_a_cure(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob")
    alice = desk.ask("address", "alice")["address"]

    refused = [
        desk.refusal("pocket give", "alice", bob["address"], "88", "--until", until, "--yes")
        for until in ("soon", "2020-01-01")
    ]
    own = desk.refusal("pocket give", "alice", alice, "88", "--until", "30d", "--yes")
    unknown = desk.refusal("pocket take", "bob", "abc")

    assert [each["error"] for each in (*refused, own, unknown)] == [
        "TIME_INVALID",
        "INVALID_FIELD",
        "INVALID_FIELD",
        "NOT_FOUND",
    ]
    assert all([each["cure"] for each in (*refused, own, unknown)])
    assert desk.ask("show", "alice")["balance_fen"] == 10_000


def test_people_read_what_is_where_and_when_it_opens(desk: Desk) -> None:
    desk.open("alice", 10_000)
    bob = desk.open("bob")
    desk.ask("pocket give", "alice", bob["address"], "88", "--until", "30d", "--for", "学费", "--yes")
    waiting(desk, "bob")

    texts = [
        tongbao("wallet", *words, "--data", desk.data.root, TONGBAO_WALLET_PASSWORD=PASSWORD).output
        for words in (
            ("pocket", "list", desk.name("alice")),
            ("pocket", "list", desk.name("bob")),
            ("show", desk.name("alice")),
        )
    ]

    assert "¥88.00 for " in texts[0]
    assert "you can take it from " in texts[0]
    assert "you can take it; so can the other from " in texts[1]
    assert "学费" in texts[1]
    assert "aside     ¥88.00" in texts[2]
