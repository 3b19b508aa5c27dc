"""A Merkle-sum tree over the unspent coins of one asset: its root commits to what they are worth together.

Each coin is split at a random place into two parts, and each part is a leaf under a secret salt of its own. Leaves
without value fill the tree up to a power of two, and all of them ascend by their hashes, which are random. So what
stands beside a holder's path are sums of random parts of coins that nobody can name.

A node commits to the hashes *and the sums* of both its children. One that commits to the total alone lets its maker
tell every holder another pair of sums, and leave value out.

A tree over many coins is kept as the ascending leaves, from which any 256 neighbours can be read, and the nodes above
each 256.
"""

import hmac
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tongbao.coin.domain import HASH_BYTES, HashKind, tagged_hash
from tongbao.coin.encoding import demand_bytes, demand_unsigned, u32, u64, u128
from tongbao.errors import DecodingError, RequestError

__all__ = [
    "BLOCK_LEAVES",
    "LEAF_BYTES",
    "NODE_BYTES",
    "PARTS",
    "BuiltTree",
    "SumNode",
    "SupplyPart",
    "block_of",
    "build_tree",
    "node_over",
    "parts_of",
    "path_in_block",
    "path_in_nodes",
    "root_from_path",
    "tree_secret",
]

PARTS = 2
"""Each more costs a leaf for every coin; with two, what a path shows of a coin is one random part of it."""

SALT_BYTES = 24
SUM_BITS = 128  # as the kernel's totals: 2**64 coins of the greatest value stay below it
LEAVES_MIN = 16  # a tree over few coins, or none, does not show how few
DEPTH_MAX = 40  # 2**40 leaves would take 40 TiB: more is a mistake or an attack
BLOCK_DEPTH = 8
BLOCK_LEAVES = 1 << BLOCK_DEPTH
"""Leaves that are read together for one proof: 10 KiB, and 255 hashes."""

LEAF_BYTES = HASH_BYTES + 8
NODE_BYTES = HASH_BYTES + SUM_BITS // 8
_SPLIT_FROM = PARTS * SALT_BYTES
_NODE = sha256(bytes((21,)) + b"tongbao/supply-node/1")
_NOTHING = bytes(8)
_HALF_SUM = bytes(8)  # before the eight bytes of a leaf's value
_PART = sha256(bytes((21,)) + b"tongbao/supply-part/1")


@dataclass(frozen=True, slots=True)
class SumNode:
    """A node, or a leaf seen from above.

    Attributes:
        hash: 32 bytes.
        total: what all leaves below it are worth, in the asset's smallest unit.
    """

    hash: bytes
    total: int

    def __post_init__(self) -> None:
        demand_bytes("hash", self.hash, length=HASH_BYTES)
        demand_unsigned("total", self.total, bits=SUM_BITS)

    def encode(self) -> bytes:
        """48 bytes."""
        return self.hash + u128(self.total)

    @staticmethod
    def decode(data: bytes) -> "SumNode":
        """The node of these 48 bytes."""
        if len(data) != NODE_BYTES:
            raise DecodingError(f"a node has {NODE_BYTES} bytes", field="path")
        return SumNode(data[:HASH_BYTES], int.from_bytes(data[HASH_BYTES:], "big"))


def node_over(left: SumNode, right: SumNode) -> SumNode:
    """The node over two others; raises `RequestError` where their sum is beyond 128 bits."""
    return SumNode(_hash_of(left.encode() + right.encode()), left.total + right.total)


def _hash_of(children: bytes) -> bytes:
    hasher = _NODE.copy()
    hasher.update(children)
    return hasher.digest()


@dataclass(frozen=True, slots=True)
class SupplyPart:
    """A part of a coin, which is a leaf.

    Attributes:
        salt: 24 bytes, known to the centre and shown to the holder of this coin alone.
        coin_id: 32 bytes.
        value: from 0 to the coin's.
    """

    salt: bytes
    coin_id: bytes
    value: int

    def __post_init__(self) -> None:
        demand_bytes("salt", self.salt, length=SALT_BYTES)
        demand_bytes("coin_id", self.coin_id, length=HASH_BYTES)
        demand_unsigned("value", self.value, bits=64)

    def leaf(self) -> SumNode:
        """As the tree holds it."""
        return SumNode(_leaf_hash(self.salt, self.coin_id, u64(self.value)), self.value)


def _leaf_hash(salt: bytes, coin_id: bytes, value: bytes) -> bytes:
    hasher = _PART.copy()
    hasher.update(salt + coin_id + value)
    return hasher.digest()


def tree_secret(seed: bytes, *, network_id: bytes, number: int, asset: int) -> bytes:
    """What salts and splits the coins of one asset in one statement; nobody who lacks `seed` can link two of them."""
    named = tagged_hash(HashKind.SHA256, "tongbao/supply-secret/1", network_id + u64(number) + u32(asset))
    return hmac.digest(seed, named, "sha256")


def parts_of(coin_id: bytes, value: int, secret: bytes) -> tuple[SupplyPart, SupplyPart]:
    """The coin's two parts, split anywhere from nothing to everything."""
    drawn = hmac.digest(secret, coin_id, "sha512")
    first = _first_part(drawn, value)
    return (
        SupplyPart(drawn[:SALT_BYTES], coin_id, first),
        SupplyPart(drawn[SALT_BYTES:_SPLIT_FROM], coin_id, value - first),
    )


def _first_part(drawn: bytes, value: int) -> int:
    return int.from_bytes(drawn[_SPLIT_FROM:], "big") % (value + 1)


