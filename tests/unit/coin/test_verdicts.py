"""The receipts of a submission together: what they prove, what a lie in them does, and what each receipt is."""

from dataclasses import replace

import pytest

from tests.builders import CENTRE, DOMAIN, bytes32, public_key, signer
from tongbao.coin import BatchHead, Receipt, ReceiptInvalidError, SignedHead, receipt_leaf
from tongbao.coin.merkle import border_of, tree_levels
from tongbao.coin.verdicts import Stretch, Verdicts
from tongbao.errors import DecodingError, RequestError

KEY = public_key(CENTRE)


def head_and_levels(sequence: int, statuses: list[int]) -> tuple[SignedHead, list[bytes]]:
    """A batch whose transactions have the ids sequence * 1,000 and on."""
    leaves = [receipt_leaf(bytes32(sequence * 1_000 + at), each, sequence, DOMAIN) for at, each in enumerate(statuses)]
    levels = tree_levels(leaves, DOMAIN)
    head = BatchHead(DOMAIN.network_id, sequence, 77, bytes32(5), levels[-1][0], len(leaves))
    return SignedHead.sign(head, DOMAIN, key=KEY, sign=signer(CENTRE).sign), [b"".join(level) for level in levels]


def stretch_of(levels: list[bytes], statuses: list[int], first: int, count: int, *, head: int = 0) -> Stretch:
    listed = b"".join(each.to_bytes(2, "big") for each in statuses[first : first + count])
    return Stretch(head, first, listed, tuple(border_of(levels, first, count)))


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13])
def test_every_stretch_of_a_batch_proves_its_verdicts_and_gives_each_receipt(count: int) -> None:
    statuses = [40 if at % 3 == 1 else 0 for at in range(count)]
    head, levels = head_and_levels(4, statuses)
    for first in range(count):
        for last in range(first, count):
            ids = [bytes32(4_000 + at) for at in range(first, last + 1)]
            stretch = stretch_of(levels, statuses, first, last + 1 - first)
            together = Verdicts(9, 99, (head,), (stretch,))

            together.verify(ids, DOMAIN, keys=[KEY])
            receipts = together.receipts(ids, DOMAIN)

            assert [(each.index, each.status) for each in receipts] == list(
                zip(range(first, last + 1), statuses[first : last + 1], strict=True)
            )
            for each in receipts:
                Receipt.decode(each.encode()).verify(DOMAIN, keys=[KEY])


@pytest.fixture
def two() -> tuple[list[bytes], Verdicts]:
    """Five transactions in one batch, then two in an earlier one."""
    late, late_levels = head_and_levels(6, [0] * 9)
    early, early_levels = head_and_levels(5, [0, 0, 40, 0])
    stretches = (
        stretch_of(late_levels, [0] * 9, 2, 5),
        stretch_of(early_levels, [0, 0, 40, 0], 1, 2, head=1),
    )
    ids = [bytes32(6_000 + at) for at in range(2, 7)] + [bytes32(5_001), bytes32(5_002)]
    return ids, Verdicts(6, 77, (late, early), stretches)


def test_transactions_of_several_batches_share_an_answer(two: tuple[list[bytes], Verdicts]) -> None:
    ids, together = two

    again = Verdicts.decode(together.encode())

    assert again == together
    again.verify(ids, DOMAIN, keys=[KEY])
    assert [each.status for each in again.receipts(ids, DOMAIN)] == [0, 0, 0, 0, 0, 0, 40]
    assert [each.signed_head.head.sequence for each in again.receipts(ids, DOMAIN)] == [6] * 5 + [5] * 2


def test_no_lie_is_believed(two: tuple[list[bytes], Verdicts]) -> None:
    ids, together = two
    first, second = together.stretches
    lies = [
        replace(together, stretches=(replace(first, statuses=bytes(9) + b"\x01"), second)),
        replace(together, stretches=(replace(first, index=3), second)),
        replace(together, stretches=(replace(first, index=8), second)),
        replace(together, stretches=(replace(first, head=1), second)),
        replace(together, stretches=(replace(first, border=first.border[:-1]), second)),
        replace(together, stretches=(replace(first, border=(*first.border, bytes32(1))), second)),
        replace(together, stretches=(replace(first, border=(bytes32(1), *first.border[1:])), second)),
        replace(together, stretches=(second, first)),
        replace(together, heads=(replace(together.heads[0], signature=bytes(64)), together.heads[1])),
    ]

    for lie in lies:
        with pytest.raises(ReceiptInvalidError):
            lie.verify(ids, DOMAIN, keys=[KEY])
    with pytest.raises(ReceiptInvalidError):
        together.verify([*ids[:-1], bytes32(1)], DOMAIN, keys=[KEY])
    with pytest.raises(ReceiptInvalidError):
        together.verify(ids[:-1], DOMAIN, keys=[KEY])
    with pytest.raises(ReceiptInvalidError, match="not the centre's"):
        together.verify(ids, DOMAIN, keys=[public_key(1)])


def test_what_cannot_be_is_not_made(two: tuple[list[bytes], Verdicts]) -> None:
    _, together = two
    first = together.stretches[0]

    for wrong in ({"statuses": b""}, {"statuses": b"\x00"}, {"border": (bytes(32),) * 65}, {"index": 2**32}):
        with pytest.raises(RequestError):
            replace(first, **wrong)
    with pytest.raises(RequestError, match="names a head"):
        replace(together, stretches=(replace(first, head=2),))
    with pytest.raises(RequestError, match="at most 1024"):
        replace(together, stretches=(replace(first, statuses=bytes(2050)),))
    for bad in (b"", b"\x02" + together.encode()[1:], together.encode() + b"\x00", together.encode()[:-1]):
        with pytest.raises(DecodingError):
            Verdicts.decode(bad)
