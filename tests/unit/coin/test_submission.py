"""Submissions."""

from collections.abc import Callable

import pytest

from tests.builders import ALICE, BOB, DOMAIN, coin, public_key, spend, submission, transfer
from tongbao.coin import Submission
from tongbao.coin.batch import BATCH_BYTES_MAX
from tongbao.coin.submission import SUBMISSION_BYTES_MAX, SUBMISSION_TRANSACTIONS_MAX
from tongbao.coin.suites import verify_signature
from tongbao.coin.transaction import TRANSACTION_BYTES_MAX
from tongbao.errors import DecodingError, RequestError

PAYMENT = transfer([spend(500, owner=ALICE)], [coin(500, owner=BOB)])


def test_a_home_signs_all_that_it_endorses() -> None:
    endorsed = submission([PAYMENT])

    verify_signature(public_key(11), endorsed.signature, endorsed.signing_digest(DOMAIN))

    assert endorsed.transactions == (PAYMENT.encode(),)
    assert (endorsed.network_id, endorsed.home) == (DOMAIN.network_id, 1)


def test_another_order_is_another_submission() -> None:
    other = transfer([spend(7, owner=BOB)], [coin(7, owner=ALICE)])

    one, two = submission([PAYMENT, other]), submission([other, PAYMENT])

    assert one.signing_digest(DOMAIN) != two.signing_digest(DOMAIN)


@pytest.mark.parametrize(
    ("make", "named"),
    [
        pytest.param(lambda: raw(network_id=bytes(31)), "network_id", id="network"),
        pytest.param(lambda: raw(home=2**32), "home", id="home"),
        pytest.param(lambda: raw(count=0), "transactions", id="no transaction"),
        pytest.param(lambda: raw(count=SUBMISSION_TRANSACTIONS_MAX + 1), "transactions", id="too many transactions"),
    ],
)
def test_a_submission_that_no_layout_holds_is_refused(make: Callable[[], Submission], named: str) -> None:
    with pytest.raises(RequestError) as refused:
        make()

    assert refused.value.field == named


def raw(network_id: bytes = bytes(32), home: int = 1, count: int = 1, length: int = 0) -> Submission:
    """An unsigned submission of transactions of zeros."""
    return Submission(network_id, home, (bytes(length),) * count, public_key(11), b"")


def test_the_largest_submission_decodes_and_a_larger_one_does_not() -> None:
    first = bytes(TRANSACTION_BYTES_MAX)
    rest = SUBMISSION_BYTES_MAX - len(raw(count=2).encode()) - len(first)

    largest, larger = (
        Submission(bytes(32), 1, (first, bytes(length)), public_key(11), b"").encode() for length in (rest, rest + 1)
    )

    assert len(largest) == SUBMISSION_BYTES_MAX
    assert Submission.decode(largest).encode() == largest
    with pytest.raises(DecodingError, match="a submission has at most 1024000 bytes, this one 1024001"):
        Submission.decode(larger)


def test_a_transaction_in_it_is_no_larger_than_a_transaction_may_be() -> None:
    with pytest.raises(DecodingError, match="length 524289 exceeds 524288"):
        Submission.decode(raw(length=TRANSACTION_BYTES_MAX + 1).encode())


def test_the_largest_submission_fits_a_batch_with_its_header() -> None:
    header_and_lengths = 2 + 158 + 2 + 4

    assert SUBMISSION_BYTES_MAX + header_and_lengths <= BATCH_BYTES_MAX
