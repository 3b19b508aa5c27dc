"""The head of a batch is verified once; every receipt under it is still held to its own path."""

from dataclasses import replace

import pytest

from tests.builders import ALICE, BOB, CENTRE, DOMAIN, batch, coin, issue, public_key, receipts, submission
from tongbao.coin import Receipt, ReceiptInvalidError
from tongbao.protocol.receipt_keys import HEADS_REMEMBERED, ReceiptKeys


def _receipts(sequence: int = 1, *, key: int = CENTRE) -> list[Receipt]:
    made = [issue([coin(500, owner=ALICE)], serial=1), issue([coin(700, owner=BOB)], serial=2)]
    settled = batch([submission(made, home=0)], sequence=sequence)
    return receipts(settled, [(each.id(DOMAIN), 0) for each in made], key=key)


def _keys() -> ReceiptKeys:
    return ReceiptKeys(DOMAIN, [public_key(CENTRE)])


def test_receipts_of_one_batch_are_verified_one_after_another() -> None:
    keys = _keys()

    for receipt in _receipts():
        keys.verify(receipt)

    assert keys.keys == (public_key(CENTRE),)


def test_a_wrong_path_under_a_head_that_was_verified_before_is_refused() -> None:
    keys = _keys()
    first, second = _receipts()
    keys.verify(first)

    with pytest.raises(ReceiptInvalidError, match="does not lead"):
        keys.verify(replace(second, status=103))
    with pytest.raises(ReceiptInvalidError, match="too short"):
        keys.verify(replace(second, path=()))


def test_a_head_that_was_refused_is_not_remembered() -> None:
    keys = _keys()
    forged = _receipts(key=ALICE)[0]

    for _ in range(2):
        with pytest.raises(ReceiptInvalidError, match="not the centre's"):
            keys.verify(forged)


def test_a_key_that_is_learned_counts_beside_the_earlier_ones() -> None:
    keys = _keys()

    keys.learn([public_key(ALICE), public_key(CENTRE)])

    keys.verify(_receipts(key=ALICE)[0])
    keys.verify(_receipts()[0])
    assert keys.keys == (public_key(CENTRE), public_key(ALICE))


def test_a_head_that_was_forgotten_is_verified_again() -> None:
    keys = _keys()
    first = _receipts(1)[0]
    keys.verify(first)
    for sequence in range(2, HEADS_REMEMBERED + 2):
        keys.verify(_receipts(sequence)[0])

    keys.keys = ()

    with pytest.raises(ReceiptInvalidError, match="not the centre's"):
        keys.verify(first)
    keys.verify(_receipts(HEADS_REMEMBERED + 1)[1])
