"""What the office believes of the registration centre's words: what is proven."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.builders import DOMAIN, GENESIS_TIME_MS, bytes32, outcome, public_key, signer
from tests.registration_world import HandClock
from tongbao.adapters.network import Answer
from tongbao.centres.central_bank.ledger import LedgerLink
from tongbao.errors import PeerError
from tongbao.protocol.client import Patience, SignedClient

DIRECTORY: dict[str, Any] = {
    "institutions": [{"home": 0, "keys": [], "suspended": False, "served_by": 0}],
    "authorities": [],
    "receipt_keys": [base64.b64encode(public_key(5).encode()).decode()],
    "sequence": 1,
    "time_ms": GENESIS_TIME_MS,
}


class Liar:
    """A registration centre that answers what it is told to.

    Attributes:
        answers: by path, or by its beginning.
        asked: how many requests there were.
    """

    def __init__(self, **answers: object) -> None:
        self.answers = {"/v1/institutions": DIRECTORY} | {f"/v1/{name}": value for name, value in answers.items()}
        self.asked = 0

    async def request(self, method: str, url: str, **_rest: object) -> Answer:
        del method
        self.asked += 1
        path = "/" + url.split("/", 3)[3]
        found = next(value for start, value in self.answers.items() if path.startswith(start))
        return Answer(200, {"content-type": "application/json"}, json.dumps(found).encode())


def link_to(liar: Liar, clock: HandClock | None = None) -> LedgerLink:
    clock = clock or HandClock(GENESIS_TIME_MS)
    client = SignedClient(
        network=liar,
        clock=clock,
        base_url="http://liar.example",
        key_id="home:0",
        sign=signer(1).sign,
        patience=Patience(attempts_max=1),
    )
    return LedgerLink(client, clock, signer(1))


def encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


STATUS = {
    "network_id": "00" * 32,
    "name": "x",
    "test_network": True,
    "sequence": 1,
    "time_ms": 1,
    "chain_head": "00" * 32,
    "rules": 99,
    "kernel": "reference",
}


@pytest.mark.parametrize(
    ("answers", "ask", "words"),
    [
        ({"genesis": {"genesis": encoded(b"no")}}, lambda link: link.genesis(), "genesis cannot be read"),
        ({"status": STATUS}, lambda link: link.status(), "rules 99"),
        (
            {"outcomes": {"outcome": encoded(b"no"), "receipt": None}},
            lambda link: link.outcome(bytes32(1), DOMAIN),
            "proves nothing",
        ),
        (
            {"outcomes": {"outcome": encoded(outcome(bytes32(1), settled=False, key=66).encode()), "receipt": None}},
            lambda link: link.outcome(bytes32(1), DOMAIN),
            "not the centre's",
        ),
        (
            {"outcomes": {"outcome": encoded(outcome(bytes32(2), settled=False).encode()), "receipt": None}},
            lambda link: link.outcome(bytes32(1), DOMAIN),
            "of something else",
        ),
        (
            {"outcomes": {"outcome": encoded(outcome(bytes32(1)).encode()), "receipt": None}},
            lambda link: link.outcome(bytes32(1), DOMAIN),
            "of something else",
        ),
        (
            {"submissions": {"sequence": 1, "time_ms": 1, "verdicts": []}},
            lambda link: link.submit(b"transaction", DOMAIN),
            "not one verdict",
        ),
        (
            {
                "submissions": {
                    "sequence": 1,
                    "time_ms": 1,
                    "verdicts": [{"transaction_id": "00" * 32, "status": "SETTLED", "receipt": encoded(b"no")}],
                }
            },
            lambda link: link.submit(b"transaction", DOMAIN),
            "receipt proves nothing",
        ),
    ],
)
async def test_what_is_not_proven_is_not_believed(
    answers: dict[str, object], ask: Callable[[LedgerLink], Any], words: str
) -> None:
    link = link_to(Liar(**answers))

    with pytest.raises(PeerError, match=words):
        await ask(link)


async def test_officers_that_cannot_be_are_not_believed() -> None:
    broken = DIRECTORY | {"authorities": [{"authority": 9, "threshold": 1, "keys": []}]}

    with pytest.raises(PeerError, match="officers cannot be read"):
        await link_to(Liar(institutions=broken)).officers()


async def test_the_directory_is_asked_for_again_once_it_is_old() -> None:
    liar, clock = Liar(), HandClock(GENESIS_TIME_MS)
    link = link_to(liar, clock)

    for pause_ms in (0, 1_000, 1_000, 1_000):
        await clock.advance(pause_ms)
        await link.home_keys(0)

    assert liar.asked == 2
    assert await link.home_keys(7) == ()
