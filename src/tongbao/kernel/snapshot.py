"""Snapshots: the kernel's whole memory in one canonical form, so that a start need not replay every batch.

A snapshot proves nothing by itself: whoever wrote it is believed, as the journal is, and the checksum finds damage, not
fraud. It can always be made again from the journal.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from tongbao.coin.control import AuthorityKind, FreezeTarget, read_officers
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u8, sized_u32, u64
from tongbao.coin.suites import PublicKey
from tongbao.errors import DamageError, RequestError
from tongbao.kernel.digest import control_encoding
from tongbao.kernel.state import Institution, State, Totals

__all__ = ["Snapshot", "WholeSnapshot", "coin_rows"]

MAGIC = b"tbsnap01"  # the digits are the version of this form
_UNSPENT = struct.Struct(">32sIIQ")
_CONTROL_BYTES_MAX = 2**32 - 1  # what its length field can say


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a kernel remembers after a batch.

    Attributes:
        sequence: the last batch applied.
        time_ms: ledger time.
        chain_head: 32 bytes.
        recent_statuses: statuses hash by sequence, of the batches that the next header may name.
        state: coins, totals and what control has set.
    """

    sequence: int
    time_ms: int
    chain_head: bytes
    recent_statuses: dict[int, bytes]
    state: State

    def encode(self, domain: Domain) -> bytes:
        """The canonical bytes, their checksum last."""
        recent = [u64(sequence) + self.recent_statuses[sequence] for sequence in sorted(self.recent_statuses)]
        unspent = self.state.unspent
        content = b"".join(
            (
                MAGIC,
                domain.network_id,
                u64(self.sequence),
                u64(self.time_ms),
                self.chain_head,
                count_u8(recent),
                sized_u32(control_encoding(self.state)),
                u64(len(unspent)),
                *[
                    _UNSPENT.pack(coin_id, asset, home, value)
                    for coin_id, (asset, home, value) in sorted(unspent.items())
                ],
            )
        )
        return content + _checksum(content, domain)

    @staticmethod
    def decode(data: bytes, domain: Domain) -> "Snapshot":
        """The snapshot whose whole encoding is `data`.

        Raises:
            DamageError: the bytes are not what `encode` wrote for this network; take an older one or replay.
        """
        content = data[:-HASH_BYTES]
        if data[-HASH_BYTES:] != _checksum(content, domain):
            raise _damage("its checksum is wrong")
        try:
            return _read(Reader(content, "snapshot"), domain)
        except (RequestError, ValueError) as error:
            raise _damage(str(error)) from None


def coin_rows(data: bytes) -> bytes:
    """The rows of all coins in a snapshot that was just made: id, asset, home and value of each, 48 bytes, ascending.

    Raises:
        DamageError: it is no snapshot.
    """
    reader = Reader(data, "snapshot")
    try:
        _demand(reader.take(len(MAGIC)) == MAGIC, "it is of an unknown version")
        reader.take(HASH_BYTES + 8 + 8 + HASH_BYTES)
        for _ in range(reader.u8()):
            reader.take(8 + HASH_BYTES)
        reader.sized_u32(length_max=_CONTROL_BYTES_MAX)
        count = reader.u64()
        _demand(reader.left == count * _UNSPENT.size + HASH_BYTES, "its length is not that of its coins")
    except (RequestError, ValueError) as error:
        raise _damage(str(error)) from None
    return data[reader.offset : len(data) - HASH_BYTES]


@dataclass(frozen=True, slots=True)
class WholeSnapshot:
    """A snapshot that was made at once, as a kernel hands out what others make in parts.

    Attributes:
        data: its bytes.
        state_digest: of the state that it is of.
    """

    data: bytes
    state_digest: bytes

    def __iter__(self) -> Iterator[bytes]:
        yield self.data


def _checksum(content: bytes, domain: Domain) -> bytes:
    return domain.hash("tongbao/snapshot/1", content)


def _damage(reason: str) -> DamageError:
    return DamageError(f"the snapshot cannot be used: {reason}; use an older one, or replay the journal")


