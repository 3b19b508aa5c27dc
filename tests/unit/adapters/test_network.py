"""Asking over real sockets, of servers that behave and of servers that do not."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certificates import Authority
from tongbao.adapters import http_connection
from tongbao.adapters import network as network_module
from tongbao.adapters.network import Answer, HttpNetwork
from tongbao.adapters.request_id import NO_REQUEST, REQUEST, REQUEST_ID_HEADER, RequestId
from tongbao.errors import NetworkError, PeerError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def network() -> AsyncIterator[HttpNetwork]:
    opened = HttpNetwork()
    yield opened
    await opened.close()


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Handler], Awaitable[str]]]:
    runners: list[web.ServerRunner] = []

    async def start(handler: Handler) -> str:
        runner = web.ServerRunner(web.Server(handler), shutdown_timeout=0.1)  # type: ignore[arg-type]  # any request comes here
        runners.append(runner)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert isinstance(site._server, asyncio.Server)
        return f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"

    yield start
    for runner in runners:
        await runner.cleanup()


Serve = Callable[[Handler], Awaitable[str]]


async def ask(
    network: HttpNetwork, url: str, *, method: str = "POST", body: bytes = b"coins", timeout_s: float = 5
) -> Answer:
    return await network.request(method, url, headers={"x-name": "value"}, body=body, timeout_s=timeout_s)


async def test_request_and_answer_arrive_byte_for_byte(network: HttpNetwork, serve: Serve) -> None:
    seen: list[tuple[object, ...]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.method, request.raw_path, request.headers["x-name"], await request.read()))
        return web.Response(status=418, body=b"\x00answer", headers={"X-Kind": "tea"})

    answer = await ask(network, await serve(handler) + "/a%2Fb/%e5?q=%20+x", body=b"\x00\xff")

    assert seen == [("POST", "/a%2Fb/%e5?q=%20+x", "value", b"\x00\xff")]
    assert (answer.status, answer.headers["x-kind"], answer.body) == (418, "tea", b"\x00answer")


async def test_one_connection_serves_many_requests_without_waiting_to_fill_packets(
    network: HttpNetwork, serve: Serve
) -> None:
    connections: set[object] = set()

    async def handler(request: web.Request) -> web.Response:
        connections.add(request.transport)
        return web.Response()

    url = await serve(handler)
    for _ in range(5):
        await ask(network, url)

    assert len(connections) == 1
    kept = [connection._transport for idle in network._kept.values() for _, connection in idle]
    sockets = [transport.get_extra_info("socket") for transport in kept if transport is not None]
    assert [kept.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) for kept in sockets] == [1]


async def test_a_redirect_is_an_answer_and_not_followed(network: HttpNetwork, serve: Serve) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "http://elsewhere.example/"})

    answer = await ask(network, await serve(handler), method="GET", body=b"")

    assert answer.status == 302


async def test_nobody_listening_is_a_network_error(network: HttpNetwork) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    with pytest.raises(
        NetworkError, match=f"^nobody answers at http://127.0.0.1:{port}; is it running there"
    ) as caught:
        await ask(network, f"http://127.0.0.1:{port}/secret-path")

    assert "tongbao up" in str(caught.value)


async def test_silence_is_a_network_error_after_the_time_out(network: HttpNetwork, serve: Serve) -> None:
    async def handler(_request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    with pytest.raises(NetworkError, match=r"within 0\.05 s"):
        await ask(network, await serve(handler), timeout_s=0.05)


async def test_a_connection_that_breaks_off_is_a_network_error(network: HttpNetwork, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport is not None
        request.transport.abort()
        return response

    with pytest.raises(NetworkError, match="the connection broke off; ask again"):
        await ask(network, await serve(handler))


async def test_a_connection_that_ends_before_the_answer_is_a_network_error(network: HttpNetwork, serve: Serve) -> None:
    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    with pytest.raises(NetworkError, match="the connection broke off; ask again"):
        await ask(network, await serve(handler))


async def test_a_name_that_nobody_has_is_told_so(network: HttpNetwork) -> None:
    with pytest.raises(NetworkError, match="nobody has that name"):
        await ask(network, "http://nobody.invalid:7300")


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_endless_answer_is_the_peers_fault(
    network: HttpNetwork, serve: Serve, monkeypatch: pytest.MonkeyPatch, *, chunked: bool
) -> None:
    monkeypatch.setattr(http_connection, "ANSWER_BYTES_MAX", 100)

    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        if not chunked:
            response.content_length = 101
        await response.prepare(request)
        await response.write(b"x" * 101)
        return response

    with pytest.raises(PeerError, match="more than 100 bytes"):
        await ask(network, await serve(handler))


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "not a url",
        "ftp://127.0.0.1/",
        "http://127.0.0.1:99999/",
        "http://me:secret@127.0.0.1/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/#place",
    ],
)
async def test_an_address_that_leads_nowhere_is_a_network_error(network: HttpNetwork, url: str) -> None:
    with pytest.raises(NetworkError, match="write http://HOST:PORT"):
        await ask(network, url)


async def test_what_is_no_http_is_a_network_error(network: HttpNetwork) -> None:
    left = asyncio.Event()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"220 mail.example ESMTP\r\n")
        writer.close()
        left.set()

    async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(NetworkError, match="what it says is not HTTP"):
            await ask(network, f"http://127.0.0.1:{port}")
        await left.wait()


async def test_a_server_of_plain_http_does_not_prove_who_it_is(network: HttpNetwork, serve: Serve) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response()

    url = await serve(handler)
    with pytest.raises(NetworkError, match="does not prove who it is"):
        await ask(network, url.replace("http:", "https:"))


async def test_a_server_is_asked_in_private_only_if_it_proves_its_name(
    network: HttpNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = Authority.found(tmp_path)
    believed = tmp_path / "believed.pem"
    believed.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    monkeypatch.setenv("SSL_CERT_FILE", str(believed))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=authority.server_context("127.0.0.1")) as server:
        port = server.sockets[0].getsockname()[1]
        answer = await ask(network, f"https://127.0.0.1:{port}/")
        with pytest.raises(NetworkError, match="does not prove who it is"):
            await ask(network, f"https://localhost:{port}/")

    assert answer.status == 204


async def test_a_line_end_in_a_header_never_becomes_another_header(network: HttpNetwork, serve: Serve) -> None:
    seen: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers)
        return web.Response()

    url = await serve(handler)
    with pytest.raises(NetworkError):
        await network.request("GET", url, headers={"x-name": "a\r\nx-other: b"}, body=b"", timeout_s=5)

    assert seen == []


async def test_connections_that_were_idle_for_long_are_closed_and_not_used(
    network: HttpNetwork, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    connections: set[object] = set()

    async def handler(request: web.Request) -> web.Response:
        connections.add(request.transport)
        return web.Response()

    url = await serve(handler)
    await ask(network, url)
    monkeypatch.setattr(network_module, "_KEEP_ALIVE_S", 0.0)
    await ask(network, url)

    assert len(connections) == 2


async def test_connections_to_servers_that_are_never_asked_again_are_closed(
    network: HttpNetwork, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "_KEEP_ALIVE_S", 0.05)
    transports: list[asyncio.BaseTransport] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        transports.append(request.transport)
        return web.Response()

    for url in [await serve(handler), await serve(handler)]:
        await ask(network, url)
    kept = len(network._kept)
    await asyncio.sleep(0.5)

    assert kept == 2
    assert not network._kept
    assert [transport.is_closing() for transport in transports] == [True, True]


async def test_a_server_that_does_not_answer_leaves_nothing_behind(network: HttpNetwork) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    with pytest.raises(NetworkError):
        await ask(network, f"http://127.0.0.1:{port}/")

    assert not network._kept


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced(network: HttpNetwork, serve: Serve) -> None:
    transports: list[asyncio.BaseTransport] = []

    async def handler(request: web.Request) -> web.Response:
        assert request.transport is not None
        transports.append(request.transport)
        return web.Response()

    url = await serve(handler)
    await ask(network, url)
    transports[0].close()
    await asyncio.sleep(0.05)
    await ask(network, url)

    assert len(transports) == 2


async def test_more_requests_than_connections_wait_for_their_turn(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_module, "_CONNECTIONS_MAX", 2)
    network, at_once, most = HttpNetwork(), 0, 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.01)
        at_once -= 1
        return web.Response()

    url = await serve(handler)
    await asyncio.gather(*[ask(network, url) for _ in range(6)])
    await network.close()

    assert most == 2


async def test_it_can_be_used_again_after_closing(network: HttpNetwork, serve: Serve) -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(body=b"again")

    url = await serve(handler)
    await ask(network, url)
    await network.close()

    assert (await ask(network, url)).body == b"again"


@pytest.mark.parametrize(
    ("request_id", "forwarded"),
    [
        (NO_REQUEST, None),
        (RequestId("institution-1-7", is_own=True), "institution-1-7"),
        (RequestId("alices-own-name-for-it", is_own=False), None),
    ],
)
async def test_others_hear_for_which_request_of_ours_they_are_asked_and_nothing_that_a_caller_chose(
    network: HttpNetwork, serve: Serve, request_id: RequestId, forwarded: str | None
) -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get(REQUEST_ID_HEADER))
        return web.Response()

    url = await serve(handler)
    before = REQUEST.set(request_id)
    await ask(network, url)
    REQUEST.reset(before)

    assert seen == [forwarded]
