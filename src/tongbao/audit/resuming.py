"""An audit that was interrupted, as bytes: everything that the auditor remembers, and where in the journal it stood.

```
"tbaudit1" || network id 32 || segment u64 || offset u64 || end u64 || transactions u64 || settled u64 || signatures u64
|| count u8 (sequence u64 || verdicts u32)* || state of a snapshot || SHA-256 over all before, 32
```

It is worth as much as whoever kept it: the checksum finds damage, not fraud. An auditor goes on
from no file but its own.
"""

from dataclasses import dataclass
from hashlib import sha256

from tongbao.audit.digest import COIN
from tongbao.audit.divergence import Place
from tongbao.audit.history import Applied, History
from tongbao.audit.memory import Asset, Counted, Institution, Memory
from tongbao.audit.snapshot import STATE_MAGIC, snapshot_state
from tongbao.coin import PublicKey
from tongbao.coin.control import AuthorityKind, FreezeTarget, Officers
from tongbao.coin.encoding import Reader, count_u8, u32, u64
from tongbao.errors import RequestError

__all__ = ["Standing", "resumed", "standing_bytes"]

MAGIC = b"tbaudit1"
HASH_BYTES = 32
STATE_BYTES_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Standing:
    """Where in the journal an audit stands.

    Attributes:
        segment: the first sequence of the segment with the last record that was followed.
        offset: where that record begins.
        end: the byte after it.
        signatures: how many were checked so far.
    """

    segment: int
    offset: int
    end: int
    signatures: int


def standing_bytes(history: History, standing: Standing) -> bytes:
    """The audit as it stands."""
    content = b"".join(
        (
            MAGIC,
            history.basis.domain.network_id,
            u64(standing.segment),
            u64(standing.offset),
            u64(standing.end),
            u64(history.transactions),
            u64(history.settled),
            u64(standing.signatures),
            count_u8([u64(sequence) + u32(count) for sequence, count in list(history.unnamed.items())[-255:]]),
            snapshot_state(history),
        )
    )
    return content + sha256(content).digest()


def resumed(data: bytes, history: History, file: str) -> Standing:
    """Let `history`, which is at its genesis, go on from the bytes; `file` names the segment in which they stand.

    Raises:
        RequestError: they are damaged, or of another network than the genesis.
    """
    content, digest = data[:-HASH_BYTES], data[-HASH_BYTES:]
    if sha256(content).digest() != digest or not content.startswith(MAGIC):
        raise RequestError("it is damaged, or no state of an audit", field="state")
    reader = Reader(content, "state of an audit")
    reader.take(len(MAGIC))
    if reader.take(HASH_BYTES) != history.basis.domain.network_id:
        raise RequestError("it is of an audit of another network", field="state")
    segment, offset, end = reader.u64(), reader.u64(), reader.u64()
    history.transactions, history.settled = reader.u64(), reader.u64()
    standing = Standing(segment, offset, end, reader.u64())
    history.unnamed = {reader.u64(): reader.u32() for _ in range(reader.u8())}
    _read_state(reader, history, file, standing)
    return standing


def _read_state(reader: Reader, history: History, file: str, standing: Standing) -> None:
    reader.take(len(STATE_MAGIC) + HASH_BYTES)
    history.sequence, history.time_ms = reader.u64(), reader.u64()
    history.chain_head = reader.take(HASH_BYTES)
    recent = [(reader.u64(), reader.take(HASH_BYTES)) for _ in range(reader.u8())]
    # Their transactions are not kept, so a lie about one of them is found without its name.
    history.recent = [Applied(Place(file, standing.offset, sequence), (), (), hashed) for sequence, hashed in recent]
    memory = _control(Reader(reader.sized_u32(length_max=STATE_BYTES_MAX), "control state"))
    rows = reader.take(reader.u64() * COIN.size)
    memory.unspent = {coin_id: (asset, home, value) for coin_id, asset, home, value in COIN.iter_unpack(rows)}
    history.memory, history.basis = memory, history.basis._replace(rules=memory.rules)


def _control(reader: Reader) -> Memory:
    """The nine lists of docs/internals/kernel.md, read back."""
    counted, institutions, quotas, authorities, assets, frozen, serials, keys, rules = (
        [Reader(reader.sized_u32(length_max=STATE_BYTES_MAX), "control state") for _ in range(reader.u32())]
        for _ in range(9)
    )
    [last] = rules
    return Memory(
        counted={
            (each.u32(), each.u32()): Counted(each.u128(), each.u128(), each.u128(), each.u128()) for each in counted
        },
        institutions={each.u32(): _institution(each) for each in institutions},
        quotas={(each.u32(), each.u32()): each.u64() for each in quotas},
        authorities={officers.authority: officers for officers in map(_officers, authorities)},
        assets={each.u32(): Asset(active=each.flag(), code=each.take(each.left).decode()) for each in assets},
        frozen={(FreezeTarget(each.u8()), each.take(HASH_BYTES)): each.u64() for each in frozen},
        serials={(each.u8(), each.take(each.left - 8)): each.u64() for each in serials},
        receipt_keys={each.take(each.left) for each in keys},
        rules=last.u32(),
        expired_before_ms=last.u64(),
    )


def _institution(reader: Reader) -> Institution:
    suspended = reader.flag()
    key, successor, substitute = (reader.sized_u32(length_max=STATE_BYTES_MAX) for _ in range(3))
    return Institution(key, suspended, int.from_bytes(successor, "big") if successor else None, substitute)


def _officers(reader: Reader) -> Officers:
    authority, threshold = AuthorityKind(reader.u8()), reader.u8()
    return Officers(authority, threshold, tuple([PublicKey.read(reader) for _ in range(reader.u8())]))
