"""Ask an ASGI application without a server: one request in, one answer out, and nothing real in between."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from starlette.types import ASGIApp, Message

from tongbao.adapters.network import Answer
from tongbao.errors import NetworkError

__all__ = ["deliver"]


async def deliver(app: ASGIApp, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> Answer:
    """Return what `app` answers to a request for an absolute URL, as an HTTP server would have passed it on."""
    received: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
    sent: list[Message] = []

    async def receive() -> Message:
        return received.pop() if received else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(_scope_of(method, url, headers, body), receive, send)
    if not sent or sent[0]["type"] != "http.response.start":
        raise NetworkError(f"{url} closed the connection without an answer")
    answer_headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    answer_body = b"" if method == "HEAD" else b"".join(message.get("body", b"") for message in sent[1:])
    return Answer(sent[0]["status"], answer_headers, answer_body)


def _scope_of(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    scheme, _, rest = url.partition("://")
    location, _, query = rest.partition("?")
    authority, slash, path = location.partition("/")
    raw_path = (slash + path) or "/"
    sent = {"host": authority, "content-length": str(len(body)), **headers}
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": unquote(raw_path),
        "raw_path": raw_path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.items()],
        "client": ("simulated", 1),
        "server": (authority, 80),
        "state": {},
    }