def _read(reader: Reader, domain: Domain) -> Snapshot:
    _demand(reader.take(len(MAGIC)) == MAGIC, "it is of an unknown version")
    _demand(reader.take(HASH_BYTES) == domain.network_id, "it is of another network")
    sequence, time_ms, chain_head = reader.u64(), reader.u64(), reader.take(HASH_BYTES)
    recent = {reader.u64(): reader.take(HASH_BYTES) for _ in range(reader.u8())}
    _demand(list(recent) == list(range(sequence + 1 - len(recent), sequence + 1)), "its statuses have gaps")
    control = reader.sized_u32(length_max=_CONTROL_BYTES_MAX)
    state = read_control(control)
    _demand(control_encoding(state) == control, "its control state is not canonical")
    state.unspent = _read_unspent(reader)
    reader.finish()
    _demand_exact(state)
    return Snapshot(sequence, time_ms, chain_head, recent, state)


def _demand(condition: bool, reason: str) -> None:  # noqa: FBT001 - the condition is the point
    if not condition:
        raise ValueError(reason)


def _read_unspent(reader: Reader) -> dict[bytes, tuple[int, int, int]]:
    count = reader.u64()
    rows = list(_UNSPENT.iter_unpack(reader.take(count * _UNSPENT.size)))
    unspent = {coin_id: (asset, home, value) for coin_id, asset, home, value in rows}
    ids = list(unspent)
    _demand(len(ids) == count and all(map(bytes.__lt__, ids, ids[1:])), "its coins do not ascend")
    return unspent


def _demand_exact(state: State) -> None:
    """No snapshot brings in or loses money: coins and totals say the same."""
    counted = state.unspent_by_asset_and_home()
    expected = {where: each.unspent for where, each in state.totals.items() if each.unspent}
    _demand(counted == expected, "its coins are not its totals")


def read_control(data: bytes) -> State:
    """The state without coins that `control_encoding` encoded."""
    reader = Reader(data, "control state")
    totals, institutions, quotas, authorities, assets, frozen, serials, receipt_keys, rest = (
        _read_parts(reader) for _ in range(9)
    )
    reader.finish()
    _demand(len(rest) == 1, "its rules are not one version")
    return State(
        totals=dict(map(_read_totals, totals)),
        institutions=dict(map(_read_institution, institutions)),
        quotas={(part.u32(), part.u32()): part.u64() for part in quotas},
        authorities={each.authority: each for each in map(read_officers, authorities)},
        assets={part.u32(): (part.flag(), _rest(part).decode("ascii")) for part in assets},
        frozen={(FreezeTarget(part.u8()), part.take(HASH_BYTES)): part.u64() for part in frozen},
        serials=dict(map(_read_serial, serials)),
        receipt_keys={PublicKey.read(part) for part in receipt_keys},
        rules=rest[0].u32(),
        expired_before_ms=rest[0].u64(),
    )


def _read_parts(reader: Reader) -> list[Reader]:
    count = reader.u32()
    _demand(count <= reader.left // 4, "it counts more than it holds")  # each part has a length of four bytes
    return [Reader(reader.sized_u32(length_max=_CONTROL_BYTES_MAX), "control state") for _ in range(count)]


def _rest(part: Reader) -> bytes:
    return part.take(part.left)


def _read_totals(part: Reader) -> tuple[tuple[int, int], Totals]:
    return (part.u32(), part.u32()), Totals(part.u128(), part.u128(), part.u128(), part.u128())


def _read_institution(part: Reader) -> tuple[int, Institution]:
    home, suspended = part.u32(), part.flag()
    key, successor, substitute = (Reader(part.sized_u32(length_max=_CONTROL_BYTES_MAX), "home") for _ in range(3))
    institution = Institution(
        PublicKey.read(key),
        suspended,
        successor.u32() if successor.left else None,
        PublicKey.read(substitute) if substitute.left else None,
    )
    return home, institution


def _read_serial(part: Reader) -> tuple[tuple[AuthorityKind, bytes], int]:
    return (AuthorityKind(part.u8()), part.take(part.left - 8)), part.u64()