@dataclass(frozen=True, slots=True)
class BuiltTree:
    """A tree as its maker keeps it. Whoever sees it sees the parts of all coins, though not whose they are.

    Attributes:
        leaves: the rows of all leaves, hash and value, ascending; `LEAF_BYTES` each.
        firsts: the hash of the first leaf of each block of `BLOCK_LEAVES`.
        nodes: the levels from the blocks' nodes up to the root, each ascending, 48 bytes for each node.
        count: how many leaves.
        root: over all of them.
    """

    leaves: bytes
    firsts: bytes
    nodes: bytes
    count: int
    root: SumNode

    @staticmethod
    def of_parts(leaves: bytes, firsts: bytes, nodes: bytes) -> "BuiltTree":
        """The tree of which other code made these."""
        return BuiltTree(leaves, firsts, nodes, len(leaves) // LEAF_BYTES, SumNode.decode(nodes[-NODE_BYTES:]))


def build_tree(coins: Iterable[tuple[bytes, int]], secret: bytes) -> BuiltTree:
    """The tree over coins, each an id and a value, under the secret of `tree_secret`."""
    rows = [row for coin_id, value in coins for row in _rows_of(coin_id, value, secret)]
    count = max(LEAVES_MIN, 1 << (len(rows) - 1).bit_length()) if rows else LEAVES_MIN
    rows += [_padding(number, secret) for number in range(count - len(rows))]
    rows.sort()
    width = min(BLOCK_LEAVES, count)
    levels = _levels_over([_levels_over(_leaves_in(rows[at : at + width]))[-1][0] for at in range(0, count, width)])
    return BuiltTree(
        leaves=b"".join(rows),
        firsts=b"".join([row[:HASH_BYTES] for row in rows[::width]]),
        nodes=b"".join([node for level in levels for node in level]),
        count=count,
        root=SumNode.decode(levels[-1][0]),
    )


# What follows handles rows and encoded nodes rather than objects: there are millions of them.


def _rows_of(coin_id: bytes, value: int, secret: bytes) -> tuple[bytes, bytes]:
    drawn = hmac.digest(secret, coin_id, "sha512")
    first = _first_part(drawn, value)
    one, other = u64(first), u64(value - first)
    return (
        _leaf_hash(drawn[:SALT_BYTES], coin_id, one) + one,
        _leaf_hash(drawn[SALT_BYTES:_SPLIT_FROM], coin_id, other) + other,
    )


def _padding(number: int, secret: bytes) -> bytes:
    """A leaf without value, which nobody can tell from another's part."""
    drawn = hmac.digest(secret, u64(number), "sha512")
    return _leaf_hash(drawn[:SALT_BYTES], drawn[-HASH_BYTES:], _NOTHING) + _NOTHING


def _leaves_in(rows: Iterable[bytes]) -> list[bytes]:
    return [row[:HASH_BYTES] + _HALF_SUM + row[HASH_BYTES:] for row in rows]


def _levels_over(level: list[bytes]) -> list[list[bytes]]:
    """All levels from encoded nodes, a power of two of them, up to the one at the top."""
    levels = [level]
    while len(level) > 1:
        level = [_node_over(level[at], level[at + 1]) for at in range(0, len(level), 2)]
        levels.append(level)
    return levels


def _node_over(left: bytes, right: bytes) -> bytes:
    total = int.from_bytes(left[HASH_BYTES:], "big") + int.from_bytes(right[HASH_BYTES:], "big")
    return _hash_of(left + right) + u128(total)


def block_of(leaf: SumNode, firsts: bytes) -> int:
    """The number of the block in which a leaf stands, if it stands anywhere."""
    count = len(firsts) // HASH_BYTES
    after = bisect_right(range(count), leaf.hash, key=lambda at: firsts[HASH_BYTES * at : HASH_BYTES * (at + 1)])
    return max(0, after - 1)


def path_in_block(leaf: SumNode, block: bytes) -> tuple[int, list[SumNode]] | None:
    """The place of a leaf in a block of rows, and the nodes beside its way up to the block's; None where it is not."""
    rows = [block[at : at + LEAF_BYTES] for at in range(0, len(block), LEAF_BYTES)]
    row = leaf.hash + u64(leaf.total)
    place = bisect_left(rows, row)
    if place == len(rows) or rows[place] != row:
        return None
    levels = _levels_over(_leaves_in(rows))
    return place, [SumNode.decode(level[(place >> height) ^ 1]) for height, level in enumerate(levels[:-1])]


def path_in_nodes(block: int, nodes: bytes) -> list[SumNode]:
    """The nodes beside the way from the node of a block up to the root."""
    path, start, width = [], 0, (len(nodes) // NODE_BYTES + 1) // 2
    while width > 1:
        at = (start + (block ^ 1)) * NODE_BYTES
        path.append(SumNode.decode(nodes[at : at + NODE_BYTES]))
        start, width, block = start + width, width // 2, block // 2
    return path


def root_from_path(leaf: SumNode, path: Sequence[SumNode], *, index: int) -> SumNode:
    """The root to which the nodes beside a leaf's way lead.

    Raises:
        RequestError: there is no such place under so many nodes, or a sum is beyond 128 bits.
    """
    if len(path) > DEPTH_MAX or not 0 <= index < 1 << len(path):
        raise RequestError(f"a path of {len(path)} nodes leads to no leaf {index}", field="index")
    node = leaf
    for beside in path:
        node = node_over(beside, node) if index % 2 else node_over(node, beside)
        index //= 2
    return node
