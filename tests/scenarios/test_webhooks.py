"""A merchant's servers in every kind of trouble: slow, down, failing, redirecting, lying about who they are.

Real processes, real sockets, real seconds. Nothing is lost, each order's events stay in order, and nothing goes where a
server would have it sent.
"""

import asyncio
import contextlib
import json
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.certificates import Authority
from tests.scenarios.running import Town
from tongbao.errors import RequestError
from tongbao.protocol.webhook import DeliveryState, WebhookEndpoint, verify_webhook
from tongbao.service.processes import free_ports
from tongbao.wallets import Wallet

WITHIN_S = 20.0
SLOW_S = 0.7


@dataclass
class Shopkeeper:
    """A merchant's server, over HTTP as simple as can be.

    Attributes:
        slow_s: how long an answer takes.
        fails_first: whether the first message of each order is answered with 500.
        redirects_to: where it would have messages sent instead.
        taken: what it answered with success, in the order in which it came.
        came: how many connections were opened to it.
    """

    slow_s: float = 0.0
    fails_first: bool = False
    redirects_to: str = ""
    port: int = 0
    secret: str = ""
    came: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    _failed: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/told"

    @asynccontextmanager
    async def open(self, tls: ssl.SSLContext | None = None) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._handle, "127.0.0.1", self.port, ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        async with server:
            yield

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[1:-2]
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            writer.write(await self._answer(headers, body))
            await writer.drain()
        writer.close()

    async def _answer(self, headers: dict[str, str], body: bytes) -> bytes:
        webhook_id = verify_webhook(self.secret, headers, body, now_s=int(time.time()))
        content = json.loads(body)
        order = content["data"]["order_number"]
        await asyncio.sleep(self.slow_s)
        if self.redirects_to:
            return f"HTTP/1.1 307 Elsewhere\r\nLocation: {self.redirects_to}\r\n\r\n".encode()
        if self.fails_first and order not in self._failed:
            self._failed.append(order)
            return b"HTTP/1.1 500 Broken\r\n\r\n"
        if webhook_id not in self.ids:
            self.ids.append(webhook_id)
            self.taken.append(content)
        return b"HTTP/1.1 204 Thanks\r\n\r\n"

    def of_order(self, number: str) -> list[str]:
        """What was told of an order, in the order in which it was taken."""
        return [each["type"] for each in self.taken if each["data"]["order_number"] == number]


async def _name(shop: Wallet, server: Shopkeeper, url: str = "") -> WebhookEndpoint:
    endpoint = await shop.webhooks.create(url or server.url)
    server.secret = endpoint.secret
    return endpoint


async def _until(*servers: Shopkeeper, count: int) -> None:
    deadline = time.monotonic() + WITHIN_S
    while any(len(server.taken) < count for server in servers):
        assert time.monotonic() < deadline, [server.taken for server in servers]
        await asyncio.sleep(0.05)


async def _purchases(town: Town, shop: Wallet) -> None:
    payer = await town.open("payer", 1_000)
    for number in ("A", "B"):
        await payer.pay_order(await shop.sales.create_order(100, number))


async def _troubles(shop: Wallet, endpoint: WebhookEndpoint) -> set[str]:
    """Why what waits for an endpoint has not arrived."""
    page = await shop.webhooks.deliveries(endpoint.endpoint_id)
    assert {each.state for each in page.deliveries} == {DeliveryState.WAITING}
    return {attempt.problem for each in page.deliveries for attempt in each.log}


async def test_servers_that_are_slow_down_or_failing_hear_of_everything_in_order(town: Town) -> None:
    shop = await town.shop("shop")
    [port] = free_ports(1)
    slow, down, failing = Shopkeeper(slow_s=SLOW_S), Shopkeeper(port=port), Shopkeeper(fails_first=True)
    async with slow.open(), failing.open():
        for server in (slow, down, failing):
            await _name(shop, server)

        await _purchases(town, shop)
        await asyncio.sleep(1)
        async with down.open():
            await _until(slow, down, failing, count=4)

    for server in (slow, down, failing):
        assert server.of_order("A") == server.of_order("B") == ["order.created", "order.paid"]


async def test_nothing_goes_where_a_server_would_have_it_sent_or_to_one_that_lies(town: Town, tmp_path: Path) -> None:
    shop = await town.shop("shop")
    inside, liar = Shopkeeper(), Shopkeeper()
    tls = Authority.found(tmp_path).server_context("127.0.0.1")
    async with inside.open(), liar.open(tls):
        redirecting = Shopkeeper(redirects_to=inside.url)
        async with redirecting.open():
            moved = await _name(shop, redirecting)
            lying = await _name(shop, liar, f"https://127.0.0.1:{liar.port}/told")

            await _purchases(town, shop)
            await asyncio.sleep(2)

    assert (inside.came, liar.taken) == (0, [])
    assert await _troubles(shop, moved) == {"it answered 307, and redirects are not followed: name the place itself"}
    assert await _troubles(shop, lying) == {"its certificate does not prove who it is"}


@pytest.mark.parametrize(
    "url",
    [
        "https://10.0.0.1/",
        "https://192.168.1.1:8080/",
        "http://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://[::ffff:10.0.0.1]/",
        "ftp://shop.example/",
    ],
)
async def test_a_place_that_not_everybody_can_reach_cannot_be_named(town: Town, url: str) -> None:
    shop = await town.shop("shop")

    with pytest.raises(RequestError) as refused:
        await shop.webhooks.create(url)

    assert (refused.value.code, refused.value.field) == ("WEBHOOK_URL", "url")
