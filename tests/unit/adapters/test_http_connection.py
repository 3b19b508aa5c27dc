"""Answers as bytes on a socket: in one piece and in many, well-formed and not, asked for and not."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import pytest

from tongbao.adapters import http_connection
from tongbao.adapters.http_connection import BrokenOffError, HttpConnection, NoHttpError
from tongbao.errors import PeerError

REQUEST = b"GET / HTTP/1.1\r\nhost: here\r\n\r\n"
GOOD = b"HTTP/1.1 200 OK\r\nX-Kind: tea\r\ncontent-length: 4\r\n\r\ncoin"
END = object()
"""Instead of bytes: the server closes the connection."""

Connect = Callable[[Sequence[object]], Awaitable[HttpConnection]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect to a server that answers each request with the next of some scripts, piece by piece."""
    servers: list[asyncio.Server] = []
    connections: list[HttpConnection] = []
    serving: list[asyncio.Task[None] | None] = []

    async def start(script: Sequence[object]) -> HttpConnection:
        pieces = iter(script)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            serving.append(asyncio.current_task())
            with contextlib.suppress(ConnectionError):
                while await reader.read(65_536):
                    piece = next(pieces)
                    for part in piece if isinstance(piece, list) else [piece]:
                        if part is END:
                            writer.close()
                            return
                        assert isinstance(part, bytes)
                        writer.write(part)
                        await writer.drain()
                        await asyncio.sleep(0.005)
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        servers.append(server)
        address = server.sockets[0].getsockname()[:2]
        _, connection = await asyncio.get_running_loop().create_connection(HttpConnection, *address)
        connections.append(connection)
        return connection

    yield start
    for connection in connections:
        connection.close()
    for server in servers:
        server.close()
    await asyncio.gather(*[task for task in serving if task is not None])


async def test_answers_of_one_connection_come_whole_however_they_are_cut(connect: Connect) -> None:
    connection = await connect([GOOD, [GOOD[:10], GOOD[10:40], GOOD[40:]], [bytes([each]) for each in GOOD]])

    answers = [await connection.ask(REQUEST) for _ in range(3)]

    assert [(answer.status, answer.headers["x-kind"], answer.body) for answer in answers] == [(200, "tea", b"coin")] * 3
    assert connection.is_open


