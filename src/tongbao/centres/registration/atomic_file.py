"""Files that are there whole or not at all."""

from collections.abc import Iterable

from tongbao.centres.registration.ports import Disk, DiskFile
from tongbao.errors import WorldError

__all__ = ["UNFINISHED", "remove_unfinished", "write_atomically"]

UNFINISHED = ".unfinished"  # ends the name of a file until all of it is durable


async def write_atomically(disk: Disk, path: str, parts: Iterable[bytes]) -> None:
    """Durably write a file in place of what was there; a failure or a crash leaves what was there.

    The parts may be made while they are written, so that a large state is never in memory twice.
    """
    unfinished = path + UNFINISHED
    try:
        file = await disk.create(unfinished)
        try:
            await _write_parts(file, parts)
        finally:
            await file.close()
        await disk.replace(unfinished, path)
    except WorldError:
        await _give_up(disk, unfinished)
        raise


async def _write_parts(file: DiskFile, parts: Iterable[bytes]) -> None:
    offset = 0
    for part in parts:
        await file.write(offset, [part])
        offset += len(part)
    await file.sync()


async def _give_up(disk: Disk, unfinished: str) -> None:
    try:
        await disk.remove(unfinished)
    except WorldError:
        return  # the next start removes it; what the caller must hear of is the first failure


async def remove_unfinished(disk: Disk, directory: str) -> list[str]:
    """Remove what a crash left unfinished, and list the other names."""
    names = await disk.list_directory(directory)
    for name in names:
        if name.endswith(UNFINISHED):
            await disk.remove(f"{directory}/{name}")
    return [name for name in names if not name.endswith(UNFINISHED)]
