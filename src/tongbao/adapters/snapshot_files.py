"""Snapshots in files: whole or not there, checksummed, the latest two.

Layout: magic 8 || version u32 || sequence u64 || network id 32 || state || SHA-256 over all before, 32.
"""

import hashlib
import logging
import struct
from collections.abc import Iterable, Iterator

from tongbao.centres.registration.atomic_file import remove_unfinished, write_atomically
from tongbao.centres.registration.journal import Snapshot
from tongbao.centres.registration.ports import Disk
from tongbao.errors import ConfigurationError, DamageError

__all__ = ["SnapshotFiles"]

SNAPSHOTS_KEPT = 2  # the newest, and the one before it in case the newest is damaged; the journal is the truth anyway
PIECE_BYTES = 4 * 1024 * 1024  # what is hashed, read and written at once: other work waits no longer than this takes
MAGIC = b"TONGBAOS"
VERSION = 1

_HEADER = struct.Struct(">8sIQ32s")
_DIGEST_BYTES = hashlib.sha256().digest_size
_PREFIX, _SUFFIX, _DIGITS = "snapshot-", ".bin", 20

_log = logging.getLogger(__name__)


def snapshot_name(sequence: int) -> str:
    """The file that holds the state after record `sequence`."""
    return f"{_PREFIX}{sequence:0{_DIGITS}d}{_SUFFIX}"


def sequence_of(name: str) -> int | None:
    """The sequence of a snapshot by its file's name; None for any other file."""
    digits = name.removeprefix(_PREFIX).removesuffix(_SUFFIX)
    if not (digits.isascii() and digits.isdigit()):
        return None
    sequence = int(digits)
    return sequence if snapshot_name(sequence) == name else None


class SnapshotFiles:
    """The port `Snapshots` on a directory, which is the centre's own as long as it holds the journal's lock.

    Whoever does not hold it is a guest there: `reads_only`, and nothing is tidied up.
    """

    def __init__(self, disk: Disk, directory: str, *, network_id: bytes, reads_only: bool = False) -> None:
        self._disk = disk
        self._directory = directory
        self._network_id = network_id
        self._reads_only = reads_only

    async def save(self, sequence: int, parts: Iterable[bytes]) -> None:
        """Durably keep the state after record `sequence`, and drop all but the latest two."""
        await self._disk.make_directory(self._directory)
        await write_atomically(self._disk, self._path(sequence), self._encode(sequence, parts))
        for old in (await self._sequences())[:-SNAPSHOTS_KEPT]:
            await self._disk.remove(self._path(old))

    async def newest(self) -> Snapshot | None:
        """The latest whole snapshot, or None; damaged ones are passed over with a warning in the log.

        Raises:
            ConfigurationError: the snapshots are another network's, or a newer program wrote them.
        """
        if not self._reads_only:
            await self._disk.make_directory(self._directory)
        for sequence in reversed(await self._sequences()):
            try:
                return Snapshot(sequence, await self._read(sequence))
            except DamageError as error:
                _log.warning("passed over: %s", error)
        return None

    def _path(self, sequence: int) -> str:
        return f"{self._directory}/{snapshot_name(sequence)}"

    async def _sequences(self) -> list[int]:
        if self._reads_only:
            names = await self._disk.list_directory(self._directory)
        else:
            names = await remove_unfinished(self._disk, self._directory)
        return sorted(sequence for name in names if (sequence := sequence_of(name)) is not None)

    def _encode(self, sequence: int, parts: Iterable[bytes]) -> Iterator[bytes]:
        header = _HEADER.pack(MAGIC, VERSION, sequence, self._network_id)
        digest = hashlib.sha256(header)
        yield header
        for part in parts:
            for start in range(0, len(part), PIECE_BYTES):
                piece = part[start : start + PIECE_BYTES]
                digest.update(piece)
                yield piece
        yield digest.digest()

    async def _read(self, sequence: int) -> bytes:
        path = self._path(sequence)
        file = await self._disk.open_to_read(path)
        try:
            header = await file.read(0, _HEADER.size)
            state_bytes = await file.size() - _HEADER.size - _DIGEST_BYTES
            if state_bytes < 0:
                raise DamageError(f"{path} is too short for a snapshot; the journal makes up for it")
            digest = hashlib.sha256(header)
            pieces = []
            for offset in range(0, state_bytes, PIECE_BYTES):
                piece = await file.read(_HEADER.size + offset, min(PIECE_BYTES, state_bytes - offset))
                digest.update(piece)
                pieces.append(piece)
            if await file.read(_HEADER.size + state_bytes, _DIGEST_BYTES) != digest.digest():
                raise DamageError(f"the checksum of {path} does not match; the journal makes up for it")
        finally:
            await file.close()
        self._check_header(path, header, sequence)
        return b"".join(pieces)

    def _check_header(self, path: str, header: bytes, sequence: int) -> None:
        magic, version, written_sequence, network_id = _HEADER.unpack(header)
        if (magic, version) != (MAGIC, VERSION):
            raise ConfigurationError(f"{path} has format {magic!r} {version}, this program reads {VERSION}")
        if network_id != self._network_id:
            raise ConfigurationError(
                f"{path} belongs to the network {network_id.hex()}, not to this one; "
                "name the directory of this network, or an empty one"
            )
        if written_sequence != sequence:
            raise DamageError(f"{path} holds the snapshot of record {written_sequence}; the journal makes up for it")
