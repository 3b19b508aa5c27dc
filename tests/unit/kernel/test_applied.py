"""What a batch did is rows of bytes, and gives back the objects that it was made of."""

import pytest

from tests.builders import ALICE, BOB, bytes32, coin, spend_of, submission, transfer
from tests.kernel_builders import SETTLED, Ledger
from tongbao.coin import BatchHeader
from tongbao.coin.coin import INPUT_BYTES
from tongbao.kernel import AppliedBatch, AppliedTransaction, Status
from tongbao.kernel.applied import CREATED, SPENT, VERDICT

ID_BYTES = 32


def header() -> BatchHeader:
    """Of the first batch of a ledger."""
    return Ledger().next_batch().header


def test_a_row_of_a_made_coin_is_its_id_and_its_opening_in_the_wire_format() -> None:
    made = coin(5, owner=BOB)
    transaction = AppliedTransaction(bytes32(1), SETTLED, [(bytes32(2), 3, made)])

    applied = AppliedBatch.of(header(), bytes32(9), [transaction])

    assert applied.created == bytes32(2) + bytes32(1) + b"\x00\x03" + made.encode()
    assert (CREATED.size, SPENT.size, VERDICT.size) == (ID_BYTES + INPUT_BYTES, 2 * ID_BYTES, ID_BYTES + 2)


def test_objects_come_back_as_they_went_in() -> None:
    transactions = [
        AppliedTransaction(
            bytes32(1),
            SETTLED,
            [(bytes32(2), 0, coin(5, owner=BOB)), (bytes32(3), 1, coin(7, owner=ALICE))],
            [bytes32(4), bytes32(5)],
        ),
        AppliedTransaction(bytes32(6), Status.EXPIRED, [], []),
    ]

    applied = AppliedBatch.of(header(), bytes32(9), transactions)

    assert [(each.id, each.status, list(each.created), list(each.spent)) for each in applied.transactions] == [
        (each.id, each.status, list(each.created), list(each.spent)) for each in transactions
    ]
    assert (len(applied), applied.statuses) == (2, [0, 103])
    assert applied.spent_ids() == [bytes32(4), bytes32(5)]
    assert [opening.coin.value for _, opening in applied.created_coins()] == [5, 7]


@pytest.mark.usefixtures("each_kernel")
def test_of_a_transaction_that_stands_in_a_batch_twice_only_the_first_moved_money() -> None:
    ledger = Ledger()
    paid = transfer([spend_of(ledger.fund(5, owner=ALICE), 0, owner=ALICE)], [coin(5, owner=BOB)])

    applied = ledger.apply(ledger.next_batch([submission([paid, paid])]))

    assert [(each.status, len(each.created), len(each.spent)) for each in applied.transactions] == [
        (Status.SETTLED, 1, 1),
        (Status.INPUT_NOT_UNSPENT, 0, 0),
    ]
