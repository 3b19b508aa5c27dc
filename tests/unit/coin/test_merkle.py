"""Merkle trees by RFC 6962, held against published proofs, good and malformed."""

import json
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.builders import DOMAIN
from tongbao.coin.merkle import inclusion_path, leaf_hash, root_from_path, root_of, tree_levels
from tongbao.errors import RequestError

# Proofs of transparency-dev/merkle (Apache-2.0), kept beside the repository.
PUBLISHED = Path(__file__).resolve().parents[4] / "shared/data/merkle/inclusion"

# The tree that Certificate Transparency's implementations have tested since 2012: data of its leaves, and its roots.
KNOWN_DATA = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
KNOWN_ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
LEAVES = [leaf_hash(bytes.fromhex(data), DOMAIN) for data in KNOWN_DATA]


@pytest.mark.parametrize("count", range(1, 9))
def test_roots_are_the_known_ones(count: int) -> None:
    assert root_of(LEAVES[:count], DOMAIN).hex() == KNOWN_ROOTS[count - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    assert root_of([], DOMAIN).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("count", range(1, 9))
def test_every_leaf_has_a_path_to_the_root(count: int) -> None:
    levels = tree_levels(LEAVES[:count], DOMAIN)

    for index in range(count):
        path = inclusion_path(levels, index)
        root = root_from_path(LEAVES[index], path, index=index, count=count, domain=DOMAIN)

        assert root.hex() == KNOWN_ROOTS[count - 1]


@pytest.mark.parametrize("index", [-1, 5, 2**32])
def test_a_place_that_the_tree_does_not_have_is_refused(index: int) -> None:
    with pytest.raises(RequestError, match=f"a tree of 5 leaves has no leaf {index}"):
        root_from_path(LEAVES[0], [], index=index, count=5, domain=DOMAIN)


def test_a_tree_without_leaves_has_none() -> None:
    with pytest.raises(RequestError, match="a tree of 0 leaves has no leaf 0"):
        root_from_path(LEAVES[0], [], index=0, count=0, domain=DOMAIN)


@pytest.mark.parametrize(("index", "count"), [(0, 5), (2, 5), (4, 5), (3, 8)])
def test_a_path_of_another_length_is_refused(index: int, count: int) -> None:
    path = inclusion_path(tree_levels(LEAVES[:count], DOMAIN), index)

    with pytest.raises(RequestError, match="too short"):
        root_from_path(LEAVES[index], path[:-1], index=index, count=count, domain=DOMAIN)
    with pytest.raises(RequestError, match="too long"):
        root_from_path(LEAVES[index], [*path, bytes(32)], index=index, count=count, domain=DOMAIN)


@pytest.mark.parametrize(("leaf", "sibling"), [(b"", bytes(32)), (bytes(32), bytes(31)), (bytes(64), bytes(32))])
def test_a_hash_of_another_length_is_refused(leaf: bytes, sibling: bytes) -> None:
    with pytest.raises(RequestError, match="has 32 bytes"):
        root_from_path(leaf, [sibling], index=0, count=2, domain=DOMAIN)


def test_a_leaf_is_not_a_node() -> None:
    node_data = LEAVES[0] + LEAVES[1]

    assert leaf_hash(node_data, DOMAIN) != root_of(LEAVES[:2], DOMAIN)


def is_included(proof: dict[str, Any]) -> bool:
    """Whether a published proof leads from its leaf to its root."""
    path = [b64decode(each) for each in proof["proof"] or []]
    try:
        root = root_from_path(
            b64decode(proof["leafHash"] or ""), path, index=proof["leafIdx"], count=proof["treeSize"], domain=DOMAIN
        )
    except RequestError:
        return False
    return root == b64decode(proof["root"] or "")


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason=f"{PUBLISHED} is not there")
def test_published_proofs_hold_and_malformed_ones_do_not() -> None:
    proofs = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(PUBLISHED.rglob("*.json"))]

    wrong = [proof for proof in proofs if is_included(proof) == proof["wantErr"]]

    assert wrong == []
    assert sum(not proof["wantErr"] for proof in proofs) >= 6
    assert sum(proof["wantErr"] for proof in proofs) >= 80
