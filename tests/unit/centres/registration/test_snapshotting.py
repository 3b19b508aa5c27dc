"""Digests and snapshots where genesis wants them."""

import logging
from pathlib import Path

import pytest

from tests.builders import ALICE, coin, genesis, issue
from tests.registration_world import SNAPSHOTS, CentreWorld, hand_in, statuses
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.coin import Limits

EVERY_FOURTH = genesis(limits=Limits(snapshot_every=4))


async def issue_some(centre: RegistrationCentre, world: CentreWorld, serials: range) -> None:
    """One batch for each serial."""
    for serial in serials:
        made = issue([coin(5, owner=ALICE, salt=serial, domain=world.domain)], serial=serial, domain=world.domain)
        assert statuses(await hand_in(centre, [made], home=0, domain=world.domain)) == ["SETTLED"]


def snapshots(world: CentreWorld) -> list[str]:
    return [path[-8:] for path in world.platter.paths() if path.startswith(SNAPSHOTS)]


async def test_snapshots_and_digests_are_taken_where_genesis_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world = CentreWorld(tmp_path, genesis=EVERY_FOURTH)
    centre = await world.open()

    with caplog.at_level(logging.INFO, logger="tongbao.centres.registration.snapshotting"):
        await issue_some(centre, world, range(1, 8))
        digest = (await centre.supply()).state_digest.hex()
        await centre.stop()

    await world.close()
    assert snapshots(world) == ["0004.bin", "0008.bin"]
    assert [record.getMessage()[:7] for record in caplog.records] == ["batch 4", "batch 8"]
    assert digest in caplog.records[1].getMessage()


async def test_a_snapshot_that_fails_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    world = CentreWorld(tmp_path, genesis=EVERY_FOURTH)
    centre = await world.open()
    await issue_some(centre, world, range(1, 3))
    # The fourth batch takes two calls, a write and a sync; what comes after belongs to the snapshot.
    world.platter.faults.error_at_calls = frozenset({world.platter.calls + 3})

    await issue_some(centre, world, range(3, 6))

    await centre.stop()
    await world.close()
    assert snapshots(world) == []
    assert "no snapshot of batch 4" in caplog.text
