"""An institution behind a front or a reverse proxy: the same operations, by a longer path that signatures cover."""

import json

import pytest

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.network import Answer
from tongbao.coin.ed25519 import SigningKey
from tongbao.protocol.message_signature import SignableRequest, sign_request
from tongbao.protocol.wire import Message
from tongbao.service.http import Call, Nothing, Operations, authenticated, create_app
from tongbao.service.web.home_path import UnderHomePath
from tongbao.simulation.asgi import deliver

KEY = SigningKey(b"k" * 32)
HOST = "institution.example"


class Said(Message):
    text: str


def _institution(home: int) -> UnderHomePath:
    async def public_key_of(_key_id: str) -> bytes:
        return KEY.public_key

    app = create_app("Institution", version="1")
    operations = Operations(app, authenticate=authenticated(public_key_of, SystemClock()))

    @operations.get("/v1/name")
    async def tell_name(_call: Call[Nothing, Nothing]) -> Said:
        """Say who answers."""
        return Said(text=f"home {home}")

    return UnderHomePath(app, home)


async def _ask(path: str, *, signed_path: str | None = None) -> Answer:
    signable = SignableRequest(method="GET", authority=HOST, path=signed_path or path, query="", headers={}, body=b"")
    headers = sign_request(signable, key_id="wallet:1", created_s=SystemClock().now_ms() // 1000, sign=KEY.sign)
    return await deliver(_institution(2), "GET", f"http://{HOST}{path}", headers=headers, body=b"")


@pytest.mark.parametrize("path", ["/v1/name", "/homes/2/v1/name"])
async def test_what_was_signed_by_either_path_is_answered(path: str) -> None:
    answer = await _ask(path)

    assert (answer.status, json.loads(answer.body)) == (200, {"text": "home 2"})


@pytest.mark.parametrize(
    "path", ["/homes/1/v1/name", "/homes/22/v1/name", "/homes/2v1/name", "/homes/2", "/homes/2/homes/2/v1/name"]
)
async def test_no_other_home_and_no_other_path_is_answered(path: str) -> None:
    assert (await _ask(path)).status == 404


@pytest.mark.parametrize(("sent", "signed"), [("/v1/name", "/homes/2/v1/name"), ("/homes/2/v1/name", "/v1/name")])
async def test_the_path_that_was_signed_is_the_one_that_must_be_asked_for(sent: str, signed: str) -> None:
    answer = await _ask(sent, signed_path=signed)

    assert (answer.status, json.loads(answer.body)["code"]) == (401, "SIGNATURE_INVALID")
