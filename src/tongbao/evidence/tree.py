"""The tree of a transparency log: RFC 6962 over SHA-256, which grows at its end and proves that it only grew.

A *node* is a complete subtree by its place: node `(level, number)` stands over the entries from `number << level` on,
`1 << level` of them. Every proof and every root is made of such nodes, and a log keeps no others.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

from tongbao.errors import RequestError

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "Node",
    "ProofInvalidError",
    "consistency_nodes",
    "consistency_proof",
    "consistent_roots",
    "inclusion_nodes",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "root_nodes",
    "root_of_nodes",
    "subtree_root",
    "verify_consistency",
    "verify_inclusion",
]

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

Node = tuple[int, int]
"""Level and number of a complete subtree."""

Range = tuple[int, int]
"""Entries from the first on, up to and without the second."""


class ProofInvalidError(RequestError):
    """A proof that does not lead from what it begins with to the root that it is to reach."""

    code = "PROOF_INVALID"


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry's leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node over two others."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def subtree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over hashes of one level; a lone one at the end of a level rises as it is."""
    level = list(hashes)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        above = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)]
        level = [*above, level[-1]] if len(level) % 2 else above
    return level[0]


# --- where a proof's hashes are ---------------------------------------------------------------------------------------


def _split(count: int) -> int:
    """The largest power of two below `count`, at which RFC 6962 divides a tree of two entries and more."""
    return 1 << (count - 1).bit_length() - 1


def _nodes_over(part: Range) -> list[Node]:
    """The complete subtrees that a part of a tree is made of, from left to right."""
    start, end = part
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def _hash_over(part: Range, node: Callable[[Node], bytes]) -> bytes:
    """The hash over a part of a tree, from those of its complete subtrees."""
    hashes = [node(each) for each in _nodes_over(part)]
    over = hashes.pop()
    while hashes:
        over = node_hash(hashes.pop(), over)
    return over


def root_nodes(size: int) -> list[Node]:
    """The nodes of which the root of a tree follows."""
    return _nodes_over((0, size))


def root_of_nodes(size: int, node: Callable[[Node], bytes]) -> bytes:
    """The root of a tree, from its nodes."""
    return _hash_over((0, size), node) if size else EMPTY_ROOT


def _inclusion_parts(index: int, size: int) -> list[Range]:
    start, end = 0, size
    parts = []
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start = middle
    return parts[::-1]


def inclusion_nodes(index: int, size: int) -> list[Node]:
    """The nodes that the proof of the entry at `index` in a tree of `size` entries needs."""
    _demand_place(index, size)
    return [node for part in _inclusion_parts(index, size) for node in _nodes_over(part)]


def inclusion_proof(index: int, size: int, node: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """The proof that the entry at `index` is in the tree of the first `size` entries (RFC 6962, section 2.1.1)."""
    _demand_place(index, size)
    return tuple([_hash_over(part, node) for part in _inclusion_parts(index, size)])


def _consistency_parts(old_size: int, new_size: int) -> list[Range]:
    start, end = 0, new_size
    parts: list[Range] = []
    is_whole = True  # the old tree is a left part of this one, whose root the verifier knows
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((start, middle))
            start, is_whole = middle, False
    if not is_whole:
        parts.append((start, end))
    return parts[::-1]


def consistency_nodes(old_size: int, new_size: int) -> list[Node]:
    """The nodes that the proof from one size of a tree to another needs."""
    _demand_growth(old_size, new_size)
    return [node for part in _consistency_parts(old_size, new_size) for node in _nodes_over(part)]


def consistency_proof(old_size: int, new_size: int, node: Callable[[Node], bytes]) -> tuple[bytes, ...]:
    """The proof that the tree of `new_size` entries begins with that of `old_size` (RFC 6962, section 2.1.2)."""
    _demand_growth(old_size, new_size)
    return tuple([_hash_over(part, node) for part in _consistency_parts(old_size, new_size)])


def _demand_place(index: int, size: int) -> None:
    if not 0 <= index < size:
        raise ProofInvalidError(f"a tree of {size} entries has no entry {index}", field="index")


def _demand_growth(old_size: int, new_size: int) -> None:
    if not 1 <= old_size <= new_size:
        raise ProofInvalidError(
            f"a tree of {new_size} entries cannot have grown from one of {old_size}", field="old_size"
        )


# --- verifying --------------------------------------------------------------------------------------------------------


def _demand_hashes(hashes: Iterable[bytes], *, field: str) -> None:
    for each in hashes:
        if len(each) != HASH_BYTES:
            raise ProofInvalidError(f"a hash has {HASH_BYTES} bytes, this one {len(each)}", field=field)


def verify_inclusion(leaf: bytes, proof: Sequence[bytes], *, index: int, size: int, root: bytes) -> None:
    """Return if the entry whose leaf hash is `leaf` stands at `index` in the tree of `size` entries with that root.

    Raises:
        ProofInvalidError: the proof does not lead there, or is too short or too long.
    """
    _demand_place(index, size)
    _demand_hashes([leaf, *proof], field="proof")
    parts = len(_inclusion_parts(index, size))
    if len(proof) != parts:
        raise ProofInvalidError(f"the proof has {len(proof)} hashes, for this place it is {parts}", field="proof")
    node, last = leaf, size - 1
    siblings = iter(proof)
    while last:
        if index % 2:
            node = node_hash(next(siblings), node)
        elif index < last:
            node = node_hash(node, next(siblings))
        index, last = index // 2, last // 2
    if node != root:
        raise ProofInvalidError("the proof does not lead from the entry to the root", field="proof")


def consistent_roots(proof: Sequence[bytes], *, old_size: int, new_size: int, old_root: bytes) -> tuple[bytes, bytes]:
    """The roots, of the old tree and of the new one, to which a proof of consistency leads.

    Of an old tree that is a complete subtree the proof has nothing; its root is `old_root`, else not used.

    Raises:
        ProofInvalidError: there is no proof of these sizes, or it is too short or too long.
    """
    _demand_growth(old_size, new_size)
    parts = _consistency_parts(old_size, new_size)
    if len(proof) != len(parts):
        raise ProofInvalidError(f"the proof has {len(proof)} hashes, for these sizes {len(parts)}", field="proof")
    begins_with_old = not parts or parts[0][1] != old_size
    places = [(0, old_size), *parts] if begins_with_old else parts
    hashes = [old_root, *proof] if begins_with_old else list(proof)
    if parts:
        # Of two hashes that are longer and shorter, the node over them would be that over two others.
        _demand_hashes(hashes, field="proof")
    old = new = hashes[0]
    for (start, _), each in zip(places[1:], hashes[1:], strict=True):
        if start < old_size:
            old, new = node_hash(each, old), node_hash(each, new)
        else:
            new = node_hash(new, each)
    return old, new


def verify_consistency(
    proof: Sequence[bytes], *, old_size: int, new_size: int, old_root: bytes, new_root: bytes
) -> None:
    """Return if the tree with `new_root` begins with all entries of the one with `old_root`, in the same order.

    From a tree of nothing any tree can have grown, so of that there is no proof.

    Raises:
        ProofInvalidError: the proof does not show it, or is too short or too long.
    """
    if old_size < new_size:
        _demand_hashes([old_root, new_root], field="root")
    old, new = consistent_roots(proof, old_size=old_size, new_size=new_size, old_root=old_root)
    if old != old_root:
        raise ProofInvalidError("the proof does not lead to the root of the old tree", field="old_root")
    if new != new_root:
        raise ProofInvalidError("the proof does not lead to the root of the new tree", field="new_root")
