import asyncio
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import CENTRE, signer
from tests.kernel_builders import KERNEL
from tests.registration_world import JOURNAL, SNAPSHOTS, CentreWorld
from tongbao.adapters.digest_files import DigestFiles
from tongbao.adapters.followed_journal import FollowedJournal
from tongbao.adapters.snapshot_files import SnapshotFiles
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.following import (
    Follower,
    FollowerPorts,
    ReplicaDivergedError,
    follow_until_writer,
)
from tongbao.centres.registration.journal import Journal, JournalLockedError
from tongbao.errors import BusyError
from tongbao.protocol.registration import HeartbeatRequest


@dataclass
class Beside:
    """A replica beside the world's centre."""

    world: CentreWorld
    store: SqlStore

    @property
    def digests(self) -> DigestFiles:
        return DigestFiles(self.world.platter.mount(), JOURNAL)

    def follower(self) -> Follower:
        disk, network_id = self.world.platter.mount(), self.world.domain.network_id
        ports = FollowerPorts(
            journal=FollowedJournal(disk, JOURNAL, network_id=network_id),
            snapshots=SnapshotFiles(disk, SNAPSHOTS, network_id=network_id, reads_only=True),
            digests=self.digests,
            store=self.store,
        )
        return Follower(ports, kernel_class=KERNEL, receipt_key=signer(CENTRE))


@pytest.fixture
async def beside(tmp_path: Path) -> Beside:
    (tmp_path / "writer").mkdir()
    world = CentreWorld(tmp_path / "writer")
    await world.platter.mount().make_directory(SNAPSHOTS)
    store = SqlStore.open(f"sqlite:///{tmp_path}/follower.sqlite", durable=False)
    return Beside(world, store)


async def beat(centre: RegistrationCentre, times: int = 1) -> None:
    for _ in range(times):
        status = await centre.status()
        await centre.heartbeat(HeartbeatRequest(time_ms=status.time_ms))


async def test_a_follower_comes_as_far_as_the_journal_shows(beside: Beside) -> None:
    centre = await beside.world.open()
    await beat(centre, 3)
    follower = beside.follower()

    await follower.start()
    started_at = await follower.follow()
    await beat(centre, 2)
    followed_to = await follower.follow()

    last = (await centre.status()).sequence
    assert (started_at, followed_to) == (last - 3, last - 1)
    assert follower.kernel is not None
    await centre.stop()
    await beside.world.close()
    await beside.store.close()


async def test_before_anything_is_durable_a_follower_waits(beside: Beside) -> None:
    await beside.world.platter.mount().make_directory(JOURNAL)
    follower = beside.follower()

    with pytest.raises(BusyError, match="nothing durable"):
        await follower.start()
    assert follower.kernel is None
    with pytest.raises(BusyError, match="has not started"):
        await follower.follow()
    await beside.store.close()


async def test_a_digest_that_differs_stops_the_replica_and_says_why(beside: Beside) -> None:
    every = beside.world.genesis.limits.snapshot_every
    centre = await beside.world.open()
    await beat(centre, every + 2)
    await beside.digests.publish(every, bytes(32))
    follower = beside.follower()

    with pytest.raises(ReplicaDivergedError, match=f"after batch {every} the state of this replica") as caught:
        await follower.start()

    assert caught.value.published == bytes(32)
    assert caught.value.own != bytes(32)
    await centre.stop()
    await beside.world.close()
    await beside.store.close()


async def test_the_writers_own_digest_is_the_same(beside: Beside) -> None:
    every = beside.world.genesis.limits.snapshot_every
    centre = await beside.world.open()
    await beat(centre, every + 2)
    follower = beside.follower()
    await follower.start()
    assert follower.kernel is not None
    await beside.digests.publish(every, follower.kernel.state_digest())

    await beat(centre)
    reached = await follower.follow()

    assert reached == (await centre.status()).sequence - 1
    await centre.stop()
    await beside.world.close()
    await beside.store.close()


async def test_a_follower_takes_over_what_the_dead_writer_made_durable(beside: Beside) -> None:
    centre = await beside.world.open()
    await beat(centre, 4)
    last = (await centre.status()).sequence
    follower = beside.follower()

    async def open_journal() -> Journal:
        if writing:
            raise JournalLockedError("it is locked")
        return await beside.world.open_journal()

    writing = True
    turn = asyncio.ensure_future(follow_until_writer(follower, open_journal, _ShortClock(), look_s=0.01))
    await asyncio.sleep(0.2)
    assert not turn.done()
    await centre.stop()
    writing = False
    journal, opened = await turn

    assert opened is not None
    assert opened.kernel.sequence == journal.last_sequence >= last
    await journal.close()
    await beside.world.close()
    await beside.store.close()


class _ShortClock:
    def now_ms(self) -> int:
        return 0

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
