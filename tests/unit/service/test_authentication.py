"""Proof of who asks: the signature, the key and the host."""

import json
from collections.abc import Callable, Mapping

import pytest
from fastapi import Depends, FastAPI
from pydantic import BaseModel
from starlette.requests import Request

from tongbao.adapters.network import Answer
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError
from tongbao.protocol.message_signature import SignableRequest, sign_request, signable
from tongbao.service.authentication import OwnNames
from tongbao.service.http import Caller, authenticated, create_app
from tongbao.simulation.asgi import deliver

NOW_S = 1_700_000_000
URL = "http://bank.example:8001/v1/echo/a%2Fb?x=1%20"
KEY = SigningKey(b"k" * 32)


class StoppedClock:
    def now_ms(self) -> int:
        return NOW_S * 1000


async def public_key_of(key_id: str) -> bytes | None:
    return {"wallet:1": KEY.public_key}.get(key_id)


class Memo(BaseModel):
    text: str


@pytest.fixture(params=["any host", "own host"])
def app(request: pytest.FixtureRequest) -> FastAPI:
    own_names = None if request.param == "any host" else OwnNames.of(["Bank.example:8001"])
    authenticate = authenticated(public_key_of, StoppedClock(), own_names=own_names)
    app = create_app("Echo", version="1")

    @app.post("/v1/echo/{name:path}")
    async def echo(name: str, memo: Memo, caller: Caller = Depends(authenticate)) -> dict[str, str]:  # noqa: B008
        return {"name": name, "text": memo.text, "caller": caller.key_id}

    return app


async def ask(
    app: FastAPI,
    *,
    key_id: str = "wallet:1",
    created_s: int = NOW_S,
    signed_url: str = URL,
    sign: Callable[[bytes], bytes] = KEY.sign,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    body = b'{"text":"hello"}'
    base = {"idempotency-key": "1", "content-type": "application/json"}
    added = sign_request(
        signable("POST", signed_url, headers=base, body=body), key_id=key_id, created_s=created_s, sign=sign
    )
    return await deliver(app, "POST", URL, headers={**base, **added, **(headers or {})}, body=body)


def code_of(answer: Answer) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(json.loads(answer.body)["code"])


async def test_a_signed_request_is_its_signers(app: FastAPI) -> None:
    answer = await ask(app)

    assert json.loads(answer.body) == {"name": "a/b", "text": "hello", "caller": "wallet:1"}


async def test_an_unsigned_request_is_nobodys(app: FastAPI) -> None:
    answer = await deliver(app, "POST", URL, headers={"content-type": "application/json"}, body=b'{"text":"hello"}')

    assert (answer.status, code_of(answer)) == (401, "SIGNATURE_MISSING")
    assert answer.headers["www-authenticate"].startswith("Signature")


async def test_an_unknown_key_id_is_refused(app: FastAPI) -> None:
    answer = await ask(app, key_id="wallet:2")

    assert (answer.status, code_of(answer)) == (401, "UNAUTHENTICATED")


async def test_another_key_is_refused(app: FastAPI) -> None:
    answer = await ask(app, sign=SigningKey(b"x" * 32).sign)

    assert (answer.status, code_of(answer)) == (401, "SIGNATURE_INVALID")


async def test_a_clock_off_by_a_day_is_refused_with_its_cure(app: FastAPI) -> None:
    answer = await ask(app, created_s=NOW_S - 86_400)

    assert (answer.status, code_of(answer)) == (401, "SIGNATURE_STALE")
    assert "clock" in json.loads(answer.body)["cure"]


async def test_a_request_signed_for_another_path_is_refused(app: FastAPI) -> None:
    answer = await ask(app, signed_url=URL.replace("/a", "/c"))

    assert code_of(answer) == "SIGNATURE_INVALID"


async def test_a_header_sent_twice_is_refused() -> None:
    authenticate = authenticated(public_key_of, StoppedClock())
    signed = sign_request(signable("GET", URL, headers={}, body=b""), key_id="wallet:1", created_s=NOW_S, sign=KEY.sign)
    headers = [(name.encode(), value.encode()) for name, value in signed.items()]
    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": "/v1/echo/a/b",
        "raw_path": b"/v1/echo/a%2Fb",
        "query_string": b"x=1%20",
        "headers": [(b"host", b"bank.example:8001"), *headers],
    }

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    assert await authenticate(Request(scope, receive)) == Caller("wallet:1")
    scope["headers"] = [*scope["headers"], headers[0]]
    with pytest.raises(Exception, match="Content-Digest") as refused:
        await authenticate(Request(scope, receive))
    assert getattr(refused.value, "code", "") == "DIGEST_MISMATCH"


async def test_a_request_for_another_server_is_not_accepted_from_whoever_passes_it_on() -> None:
    app = create_app("Echo", version="1")
    authenticate = authenticated(public_key_of, StoppedClock(), own_names=OwnNames.of(["other.example"]))

    @app.get("/v1/me")
    async def me(caller: Caller = Depends(authenticate)) -> str:  # noqa: B008
        return caller.key_id

    url = "http://bank.example:8001/v1/me"
    signed = sign_request(signable("GET", url, headers={}, body=b""), key_id="wallet:1", created_s=NOW_S, sign=KEY.sign)
    answer = await deliver(app, "GET", url, headers=signed, body=b"")

    assert code_of(answer) == "UNAUTHENTICATED"
    assert "other.example" in json.loads(answer.body)["detail"]


def signed_for(authority: str, path: str = "/v1/me") -> SignableRequest:
    return signable("GET", f"http://{authority}{path}", headers={}, body=b"")


@pytest.mark.parametrize(
    ("authority", "server"),
    [
        ("127.0.0.1:7303", ("127.0.0.1", 7303)),
        ("localhost:7303", ("127.0.0.1", 7303)),
        ("[::1]:7303", ("::1", 7303)),
        ("10.0.0.11:7303", ("::ffff:10.0.0.11", 7303)),
        ("10.0.0.11", ("10.0.0.11", 80)),
        ("bank.example", ("10.0.0.11", 7303)),
        ("BANK.example:8443", ("10.0.0.11", 7303)),
        ("bank.example", None),
    ],
)
def test_a_server_is_asked_by_its_address_and_by_its_names(authority: str, server: tuple[str, int] | None) -> None:
    own_names = OwnNames.of(["Bank.example", "bank.example:8443"], path="/homes/1/")

    own_names.demand(signed_for(authority), server)


@pytest.mark.parametrize(
    ("authority", "path"),
    [
        ("127.0.0.1:7304", "/v1/me"),
        ("10.0.0.12:7303", "/v1/me"),
        ("localhost:7303", "/v1/me"),
        ("bank.example:7303", "/v1/me"),
        ("front.example", "/homes/2/v1/me"),
        ("front.example", "/homes/11/v1/me"),
    ],
    ids=["port", "address", "far localhost", "port of a name", "path of another home", "longer number"],
)
def test_what_was_signed_for_another_server_is_refused(authority: str, path: str) -> None:
    own_names = OwnNames.of(["bank.example"], path="/homes/1/")

    with pytest.raises(RequestError, match="is signed for") as refused:
        own_names.demand(signed_for(authority, path), ("10.0.0.11", 7303))

    assert (refused.value.code, refused.value.field) == ("UNAUTHENTICATED", "host")


def test_the_path_of_a_home_names_it_under_whichever_front() -> None:
    OwnNames.of([], path="/homes/1/").demand(signed_for("front.example", "/homes/1/v1/me"), ("10.0.0.11", 7303))
