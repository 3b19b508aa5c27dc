"""A snapshot of the auditor's own, and another's held against it byte by byte, from docs/reference/journal.md."""

import hashlib
import struct

from tongbao.audit.digest import COIN, control_state
from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.history import History
from tongbao.coin.encoding import sized_u32, u8, u64

__all__ = ["demand_same_snapshot", "snapshot_file", "snapshot_sequence_of", "snapshot_state"]

MAGIC = b"TONGBAOS"
STATE_MAGIC = b"tbsnap01"
VERSION = 1

_HEADER = struct.Struct(">8sIQ32s")
_DIGEST_BYTES = 32
_DIGITS = 20


def snapshot_sequence_of(name: str) -> int | None:
    """The record after which the snapshot of that file's name was taken; None for any other file."""
    digits = name.removeprefix("snapshot-").removesuffix(".bin")
    is_number = len(digits) == _DIGITS and digits.isascii() and digits.isdigit()
    return int(digits) if is_number and name == f"snapshot-{digits}.bin" else None


def snapshot_state(history: History) -> bytes:
    """The whole memory in the one form that docs/internals/kernel.md gives."""
    domain, first = history.basis.domain, history.sequence + 1 - len(history.recent)
    recent = [u64(sequence) + applied.statuses_hash for sequence, applied in enumerate(history.recent, first)]
    unspent = [COIN.pack(coin_id, *coin) for coin_id, coin in sorted(history.memory.unspent.items())]
    content = b"".join(
        (
            STATE_MAGIC,
            domain.network_id,
            u64(history.sequence),
            u64(history.time_ms),
            history.chain_head,
            u8(len(recent)),
            *recent,
            sized_u32(control_state(history.memory)),
            u64(len(unspent)),
            *unspent,
        )
    )
    return content + domain.hash("tongbao/snapshot/1", content)


def snapshot_file(history: History) -> bytes:
    """The file that holds the state after the last record."""
    content = _HEADER.pack(MAGIC, VERSION, history.sequence, history.basis.domain.network_id) + snapshot_state(history)
    return content + hashlib.sha256(content).digest()


def demand_same_snapshot(name: str, data: bytes, history: History) -> None:
    """Hold a snapshot of this record against the auditor's own.

    Raises:
        DivergenceError: at the first byte that differs.
    """
    own = snapshot_file(history)
    if data == own:
        return
    shorter = min(len(data), len(own))
    offset = next((at for at in range(shorter) if data[at] != own[at]), shorter)
    place = Place(name, offset, history.sequence)
    if hashlib.sha256(data[:-_DIGEST_BYTES]).digest() != data[-_DIGEST_BYTES:]:
        raise DivergenceError(
            place,
            "the snapshot is damaged: its checksum does not match. The centre passes it over, and the journal makes up "
            "for it",
        )
    raise DivergenceError(place, "the snapshot holds another state than the journal comes to")
