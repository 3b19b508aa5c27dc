"""`tongbao wallet events` and `tongbao wallet webhook` in a running network, command by command."""

import zlib
from typing import Any

import pytest

from tests.command_line import tongbao
from tests.scenarios.test_wallet_commands import PASSWORD, Desk
from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import free_ports


@pytest.fixture
def desk(network: DataDirectory, request: pytest.FixtureRequest) -> Desk:
    desk = Desk(network, f"e{zlib.crc32(request.node.name.encode()):08x}")
    desk.shop()
    return desk


@pytest.fixture
def url() -> str:
    """Where nobody listens."""
    return f"http://127.0.0.1:{free_ports(1)[0]}/told"


def test_a_server_is_named_looked_after_and_removed(desk: Desk, url: str) -> None:
    added = desk.ask("webhook add", "shop", url, "--kind", "order.created", "--kind", "order.paid")
    identity = added["endpoint_id"]
    desk.ask("order", "shop", "128", "--number", "tea-1")
    log = _until_tried(desk, identity)

    rotated = desk.ask("webhook rotate", "shop", identity)
    replayed = desk.ask("webhook replay", "shop", identity, log["delivery_id"])
    disabled = desk.ask("webhook change", "shop", identity, "--state", "disabled")
    listed = desk.ask("webhook list", "shop")["endpoints"]
    desk.ask("webhook change", "shop", identity, "--state", "removed")

    assert (added["kinds"], added["state"]) == (["order.created", "order.paid"], "active")
    assert (log["kind"], log["log"][0]["problem"]) == ("order.created", "nobody answers there")
    assert (rotated["generation"], rotated["secret"] != added["secret"]) == (2, True)
    assert (replayed["count"], disabled["state"], len(listed)) == (1, "disabled", 1)
    assert desk.ask("webhook list", "shop")["endpoints"] == []
    assert desk.refusal("webhook log", "shop", identity)["error"] == "NOT_FOUND"


def _until_tried(desk: Desk, endpoint_id: str) -> dict[str, Any]:
    """The newest delivery, once it has been tried; each look takes half a second."""
    for _ in range(20):
        deliveries: list[dict[str, Any]] = desk.ask("webhook log", "shop", endpoint_id)["deliveries"]
        if deliveries and deliveries[0]["log"]:
            return deliveries[0]
    raise AssertionError("nothing was tried")


def _in_words(desk: Desk, command: str, *words: str) -> str:
    named = ("wallet", *command.split(), desk.name("shop"), *words, "--data", desk.data.root)
    ended = tongbao(*named, TONGBAO_WALLET_PASSWORD=PASSWORD)
    assert ended.exit_code == 0, ended.output
    return str(ended.output)


def test_people_read_it_in_words(desk: Desk, url: str) -> None:
    added = desk.ask("webhook add", "shop", url)
    desk.ask("order", "shop", "128", "--number", "tea-1")
    _until_tried(desk, added["endpoint_id"])

    shown = {
        command: _in_words(desk, command, *words)
        for command, words in {"webhook list": (), "webhook log": (added["endpoint_id"],), "events": ()}.items()
    }

    assert url in shown["webhook list"]
    assert "nobody answers there" in shown["webhook log"]
    assert "order.created" in shown["events"]
    assert "order tea-1" in shown["events"]


def test_events_come_page_by_page(desk: Desk) -> None:
    for number in ("tea-1", "tea-2"):
        desk.ask("order", "shop", "128", "--number", number)

    first = desk.ask("events", "shop", "--limit", 1)
    second = desk.ask("events", "shop", "--after", first["next"])
    nothing = desk.ask("events", "shop", "--after", second["next"], "--wait", 1)

    told = [each["data"]["order_number"] for each in (*first["events"], *second["events"])]
    assert told == ["tea-1", "tea-2"]
    assert nothing == {"events": [], "next": second["next"]}


def test_a_place_to_which_nothing_is_sent_is_refused_with_a_cure(desk: Desk) -> None:
    refused = desk.refusal("webhook add", "shop", "https://10.0.0.1/told")

    assert (refused["error"], refused["field"]) == ("WEBHOOK_URL", "url")
