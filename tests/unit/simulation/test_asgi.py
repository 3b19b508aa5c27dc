"""Asking an application without a server."""

import json

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from tongbao.errors import NetworkError
from tongbao.simulation.asgi import deliver


async def mirror(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope, receive)
    seen = {
        "method": request.method,
        "url": str(request.url),
        "raw_path": scope["raw_path"].decode(),
        "path": request.url.path,
        "query": request.url.query,
        "headers": dict(request.headers),
        "body": (await request.body()).decode(),
    }
    await JSONResponse(seen, 201, {"X-Seen": "yes"})(scope, receive, send)


async def test_a_request_arrives_as_from_a_server() -> None:
    answer = await deliver(mirror, "POST", "http://bank:80/a%2Fb?x=%20", headers={"X-Name": "v"}, body=b"coins")

    assert (answer.status, answer.headers["x-seen"]) == (201, "yes")
    assert json.loads(answer.body) == {
        "method": "POST",
        "url": "http://bank:80/a/b?x=%20",
        "raw_path": "/a%2Fb",
        "path": "/a/b",
        "query": "x=%20",
        "headers": {"host": "bank:80", "content-length": "5", "x-name": "v"},
        "body": "coins",
    }


async def test_an_address_without_a_path_means_the_root() -> None:
    assert json.loads((await deliver(mirror, "GET", "http://bank", headers={}, body=b"")).body)["path"] == "/"


async def test_an_answer_in_pieces_is_put_together_and_head_has_none() -> None:
    async def pieces(scope: Scope, receive: Receive, send: Send) -> None:
        async def parts() -> object:
            yield b"one "
            yield b"two"

        await StreamingResponse(parts())(scope, receive, send)  # type: ignore[arg-type]

    assert (await deliver(pieces, "GET", "http://bank/", headers={}, body=b"")).body == b"one two"
    assert (await deliver(Response(b"x"), "HEAD", "http://bank/", headers={}, body=b"")).body == b""


async def test_an_application_that_says_nothing_is_no_answer() -> None:
    async def silent(_scope: Scope, receive: Receive, _send: Send) -> None:
        first: Message = await receive()
        second: Message = await receive()
        assert [first["type"], second["type"]] == ["http.request", "http.disconnect"]

    with pytest.raises(NetworkError, match="without an answer"):
        await deliver(silent, "GET", "http://bank/", headers={}, body=b"")
