"""A client process of the bench: an institution's side of the conversation, as lean as it can be.

It sends submissions that were made before over kept connections, each request signed when it goes out, and verifies
every receipt of every answer. In an open loop each submission has its time, which is when its latency begins, whether
or not a connection was free: a server that stalls is charged for everybody who had to wait (no coordinated omission).
"""

import asyncio
import gc
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier

from tongbao.coin import Domain, PublicKey
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.verdicts import Verdicts
from tongbao.errors import PeerError
from tongbao.protocol.client import BINARY
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.service.bench.workload import HOME, Handed

__all__ = ["Errand", "Told", "meet_at", "run_errand"]

PATH = "/v1/submissions/encoded"
OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What a client process does.

    Attributes:
        host: of the centre.
        port: of the centre.
        domain: of the network.
        endorser: secret of the key that signs requests.
        receipt_key: of the centre.
        submissions: what is sent, in this order.
        connections: how many requests may be under way at a time.
        per_second: submissions a second in an open loop; None for as fast as they are answered.
    """

    host: str
    port: int
    domain: Domain
    endorser: bytes
    receipt_key: PublicKey
    submissions: Sequence[Handed]
    connections: int
    per_second: float | None


@dataclass(frozen=True, slots=True)
class Told:
    """What a client tells.

    Attributes:
        latencies_s: of each submission.
        began_s: when the first was due, by the monotonic clock, which all processes of a machine share.
        ended_s: when the last answer was verified, by the same clock.
        cpu_s: processor time of the client.
        refused: transactions that did not settle.
    """

    latencies_s: list[float]
    began_s: float
    ended_s: float
    cpu_s: float
    refused: int


_together: "list[Barrier]" = []


def meet_at(barrier: Barrier) -> None:
    """Let this process begin its errand when all others do."""
    _together[:] = [barrier]


def run_errand(errand: Errand) -> Told:
    """Do it in this process."""
    return asyncio.run(_Client(errand).run())


class _Client:
    """One client."""

    def __init__(self, errand: Errand) -> None:
        self._errand = errand
        self._key = SigningKey(errand.endorser)
        self._due = deque(enumerate(errand.submissions))
        self._latencies_s: list[float] = []
        self._refused = 0
        self._began_s = 0.0

    async def run(self) -> Told:
        """Send everything and wait for the last answer."""
        errand = self._errand
        gc.collect()
        gc.freeze()  # going through all that is still to be sent takes 130 ms, which would be charged to the centre
        links = [await asyncio.open_connection(errand.host, errand.port) for _ in range(errand.connections)]
        if _together:
            await asyncio.to_thread(_together[0].wait)
        self._began_s, cpu_s = time.monotonic(), time.process_time()
        try:
            await asyncio.gather(*[self._serve(reader, writer) for reader, writer in links])
        finally:
            for _, writer in links:
                writer.close()
        spent_s = time.process_time() - cpu_s
        return Told(self._latencies_s, self._began_s, time.monotonic(), spent_s, self._refused)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        errand = self._errand
        while self._due:
            number, handed = self._due.popleft()
            due_s = time.monotonic()
            if errand.per_second is not None:
                due_s = self._began_s + number / errand.per_second
                await asyncio.sleep(max(0.0, due_s - time.monotonic()))
            writer.write(self._request(number, handed.data))
            answer = await _answer(reader)
            self._check(handed, answer)
            self._latencies_s.append(time.monotonic() - due_s)

    def _request(self, number: int, body: bytes) -> bytes:
        errand = self._errand
        headers = {"idempotency-key": f"bench-{id(self)}-{number}"}
        request = signable("POST", f"http://{errand.host}:{errand.port}{PATH}", headers=headers, body=body)
        headers |= sign_request(request, key_id=f"home:{HOME}", created_s=int(time.time()), sign=self._key.sign)
        headers |= {"content-type": BINARY, "content-length": str(len(body)), "host": f"{errand.host}:{errand.port}"}
        lines = [f"POST {PATH} HTTP/1.1", *[f"{name}: {value}" for name, value in headers.items()]]
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    def _check(self, handed: Handed, answer: bytes) -> None:
        verdicts = Verdicts.decode(answer)
        verdicts.verify(handed.ids, self._errand.domain, keys=[self._errand.receipt_key])
        statuses = [stretch.status(number) for stretch in verdicts.stretches for number in range(len(stretch))]
        self._refused += sum(status != 0 for status in statuses)


async def _answer(reader: asyncio.StreamReader) -> bytes:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    fields = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:])}
    body = await reader.readexactly(int(fields["content-length"]))
    status = int(head[0].split(" ")[1])
    if status != OK:
        raise PeerError(f"the centre answered {status}: {body.decode(errors='replace')[:300]}")
    return body
