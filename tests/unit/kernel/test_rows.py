"""What is made of rows: the tree of receipts, and entries by which an index finds them; the same by every kernel."""

from random import Random

import pytest

from tests.builders import ALICE, BOB, GENESIS, batch, coin, issue, spend_of, submission, transfer
from tongbao.coin.domain import Domain, HashKind
from tongbao.coin.merkle import tree_levels
from tongbao.coin.receipt import receipt_leaf
from tongbao.kernel import Kernel, ReferenceKernel
from tongbao.kernel.applied import VERDICT
from tongbao.kernel.rows import COIN_BIT, KEY_BYTES, PLACE_BITS

DOMAIN: Domain = GENESIS.domain()
PLACE = 5 << PLACE_BITS


def entry(key: int, place: int) -> bytes:
    return key.to_bytes(KEY_BYTES, "big") + place.to_bytes(8, "big")


def random_entries(count: int, *, seed: int) -> list[bytes]:
    dice = Random(seed)
    return sorted(entry(dice.randrange(1_000), dice.randrange(2**63)) for _ in range(count))


@pytest.mark.parametrize("hash_kind", HashKind)
def test_the_tree_of_receipts_is_that_over_the_leaves_of_each_verdict(
    each_kernel: type[Kernel], hash_kind: HashKind
) -> None:
    domain, dice = Domain(bytes(32), hash_kind), Random(3)
    for count in (0, 1, 2, 3, 7, 16, 100):
        rows = [(dice.randbytes(32), dice.randrange(2**16)) for _ in range(count)]

        found = each_kernel.rows.receipt_levels(b"".join(VERDICT.pack(*row) for row in rows), 9, domain)

        leaves = [receipt_leaf(identity, status, 9, domain) for identity, status in rows]
        assert found == [b"".join(level) for level in tree_levels(leaves, domain)]


def test_what_settled_and_every_coin_has_an_entry_and_what_was_refused_has_none(each_kernel: type[Kernel]) -> None:
    made = issue([coin(5, owner=ALICE), coin(6, owner=BOB)])
    paid = transfer([spend_of(made, 0, owner=ALICE)], [coin(5, owner=BOB, salt=9)])
    again = transfer([spend_of(made, 0, owner=ALICE)], [coin(5, owner=ALICE, salt=8)], reference=1)
    following = batch([submission([made], home=0), submission([paid, again], home=1)])
    applied = ReferenceKernel(GENESIS).apply(following.encode())

    found = each_kernel.rows.entries_of(5, applied.verdicts, applied.created)

    ids = [each.id(DOMAIN)[:KEY_BYTES] for each in (made, paid)]
    locks = [each.lock_id[:KEY_BYTES] for each in (*made.body.outputs, *paid.body.outputs)]
    expected = [key + (PLACE + at).to_bytes(8, "big") for at, key in enumerate(ids)]
    expected += [key + (COIN_BIT | PLACE + at).to_bytes(8, "big") for at, key in enumerate(locks)]
    assert found == b"".join(sorted(expected))


def test_merging_keeps_every_entry_and_puts_them_in_order(each_kernel: type[Kernel]) -> None:
    pieces = [random_entries(count, seed=count) for count in (1, 50, 300)]

    found = each_kernel.rows.merged([b"".join(piece) for piece in pieces])

    assert found == b"".join(sorted(pieces[0] + pieces[1] + pieces[2]))


def test_all_places_of_a_key_are_found_in_all_pieces_and_none_of_its_neighbours(each_kernel: type[Kernel]) -> None:
    pieces = [b"".join([entry(6, 1), entry(7, 2), entry(7, 3), entry(8, 4)]), b"", entry(7, COIN_BIT | 5)]

    found = [each_kernel.rows.places_of(key.to_bytes(KEY_BYTES, "big"), pieces) for key in (5, 6, 7, 8, 9)]

    assert found == [[], [1], [2, 3, COIN_BIT | 5], [4], []]
