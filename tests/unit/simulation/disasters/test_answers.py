import pytest

from tests.builders import DOMAIN
from tongbao.simulation.disasters.answers import Answers, Seen
from tongbao.simulation.disasters.model import SETTLED, LedgerModel
from tongbao.simulation.laws import LawBrokenError

PAYMENT = b"p" * 32
REFUSED = 129


def ledger() -> LedgerModel:
    """Ten batches; the payment was refused in the third and settled first in the fifth."""
    model = LedgerModel(DOMAIN, sequence=10, heads={number: bytes([number]) * 32 for number in range(1, 11)})
    model.settled[PAYMENT] = (5, 0)
    model.refused[PAYMENT, 3] = REFUSED
    return model


def judged(*seen: Seen) -> None:
    answers = Answers(DOMAIN)
    answers.seen.extend(seen)
    answers.judge(ledger())


def test_a_history_that_one_ledger_could_have_told_passes() -> None:
    judged(
        Seen(0.0, 1.0, 3, PAYMENT, REFUSED, (3, 0)),
        Seen(0.5, 1.5, 4, PAYMENT),
        Seen(1.2, 2.0, 4, PAYMENT),
        Seen(2.5, 3.0, 7, PAYMENT, SETTLED, (5, 0)),
        Seen(4.0, 5.0, 7, chain_head=bytes([7]) * 32),
        Seen(6.0, 7.0, 5, PAYMENT, SETTLED, (5, 0)),
    )


def test_answers_that_cross_on_their_way_may_come_in_any_order() -> None:
    judged(
        Seen(0.0, 3.0, 4, chain_head=bytes([4]) * 32),
        Seen(1.0, 2.0, 9, chain_head=bytes([9]) * 32),
    )


@pytest.mark.parametrize(
    ("seen", "complaint"),
    [
        ([Seen(0.0, 1.0, 11)], "the journal ends before it"),
        ([Seen(0.0, 1.0, 4, chain_head=bytes(32))], "batch 4 was another one"),
        ([Seen(0.0, 1.0, 5, PAYMENT)], "was called unknown at 5"),
        ([Seen(0.0, 1.0, 6, PAYMENT, SETTLED, (6, 0))], "was answered as settled at"),
        ([Seen(0.0, 1.0, 4, b"q" * 32, SETTLED, (4, 0))], "was answered as settled at"),
        ([Seen(0.0, 1.0, 3, PAYMENT, 103, (3, 0))], "was refused with 103"),
        ([Seen(0.0, 1.0, 8), Seen(2.0, 3.0, 7)], "accounts for batch 7 when 8 had been told"),
        (
            [Seen(0.0, 1.0, 5, PAYMENT, SETTLED, (5, 0)), Seen(2.0, 3.0, 6, PAYMENT, REFUSED, (3, 0))],
            "was answered as settled at .* and then as 129",
        ),
        ([Seen(0.0, 1.0, 8), Seen(2.0, 3.0, 4, PAYMENT)], "accounts for batch 4 when 8 had been told"),
    ],
)
def test_what_no_single_ledger_could_have_told_is_found(seen: list[Seen], complaint: str) -> None:
    with pytest.raises(LawBrokenError, match=complaint):
        judged(*seen)
