"""Merkle-sum trees: what they commit to, what a path shows, and the attacks that they withstand."""

from hashlib import sha256
from random import Random

import pytest

from tongbao.coin.domain import HashKind, tagged_hash
from tongbao.coin.encoding import u64, u128
from tongbao.errors import RequestError
from tongbao.evidence.supply_tree import (
    BLOCK_LEAVES,
    LEAF_BYTES,
    BuiltTree,
    SumNode,
    SupplyPart,
    block_of,
    build_tree,
    node_over,
    parts_of,
    path_in_block,
    path_in_nodes,
    root_from_path,
    tree_secret,
)

SECRET = bytes(range(32))


def coins_of(count: int, *, seed: int = 1, value_max: int = 100_000) -> list[tuple[bytes, int]]:
    draw = Random(seed)
    return [(draw.randbytes(32), draw.randint(1, value_max)) for _ in range(count)]


def way_of(part: SupplyPart, tree: BuiltTree) -> tuple[int, list[SumNode]]:
    """Place and path of a part, found as the centre finds them."""
    leaf, width = part.leaf(), min(BLOCK_LEAVES, tree.count)
    block = block_of(leaf, tree.firsts)
    found = path_in_block(leaf, tree.leaves[block * width * LEAF_BYTES : (block + 1) * width * LEAF_BYTES])
    assert found is not None
    return block * width + found[0], [*found[1], *path_in_nodes(block, tree.nodes)]


def test_a_node_commits_to_the_hash_and_the_sum_of_each_child() -> None:
    left, right = SumNode(bytes(32), 5), SumNode(b"\x01" * 32, 7)

    node = node_over(left, right)

    told = bytes(32) + u128(5) + b"\x01" * 32 + u128(7)
    assert node == SumNode(tagged_hash(HashKind.SHA256, "tongbao/supply-node/1", told), 12)


def test_a_leaf_commits_to_salt_coin_and_value() -> None:
    part = SupplyPart(b"s" * 24, b"c" * 32, 99)

    leaf = part.leaf()

    told = b"s" * 24 + b"c" * 32 + u64(99)
    assert leaf == SumNode(tagged_hash(HashKind.SHA256, "tongbao/supply-part/1", told), 99)


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 128, 129, 700])
def test_the_root_is_worth_what_all_coins_are(count: int) -> None:
    coins = coins_of(count)

    tree = build_tree(coins, SECRET)

    assert tree.root.total == sum(value for _, value in coins)
    assert tree.count.bit_count() == 1
    assert tree.count >= max(16, 2 * count)
    assert len(tree.leaves) == tree.count * LEAF_BYTES


@pytest.mark.parametrize("count", [1, 9, 128, 300])
def test_every_part_of_every_coin_leads_to_the_root(count: int) -> None:
    coins = coins_of(count)
    tree = build_tree(coins, SECRET)

    for coin_id, value in coins:
        parts = parts_of(coin_id, value, SECRET)

        ways = [way_of(part, tree) for part in parts]

        assert sum(part.value for part in parts) == value
        assert ways[0][0] != ways[1][0]
        for part, (index, path) in zip(parts, ways, strict=True):
            assert root_from_path(part.leaf(), path, index=index) == tree.root
            assert len(path) == tree.count.bit_length() - 1


def test_a_coin_that_is_left_out_has_no_leaf() -> None:
    coins = coins_of(300)
    tree = build_tree(coins[1:], SECRET)

    for part in parts_of(*coins[0], SECRET):
        block = block_of(part.leaf(), tree.firsts)
        rows = tree.leaves[block * BLOCK_LEAVES * LEAF_BYTES : (block + 1) * BLOCK_LEAVES * LEAF_BYTES]
        assert path_in_block(part.leaf(), rows) is None


def test_a_leaf_is_looked_for_in_the_first_block_where_it_stands_before_all_others() -> None:
    tree = build_tree(coins_of(300), SECRET)

    assert block_of(SumNode(bytes(32), 0), tree.firsts) == 0


# --- attacks ----------------------------------------------------------------------------------------------------------


def naive_node(left: SumNode, right: SumNode) -> SumNode:
    """What must not be: a node that commits to its children's hashes and to the total alone."""
    total = left.total + right.total
    return SumNode(sha256(left.hash + right.hash + u128(total)).digest(), total)


def test_naive_trees_let_a_maker_tell_each_holder_other_sums_and_ours_do_not() -> None:
    """Two coins of 60 and 40, and a root that is worth 60: each is told that the other's sum is what is left."""
    mine, other = SumNode(b"m" * 32, 60), SumNode(b"o" * 32, 40)
    stated = 60
    to_me, to_other = SumNode(other.hash, stated - mine.total), SumNode(mine.hash, stated - other.total)

    assert naive_node(mine, to_me) == naive_node(to_other, other)  # both believe a root that leaves 40 out
    assert node_over(mine, to_me) != node_over(to_other, other)  # here one of them sees another root


