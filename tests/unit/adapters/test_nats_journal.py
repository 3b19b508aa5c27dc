import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nats_servers import OPERATOR, READER, Cluster, free_ports, running_cluster
from tongbao.adapters import nats_client, nats_journal
from tongbao.adapters.nats_client import NatsClient
from tongbao.adapters.nats_journal import NatsJournal
from tongbao.adapters.nats_place import NatsPlace
from tongbao.adapters.nats_record import WRITER_BYTES, chained, start_of
from tongbao.adapters.nats_stream import NatsStream
from tongbao.centres.registration.journal import FenceLostError, JournalDamageError, UnsettledAppendError
from tongbao.errors import ConfigurationError, DiskFullError, NetworkError

GENESIS = b"genesis of a test"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with running_cluster(tmp_path_factory.mktemp("nats"), 1) as cluster:
        yield cluster


@pytest.fixture
def network_id() -> bytes:
    return os.urandom(32)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be waited for any longer than a test needs."""
    monkeypatch.setattr(nats_journal, "ATTEMPT_S", 0.3)
    monkeypatch.setattr(nats_journal, "PATIENCE_S", 0.6)
    monkeypatch.setattr(nats_journal, "STALLED_PATIENCE_S", 0.2)


async def opened(cluster: Cluster, network_id: bytes, *, at_least_sequence: int = -1) -> NatsJournal:
    return await NatsJournal.open(
        cluster.place, network_id=network_id, entropy=os.urandom, at_least_sequence=at_least_sequence
    )


def stalled(journal: NatsJournal) -> bool:
    return journal.stalled


async def records_of(journal: NatsJournal) -> list[bytes]:
    return [record async for _, record in journal.read(0)]


async def test_a_second_writer_fences_the_first_which_learns_where_the_journal_ends(
    cluster: Cluster, network_id: bytes
) -> None:
    first = await opened(cluster, network_id)
    await first.append(0, [GENESIS])
    second = await opened(cluster, network_id)
    assert second.last_sequence == 0
    await second.append(1, [b"of the second", b"and another"])

    with pytest.raises(FenceLostError) as lost:
        await first.append(1, [b"of the first"])

    assert (lost.value.expected_sequence, lost.value.next_sequence) == (1, 3)
    assert first.last_sequence == 2
    assert await records_of(first) == [GENESIS, b"of the second", b"and another"]
    await first.close()
    await second.close()


async def test_two_writers_of_the_same_bytes_are_not_taken_for_each_other(cluster: Cluster, network_id: bytes) -> None:
    first = await opened(cluster, network_id)
    await first.append(0, [GENESIS])
    second = await opened(cluster, network_id)
    await second.append(1, [b"the same"])

    with pytest.raises(FenceLostError):
        await first.append(1, [b"the same"])

    await first.close()
    await second.close()


@pytest.mark.usefixtures("impatient")
async def test_an_append_without_an_answer_is_unsettled_and_the_same_again_settles_it_once(
    tmp_path: Path, network_id: bytes
) -> None:
    with running_cluster(tmp_path, 1) as cluster:
        journal = await opened(cluster, network_id)
        await journal.append(0, [GENESIS])
        cluster.servers[0].send(signal.SIGSTOP)

        with pytest.raises(UnsettledAppendError, match=r"too few answer.*start them, and the work goes on"):
            await journal.append(1, [b"batch 1", b"batch 2"])
        assert stalled(journal)
        began_s = time.monotonic()
        with pytest.raises(UnsettledAppendError):
            await journal.append(1, [b"batch 1", b"batch 2"])
        assert time.monotonic() - began_s < 5

        cluster.servers[0].send(signal.SIGCONT)
        for _ in range(100):
            try:
                assert await journal.append(1, [b"batch 1", b"batch 2"]) == 2
                break
            except UnsettledAppendError:
                continue
        assert not stalled(journal)
        assert await records_of(journal) == [GENESIS, b"batch 1", b"batch 2"]
        await journal.close()


@pytest.mark.usefixtures("impatient")
async def test_another_append_in_place_of_an_unsettled_one_never_mixes_with_it(
    tmp_path: Path, network_id: bytes
) -> None:
    with running_cluster(tmp_path, 1) as cluster:
        journal = await opened(cluster, network_id)
        await journal.append(0, [GENESIS])
        cluster.servers[0].send(signal.SIGSTOP)
        with pytest.raises(UnsettledAppendError):
            await journal.append(1, [b"early 1", b"early 2"])
        cluster.servers[0].send(signal.SIGCONT)
        added = list[bytes]()
        for _ in range(100):
            try:
                await journal.append(1, [b"other"])
                added = [b"other"]
                break
            except FenceLostError:
                break
            except UnsettledAppendError:
                continue

        found = await records_of(journal)
        assert found in ([GENESIS, *added], [GENESIS, b"early 1"], [GENESIS, b"early 1", b"early 2"])
        await journal.close()


async def test_a_killed_server_has_everything_that_was_acknowledged(tmp_path: Path, network_id: bytes) -> None:
    with running_cluster(tmp_path, 1) as cluster:
        journal, written = await opened(cluster, network_id), [GENESIS]
        await journal.append(0, [GENESIS])
        for number in range(3):
            cluster.servers[0].kill()
            attempt = asyncio.create_task(journal.append(len(written), [b"%d" % number] * 3))
            await asyncio.sleep(0.05)
            cluster.start()
            assert await attempt == len(written) + 2
            written += [b"%d" % number] * 3

        assert await records_of(journal) == written
        assert journal.retries > 0
        await journal.close()
        again = await opened(cluster, network_id, at_least_sequence=9)
        assert await records_of(again) == written
        await again.close()


async def test_a_message_that_no_writer_sent_is_damage_and_stops_all_writing(
    cluster: Cluster, network_id: bytes
) -> None:
    journal = await opened(cluster, network_id)
    await journal.append(0, [GENESIS])
    foreign = chained(start_of(bytes(32)), [GENESIS, b"foreign"], writer=bytes(WRITER_BYTES))[1]
    client = await NatsClient.connect(cluster.place)
    assert await NatsStream(client, network_id).append([foreign], timeout_s=5) == [2]
    await client.close()

    with pytest.raises(JournalDamageError, match=r"record 1 .*does not follow from the one before it"):
        await records_of(journal)
    with pytest.raises(JournalDamageError):
        await journal.append(1, [b"on"])
    await journal.close()
    with pytest.raises(JournalDamageError):
        await opened(cluster, network_id)


async def test_a_message_without_our_headers_is_damage(cluster: Cluster, network_id: bytes) -> None:
    journal = await opened(cluster, network_id)
    await journal.append(0, [GENESIS])
    client = await NatsClient.connect(cluster.place)
    subject = f"tongbao.journal.{network_id.hex()[:16]}"
    assert await client.publish(subject, [(b"mine", {"Other": "1"})], timeout_s=5) == [2]
    await client.close()

    with pytest.raises(JournalDamageError, match="message 2 is none that a journal wrote"):
        await journal.append(1, [b"batch 1"])
    await journal.close()


async def test_a_flipped_bit_in_the_servers_file_is_found_and_never_read_as_a_record(
    tmp_path: Path, network_id: bytes
) -> None:
    written = [b"genesis", *(bytes([number]) * 2000 for number in range(1, 30))]
    with running_cluster(tmp_path, 1) as cluster:
        journal = await opened(cluster, network_id)
        await journal.append(0, written)
        await journal.close()
        cluster.stop()
        (block,) = cluster.servers[0].plan.store.rglob("1.blk")
        content = bytearray(block.read_bytes())
        content[content.index(bytes([9]) * 2000) + 1000] ^= 1
        block.write_bytes(content)
        for index in block.parent.glob("index.db"):
            index.unlink()
        cluster.start()

        with pytest.raises(JournalDamageError, match=r"holes|missing|ends before|does not follow"):
            await opened(cluster, network_id, at_least_sequence=29)


async def test_the_journal_of_another_network_is_another_journal(cluster: Cluster) -> None:
    one, other = await opened(cluster, bytes(31) + b"\1"), await opened(cluster, b"\1" + bytes(31))
    await one.append(0, [GENESIS])

    assert other.last_sequence == -1
    await one.close()
    await other.close()
    with pytest.raises(ConfigurationError, match="belongs to the network"):
        await opened(cluster, bytes(31) + b"\2")  # the same first digits, by which a stream is named


async def test_where_no_server_answers_the_cure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nats_client, "CONNECT_S_MAX", 0.5)
    place = NatsPlace(servers=(f"127.0.0.1:{free_ports(1)[0]}",))

    with pytest.raises(ConfigurationError, match=r"no server of .* lets this process in .*start the servers"):
        await NatsJournal.open(place, network_id=bytes(32), entropy=os.urandom)


async def test_a_server_that_does_not_know_the_key_lets_nobody_in(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nats_client, "CONNECT_S_MAX", 0.5)
    stranger = NatsPlace(servers=cluster.place.servers)

    with pytest.raises(ConfigurationError, match=r"lets this process in .*see that the key file"):
        await NatsJournal.open(stranger, network_id=bytes(32), entropy=os.urandom)


@pytest.mark.usefixtures("impatient")
async def test_whoever_may_only_read_reads_and_writes_nothing(cluster: Cluster, network_id: bytes) -> None:
    journal = await opened(cluster, network_id)
    await journal.append(0, [GENESIS])

    reader = await NatsJournal.open(cluster.place_as(READER), network_id=network_id, entropy=os.urandom, make=False)
    assert await records_of(reader) == [GENESIS]
    with pytest.raises(NetworkError):
        await reader.append(1, [b"not mine"])
    assert await records_of(journal) == [GENESIS]
    await journal.close()
    await reader.close()
    with pytest.raises(ConfigurationError, match="hold no journal of the network"):
        await NatsJournal.open(cluster.place, network_id=os.urandom(32), entropy=os.urandom, make=False)


async def test_servers_without_room_refuse_and_take_the_same_once_there_is_some(
    cluster: Cluster, network_id: bytes
) -> None:
    journal = await opened(cluster, network_id)
    await journal.append(0, [GENESIS])
    client = await NatsClient.connect(cluster.place_as(OPERATOR))
    name = NatsStream(client, network_id).name
    info = await client.ask(f"$JS.API.STREAM.INFO.{name}", {}, timeout_s=5)
    config = info["config"]
    assert isinstance(config, dict)
    await client.ask(f"$JS.API.STREAM.UPDATE.{name}", {**config, "max_bytes": 1000}, timeout_s=5)

    with pytest.raises(DiskFullError, match="have no room"):
        await journal.append(1, [bytes(2000)])

    await client.ask(f"$JS.API.STREAM.UPDATE.{name}", {**config, "max_bytes": -1}, timeout_s=5)
    assert await journal.append(1, [bytes(2000)]) == 1
    assert await records_of(journal) == [GENESIS, bytes(2000)]
    await client.close()
    await journal.close()
