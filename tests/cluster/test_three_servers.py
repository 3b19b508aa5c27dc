"""The journal at three real servers, while they are killed, stopped and damaged.

What was acknowledged is there once and in its place, and nothing else is, whatever happened to a minority.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pytest

from tests.nats_servers import OPERATOR, Cluster, Server, running_cluster
from tongbao.adapters import nats_journal
from tongbao.adapters.nats_client import NatsClient, RefusalError
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.nats_stream import stream_of
from tongbao.centres.registration.journal import JournalDamageError, UnsettledAppendError
from tongbao.errors import NetworkError

pytestmark = pytest.mark.cluster

RESUME_S_MAX = 15.0


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with running_cluster(tmp_path, 3) as cluster:
        yield cluster


@dataclass
class Writer:
    """Appends without a pause, and remembers what was acknowledged."""

    journal: NatsJournal
    random: Random
    acknowledged: list[bytes] = field(default_factory=list)
    _stopping: bool = False

    async def run(self) -> None:
        while not self._stopping:
            group = [self.random.randbytes(self.random.randint(1, 20_000)) for _ in range(self.random.randint(1, 4))]
            while True:
                try:
                    await self.journal.append(len(self.acknowledged), group)
                    break
                except UnsettledAppendError:
                    continue  # the very same again, as its contract says
            self.acknowledged += group

    def stop(self) -> None:
        self._stopping = True


async def opened(cluster: Cluster, network_id: bytes, *, at_least_sequence: int = -1) -> NatsJournal:
    return await NatsJournal.open(
        cluster.place, network_id=network_id, entropy=os.urandom, at_least_sequence=at_least_sequence
    )


async def judge(cluster: Cluster, network_id: bytes, acknowledged: list[bytes]) -> None:
    """Read everything with a connection of its own."""
    journal = await opened(cluster, network_id, at_least_sequence=len(acknowledged) - 1)
    found = [record async for record in journal.read(0)]
    assert [sequence for sequence, _ in found] == list(range(len(acknowledged)))
    assert [record for _, record in found] == acknowledged
    await journal.close()


async def leader_of(cluster: Cluster, network_id: bytes) -> Server:
    """The server that leads the network's stream."""
    client = await NatsClient.connect(cluster.place_as(OPERATOR))
    try:
        for _ in range(200):
            with suppress(NetworkError, RefusalError):
                info = await client.ask(f"$JS.API.STREAM.INFO.{stream_of(network_id)}", {}, timeout_s=1)
                about = info["cluster"]
                assert isinstance(about, dict)
                for server in cluster.servers:
                    if server.plan.name == about.get("leader"):
                        return server
            await asyncio.sleep(0.1)
    finally:
        await client.close()
    raise AssertionError("the stream has no leader")


async def test_a_leader_killed_again_and_again_under_load_loses_nothing_and_writes_nothing_twice(
    cluster: Cluster,
) -> None:
    network_id = os.urandom(32)
    journal = await opened(cluster, network_id)
    writer = Writer(journal, Random(1))
    writing = asyncio.create_task(writer.run())

    for _ in range(5):
        await asyncio.sleep(1)
        leader, before = await leader_of(cluster, network_id), len(writer.acknowledged)
        leader.kill()
        until_s = time.monotonic() + RESUME_S_MAX
        while len(writer.acknowledged) <= before + 4:
            assert not writing.done(), writing.exception()
            assert time.monotonic() < until_s, "writes did not resume"
            await asyncio.sleep(0.05)
        cluster.start()

    writer.stop()
    await writing
    assert len(writer.acknowledged) > 100
    await judge(cluster, network_id, writer.acknowledged)
    await journal.close()