def test_a_sibling_of_another_sum_leads_to_another_root() -> None:
    coins = coins_of(20)
    tree = build_tree(coins, SECRET)
    part = parts_of(*coins[0], SECRET)[0]
    index, path = way_of(part, tree)

    for height, beside in enumerate(path):
        for total in (beside.total + 1, max(0, beside.total - 1) or 2):
            changed = [*path[:height], SumNode(beside.hash, total), *path[height + 1 :]]
            assert root_from_path(part.leaf(), changed, index=index).hash != tree.root.hash


def test_sums_moved_from_one_child_to_the_other_lead_to_another_root() -> None:
    left, right = SumNode(b"l" * 32, 10), SumNode(b"r" * 32, 20)

    moved = node_over(SumNode(left.hash, 11), SumNode(right.hash, 19))

    assert moved.total == node_over(left, right).total
    assert moved.hash != node_over(left, right).hash


@pytest.mark.parametrize("total", [-1, 1 << 128])
def test_no_node_has_a_negative_sum_or_one_beyond_128_bits(total: int) -> None:
    with pytest.raises(RequestError, match="total must be"):
        SumNode(bytes(32), total)


@pytest.mark.parametrize("value", [-1, 1 << 64])
def test_no_part_has_a_negative_value_or_one_beyond_64_bits(value: int) -> None:
    with pytest.raises(RequestError, match="value must be"):
        SupplyPart(bytes(24), bytes(32), value)


def test_sums_that_overflow_are_refused_rather_than_begun_again_at_nothing() -> None:
    half = SumNode(bytes(32), 1 << 127)

    with pytest.raises(RequestError, match="total must be"):
        root_from_path(half, [half], index=0)


def test_a_node_cannot_be_shown_as_a_leaf() -> None:
    """Leaves and nodes are hashed under different tags, and every path is as long as the tree is high."""
    tree = build_tree(coins_of(20), SECRET)
    node = SumNode.decode(tree.nodes[:48])

    assert node.hash not in {tree.leaves[at : at + 32] for at in range(0, len(tree.leaves), LEAF_BYTES)}


@pytest.mark.parametrize(("index", "depth"), [(16, 4), (-1, 4), (0, 41)])
def test_a_path_leads_to_no_leaf_that_is_not_there(index: int, depth: int) -> None:
    with pytest.raises(RequestError, match="leads to no leaf"):
        root_from_path(SumNode(bytes(32), 0), [SumNode(bytes(32), 0)] * depth, index=index)


# --- what a holder learns ---------------------------------------------------------------------------------------------


def test_the_first_sibling_is_a_random_part_of_a_random_other_coin() -> None:
    """Of 400 coins worth 10,000 each, what a holder sees beside its parts is spread over all that there is."""
    coins = [(coin_id, 10_000) for coin_id, _ in coins_of(400)]
    tree = build_tree(coins, SECRET)

    seen = [way_of(part, tree)[1][0].total for coin_id, value in coins for part in parts_of(coin_id, value, SECRET)]

    shown = [total for total in seen if total]  # the others are padding
    assert len(set(shown)) > 600
    assert min(shown) < 500
    assert max(shown) > 9_500
    assert abs(sum(shown) / len(shown) - 5_000) < 500
    assert not {10_000} & set(shown)


def test_two_statements_salt_split_and_place_the_same_coin_differently() -> None:
    [(coin_id, value)] = coins_of(1, value_max=10**12)
    secrets = [tree_secret(b"seed" * 8, network_id=bytes(32), number=number, asset=0) for number in (1, 2)]

    one, other = (parts_of(coin_id, value, secret) for secret in secrets)

    assert {part.salt for part in one}.isdisjoint({part.salt for part in other})
    assert {part.value for part in one} != {part.value for part in other}
    assert {part.leaf().hash for part in one}.isdisjoint({part.leaf().hash for part in other})


@pytest.mark.parametrize("changed", ["seed", "network_id", "number", "asset"])
def test_each_tree_has_a_secret_of_its_own(changed: str) -> None:
    given: dict[str, object] = {"seed": bytes(32), "network_id": bytes(32), "number": 1, "asset": 0}
    other = {**given, changed: 2 if isinstance(given[changed], int) else b"\x01" * 32}

    assert tree_secret(**given) != tree_secret(**other)  # type: ignore[arg-type]


def test_who_knows_a_coin_and_not_its_salt_cannot_find_its_leaf() -> None:
    coins = coins_of(20)
    tree = build_tree(coins, SECRET)
    hashes = {tree.leaves[at : at + 32] for at in range(0, len(tree.leaves), LEAF_BYTES)}
    own = parts_of(*coins[0], SECRET)[0]

    guessed = {
        SupplyPart(salt, coin_id, part).leaf().hash
        for coin_id, value in coins[1:]
        for salt in (own.salt, bytes(24))
        for part in (value, value // 2, 0)
    }

    assert hashes.isdisjoint(guessed)


def test_padding_looks_like_parts_without_value() -> None:
    tree = build_tree(coins_of(20), SECRET)
    rows = [tree.leaves[at : at + LEAF_BYTES] for at in range(0, len(tree.leaves), LEAF_BYTES)]

    assert rows == sorted(rows)
    assert len({row[:32] for row in rows}) == tree.count == 64
