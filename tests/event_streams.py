"""A reader of server-sent events over real sockets, as a browser's `EventSource` is one.

async with reading(url, headers) as reader:
    event = await reader.next()
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.institution_people import Holder
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.service.streams import EVENT_STREAM, LAST_EVENT_ID

PATIENCE_S = 10.0


@dataclass(frozen=True, slots=True)
class Received:
    """One event, as it came."""

    place: str
    kind: str
    data: dict[str, Any]


class StreamReader:
    """Reads one stream."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self) -> Received | None:
        """The next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._response.content:
                name, _, value = line.decode().rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    return Received(fields["id"], fields["event"], json.loads(fields["data"]))
        return None

    async def rest(self) -> list[Received]:
        """Everything until the stream ends."""
        found = []
        while (event := await self.next()) is not None:
            found.append(event)
        return found


@asynccontextmanager
async def reading(
    url: str, *, holder: Holder | None = None, last_event_id: str = "", status: int = 200
) -> AsyncIterator[StreamReader]:
    """The stream at a URL, signed by a wallet where it needs to be."""
    headers = {"accept": EVENT_STREAM}
    if last_event_id:
        headers[LAST_EVENT_ID] = last_event_id
    signed: Mapping[str, str] = {} if holder is None else signed_by(holder, url)
    async with aiohttp.ClientSession() as session, session.get(url, headers={**headers, **signed}) as response:
        assert response.status == status, await response.text()
        yield StreamReader(response)


def signed_by(holder: Holder, url: str) -> dict[str, str]:
    """The headers that prove a GET of the holder's wallet."""
    client, now_s = holder.client, holder.world.clock.now_ms() // 1000
    request = signable("GET", url, headers={}, body=b"")
    return sign_request(request, key_id=client._key_id, created_s=now_s, sign=client._sign)
