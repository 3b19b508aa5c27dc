import asyncio

import pytest

from tongbao.errors import DiskFullError, StorageError
from tongbao.simulation.disk import CrashedError, DiskFaults, Platter, SimulatedDisk
from tongbao.simulation.medium import SECTOR_BYTES

OLD = b"o" * SECTOR_BYTES
NEW = b"n" * SECTOR_BYTES * 4


async def story(platter: Platter) -> list[str]:
    """Some writes, a loss of power, and what is left."""
    disk = platter.mount()
    await disk.make_directory("d")
    for name in ("a", "b"):
        file = await disk.create(f"d/{name}")
        await file.write_durably(0, [OLD])
        await file.write(SECTOR_BYTES, [NEW])
    platter.lose_power()
    return [f"{path} {platter.content(path).hex()}" for path in platter.paths()]


async def test_one_seed_has_one_story() -> None:
    stories = [await story(Platter(seed=seed)) for seed in range(12)]

    assert stories == [await story(Platter(seed=seed)) for seed in range(12)]
    assert len({str(lines) for lines in stories}) > 6


async def test_after_a_crash_the_dead_can_do_nothing() -> None:
    platter = Platter(seed=0)
    dead = platter.mount()
    file = await dead.create("file")
    await file.write_durably(0, [OLD])
    lock = await dead.lock("lock")
    assert lock is not None
    platter.kill()
    alive = await platter.mount().lock("lock")

    for attempt in (
        file.write(0, [NEW]),
        file.write_durably(0, [NEW]),
        file.truncate(0),
        file.sync(),
        file.read(0, 1),
        file.size(),
        file.close(),
        dead.create("file"),
        dead.open_to_read("file"),
        dead.open_to_write("file"),
        dead.make_directory("d"),
        dead.list_directory(""),
        dead.sync_directory(""),
        dead.replace("file", "other"),
        dead.remove("file"),
        dead.lock("other"),
        dead.free_bytes(""),
    ):
        with pytest.raises(CrashedError):
            await attempt
    await lock.release()

    assert alive is not None
    assert await platter.mount().lock("lock") is None
    assert platter.content("file") == OLD
    assert platter.paths() == ["file", "lock"]


async def test_a_crash_stops_also_the_call_that_is_waiting() -> None:
    platter = Platter(seed=0, latency_s=0.01)
    disk = platter.mount()
    waiting = asyncio.create_task(disk.create("file"))
    await asyncio.sleep(0)

    platter.lose_power()

    with pytest.raises(CrashedError):
        await waiting
    assert platter.paths() == []


async def test_a_kill_keeps_what_was_written_and_a_loss_of_power_need_not() -> None:
    kept = {Platter.kill: 0, Platter.lose_power: 0}
    for seed in range(40):
        for crash in kept:
            platter = Platter(seed=seed)
            file = await platter.mount().create("file")
            await platter.mount().sync_directory("")
            await file.write(0, [NEW])
            crash(platter)
            kept[crash] += platter.content("file") == NEW

    assert kept[Platter.kill] == 40
    assert 0 < kept[Platter.lose_power] < 40


async def write_pieces(disk: SimulatedDisk) -> None:
    file = await disk.create("file")
    for number in range(5):
        await file.write_durably(number, [b"%d" % number])


async def test_a_crash_can_be_put_before_any_call() -> None:
    lengths = []
    for call in range(1, 12):
        platter = Platter(seed=0, faults=DiskFaults(crash_at_call=call, crash_keeps_power=True))
        with pytest.raises(CrashedError):
            await write_pieces(platter.mount())
        assert platter.calls == call
        assert platter.faults.crash_at_call is None
        lengths.append(len(platter.content("file")) if platter.paths() else None)

    assert lengths == [None, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5]


async def test_any_call_can_fail_with_nothing_done() -> None:
    platter = Platter(seed=0, faults=DiskFaults(error_at_calls=frozenset({2, 4})))
    disk = platter.mount()
    file = await disk.create("file")

    with pytest.raises(StorageError, match="file: Input/output error"):
        await file.write(0, [OLD])
    await file.write(0, [b"x"])
    with pytest.raises(StorageError):
        await disk.remove("file")

    assert platter.content("file") == b"x"


async def test_a_write_beyond_the_room_is_done_in_part_and_fails() -> None:
    platter = Platter(seed=0, faults=DiskFaults(capacity_bytes=10))
    disk = platter.mount()
    other = await disk.create("other")
    await other.write(0, [b"1234"])
    file = await disk.create("file")

    with pytest.raises(DiskFullError, match="file: No space left"):
        await file.write(0, [b"abcd", b"efgh"])

    assert platter.content("file") == b"abcdef"
    assert await disk.free_bytes("") == 0
    await file.write(0, [b"ABCDEF"])
    platter.faults.capacity_bytes = 12
    assert await disk.free_bytes("") == 2
    await file.write(6, [b"gh"])
    assert platter.content("file") == b"ABCDEFgh"


async def test_a_failing_sync_leaves_bytes_that_only_look_written_until_the_file_is_opened_anew() -> None:
    shown = set()
    for seed in range(20):
        platter = Platter(seed=seed)
        disk = platter.mount()
        file = await disk.create("file")
        await file.write_durably(0, [OLD * 4])
        platter.faults.sync_fails = True
        with pytest.raises(StorageError):
            await file.write_durably(0, [NEW])
        platter.faults.sync_fails = False
        await file.sync()
        assert await file.read(0, len(NEW)) == NEW
        shown.add(await (await disk.open_to_write("file")).read(0, len(NEW)))

    assert {OLD * 4, NEW} < shown


async def test_a_lying_sync_answers_and_does_nothing() -> None:
    lost = 0
    for seed in range(20):
        platter = Platter(seed=seed, faults=DiskFaults(sync_lies=True))
        disk = platter.mount()
        file = await disk.create("file")
        await file.write_durably(0, [NEW])
        await disk.sync_directory("")
        assert platter.syncs == 0
        platter.lose_power()
        lost += platter.paths() == [] or platter.content("file") != NEW

    assert lost > 5


async def test_successful_syncs_are_counted() -> None:
    platter = Platter(seed=0)
    file = await platter.mount().create("file")

    await file.write_durably(0, [OLD])
    await file.sync()

    assert (platter.syncs, platter.calls) == (2, 4)


async def test_a_bit_can_be_flipped_behind_everybodys_back_and_stays_so() -> None:
    platter = Platter(seed=0)
    platter.put("file", b"\x00\x01")

    platter.flip_bit("file", offset=1, bit=7)

    platter.lose_power()
    assert platter.content("file") == b"\x00\x81"
