import os
from collections.abc import Iterator

import pytest

from tests.nats_servers import READER, Cluster, running_cluster
from tongbao.adapters.nats_client import NatsClient
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.nats_record import WRITER_BYTES, chained, start_of
from tongbao.adapters.nats_stream import NatsStream
from tongbao.adapters.nats_verify import verify_nats_journal
from tongbao.errors import ConfigurationError, DamageError


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("nats"), 1) as cluster:
        yield cluster


async def written(cluster: Cluster, records: list[bytes]) -> bytes:
    """The id of a new network whose journal holds the records."""
    network_id = os.urandom(32)
    journal = await NatsJournal.open(cluster.place, network_id=network_id, entropy=os.urandom)
    await journal.append(0, records)
    await journal.close()
    return network_id


async def test_a_whole_journal_is_read_and_counted_by_whoever_may_read(cluster: Cluster) -> None:
    network_id = await written(cluster, [b"genesis", b"batch 1", b"batch 22"])
    seen = list[tuple[int, bytes]]()

    report = await verify_nats_journal(
        cluster.place_as(READER), network_id=network_id, check=lambda *record: seen.append(record)
    )

    assert seen == [(0, b"genesis"), (1, b"batch 1"), (2, b"batch 22")]
    assert (report.network_id, report.records, report.payload_bytes) == (network_id, 3, 22)
    assert report.damage is None


async def test_the_first_record_that_does_not_belong_there_is_reported(cluster: Cluster) -> None:
    network_id = await written(cluster, [b"genesis", b"batch 1", b"batch 2"])

    def check(sequence: int, record: bytes) -> None:
        if sequence == 1:
            raise DamageError(f"{record.decode()} is of another history")

    report = await verify_nats_journal(cluster.place, network_id=network_id, check=check)

    assert report.records == 1
    assert report.damage is not None
    assert report.damage.reason == "the record is whole, but batch 1 is of another history"


async def test_a_record_that_no_journal_wrote_is_reported(cluster: Cluster) -> None:
    network_id = await written(cluster, [b"genesis"])
    client = await NatsClient.connect(cluster.place)
    foreign = chained(start_of(bytes(32)), [b"genesis", b"foreign"], writer=bytes(WRITER_BYTES))[1]
    await NatsStream(client, network_id).append([foreign], timeout_s=5)
    await client.close()

    report = await verify_nats_journal(cluster.place, network_id=network_id)

    assert report.damage is not None
    assert "does not follow" in report.damage.reason


async def test_where_there_is_no_journal_none_is_made(cluster: Cluster) -> None:
    network_id = os.urandom(32)

    for _ in range(2):
        with pytest.raises(ConfigurationError, match="hold no journal of the network"):
            await verify_nats_journal(cluster.place, network_id=network_id)
