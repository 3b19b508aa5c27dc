"""The disk of this machine, behind the port `Disk` of the registration centre.

Blocking calls run on threads that this adapter owns: one per open file and one for the directories, which is what keeps
operations in the order asked, even when whoever asked was cancelled.
"""

import asyncio
import errno
import fcntl
import functools
import os
import shutil
import sys
import weakref
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import ParamSpec, TypeVar

from tongbao.errors import ConfigurationError, DiskFullError, StorageError, WorldError

__all__ = ["DIRECTORY_MODE", "FILE_MODE", "FileDisk", "FileLock", "lock_file", "translated", "write_all"]

DIRECTORY_THREADS = (
    2  # directories are touched at start and once per segment; one slow removal shall not hold a lock up
)
PARTS_PER_WRITE_MAX = 1024  # IOV_MAX of Linux: more buffers in one call are refused
FILE_MODE = 0o600  # the journal holds every payment of the country: nobody but the centre's own user reads it
DIRECTORY_MODE = 0o700

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_UNUSABLE = frozenset(
    {
        errno.EACCES,
        errno.EEXIST,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENOENT,
        errno.ENOTDIR,
        errno.EPERM,
        errno.EROFS,
    }
)

P = ParamSpec("P")
T = TypeVar("T")


def translated(error: OSError, path: str) -> WorldError:
    """The failure as one of ours, by what an operator can do about it."""
    reason = os.strerror(error.errno) if error.errno else str(error)
    if error.errno in _FULL:
        return DiskFullError(f"{path}: {reason}; free some room, and the work goes on")
    if error.errno in _UNUSABLE:
        return ConfigurationError(f"{path}: {reason}; name another path, or mend this one and its permissions")
    return StorageError(f"{path}: {reason}; look into the system's log for what ails the disk")


async def on_thread(
    thread: ThreadPoolExecutor, path: str, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    """Run the work on the thread; its `OSError` comes out as a `WorldError` that names the path."""
    try:
        return await asyncio.get_running_loop().run_in_executor(thread, functools.partial(work, *args, **kwargs))
    except OSError as error:
        raise translated(error, path) from error


def flush(descriptor: int) -> None:
    """Force content and size down to the medium; the times of the file are left behind where the system can."""
    if sys.platform == "linux":
        os.fdatasync(descriptor)
    elif sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # there, fsync stops at the drive's own cache
    else:
        os.fsync(descriptor)


def forget_cached(descriptor: int) -> None:
    """Let the next reads come from the medium.

    After a sync that failed, the system keeps pages that it takes for written and that are on no medium.
    """
    if sys.platform == "linux":
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def flush_directory(path: str) -> None:
    """Force the directory's names down to the medium."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_rest(descriptor: int, rest: memoryview, offset: int) -> None:
    """Write what a short write left over; the system then says why it was short."""
    while rest:
        written = os.pwrite(descriptor, rest, offset)
        if not written:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        rest, offset = rest[written:], offset + written


def write_all(descriptor: int, offset: int, parts: Sequence[bytes]) -> None:
    """Write the parts at the offset in as few calls as the system allows, without joining them first."""
    for start in range(0, len(parts), PARTS_PER_WRITE_MAX):
        piece = parts[start : start + PARTS_PER_WRITE_MAX]
        size = sum(map(len, piece))
        written = os.pwritev(descriptor, piece, offset)
        if written < size:
            write_rest(descriptor, memoryview(b"".join(piece))[written:], offset + written)
        offset += size


def write_all_and_flush(descriptor: int, offset: int, parts: Sequence[bytes]) -> None:
    """Both on one thread: handing over twice would cost more than the write."""
    write_all(descriptor, offset, parts)
    flush(descriptor)


def read_all(descriptor: int, offset: int, count: int) -> bytes:
    """Read until there are `count` bytes or the file ends."""
    piece = os.pread(descriptor, count, offset)
    pieces = [piece]
    while piece and (missing := count - sum(map(len, pieces))):
        piece = os.pread(descriptor, missing, offset + count - missing)
        pieces.append(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def open_file(path: str, flags: int) -> FileIO:
    """Open so that a forgotten file is closed by its end of life, and children do not inherit it."""
    mode = "r+" if flags & os.O_RDWR else "r"
    file = FileIO(path, mode, opener=lambda name, _: os.open(name, flags | os.O_CLOEXEC, FILE_MODE))
    if flags & os.O_RDWR:
        forget_cached(file.fileno())
    return file


def make_directories(name: str) -> None:
    """Make what is missing from the top down, and make each new name durable before the next."""
    path = Path(name).absolute()
    known = path.is_dir()
    if not path.parent.exists():
        make_directories(str(path.parent))
    path.mkdir(mode=DIRECTORY_MODE, exist_ok=True)
    try:
        # Also when it was there: whoever made it may have been killed before this.
        flush_directory(str(path.parent))
    except PermissionError:
        if not known:
            raise


def read_whole(path: str) -> bytes | None:
    """All that the file holds, if it is there."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None


def write_whole_files(files: Sequence[tuple[str, bytes]]) -> None:
    """Write each file, and make its directory where it is missing; the system brings it to the medium when it likes."""
    for path, content in files:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        except FileNotFoundError:
            Path(path).parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, FILE_MODE)
        try:
            write_all(descriptor, 0, [content])
        finally:
            os.close(descriptor)


