"""A client against a server that says what it is told to say."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.builders import CENTRE, DOMAIN, public_key
from tests.vectors.coin_valid import verdict_cases
from tongbao.errors import PeerError, RequestError
from tongbao.service.bench.client import Errand, _Client
from tongbao.service.bench.signers import SuiteChoice
from tongbao.service.bench.workload import Handed, Workload

WORKLOAD = Workload(5, SuiteChoice.ED25519)
VERDICTS, IDS = verdict_cases()["from the middle of a batch"]
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def errand(port: int, count: int, *, per_second: float | None = None) -> Errand:
    return Errand(
        host="127.0.0.1",
        port=port,
        domain=DOMAIN,
        endorser=bytes(32),
        receipt_key=public_key(CENTRE),
        submissions=[Handed(b"submission", tuple(IDS))] * count,
        connections=1,
        per_second=per_second,
    )


def answering(body: bytes, *, status: int = 200, pause_s: float = 0) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(65_536):
            assert head.startswith(b"POST /v1/submissions/encoded HTTP/1.1\r\n")
            await asyncio.sleep(pause_s)
            writer.write(b"HTTP/1.1 %d X\r\ncontent-length: %d\r\n\r\n%b" % (status, len(body), body))
        writer.close()

    return serve


async def ask(serve: Serve, count: int, *, per_second: float | None = None) -> list[float]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        port = server.sockets[0].getsockname()[1]
        return (await _Client(errand(port, count, per_second=per_second)).run()).latencies_s
    finally:
        await asyncio.sleep(0.01)  # the server notices that the client has gone
        server.close()


async def test_every_answer_is_verified_and_timed() -> None:
    assert len(await ask(answering(VERDICTS.encode()), 5)) == 5


async def test_in_an_open_loop_who_waits_for_a_connection_is_late_from_when_he_was_due() -> None:
    latencies_s = await ask(answering(VERDICTS.encode(), pause_s=0.05), 5, per_second=100)

    # The last was due after 40 ms and answered after five pauses.
    assert latencies_s == sorted(latencies_s)
    assert latencies_s[-1] > 5 * 0.05 - 0.04 - 0.01


async def test_an_answer_that_proves_nothing_ends_the_errand() -> None:
    other = verdict_cases()["the last of a batch"][0]

    with pytest.raises(RequestError):
        await ask(answering(other.encode()), 1)
    with pytest.raises(PeerError, match="answered 503: busy"):
        await ask(answering(b"busy", status=503), 1)
