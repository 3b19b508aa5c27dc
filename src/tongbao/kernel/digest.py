"""The state digest: one hash of everything that can change an outcome, however the history was batched.

Unspent coins fall into 2**16 buckets by the first two bytes of their id. A bucket's hash is over its coins in
ascending order; a Merkle tree (RFC 6962 node hashing) joins the buckets. Only what changed is hashed again.
"""

from itertools import pairwise

from tongbao.coin.domain import Domain
from tongbao.coin.encoding import u8, u32, u64, u128
from tongbao.coin.merkle import node_hash
from tongbao.kernel.state import State

__all__ = ["UnspentDigest", "control_encoding", "state_digest"]

BUCKET_BITS = 16  # with 100 million coins a bucket has 1,500, and hashing it again is a matter of a millisecond


class UnspentDigest:
    """The Merkle root over the unspent coins, kept up to date bucket by bucket."""

    def __init__(self, domain: Domain) -> None:
        self._domain = domain
        self._members: dict[int, set[bytes]] = {}
        self._changed: set[int] = set()
        node = domain.hash("tongbao/unspent-bucket/1", b"")
        self._levels = [[node] * (1 << BUCKET_BITS)]
        for bits in reversed(range(BUCKET_BITS)):
            node = node_hash(node, node, domain)
            self._levels.append([node] * (1 << bits))

    def add(self, coin_id: bytes) -> None:
        """Count a coin in."""
        bucket = coin_id[0] << 8 | coin_id[1]
        self._members.setdefault(bucket, set()).add(coin_id)
        self._changed.add(bucket)

    def remove(self, coin_id: bytes) -> None:
        """Count a coin out."""
        bucket = coin_id[0] << 8 | coin_id[1]
        self._members[bucket].discard(coin_id)
        self._changed.add(bucket)

    def root(self, unspent: dict[bytes, tuple[int, int, int]]) -> bytes:
        """The root, 32 bytes, after hashing the changed buckets and what lies above them."""
        for bucket in self._changed:
            coins = sorted(self._members[bucket])
            listed = b"".join([_entry(coin_id, *unspent[coin_id]) for coin_id in coins])
            self._levels[0][bucket] = self._domain.hash("tongbao/unspent-bucket/1", listed)
        changed = self._changed
        for below, above in pairwise(self._levels):
            changed = {place // 2 for place in changed}
            for place in changed:
                above[place] = node_hash(below[2 * place], below[2 * place + 1], self._domain)
        self._changed = set()
        return self._levels[-1][0]


def _entry(coin_id: bytes, asset: int, home: int, value: int) -> bytes:
    return coin_id + u32(asset) + u32(home) + u64(value)


def control_encoding(state: State) -> bytes:
    """Totals and everything that control has set, canonical: sorted, counted, big-endian."""
    sections = (
        [
            u32(asset) + u32(home) + b"".join(map(u128, (each.issued, each.redeemed, each.inflow, each.outflow)))
            for (asset, home), each in sorted(state.totals.items())
        ],
        [_institution(state, home) for home in sorted(state.institutions)],
        [u32(asset) + u32(home) + u64(quota) for (asset, home), quota in sorted(state.quotas.items())],
        [state.authorities[authority].payload() for authority in sorted(state.authorities)],
        [u32(asset) + u8(active) + code.encode() for asset, (active, code) in sorted(state.assets.items())],
        [u8(target) + identity + u64(since_ms) for (target, identity), since_ms in sorted(state.frozen.items())],
        [u8(authority) + subject + u64(serial) for (authority, subject), serial in sorted(state.serials.items())],
        sorted(key.encode() for key in state.receipt_keys),
        [u32(state.rules) + u64(state.expired_before_ms)],
    )
    return b"".join(u32(len(section)) + b"".join(u32(len(part)) + part for part in section) for section in sections)


def _institution(state: State, home: int) -> bytes:
    each = state.institutions[home]
    successor = b"" if each.successor is None else u32(each.successor)
    substitute = b"" if each.substitute is None else each.substitute.encode()
    parts = (each.key.encode(), successor, substitute)
    return u32(home) + u8(each.suspended) + b"".join(u32(len(part)) + part for part in parts)


def state_digest(unspent_root: bytes, state: State, domain: Domain) -> bytes:
    """The digest, 32 bytes, over the root of the unspent coins and the rest of the state."""
    control = domain.hash("tongbao/control-state/1", control_encoding(state))
    return domain.hash("tongbao/state/1", unspent_root + control)
