"""What a witness keeps, as small files in a directory of its own."""

from tongbao.centres.registration.atomic_file import remove_unfinished, write_atomically
from tongbao.centres.registration.ports import Disk, DiskLock
from tongbao.errors import ConfigurationError, DamageError

__all__ = ["WitnessFiles"]

RECORD_BYTES_MAX = 4_000_000  # a file of a fork is the largest


class WitnessFiles:
    """Files of one witness; `open` locks the directory, since two witnesses with one key would cosign two histories."""

    def __init__(self, disk: Disk, directory: str, lock: DiskLock, names: set[str]) -> None:
        self._disk = disk
        self._directory = directory
        self._lock = lock
        self._names = names

    @classmethod
    async def open(cls, disk: Disk, directory: str) -> "WitnessFiles":
        """Take the directory, made where it is missing.

        Raises:
            ConfigurationError: another witness has it.
        """
        await disk.make_directory(directory)
        lock = await disk.lock(f"{directory}/lock")
        if lock is None:
            raise ConfigurationError(f"another witness works in {directory}: give each its own directory")
        names = await remove_unfinished(disk, directory)
        return cls(disk, directory, lock, set(names) - {"lock"})

    async def names(self) -> list[str]:
        """Of all that are there, sorted."""
        return sorted(self._names)

    async def read(self, name: str) -> bytes | None:
        """What was written last; None where nothing was."""
        if name not in self._names:
            return None
        file = await self._disk.open_to_read(f"{self._directory}/{name}")
        try:
            size = await file.size()
            if size > RECORD_BYTES_MAX:
                raise DamageError(f"{self._directory}/{name} has {size} bytes, more than a witness ever writes")
            return await file.read(0, size)
        finally:
            await file.close()

    async def write(self, name: str, data: bytes) -> None:
        """Durably write in place of what was there; a failure or a crash leaves what was there."""
        await write_atomically(self._disk, f"{self._directory}/{name}", [data])
        self._names.add(name)

    async def close(self) -> None:
        """Let others have the directory."""
        await self._lock.release()
