"""The state digest, and the state of a snapshot byte by byte, from docs/internals/kernel.md."""

import struct
from collections.abc import Iterable, Sequence

from tongbao.audit.memory import Counted, Institution, Memory
from tongbao.coin import Domain
from tongbao.coin.encoding import sized_u32, u8, u32, u64, u128
from tongbao.coin.merkle import node_hash

__all__ = ["COIN", "control_state", "state_digest"]

LEVELS = 16
COIN = struct.Struct(">32sIIQ")
"""A coin in a bucket and in a snapshot: coin id, asset, home, value."""


def state_digest(memory: Memory, domain: Domain) -> bytes:
    """32 bytes over everything that can change an outcome."""
    buckets: dict[int, list[bytes]] = {}
    for coin_id, (asset, home, value) in memory.unspent.items():
        buckets.setdefault(int.from_bytes(coin_id[:2], "big"), []).append(COIN.pack(coin_id, asset, home, value))
    leaves = {
        place: domain.hash("tongbao/unspent-bucket/1", b"".join(sorted(bucket))) for place, bucket in buckets.items()
    }
    control = domain.hash("tongbao/control-state/1", control_state(memory))
    return domain.hash("tongbao/state/1", _root(leaves, domain) + control)


def _root(nodes: dict[int, bytes], domain: Domain) -> bytes:
    """The Merkle root over 2^16 buckets, of which only those that hold a coin are given."""
    empty = domain.hash("tongbao/unspent-bucket/1", b"")
    for _ in range(LEVELS):
        nodes = {
            place: node_hash(nodes.get(2 * place, empty), nodes.get(2 * place + 1, empty), domain)
            for place in {each // 2 for each in nodes}
        }
        empty = node_hash(empty, empty, domain)
    return nodes.get(0, empty)


def control_state(memory: Memory) -> bytes:
    """Totals and everything that control has set: nine lists."""
    authorities = [
        u8(officers.authority)
        + u8(officers.threshold)
        + u8(len(officers.keys))
        + b"".join([key.encode() for key in officers.keys])
        for _, officers in sorted(memory.authorities.items())
    ]
    return b"".join(
        (
            _listed([_figures(*where, counted) for where, counted in sorted(memory.counted.items())]),
            _listed([_institution(home, each) for home, each in sorted(memory.institutions.items())]),
            _listed([u32(asset) + u32(home) + u64(value) for (asset, home), value in sorted(memory.quotas.items())]),
            _listed(authorities),
            _listed(
                [u32(number) + u8(each.active) + each.code.encode() for number, each in sorted(memory.assets.items())]
            ),
            _listed([u8(target) + id_ + u64(time) for (target, id_), time in sorted(memory.frozen.items())]),
            _listed([u8(each) + subject + u64(serial) for (each, subject), serial in sorted(memory.serials.items())]),
            _listed(sorted(memory.receipt_keys)),
            _listed([u32(memory.rules) + u64(memory.expired_before_ms)]),
        )
    )


def _listed(parts: Sequence[bytes]) -> bytes:
    return u32(len(parts)) + b"".join(map(sized_u32, parts))


def _figures(asset: int, home: int, counted: Counted) -> bytes:
    figures: Iterable[int] = (counted.issued, counted.redeemed, counted.inflow, counted.outflow)
    return u32(asset) + u32(home) + b"".join(map(u128, figures))


def _institution(home: int, institution: Institution) -> bytes:
    successor = b"" if institution.successor is None else u32(institution.successor)
    behind = (institution.key, successor, institution.substitute)
    return u32(home) + u8(institution.suspended) + b"".join(map(sized_u32, behind))
