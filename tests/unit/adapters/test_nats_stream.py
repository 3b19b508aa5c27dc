import os
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.nats_servers import OPERATOR, READER, Cluster, running_cluster
from tests.nats_servers import WRITER as WRITER_KEY
from tongbao.adapters import nats_stream
from tongbao.adapters.nats_client import NatsClient, RefusalError
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.nats_record import WRITER_BYTES, chained, start_of
from tongbao.adapters.nats_stream import Extent, NatsStream, stream_of
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, NetworkError

NAME = bytes(WRITER_BYTES)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("nats"), 1) as cluster:
        yield cluster


def without_syncs(text: str) -> str:
    return text.replace("  sync_interval: always\n", "")


def with_small_messages(text: str) -> str:
    return text.replace("max_payload: ", "max_payload: 1MB #")


@pytest.mark.parametrize(
    ("edit", "cure"),
    [(without_syncs, "sync_interval: always"), (with_small_messages, "`max_payload` of 4195328 or more")],
)
async def test_a_server_that_may_lose_what_it_acknowledged_is_refused_by_its_own_report(
    tmp_path: Path, edit: Callable[[str], str], cure: str
) -> None:
    refused = pytest.raises(ConfigurationError, match=f"server n1 .*{cure}.*tongbao cluster config")
    with running_cluster(tmp_path, 1, edit=edit) as spoiled, refused:
        await NatsJournal.open(spoiled.place, network_id=os.urandom(32), entropy=os.urandom)


@asynccontextmanager
async def stream_at(cluster: Cluster, *, key: SigningKey = WRITER_KEY, servers: int = 1) -> AsyncIterator[NatsStream]:
    """The stream of a new network; the place may claim more servers than there are."""
    place = cluster.place_as(key)
    client = await NatsClient.connect(replace(place, servers=place.servers * servers))
    yield NatsStream(client, os.urandom(32))
    await client.close()


async def test_servers_as_they_must_be_are_taken(cluster: Cluster) -> None:
    async with stream_at(cluster) as stream:
        await stream.demand_servers()


async def test_too_few_reports_are_no_reports(cluster: Cluster) -> None:
    async with stream_at(cluster, servers=3) as stream:
        with pytest.raises(NetworkError, match=r"1 of the 3 servers .* and 2 must"):
            await stream.demand_servers()


async def test_a_stream_is_made_once_and_holds_what_is_sent(cluster: Cluster) -> None:
    async with stream_at(cluster) as stream:
        assert await stream.extent() is None
        await stream.make()
        await stream.make()
        assert await stream.extent() == Extent(-1, whole=True)

        records = chained(start_of(bytes(32)), [b"genesis", b"batch 1"], writer=NAME)
        assert await stream.append(records, timeout_s=5) == [1, 2]

        assert await stream.extent() == Extent(1, whole=True)
        assert await stream.get(1) == records[1]
        assert await stream.get(2) is None


async def test_a_message_that_is_not_the_next_is_refused_by_the_fence(cluster: Cluster) -> None:
    async with stream_at(cluster) as stream:
        await stream.make()
        records = chained(start_of(bytes(32)), [b"genesis", b"batch 1", b"batch 2"], writer=NAME)

        told = await stream.append([records[0], records[2], records[1]], timeout_s=5)

        assert told[0] == 1
        assert isinstance(told[1], RefusalError)
        assert told[2] == 2
        assert await stream.get(1) == records[1]


async def test_whoever_only_reads_can_send_nothing_and_make_nothing(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_stream, "ASK_S_MAX", 0.3)
    async with stream_at(cluster, key=READER) as stream:
        assert await stream.extent() is None
        with pytest.raises(NetworkError):
            await stream.make()
        (told,) = await stream.append(chained(start_of(bytes(32)), [b"genesis"], writer=NAME), timeout_s=0.3)
        assert isinstance(told, NetworkError)


async def test_a_stream_that_could_drop_records_is_refused_by_name(cluster: Cluster) -> None:
    async with stream_at(cluster, key=OPERATOR) as stream:
        await stream.make()
        client = stream._client
        info = await client.ask(f"$JS.API.STREAM.INFO.{stream.name}", {}, timeout_s=5)
        config = info["config"]
        assert isinstance(config, dict)
        await client.ask(f"$JS.API.STREAM.UPDATE.{stream.name}", {**config, "max_msgs": 10}, timeout_s=5)

        with pytest.raises(ConfigurationError, match="max_msgs is 10, not -1"):
            await stream.extent()


async def test_nobody_can_delete_a_record_not_even_the_operator(cluster: Cluster) -> None:
    async with stream_at(cluster, key=OPERATOR) as stream:
        await stream.make()
        await stream.append(chained(start_of(bytes(32)), [b"genesis"], writer=NAME), timeout_s=5)
        client = stream._client

        with pytest.raises(RefusalError):
            await client.ask(f"$JS.API.STREAM.MSG.DELETE.{stream.name}", {"seq": 1}, timeout_s=5)
        with pytest.raises(RefusalError):
            await client.ask(f"$JS.API.STREAM.PURGE.{stream.name}", {}, timeout_s=5)


def test_a_stream_is_named_by_its_network() -> None:
    assert stream_of(bytes(range(32))) == "TONGBAO_0001020304050607"