async def test_a_leader_that_is_cut_off_is_left_and_takes_nothing_back_when_it_returns(cluster: Cluster) -> None:
    network_id = os.urandom(32)
    journal = await opened(cluster, network_id)
    writer = Writer(journal, Random(2))
    writing = asyncio.create_task(writer.run())
    await asyncio.sleep(0.5)

    for _ in range(2):
        leader = await leader_of(cluster, network_id)
        leader.send(signal.SIGSTOP)
        await asyncio.sleep(8)
        before = len(writer.acknowledged)
        await asyncio.sleep(4)
        assert len(writer.acknowledged) > before, "the majority does not go on"
        leader.send(signal.SIGCONT)
        await asyncio.sleep(2)

    writer.stop()
    await writing
    await judge(cluster, network_id, writer.acknowledged)
    await journal.close()


async def test_without_a_majority_nothing_is_taken_and_with_it_the_work_goes_on(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_journal, "PATIENCE_S", 3.0)
    network_id = os.urandom(32)
    journal = await opened(cluster, network_id)
    await journal.append(0, [b"genesis", b"batch 1"])
    for server in cluster.servers[:2]:
        server.kill()

    with pytest.raises(UnsettledAppendError, match="too few answer"):
        await journal.append(2, [b"batch 2", b"batch 3"])

    cluster.start()
    until_s = time.monotonic() + RESUME_S_MAX
    while True:
        try:
            assert await journal.append(2, [b"batch 2", b"batch 3"]) == 3
            break
        except UnsettledAppendError:
            assert time.monotonic() < until_s
    assert await journal.append(4, [b"batch 4"]) == 4
    await judge(cluster, network_id, [b"genesis", b"batch 1", b"batch 2", b"batch 3", b"batch 4"])
    await journal.close()


async def test_all_servers_killed_at_once_have_everything_at_the_next_start(cluster: Cluster) -> None:
    network_id = os.urandom(32)
    journal = await opened(cluster, network_id)
    writer = Writer(journal, Random(3))
    writing = asyncio.create_task(writer.run())
    await asyncio.sleep(1)

    for server in cluster.servers:
        server.kill()
    cluster.start()
    before, until_s = len(writer.acknowledged), time.monotonic() + 2 * RESUME_S_MAX
    while len(writer.acknowledged) <= before + 4:
        assert time.monotonic() < until_s, "writes did not resume"
        await asyncio.sleep(0.1)

    writer.stop()
    await writing
    await judge(cluster, network_id, writer.acknowledged)
    await journal.close()


async def make_leader(cluster: Cluster, network_id: bytes, server: Server) -> None:
    """Try to have the server lead the stream; the others need not let one whose copy lacks something."""
    client = await NatsClient.connect(cluster.place_as(OPERATOR))
    try:
        for _ in range(8):
            if (await leader_of(cluster, network_id)) is server:
                return
            with suppress(NetworkError, RefusalError):
                subject = f"$JS.API.STREAM.LEADER.STEPDOWN.{stream_of(network_id)}"
                await client.ask(subject, {"placement": {"preferred": server.plan.name}}, timeout_s=2)
            await asyncio.sleep(0.5)
    finally:
        await client.close()


async def test_a_flipped_bit_on_one_follower_is_healed_or_found_and_never_read(cluster: Cluster) -> None:
    network_id = os.urandom(32)
    journal = await opened(cluster, network_id)
    written = [bytes([number]) * 3000 for number in range(1, 60)]
    await journal.append(0, written)
    await journal.close()
    leader = await leader_of(cluster, network_id)
    follower = next(server for server in cluster.servers if server is not leader)
    follower.stop()
    flip_a_bit(follower, stream_of(network_id), written[30])
    cluster.start()

    await make_leader(cluster, network_id, follower)

    with suppress(JournalDamageError):
        await judge(cluster, network_id, written)  # where it is healed, every record is the one that was written


def flip_a_bit(server: Server, stream: str, record: bytes) -> None:
    """In the server's own copy of a record, and take away what it could compare it with."""
    for block in (server.plan.store / "jetstream" / "JOURNAL" / "streams" / stream / "msgs").glob("*.blk"):
        content = bytearray(block.read_bytes())
        if record in content:
            content[content.index(record) + len(record) // 2] ^= 1
            block.write_bytes(content)
            (block.parent / "index.db").unlink(missing_ok=True)
            return
    raise AssertionError("the record is not in any file")
