"""The tree of a log, held against published proofs, good and malformed, and against the tree's definition."""

import json
from base64 import b64decode
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.evidence.tree import (
    EMPTY_ROOT,
    Node,
    ProofInvalidError,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_nodes,
    root_of_nodes,
    subtree_root,
    verify_consistency,
    verify_inclusion,
)

# Proofs of transparency-dev/merkle (Apache-2.0), kept beside the repository.
PUBLISHED = Path(__file__).resolve().parents[4] / "shared/data/merkle"
needs_published = pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"{PUBLISHED} is not there")

LEAVES = [leaf_hash(bytes((number,))) for number in range(40)]
SIZES = range(1, len(LEAVES) + 1)


def node_of(node: Node) -> bytes:
    """The hash of a node of the tree over `LEAVES`."""
    level, number = node
    return defined_root(LEAVES[number << level : (number + 1) << level])


def defined_root(leaves: list[bytes]) -> bytes:
    """The root as RFC 6962 section 2.1 defines it, recursively."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return sha256(b"\x01" + defined_root(leaves[:half]) + defined_root(leaves[half:])).digest()


def published(kind: str) -> list[dict[str, Any]]:
    """All published proofs of one kind, named by their files."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((PUBLISHED / kind).rglob("*.json"))]


def bytes_of(text: str | None) -> bytes:
    """A hash of a published proof."""
    return b64decode(text or "")


def is_included(proof: dict[str, Any]) -> bool:
    """Whether a published inclusion proof holds."""
    try:
        verify_inclusion(
            bytes_of(proof["leafHash"]),
            [bytes_of(each) for each in proof["proof"] or []],
            index=proof["leafIdx"],
            size=proof["treeSize"],
            root=bytes_of(proof["root"]),
        )
    except ProofInvalidError:
        return False
    return True


def is_consistent(proof: dict[str, Any]) -> bool:
    """Whether a published consistency proof holds."""
    try:
        verify_consistency(
            [bytes_of(each) for each in proof["proof"] or []],
            old_size=proof["size1"],
            new_size=proof["size2"],
            old_root=bytes_of(proof["root1"]),
            new_root=bytes_of(proof["root2"]),
        )
    except ProofInvalidError:
        return False
    return True


@needs_published
def test_published_inclusion_proofs_hold_and_malformed_ones_do_not() -> None:
    proofs = published("inclusion")

    wrong = [proof for proof in proofs if is_included(proof) == proof["wantErr"]]

    assert wrong == []
    assert sum(not proof["wantErr"] for proof in proofs) >= 6
    assert sum(proof["wantErr"] for proof in proofs) >= 80


@needs_published
def test_published_consistency_proofs_hold_and_malformed_ones_do_not() -> None:
    proofs = published("consistency")

    wrong = [proof for proof in proofs if is_consistent(proof) == proof["wantErr"]]

    assert wrong == []
    assert sum(not proof["wantErr"] for proof in proofs) >= 5
    assert sum(proof["wantErr"] for proof in proofs) >= 80


def test_an_entry_is_hashed_apart_from_a_node() -> None:
    assert leaf_hash(b"ab") == sha256(b"\x00ab").digest()
    assert node_hash(b"a", b"b") == sha256(b"\x01ab").digest()


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_root_is_the_defined_one(size: int) -> None:
    expected = defined_root(LEAVES[:size])

    assert subtree_root(LEAVES[:size]) == expected
    assert root_of_nodes(size, node_of) == expected
    assert sum(1 << level for level, _ in root_nodes(size)) == size


@pytest.mark.parametrize("size", SIZES)
def test_every_entry_of_every_size_has_a_proof(size: int) -> None:
    root = defined_root(LEAVES[:size])

    for index in range(size):
        proof = inclusion_proof(index, size, node_of)

        verify_inclusion(LEAVES[index], proof, index=index, size=size, root=root)


@pytest.mark.parametrize("new_size", SIZES)
def test_every_size_proves_that_it_grew_from_every_other(new_size: int) -> None:
    new_root = defined_root(LEAVES[:new_size])

    for old_size in range(1, new_size + 1):
        proof = consistency_proof(old_size, new_size, node_of)

        old_root = defined_root(LEAVES[:old_size])
        verify_consistency(proof, old_size=old_size, new_size=new_size, old_root=old_root, new_root=new_root)


@pytest.mark.parametrize("size", SIZES)
def test_a_proof_needs_the_nodes_that_it_says(size: int) -> None:
    asked: list[Node] = []

    def asking(node: Node) -> bytes:
        asked.append(node)
        return node_of(node)

    inclusion_proof(size // 2, size, asking)
    consistency_proof(max(1, size // 3), size, asking)

    assert sorted(asked) == sorted(inclusion_nodes(size // 2, size) + consistency_nodes(max(1, size // 3), size))


@given(st.integers(1, 40), st.integers(0, 39), st.integers(0, 39), st.integers(0, 255))
def test_no_other_entry_index_or_proof_passes(size: int, index: int, other: int, bit: int) -> None:
    index, other = index % size, other % size
    root = defined_root(LEAVES[:size])
    proof = inclusion_proof(index, size, node_of)

    if other != index:
        with pytest.raises(ProofInvalidError):
            verify_inclusion(LEAVES[index], proof, index=other, size=size, root=root)
        with pytest.raises(ProofInvalidError):
            verify_inclusion(LEAVES[other], proof, index=index, size=size, root=root)
    if proof:
        at = bit % len(proof)
        bent = bytearray(proof[at])
        bent[bit // 8] ^= 1 << bit % 8
        with pytest.raises(ProofInvalidError, match="does not lead"):
            verify_inclusion(
                LEAVES[index], [*proof[:at], bytes(bent), *proof[at + 1 :]], index=index, size=size, root=root
            )


@given(st.integers(1, 39), st.integers(1, 39))
def test_a_rewritten_history_is_not_consistent(old_size: int, grown: int) -> None:
    new_size = min(40, old_size + grown)
    rewritten = [*LEAVES[:-1], LEAVES[0]]
    rewritten[old_size - 1] = leaf_hash(b"another")
    proof = consistency_proof(
        old_size, new_size, lambda node: defined_root(rewritten[node[1] << node[0] : (node[1] + 1) << node[0]])
    )

    with pytest.raises(ProofInvalidError):
        verify_consistency(
            proof,
            old_size=old_size,
            new_size=new_size,
            old_root=defined_root(LEAVES[:old_size]),
            new_root=defined_root(rewritten[:new_size]),
        )


def test_from_nothing_there_is_no_proof() -> None:
    with pytest.raises(ProofInvalidError, match="cannot have grown from one of 0"):
        verify_consistency([], old_size=0, new_size=0, old_root=EMPTY_ROOT, new_root=EMPTY_ROOT)


@pytest.mark.parametrize("extra", [[], [bytes(32)] * 3, [bytes(32)] * 6])
def test_a_proof_of_another_length_is_refused(extra: list[bytes]) -> None:
    with pytest.raises(ProofInvalidError, match="hashes, for this place"):
        verify_inclusion(LEAVES[0], extra, index=0, size=30, root=bytes(32))
    with pytest.raises(ProofInvalidError, match="hashes, for these sizes"):
        verify_consistency(extra, old_size=3, new_size=7, old_root=bytes(32), new_root=bytes(32))
