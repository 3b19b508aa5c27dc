"""What a wallet believes of payees, told by homes that lie."""

import json
from collections.abc import Mapping

import pytest

from tests.builders import DOMAIN
from tests.wallet_world import HttpAnswer, QuickClock
from tongbao.adapters.entropy import SeededEntropy
from tongbao.adapters.store import SqlStore
from tongbao.coin import Address
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.client import Patience
from tongbao.protocol.payee import alias_id
from tongbao.wallets import HomeAddress, Ports, WalletKeys
from tongbao.wallets.home import Home
from tongbao.wallets.payees import Payees

BOB = str(Address(2, bytes(16), test_network=True))
CAROL = str(Address(1, bytes(range(16)), test_network=True))


class OneAnswer:
    """A home that has one answer to everything, and keeps what it was asked."""

    def __init__(self, answer: Mapping[str, object]) -> None:
        self._answer = answer
        self.asked: list[bytes] = []

    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> HttpAnswer:
        del method, url, headers, timeout_s
        self.asked.append(body)
        return HttpAnswer(200, json.dumps(self._answer).encode(), {"content-type": "application/json"})


def payees_at(home: OneAnswer) -> Payees:
    """A wallet that asks that home."""
    ports = Ports(
        clock=QuickClock(),
        entropy=SeededEntropy("payees"),
        network=home,
        store=SqlStore.open("sqlite://", durable=False),
    )
    keys = WalletKeys(bytes(32), DOMAIN)
    return Payees(Home(HomeAddress(1, "http://home1"), keys, ports, patience=Patience(attempts_max=1)), DOMAIN)


def named(address: str) -> dict[str, object]:
    return {"address": address, "name": "*明", "kind": "personal", "matches": None}


async def test_the_name_of_another_address_is_not_believed() -> None:
    payees = payees_at(OneAnswer(named(CAROL)))

    with pytest.raises(PeerError, match="another wallet"):
        await payees.check(BOB)


async def test_a_slip_in_an_address_is_found_before_anybody_is_asked() -> None:
    home = OneAnswer(named(BOB))

    with pytest.raises(RequestError):
        await payees_at(home).check(BOB[:-1] + ("q" if BOB[-1] != "q" else "p"))

    assert home.asked == []


async def test_a_holder_must_be_of_the_home_that_is_said_to_have_him() -> None:
    payees = payees_at(OneAnswer({"payee": named(BOB), "home": 1, "since_ms": 5, "unanswered": []}))

    with pytest.raises(PeerError, match="of another home"):
        await payees.find("13800138000")


async def test_the_number_itself_does_not_leave_the_wallet() -> None:
    home = OneAnswer({"payee": named(BOB), "home": 2, "since_ms": 5, "unanswered": []})

    found = await payees_at(home).find("138 0013 8000")

    [asked] = home.asked
    assert found.payee.address == BOB
    assert b"138" not in asked.replace(alias_id("+8613800138000", DOMAIN).hex().encode(), b"")
