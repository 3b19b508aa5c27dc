"""Receipts from a batch's tree, now and after it was put away."""

from collections.abc import Sequence

import pytest

from tests.builders import (
    ALICE,
    BOB,
    CENTRE,
    DOMAIN,
    GENESIS,
    batch,
    coin,
    issue,
    public_key,
    signer,
    spend_of,
    submission,
    transfer,
)
from tongbao.centres.registration import receipts as receipts_module
from tongbao.centres.registration.receipts import ReceiptBook, ReceiptTree
from tongbao.centres.registration.waiting import Place
from tongbao.coin import Submission
from tongbao.errors import InvariantError
from tongbao.kernel import ReferenceKernel, Status


def following(kernel: ReferenceKernel, sequence: int, endorsed: Sequence[Submission] = ()) -> bytes:
    """The batch that follows what the kernel has applied."""
    last = kernel.sequence
    return batch(
        endorsed,
        sequence=sequence,
        previous=kernel.chain_head,
        applied_sequence=last,
        applied_statuses=kernel.applied_statuses(last),
    ).encode()


def settled_tree(count: int, *, sequence: int = 1) -> ReceiptTree:
    """The receipts of a batch that issues one coin and pays it `count - 1` times, of which once successfully."""
    kernel = ReferenceKernel(GENESIS)
    for before in range(1, sequence):
        kernel.apply(following(kernel, before))
    made = issue([coin(5, owner=ALICE)])
    pays = [
        transfer([spend_of(made, 0, owner=ALICE)], [coin(5, owner=BOB, salt=salt)], reference=salt)
        for salt in range(count - 1)
    ]
    endorsed = [submission([made], home=0), *([submission(pays, home=1)] if pays else [])]
    applied = kernel.apply(following(kernel, sequence, endorsed))
    return ReceiptTree.sign(applied, DOMAIN, signer(CENTRE))


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_every_receipt_of_a_batch_proves_its_status_offline(count: int) -> None:
    tree = settled_tree(count)

    receipts = [tree.receipt(index) for index in range(count)]

    for receipt in receipts:
        receipt.verify(DOMAIN, keys=[public_key(CENTRE)])
    expected = [Status.SETTLED, Status.SETTLED][:count] + [Status.INPUT_NOT_UNSPENT] * (count - 2)
    assert [receipt.status for receipt in receipts] == expected


def test_a_heartbeat_has_a_head_and_no_receipts() -> None:
    applied = ReferenceKernel(GENESIS).apply(batch().encode())

    tree = ReceiptTree.sign(applied, DOMAIN, signer(CENTRE))

    assert tree.verdicts == b""
    assert tree.signed_head.head.count == 0
    tree.signed_head.verify(DOMAIN)
    assert ReceiptTree.decode(tree.encode_head(), tree.verdicts, DOMAIN) == tree


def test_what_was_put_away_gives_the_same_receipts() -> None:
    tree = settled_tree(5)

    again = ReceiptTree.decode(tree.encode_head(), tree.verdicts, DOMAIN)

    assert [again.receipt(index).encode() for index in range(5)] == [tree.receipt(index).encode() for index in range(5)]


async def test_a_book_asks_for_what_it_does_not_remember_once() -> None:
    tree, asked = settled_tree(3), []

    async def load(sequence: int) -> ReceiptTree | None:
        asked.append(sequence)
        return tree

    book = ReceiptBook(load)

    found = [await book.receipt(Place(1, index)) for index in range(3)]

    assert found == [tree.receipt(index) for index in range(3)]
    assert asked == [1]


async def test_a_book_forgets_the_oldest_when_there_is_too_much(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipts_module, "TREE_BYTES_KEPT", 1)
    first, second = settled_tree(1), settled_tree(1, sequence=2)

    async def load(sequence: int) -> ReceiptTree | None:
        del sequence
        return None

    book = ReceiptBook(load)
    book.keep(first)
    assert await book.receipt(Place(1, 0)) == first.receipt(0)

    book.keep(second)

    assert await book.receipt(Place(2, 0)) == second.receipt(0)
    with pytest.raises(InvariantError, match="batch 1"):
        await book.receipt(Place(1, 0))
