"""What is sent to places that customers name reaches only what it may, over real sockets."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import ip_network
from pathlib import Path

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.certificates import Authority
from tongbao.adapters.guarded_network import GuardedNetwork
from tongbao.adapters.network import Answer
from tongbao.errors import NetworkError

LOOPBACK = (ip_network("127.0.0.0/8"),)
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@dataclass
class Server:
    """Answers every request with the same bytes, and counts those who came."""

    answer: bytes = OK
    delay_s: float = 0.0
    port: int = 0
    came: int = 0
    requests: list[bytes] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        self.requests.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            async with asyncio.timeout(self.delay_s):
                await self.gone.wait()
        except TimeoutError:
            writer.write(self.answer)
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@asynccontextmanager
async def serving(server: Server, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    running = await asyncio.start_server(server.handle, "127.0.0.1", 0, ssl=tls)
    server.port = running.sockets[0].getsockname()[1]
    async with running:
        yield server
        server.gone.set()
        await asyncio.sleep(0.01)


class Names(AbstractResolver):
    """Gives names the addresses that a test wants, one list after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        del family
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(hostname=host, host=each, port=port, family=socket.AF_INET, proto=0, flags=0)
            for each in addresses
        ]

    async def close(self) -> None:
        pass


async def send(network: GuardedNetwork, url: str, *, timeout_s: float = 5.0) -> Answer:
    try:
        return await network.request("POST", url, headers={"x": "y"}, body=b"hello", timeout_s=timeout_s)
    finally:
        await network.close()


async def refused(network: GuardedNetwork, url: str, *, timeout_s: float = 5.0) -> str:
    with pytest.raises(NetworkError) as error:
        await send(network, url, timeout_s=timeout_s)
    return str(error.value)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.found(tmp_path)


async def test_a_server_that_proves_its_name_is_reached(authority: Authority) -> None:
    network = GuardedNetwork(allowed=LOOPBACK, tls=authority.client_context(), resolve=Names(["127.0.0.1"]))

    async with serving(Server(), authority.server_context("shop.example")) as server:
        answer = await send(network, f"https://shop.example:{server.port}/told")

    assert (answer.status, answer.body) == (204, b"")
    assert server.requests[0].startswith(b"POST /told HTTP/1.1\r\n")


async def test_a_certificate_of_another_name_is_a_lie(authority: Authority) -> None:
    network = GuardedNetwork(allowed=LOOPBACK, tls=authority.client_context(), resolve=Names(["127.0.0.1"]))

    async with serving(Server(), authority.server_context("other.example")) as server:
        reason = await refused(network, f"https://shop.example:{server.port}/")

    assert (reason, server.came) == ("its certificate does not prove who it is", 0)


async def test_a_certificate_of_nobody_who_is_believed_is_a_lie(authority: Authority) -> None:
    network = GuardedNetwork(allowed=LOOPBACK, resolve=Names(["127.0.0.1"]))

    async with serving(Server(), authority.server_context("shop.example")) as server:
        reason = await refused(network, f"https://shop.example:{server.port}/")

    assert (reason, server.came) == ("its certificate does not prove who it is", 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "localhost", "0x7f.1", "2130706433"])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_nothing_is_sent_to_this_machine_however_it_is_written(host: str, scheme: str) -> None:
    async with serving(Server()) as server:
        reason = await refused(GuardedNetwork(), f"{scheme}://{host}:{server.port}/")

    assert server.came == 0
    assert "to which nothing is sent" in reason or reason in {"nobody has that name", "it is no URL of a server"}


async def test_a_name_with_a_private_address_is_refused_also_beside_a_public_one() -> None:
    names = Names(["93.184.216.34", "127.0.0.1"])

    async with serving(Server()) as server:
        reason = await refused(GuardedNetwork(resolve=names), f"https://shop.example:{server.port}/")

    assert reason == "shop.example has an address to which nothing is sent"
    assert server.came == 0


async def test_a_name_that_means_another_address_a_moment_later_is_judged_again() -> None:
    network = GuardedNetwork(allowed=LOOPBACK, resolve=Names(["127.0.0.1"], ["169.254.169.254"]))

    async with serving(Server()) as server:
        first = await network.request("POST", f"http://shop.example:{server.port}/", headers={}, body=b"", timeout_s=5)
        reason = await refused(network, f"http://shop.example:{server.port}/")

    assert first.status == 204
    assert reason == "shop.example has an address to which nothing is sent"


async def test_plain_http_goes_to_allowed_networks_alone() -> None:
    public = GuardedNetwork(allowed=LOOPBACK, resolve=Names(["93.184.216.34"]))

    reason = await refused(public, "http://shop.example/")

    assert reason == "shop.example has an address to which nothing is sent"


async def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    async with serving(Server()) as inside:
        elsewhere = f"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:{inside.port}/\r\n\r\n".encode()
        async with serving(Server(answer=elsewhere)) as server:
            answer = await send(GuardedNetwork(allowed=LOOPBACK), f"http://127.0.0.1:{server.port}/")

    assert (answer.status, inside.came) == (307, 0)


async def test_a_server_that_does_not_answer_in_time_is_left() -> None:
    async with serving(Server(delay_s=1.0)) as server:
        reason = await refused(GuardedNetwork(allowed=LOOPBACK), f"http://127.0.0.1:{server.port}/", timeout_s=0.2)

    assert reason == "no answer within 0.2 s"


async def test_what_the_server_says_is_not_read() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000000\r\n\r\n" + b"x" * 1000

    async with serving(Server(answer=endless)) as server:
        answer = await send(GuardedNetwork(allowed=LOOPBACK), f"http://127.0.0.1:{server.port}/")

    assert (answer.status, answer.body) == (200, b"")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"", "the connection broke off"), (b"SSH-2.0-OpenSSH\r\n\r\n", "its answer is not HTTP")],
)
async def test_what_is_no_answer_is_a_failure_with_its_reason(answer: bytes, reason: str) -> None:
    async with serving(Server(answer=answer)) as server:
        found = await refused(GuardedNetwork(allowed=LOOPBACK), f"http://127.0.0.1:{server.port}/")

    assert found == reason


async def test_a_port_on_which_nobody_listens_is_a_failure_with_its_reason() -> None:
    async with serving(Server()) as server:
        pass

    reason = await refused(GuardedNetwork(allowed=LOOPBACK), f"http://127.0.0.1:{server.port}/")

    assert reason == "nobody answers there"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://shop.example/", "https://", "nonsense"])
async def test_what_is_no_url_of_https_goes_nowhere(url: str) -> None:
    reason = await refused(GuardedNetwork(allowed=LOOPBACK), url)

    assert reason in {"nothing is sent to what is no https URL", "it is no URL of a server"}


async def test_names_that_take_long_to_be_found_hold_up_nobody_elses(monkeypatch: pytest.MonkeyPatch) -> None:
    real, found = socket.getaddrinfo, threading.Event()

    def find(host: str, *args: object, **options: object) -> object:
        if host.endswith(".slow.example"):
            found.wait(10)
            raise socket.gaierror(socket.EAI_NONAME, "nobody")
        return real(host, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", find)
    network = GuardedNetwork()
    slow = [asyncio.create_task(refused(network, f"https://shop{number}.slow.example/")) for number in range(40)]
    await asyncio.sleep(0.1)

    try:
        await asyncio.wait_for(asyncio.get_running_loop().getaddrinfo("localhost", 1), 2)
    finally:
        found.set()
        await asyncio.gather(*slow)
