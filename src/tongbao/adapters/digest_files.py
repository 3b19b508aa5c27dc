"""The writer's state digests in files of 32 bytes beside the journal, the latest few."""

from tongbao.centres.registration.atomic_file import write_atomically
from tongbao.centres.registration.ports import Disk
from tongbao.coin.domain import HASH_BYTES
from tongbao.errors import ConfigurationError

__all__ = ["DigestFiles"]

DIGESTS_KEPT = 8  # a replica that is further behind compares at the next one

_PREFIX, _SUFFIX, _DIGITS = "digest-", ".bin", 20


class DigestFiles:
    """The port `StateDigests` on a directory; only who holds the journal's lock may publish."""

    def __init__(self, disk: Disk, directory: str) -> None:
        self._disk = disk
        self._directory = directory

    async def publish(self, sequence: int, digest: bytes) -> None:
        """Durably say which digest the state has after record `sequence`, and drop all but the latest few."""
        await write_atomically(self._disk, self._path(sequence), [digest])
        names = await self._disk.list_directory(self._directory)
        kept = [name for name in names if name.startswith(_PREFIX) and name.endswith(_SUFFIX)]
        for name in kept[:-DIGESTS_KEPT]:
            await self._disk.remove(f"{self._directory}/{name}")

    async def published(self, sequence: int) -> bytes | None:
        """What the writer said of record `sequence`; None where it said nothing, or nothing whole."""
        try:
            file = await self._disk.open_to_read(self._path(sequence))
        except ConfigurationError:
            return None
        try:
            digest = await file.read(0, HASH_BYTES)
        finally:
            await file.close()
        return digest if len(digest) == HASH_BYTES else None

    def _path(self, sequence: int) -> str:
        return f"{self._directory}/{_PREFIX}{sequence:0{_DIGITS}d}{_SUFFIX}"
