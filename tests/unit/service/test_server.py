"""Serving on real sockets, starting and stopping."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest
import uvloop
from starlette.types import Receive, Scope, Send

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.network import HttpNetwork
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, NetworkError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.wire import Message
from tongbao.service.http import Call, Health, Nothing, Operations, authenticated, create_app
from tongbao.service.server import _Gathering, bind, serve


class Name(Message):
    name: str
    x: str


class Memo(Message):
    text: str


ASYNC_APP = create_app("Service", version="1")


@Operations(ASYNC_APP, authenticate=None).get("/v1/slow", public=True)
async def slow(_call: Call[Nothing, Nothing]) -> Health:
    """Take a while."""
    await asyncio.sleep(0.2)
    return Health(status="slow")


@pytest.fixture
async def network() -> AsyncIterator[HttpNetwork]:
    opened = HttpNetwork()
    yield opened
    await opened.close()


async def get(network: HttpNetwork, url: str) -> bytes:
    return (await network.request("GET", url, headers={}, body=b"", timeout_s=5)).body


async def test_a_server_answers_until_it_is_stopped_and_frees_its_port(network: HttpNetwork) -> None:
    listening = bind("127.0.0.1", 0)
    port = listening.getsockname()[1]

    async with await serve(ASYNC_APP, listening) as server:
        assert server.url == f"http://127.0.0.1:{port}"
        assert await get(network, server.url + "/healthz") == b'{"status":"ok"}'

    with pytest.raises(NetworkError):
        await get(network, server.url + "/healthz")
    bind("127.0.0.1", port).close()


async def test_stopping_finishes_what_runs(network: HttpNetwork) -> None:
    server = await serve(ASYNC_APP, bind("127.0.0.1", 0))
    running = asyncio.create_task(get(network, server.url + "/v1/slow"))
    await asyncio.sleep(0.05)

    await server.stop()

    assert await running == b'{"status":"slow"}'


async def test_several_servers_live_in_one_loop(network: HttpNetwork) -> None:
    async with (
        await serve(ASYNC_APP, bind("127.0.0.1", 0)) as one,
        await serve(ASYNC_APP, bind("127.0.0.1", 0)) as other,
    ):
        answers = [await get(network, server.url + "/healthz") for server in (one, other)]

    assert answers == [b'{"status":"ok"}'] * 2


async def test_what_a_client_signs_is_what_arrives_over_real_sockets(network: HttpNetwork) -> None:
    key = SigningKey(b"k" * 32)

    async def public_key_of(_key_id: str) -> bytes:
        return key.public_key

    app = create_app("Signed", version="1")

    @Operations(app, authenticate=authenticated(public_key_of, SystemClock())).post("/v1/memos/{name:path}")
    async def memo(call: Call[Memo, Name]) -> Memo:
        return Memo(text=f"{call.caller.key_id} {call.parameters} {call.message.text}")

    async with await serve(app, bind("127.0.0.1", 0)) as server:
        client = SignedClient(
            network=network, clock=SystemClock(), base_url=server.url, key_id="wallet:1", sign=key.sign
        )
        answer = await client.post("/v1/memos/a%2Fb/%e5%b8%81?x=%20+~", Memo(text="币"), Memo, idempotency_key="7")

    assert answer.text == "wallet:1 name='a/b/币' x='  ~' 币"


def test_a_port_in_use_is_named_with_the_cure() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ConfigurationError, match=f"port {port} of 127.0.0.1 is in use; .* choose another port"):
            bind("127.0.0.1", port)


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_named(host: str) -> None:
    with pytest.raises(ConfigurationError, match=f"{host} is not an address of this machine"):
        bind(host, 0)


class _Listener(asyncio.Protocol):
    """Asks once and keeps what comes, packet by packet."""

    def __init__(self) -> None:
        self.packets: list[bytes] = []
        self.ended = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.write(b"GET / HTTP/1.1\r\nhost: here\r\nconnection: close\r\n\r\n")

    def data_received(self, data: bytes) -> None:
        self.packets.append(data)

    def connection_lost(self, _error: Exception | None) -> None:
        self.ended.set()


async def test_head_and_body_of_an_answer_are_one_packet_and_parts_of_a_stream_are_not_held_back() -> None:
    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"10")]})
        await send({"type": "http.response.body", "body": b"hello", "more_body": True})
        await asyncio.sleep(0.05)
        await send({"type": "http.response.body", "body": b"again"})

    async with await serve(answer, bind("127.0.0.1", 0)) as server:
        port = int(server.url.rpartition(":")[2])
        _, listener = await asyncio.get_running_loop().create_connection(_Listener, "127.0.0.1", port)
        await listener.ended.wait()

    first, second = listener.packets
    assert (first[:15], first[-5:], second) == (b"HTTP/1.1 200 OK", b"hello", b"again")


def test_what_is_written_for_a_client_who_goes_in_the_same_step_is_dropped_without_a_complaint() -> None:
    complaints: list[dict[str, object]] = []

    async def write_and_lose() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: complaints.append(context))
        ours, theirs = socket.socketpair()
        transport, _ = await loop.create_connection(asyncio.Protocol, sock=ours)
        gathering = _Gathering(transport)
        transport.abort()
        gathering.write(b"answer")
        await asyncio.sleep(0.01)
        assert theirs.recv(100) == b""
        theirs.close()

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(write_and_lose())

    assert complaints == []