async def test_a_chunked_answer_is_put_together(connect: Connect) -> None:
    chunks = b"2\r\nco\r\n2\r\nin\r\n0\r\n\r\n"
    connection = await connect([[b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", chunks[:9], chunks[9:]]])

    assert (await connection.ask(REQUEST)).body == b"coin"


async def test_an_answer_without_a_body_is_an_answer(connect: Connect) -> None:
    connection = await connect([b"HTTP/1.1 304 Not Modified\r\n\r\n", GOOD])

    assert (await connection.ask(REQUEST)).status == 304
    assert (await connection.ask(REQUEST)).status == 200


@pytest.mark.parametrize("apart", [True, False])
async def test_an_interim_answer_is_not_the_answer(connect: Connect, *, apart: bool) -> None:
    interim = b"HTTP/1.1 103 Early Hints\r\nx-kind: coffee\r\nx-more: 1\r\n\r\n"
    connection = await connect([[interim, GOOD] if apart else interim + GOOD])

    answer = await connection.ask(REQUEST)

    assert (answer.status, answer.headers) == (200, {"x-kind": "tea", "content-length": "4"})


async def test_an_answer_that_says_no_length_ends_with_the_connection(connect: Connect) -> None:
    connection = await connect([[b"HTTP/1.1 200 OK\r\n\r\n", b"co", b"in", END]])

    assert (await connection.ask(REQUEST)).body == b"coin"
    assert not connection.is_open


@pytest.mark.parametrize(
    "pieces",
    [
        [END],
        [b"HTTP/1.1 200 OK\r\n", END],
        [GOOD[:-1], END],
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nco", END],
        [b"HTTP/1.1 103 Early Hints\r\n\r\n", END],
    ],
)
async def test_an_answer_that_ends_early_is_none(connect: Connect, pieces: list[object]) -> None:
    connection = await connect([pieces])

    with pytest.raises(BrokenOffError):
        await connection.ask(REQUEST)
    assert not connection.is_open
    with pytest.raises(BrokenOffError):
        await connection.ask(REQUEST)


@pytest.mark.parametrize(
    "wrong",
    [
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\ncoin",
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_no_answer(connect: Connect, wrong: bytes) -> None:
    connection = await connect([wrong])

    with pytest.raises(NoHttpError):
        await connection.ask(REQUEST)
    assert not connection.is_open


async def test_a_second_answer_to_one_request_is_never_the_answer_to_the_next(connect: Connect) -> None:
    connection = await connect([GOOD + GOOD.replace(b"coin", b"fake")])

    assert (await connection.ask(REQUEST)).body == b"coin"
    assert not connection.is_open


@pytest.mark.parametrize("came", range(1, len(GOOD)))
async def test_a_second_answer_that_only_begins_is_never_completed_into_the_next(connect: Connect, came: int) -> None:
    connection = await connect([GOOD + GOOD[:came]])

    assert (await connection.ask(REQUEST)).body == b"coin"
    assert not connection.is_open


async def test_what_comes_unasked_ends_the_connection(connect: Connect) -> None:
    connection = await connect([[GOOD, GOOD.replace(b"coin", b"fake")]])

    assert (await connection.ask(REQUEST)).body == b"coin"
    await asyncio.sleep(0.05)

    assert not connection.is_open


async def test_a_server_that_wants_to_close_is_not_asked_again(connect: Connect) -> None:
    connection = await connect([GOOD.replace(b"X-Kind: tea", b"Connection: close")])

    assert (await connection.ask(REQUEST)).body == b"coin"
    assert not connection.is_open


async def test_whoever_stops_waiting_ends_the_connection(connect: Connect) -> None:
    connection = await connect([[]])

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connection.ask(REQUEST), 0.02)
    assert not connection.is_open


async def test_endless_headers_are_refused(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "HEAD_BYTES_MAX", 100)
    connection = await connect([[b"HTTP/1.1 200 OK\r\nx-kind: ", b"t" * 60, b"t" * 60]])

    with pytest.raises(PeerError, match="100 bytes of headers"):
        await connection.ask(REQUEST)


CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\ncoin\r\n0\r\n"


@pytest.mark.parametrize(
    "pieces",
    [
        [GOOD.replace(b"tea", b"t" * 100)],
        [b"HTTP/1.1 200 OK\r\n", GOOD[17:].replace(b"tea", b"t" * 100)],
        [CHUNKED + b"x-kind: " + b"t" * 100 + b"\r\n\r\n"],
        [CHUNKED, *[b"x-kind-%d: tea\r\n" % number for number in range(10)], b"\r\n"],
        [CHUNKED + b"x-kind: ", b"t" * 60, b"t" * 60],
    ],
    ids=["at once", "with the body", "trailer at once", "many trailers", "a trailer without end"],
)
async def test_headers_are_counted_wherever_they_stand(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, pieces: list[object]
) -> None:
    monkeypatch.setattr(http_connection, "HEAD_BYTES_MAX", 100)
    connection = await connect([pieces])

    async with asyncio.timeout(5):
        with pytest.raises(PeerError, match="100 bytes of headers"):
            await connection.ask(REQUEST)


async def test_a_body_of_any_size_is_no_header(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_connection, "HEAD_BYTES_MAX", 100)
    chunk = b"28\r\n" + b"c" * 40 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    connection = await connect([[head, *[chunk] * 10, b"0\r\n\r\n"]])

    assert (await connection.ask(REQUEST)).body == b"c" * 400
