import asyncio
import errno
import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tongbao.adapters import disk as adapter
from tongbao.adapters.disk import FileDisk
from tongbao.centres.registration.ports import Disk
from tongbao.errors import ConfigurationError, DiskFullError, StorageError
from tongbao.simulation.disk import Platter

# Locks, forks a child that outlives it, and dies without tidying up.
LOCK_AND_DIE = """
import asyncio, os, sys, time
from tongbao.adapters.disk import FileDisk

async def lock():
    return await FileDisk().lock(sys.argv[1])

held = asyncio.run(lock())
assert held is not None
child = os.fork()
if child == 0:
    os.close(1)
    time.sleep(60)
print(child, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def file_disk() -> Iterator[FileDisk]:
    disk = FileDisk()
    yield disk
    disk.close()


@pytest.fixture(params=["real", "simulated"])
def disk(request: pytest.FixtureRequest, file_disk: FileDisk) -> Disk:
    """Either disk: what a test finds true of one must be true of the other, or the simulation is worth nothing."""
    return file_disk if request.param == "real" else Platter(seed=0).mount()


@pytest.fixture
async def directory(tmp_path: Path, disk: Disk) -> str:
    path = f"{tmp_path}/a/b"
    await disk.make_directory(path)
    return path


async def test_what_is_written_is_read_back_from_any_place(disk: Disk, directory: str) -> None:
    file = await disk.create(f"{directory}/file")

    await file.write(0, [b"one", b"", b"two"])
    await file.write_durably(3, [b"TWO", b"three"])
    await file.sync()

    assert await file.size() == 11
    assert await file.read(0, 100) == b"oneTWOthree"
    assert await file.read(4, 3) == b"WOt"
    assert await file.read(11, 5) == b""
    await file.close()
    again = await disk.open_to_read(f"{directory}/file")
    assert await again.read(0, 3) == b"one"
    await again.close()


async def test_more_parts_than_one_call_of_the_system_takes_are_written_in_order(disk: Disk, directory: str) -> None:
    parts = [number.to_bytes(3) for number in range(3000)]
    file = await disk.create(f"{directory}/file")

    await file.write(0, parts)

    assert await file.read(0, 9001) == b"".join(parts)
    await file.close()


async def test_a_file_is_cut_and_lengthened_with_zeros(disk: Disk, directory: str) -> None:
    file = await disk.create(f"{directory}/file")
    await file.write(0, [b"content"])

    await file.truncate(4)
    await file.truncate(6)
    await file.write(8, [b"!"])

    assert await file.read(0, 100) == b"cont\0\0\0\0!"
    await file.close()


async def test_a_closed_file_takes_nothing_and_is_closed_twice_in_peace(disk: Disk, directory: str) -> None:
    file = await disk.create(f"{directory}/file")
    await file.close()
    await file.close()

    with pytest.raises(StorageError, match="closed"):
        await file.write(0, [b"late"])


async def test_creating_a_file_empties_it_and_opening_does_not(disk: Disk, directory: str) -> None:
    for opened, expected in ((disk.create, b""), (disk.open_to_write, b"1"), (disk.create, b"")):
        file = await opened(f"{directory}/file")
        assert await file.read(0, 9) == expected
        await file.write_durably(0, [b"1"])
        await file.close()


async def test_names_are_listed_replaced_and_removed(disk: Disk, directory: str) -> None:
    for name in ("b", "a", "c"):
        file = await disk.create(f"{directory}/{name}")
        await file.write_durably(0, [name.encode()])
        await file.close()

    await disk.replace(f"{directory}/a", f"{directory}/b")
    await disk.remove(f"{directory}/c")
    await disk.remove(f"{directory}/c")
    await disk.sync_directory(directory)

    assert await disk.list_directory(directory) == ["b"]
    file = await disk.open_to_read(f"{directory}/b")
    assert await file.read(0, 9) == b"a"
    await file.close()


async def test_a_directory_is_made_once_and_found_afterwards(disk: Disk, directory: str) -> None:
    await disk.make_directory(directory)
    await disk.make_directory(f"{directory}/c/d")

    assert await disk.list_directory(f"{directory}/c/d") == []


async def test_what_is_missing_is_named(disk: Disk, directory: str) -> None:
    for attempt in (
        disk.open_to_read(f"{directory}/missing"),
        disk.open_to_write(f"{directory}/missing"),
        disk.create(f"{directory}/missing/file"),
        disk.list_directory(f"{directory}/missing"),
        disk.sync_directory(f"{directory}/missing"),
        disk.replace(f"{directory}/missing", f"{directory}/target"),
        disk.free_bytes(f"{directory}/missing"),
    ):
        with pytest.raises(ConfigurationError, match="No such file or directory"):
            await attempt


async def test_a_lock_has_one_holder_at_a_time(disk: Disk, directory: str) -> None:
    first = await disk.lock(f"{directory}/lock")
    assert first is not None

    assert await disk.lock(f"{directory}/lock") is None
    await first.release()
    await first.release()
    second = await disk.lock(f"{directory}/lock")

    assert second is not None
    assert await disk.list_directory(directory) == ["lock"]
    await second.release()


async def test_there_is_free_room(disk: Disk, directory: str) -> None:
    assert await disk.free_bytes(directory) > 1_000_000


async def test_files_and_directories_are_their_owners_alone(file_disk: FileDisk, tmp_path: Path) -> None:
    await file_disk.make_directory(f"{tmp_path}/private")
    file = await file_disk.create(f"{tmp_path}/private/file")
    await file.close()

    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "private/file").stat().st_mode & 0o777 == 0o600


async def test_a_full_device_is_told_from_a_failing_one(file_disk: FileDisk) -> None:
    full = await file_disk.open_to_write("/dev/full")

    with pytest.raises(DiskFullError, match="/dev/full: No space left on device; free some room"):
        await full.write(0, [b"x"])
    with pytest.raises(StorageError, match="/dev/full: Invalid argument; look into"):
        await full.sync()

    await full.close()


async def test_a_path_that_cannot_be_used_is_named_with_its_cure(file_disk: FileDisk, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationError, match=f"{path}: .*; name another path, or mend this one"):
            await file_disk.make_directory(str(path))
    with pytest.raises(ConfigurationError, match="Is a directory"):
        await file_disk.open_to_write(str(tmp_path))


def test_an_error_of_the_system_becomes_ours_by_what_an_operator_can_do() -> None:
    kinds = {number: type(adapter.translated(OSError(number, "?"), "path")) for number in errno.errorcode}

    assert {number for number, kind in kinds.items() if kind is DiskFullError} == {
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
    }
    assert kinds[errno.EACCES] is kinds[errno.EROFS] is ConfigurationError
    assert kinds[errno.EIO] is StorageError


def test_a_short_write_is_finished_or_its_reason_told(tmp_path: Path) -> None:
    descriptor = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)

    adapter.write_rest(descriptor, memoryview(b"rest"), 3)

    assert os.pread(descriptor, 9, 0) == b"\0\0\0rest"
    os.close(descriptor)
    with pytest.raises(OSError, match="Bad file descriptor"):
        adapter.write_rest(descriptor, memoryview(b"rest"), 3)


async def test_opening_to_write_reads_the_medium_and_not_what_the_system_remembers(
    file_disk: FileDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    forgotten: list[tuple[int, ...]] = []
    monkeypatch.setattr(os, "posix_fadvise", lambda *asked: forgotten.append(asked[1:]))

    await (await file_disk.open_to_read(f"{tmp_path}/file")).close()
    assert forgotten == []
    await (await file_disk.open_to_write(f"{tmp_path}/file")).close()

    assert forgotten == [(0, 0, os.POSIX_FADV_DONTNEED)]


async def test_operations_asked_in_order_happen_in_order_even_when_nobody_waits(
    file_disk: FileDisk, tmp_path: Path
) -> None:
    file = await file_disk.create(f"{tmp_path}/file")
    abandoned = [asyncio.create_task(file.write(0, [bytes([number]) * 100_000])) for number in range(1, 20)]
    await asyncio.sleep(0)
    for task in abandoned:
        task.cancel()

    await file.truncate(0)
    await file.write(0, [b"last"])
    await asyncio.gather(*abandoned, return_exceptions=True)

    assert await file.read(0, 100_000) == b"last"
    await file.close()


def test_a_lock_dies_with_its_process_even_if_a_child_lives_on(tmp_path: Path) -> None:
    path = f"{tmp_path}/lock"

    with subprocess.Popen([sys.executable, "-c", LOCK_AND_DIE, path], stdout=subprocess.PIPE) as process:
        child = int(process.communicate()[0])

    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.kill(child, 0)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    finally:
        os.close(descriptor)
        os.kill(child, signal.SIGKILL)
