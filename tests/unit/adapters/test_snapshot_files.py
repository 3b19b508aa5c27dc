import hashlib
import struct

import pytest

from tests.journals import NETWORK_ID
from tongbao.adapters.snapshot_files import PIECE_BYTES, SNAPSHOTS_KEPT, SnapshotFiles
from tongbao.centres.registration.journal import Snapshot, Snapshots
from tongbao.errors import ConfigurationError, DiskFullError
from tongbao.simulation.disk import CrashedError, Platter

DIRECTORY = "data/snapshots"


def path_of(sequence: int) -> str:
    return f"{DIRECTORY}/snapshot-{sequence:020d}.bin"


def snapshots_on(platter: Platter) -> SnapshotFiles:
    return SnapshotFiles(platter.mount(), DIRECTORY, network_id=NETWORK_ID)


async def test_the_newest_snapshot_is_found_whole() -> None:
    platter = Platter(seed=0)
    snapshots: Snapshots = snapshots_on(platter)
    assert await snapshots.newest() is None

    await snapshots.save(9, [b"old"])
    await snapshots.save(10, [b"new ", b"", b"state"])

    assert await snapshots_on(platter).newest() == Snapshot(10, b"new state")


async def test_the_file_has_the_documented_layout() -> None:
    platter = Platter(seed=0)

    await snapshots_on(platter).save(3, [b"state"])

    content = b"TONGBAOS" + struct.pack(">IQ", 1, 3) + NETWORK_ID + b"state"
    assert platter.content(path_of(3)) == content + hashlib.sha256(content).digest()


async def test_only_the_latest_two_are_kept() -> None:
    platter = Platter(seed=0)
    for sequence in (5, 80, 300, 1000):
        await snapshots_on(platter).save(sequence, [b"state"])

    assert platter.paths() == [path_of(300), path_of(1000)]
    assert SNAPSHOTS_KEPT == 2


async def test_a_snapshot_of_many_megabytes_goes_piece_by_piece() -> None:
    platter = Platter(seed=0)
    state = bytes(range(256)) * (PIECE_BYTES // 256) * 2 + b"rest"

    await snapshots_on(platter).save(1, [state])

    assert await snapshots_on(platter).newest() == Snapshot(1, state)


@pytest.mark.parametrize("offset", range(8 + 4 + 8 + 32 + 9 + 32))
async def test_a_snapshot_with_any_bit_flipped_is_passed_over_for_the_one_before(
    offset: int, caplog: pytest.LogCaptureFixture
) -> None:
    platter = Platter(seed=0)
    await snapshots_on(platter).save(1, [b"old state"])
    await snapshots_on(platter).save(2, [b"new state"])
    platter.flip_bit(path_of(2), offset=offset, bit=offset % 8)

    assert await snapshots_on(platter).newest() == Snapshot(1, b"old state")

    assert f"passed over: the checksum of {path_of(2)} does not match" in caplog.text


async def test_a_short_or_renamed_snapshot_is_passed_over() -> None:
    platter = Platter(seed=0)
    await snapshots_on(platter).save(1, [b"state"])
    platter.put(path_of(2), platter.content(path_of(1)))
    platter.put(path_of(3), b"TONGBAOS")

    assert await snapshots_on(platter).newest() == Snapshot(1, b"state")


async def test_a_snapshot_of_another_network_or_format_is_refused() -> None:
    platter = Platter(seed=0)
    await snapshots_on(platter).save(1, [b"state"])
    with pytest.raises(ConfigurationError, match="belongs to the network"):
        await SnapshotFiles(platter.mount(), DIRECTORY, network_id=bytes(32)).newest()

    content = b"TONGBAOS" + struct.pack(">IQ", 2, 1) + NETWORK_ID
    platter.put(path_of(1), content + hashlib.sha256(content).digest())
    with pytest.raises(ConfigurationError, match="this program reads 1"):
        await snapshots_on(platter).newest()


async def test_a_crash_at_any_call_of_a_save_leaves_the_old_snapshot_or_the_new_one() -> None:
    found = set()
    for call in range(1, 30):
        for seed in range(8):
            platter = Platter(seed=seed)
            await snapshots_on(platter).save(1, [b"old"])
            platter.faults.crash_at_call = platter.calls + call
            try:
                await snapshots_on(platter).save(2, [b"new" * 1000])
            except CrashedError:
                pass
            else:
                platter.lose_power()
            found.add(await snapshots_on(platter).newest())
            assert not any("unfinished" in path for path in platter.paths())

    assert found == {Snapshot(1, b"old"), Snapshot(2, b"new" * 1000)}


async def test_a_full_disk_keeps_the_old_snapshot_and_gives_the_room_back() -> None:
    platter = Platter(seed=0)
    await snapshots_on(platter).save(1, [b"old"])
    platter.faults.capacity_bytes = platter.used_bytes() + 500

    with pytest.raises(DiskFullError):
        await snapshots_on(platter).save(2, [b"new" * 1000])

    assert platter.paths() == [path_of(1)]
    assert await snapshots_on(platter).newest() == Snapshot(1, b"old")
