"""Merkle trees by RFC 6962 section 2.1, over the ledger's H."""

from collections.abc import Sequence

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import demand_bytes
from tongbao.errors import RequestError

__all__ = [
    "border_of",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "path_in",
    "root_from_path",
    "root_of",
    "rows_from_border",
    "tree_levels",
]

Rows = list[tuple[int, list[bytes]]]
"""Part of a tree, a row per level from the leaves up: the number of the first node that is known, and the nodes."""


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


def border_of(levels: Sequence[bytes], first: int, count: int) -> list[bytes]:
    """The nodes beside those over the leaves from `first` on, `count` of them, which together give the root.

    `levels` holds each level of the tree, its hashes joined. On each level from the leaves up there are at most two:
    the node before the first and the node behind the last, where its pair lies outside.
    """
    border = []
    start, end = first, first + count
    for level in levels[:-1]:
        if start % 2:
            border.append(_node_in(level, start - 1))
        if end % 2 and end * HASH_BYTES < len(level):
            border.append(_node_in(level, end))
        start, end = start // 2, (end + 1) // 2
    return border


def _node_in(level: bytes, number: int) -> bytes:
    return level[number * HASH_BYTES : (number + 1) * HASH_BYTES]


def rows_from_border(
    leaves: Sequence[bytes], border: Sequence[bytes], *, first: int, count: int, domain: Domain
) -> Rows:
    """The part of a tree of `count` leaves that stands over the leaves from `first` on; its last row is the root alone.

    Raises:
        RequestError: there are no such places, or the border is too long or too short for them.
    """
    if not 0 <= first < first + len(leaves) <= count:
        raise RequestError(f"a tree of {count} leaves has not {len(leaves)} from {first} on", field="index")
    outside = iter(border)
    rows: Rows = []
    start, nodes, width = first, list(leaves), count
    try:
        while width > 1:
            if start % 2:
                nodes.insert(0, next(outside))
                start -= 1
            if (start + len(nodes)) % 2 and start + len(nodes) < width:
                nodes.append(next(outside))
            rows.append((start, nodes))
            nodes = [
                node_hash(nodes[at], nodes[at + 1], domain) if at + 1 < len(nodes) else nodes[at]
                for at in range(0, len(nodes), 2)
            ]
            start, width = start // 2, (width + 1) // 2
    except StopIteration:
        raise RequestError("the border is too short", field="border") from None
    if next(outside, None) is not None:
        raise RequestError("the border is too long", field="border")
    return [*rows, (0, nodes)]


def path_in(rows: Rows, index: int, *, count: int) -> list[bytes]:
    """The siblings from leaf `index` up to the root of a tree of `count` leaves, of whose part the leaf is one."""
    path = []
    for start, nodes in rows[:-1]:
        sibling = index ^ 1
        if sibling < count:
            path.append(nodes[sibling - start])
        index, count = index // 2, (count + 1) // 2
    return path
