"""Keys from one seed by SLIP-0010 for Ed25519, where every step is hardened.

Source: https://github.com/satoshilabs/slips/blob/master/slip-0010.md
"""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, field

__all__ = ["INDEX_MAX", "SEED_BYTES_MAX", "SEED_BYTES_MIN", "Node", "child_of", "descendant_of", "master_node"]

SEED_BYTES_MIN = 16
SEED_BYTES_MAX = 64
"""The bounds of BIP-32, from which SLIP-0010 takes its seeds."""

INDEX_MAX = 2**31 - 1
"""A step is numbered in 31 bits; the highest bit says that it is hardened, which for Ed25519 it always is."""

_HARDENED = 1 << 31
_MASTER_KEY = b"ed25519 seed"


@dataclass(frozen=True, slots=True)
class Node:
    """A place in the tree of keys; both halves together give everything below it.

    Attributes:
        secret_seed: the 32 secret bytes of an Ed25519 key.
        chain_code: 32 secret bytes that the children depend on, too.
    """

    secret_seed: bytes = field(repr=False)
    chain_code: bytes = field(repr=False)


def master_node(seed: bytes) -> Node:
    """The root of the tree."""
    if not SEED_BYTES_MIN <= len(seed) <= SEED_BYTES_MAX:
        raise ValueError(f"a seed has {SEED_BYTES_MIN}..{SEED_BYTES_MAX} bytes, this one {len(seed)}")
    digest = hmac.digest(_MASTER_KEY, seed, "sha512")
    return Node(digest[:32], digest[32:])


def child_of(node: Node, index: int) -> Node:
    """The node one hardened step down."""
    if not 0 <= index <= INDEX_MAX:
        raise ValueError(f"a step is numbered 0..{INDEX_MAX}, this one {index}")
    data = b"\x00" + node.secret_seed + (_HARDENED | index).to_bytes(4, "big")
    digest = hmac.digest(node.chain_code, data, "sha512")
    return Node(digest[:32], digest[32:])


def descendant_of(node: Node, path: Iterable[int]) -> Node:
    """The node that hardened steps lead to."""
    for index in path:
        node = child_of(node, index)
    return node
