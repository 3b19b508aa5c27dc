"""Merkle trees by RFC 6962 section 2.1, over the ledger's H."""

from collections.abc import Sequence

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import demand_bytes
from tongbao.errors import RequestError

__all__ = ["inclusion_path", "leaf_hash", "node_hash", "root_from_path", "root_of", "tree_levels"]


def leaf_hash(data: bytes, domain: Domain) -> bytes:
    """The hash of a leaf."""
    return domain.untagged_hash(b"\x00" + data)


def node_hash(left: bytes, right: bytes, domain: Domain) -> bytes:
    """The hash of the node over two others."""
    return domain.untagged_hash(b"\x01" + left + right)


def tree_levels(leaves: Sequence[bytes], domain: Domain) -> list[list[bytes]]:
    """All levels of the tree over leaf hashes, leaves first, root last.

    A lone node at the end of a level rises as it is, which gives the same root as the recursive
    split at the largest power of two in RFC 6962.
    """
    levels = [list(leaves)]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [node_hash(below[i], below[i + 1], domain) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def root_of(leaves: Sequence[bytes], domain: Domain) -> bytes:
    """The root over leaf hashes; of an empty list the hash of nothing."""
    return tree_levels(leaves, domain)[-1][0] if leaves else domain.untagged_hash(b"")


def inclusion_path(levels: list[list[bytes]], index: int) -> list[bytes]:
    """The siblings from leaf `index` up to the root, as RFC 6962 section 2.1.1 orders them."""
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index //= 2
    return path


def root_from_path(leaf: bytes, path: Sequence[bytes], *, index: int, count: int, domain: Domain) -> bytes:
    """The root that `path` leads to from the leaf hash at `index` of `count`.

    Raises:
        RequestError: there is no such place, the path is too long or too short for it, or a hash is none.
    """
    if not 0 <= index < count:
        raise RequestError(f"a tree of {count} leaves has no leaf {index}", field="index")
    demand_bytes("leaf", leaf, length=HASH_BYTES)
    for sibling in path:
        demand_bytes("path", sibling, length=HASH_BYTES)
    siblings = iter(path)
    node, last = leaf, count - 1
    try:
        while last:
            if index % 2:
                node = node_hash(next(siblings), node, domain)
            elif index < last:
                node = node_hash(node, next(siblings), domain)
            index, last = index // 2, last // 2
    except StopIteration:
        raise RequestError("the inclusion path is too short", field="path") from None
    if next(siblings, None) is not None:
        raise RequestError("the inclusion path is too long", field="path")
    return node