def flush_files(paths: Sequence[str], within: str) -> None:
    """Force files, their names, and those of the directories on the way to them down to the medium."""
    directories: set[Path] = set()
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            flush(descriptor)
        finally:
            os.close(descriptor)
        directories |= {each for each in Path(path).parents if each.is_relative_to(within)}
    for directory in sorted(directories, reverse=True):
        flush_directory(str(directory))


class OpenFile:
    """An open file with the one thread that works on it."""

    def __init__(self, path: str, file: FileIO) -> None:
        self._path = path
        self._file = file
        self._descriptor = file.fileno()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk-file")
        self._closed = False

    async def _run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        if self._closed:
            raise StorageError(f"{self._path}: the file is closed; open it again")
        return await on_thread(self._thread, self._path, work, *args, **kwargs)

    async def size(self) -> int:
        """Bytes in the file now."""
        return (await self._run(os.fstat, self._descriptor)).st_size

    async def read(self, offset: int, count: int) -> bytes:
        """Up to `count` bytes from `offset`; fewer only where the file ends."""
        return await self._run(read_all, self._descriptor, offset, count)

    async def write(self, offset: int, parts: Sequence[bytes]) -> None:
        """Write the parts from `offset` on; not durable before `sync`."""
        await self._run(write_all, self._descriptor, offset, parts)

    async def write_durably(self, offset: int, parts: Sequence[bytes]) -> None:
        """One write and one fdatasync."""
        await self._run(write_all_and_flush, self._descriptor, offset, parts)

    async def sync(self) -> None:
        """One fdatasync."""
        await self._run(flush, self._descriptor)

    async def truncate(self, size: int) -> None:
        """Cut the file to `size` bytes; not durable before `sync`."""
        await self._run(os.ftruncate, self._descriptor, size)

    async def close(self) -> None:
        """Let the file go, after what was asked before is done."""
        if self._closed:
            return
        self._closed = True
        try:
            await on_thread(self._thread, self._path, self._file.close)
        finally:
            self._thread.shutdown(wait=False)


class FileLock:
    """A lock by `flock`; the system releases it when the process ends."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        reference = weakref.ref(file)

        def forget() -> None:
            if held := reference():
                held.close()

        # A forked child shares the lock and would hold it after its parent was killed.
        os.register_at_fork(after_in_child=forget)

    async def release(self) -> None:
        """Closing does not block, so it needs no thread."""
        self.close()

    def close(self) -> None:
        """Let others lock the file."""
        self._file.close()


def lock_file(path: str) -> FileLock | None:
    """Lock, or say at once that another has it; reading is enough, so that a read-only copy can be locked too."""
    file = open_file(path, os.O_RDONLY | os.O_CREAT)
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return FileLock(file)


class FileDisk:
    """The port `Disk` on this machine's files."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="disk")

    def close(self) -> None:
        """Let the thread go; files opened here stay usable."""
        self._thread.shutdown(wait=False)

    async def make_directory(self, path: str) -> None:
        """Durably make the directory and what is missing above it, or find it there."""
        await on_thread(self._thread, path, make_directories, path)

    async def list_directory(self, path: str) -> list[str]:
        """The names in the directory, sorted."""
        return sorted(await on_thread(self._thread, path, os.listdir, path))

    async def sync_directory(self, path: str) -> None:
        """Return once the directory's names are on the medium."""
        await on_thread(self._thread, path, flush_directory, path)

    async def _open(self, path: str, flags: int) -> OpenFile:
        return OpenFile(path, await on_thread(self._thread, path, open_file, path, flags))

    async def open_to_read(self, path: str) -> OpenFile:
        """Open a file that exists."""
        return await self._open(path, os.O_RDONLY)

    async def open_to_write(self, path: str) -> OpenFile:
        """Open a file that exists, for writing too; reads come from the medium at first."""
        return await self._open(path, os.O_RDWR)

    async def create(self, path: str) -> OpenFile:
        """Open an empty file for writing in place of what was there."""
        return await self._open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC)

    async def replace(self, source: str, target: str) -> None:
        """Durably rename `source` to `target` in the same directory."""

        def rename() -> None:
            Path(source).replace(target)
            flush_directory(str(Path(target).parent))

        await on_thread(self._thread, target, rename)

    async def remove(self, path: str) -> None:
        """Durably remove the file, or find it gone."""

        def unlink() -> None:
            Path(path).unlink(missing_ok=True)
            flush_directory(str(Path(path).parent))

        await on_thread(self._thread, path, unlink)

    async def lock(self, path: str) -> FileLock | None:
        """Lock the file, made if missing; None when another holder has it."""
        return await on_thread(self._thread, path, lock_file, path)

    async def read_file(self, path: str) -> bytes | None:
        """All that the file holds; None where there is none."""
        return await on_thread(self._thread, path, read_whole, path)

    async def write_files(self, files: Sequence[tuple[str, bytes]]) -> None:
        """Write whole files, with the directories that they need; handing over each would cost more than the write."""
        await on_thread(self._thread, files[0][0] if files else "", write_whole_files, files)

    async def sync_files(self, paths: Sequence[str], *, within: str) -> None:
        """Return once the files and all names below `within` that lead to them are on the medium."""
        await on_thread(self._thread, within, flush_files, paths, within)

    async def remove_directory(self, path: str) -> None:
        """Remove the directory with its files, or find it gone."""
        await on_thread(self._thread, path, functools.partial(shutil.rmtree, path, ignore_errors=True))

    async def free_bytes(self, path: str) -> int:
        """Room left for files of an ordinary user."""
        room = await on_thread(self._thread, path, os.statvfs, path)
        return room.f_bavail * room.f_frsize
