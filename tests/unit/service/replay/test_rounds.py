"""Rounds never hold a payer twice nor cross a day, and refunds find the payments that they take back."""

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as st

from tongbao.service.replay.rounds import FIRST_ROUND_ROWS_MAX, ROUND_ROWS_MAX, RefundBook, rounds
from tongbao.service.replay.rows import Row

DAY_MS = 86_400_000


def _row(line: int, payer: str, amount_fen: int, time_ms: int = 0, payee: str = "shop") -> Row:
    return Row(line, payer, payee, amount_fen, time_ms)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(-2, 2), st.integers(0, 3 * DAY_MS)), max_size=60))
def test_every_row_is_in_one_round_without_its_payer_twice_in_its_payers_order(
    drawn: list[tuple[str, int, int]],
) -> None:
    rows = [_row(line, *each) for line, each in enumerate(sorted(drawn, key=lambda each: each[2]))]

    made = list(rounds(rows, UTC))

    in_rounds = [[*each.payments, *each.refunds, *each.skipped] for each in made]
    assert sorted(row.line for held in in_rounds for row in held) == [row.line for row in rows]
    for held in in_rounds:
        assert len({row.payer for row in held}) == len(held)
        assert len({row.time_ms // DAY_MS for row in held}) == 1
    for payer in "abc":
        lines = [row.line for held in in_rounds for row in held if row.payer == payer]
        assert lines == sorted(lines)


def test_ledger_time_of_a_round_is_that_of_its_days_first_row() -> None:
    rows = [_row(1, "a", 5, 1_000), _row(2, "a", 5, 2_000), _row(3, "a", 5, DAY_MS + 7)]

    times = [each.time_ms for each in rounds(rows, UTC)]

    assert times == [1_000, 1_000, DAY_MS + 7]


def test_a_day_of_many_payers_is_cut_into_rounds_that_one_exchange_can_fund() -> None:
    rows = [_row(n, f"payer {n}", 5) for n in range(FIRST_ROUND_ROWS_MAX + ROUND_ROWS_MAX + 1)]

    sizes = [len(each.payments) for each in rounds(rows, UTC)]

    assert sizes == [FIRST_ROUND_ROWS_MAX, ROUND_ROWS_MAX, 1]


def test_each_day_begins_with_a_round_that_is_funded_soon() -> None:
    rows = [_row(n, f"payer {n}", 5, n // 30 * DAY_MS) for n in range(60)]

    sizes = [len(each.payments) for each in rounds(rows, UTC)]

    assert sizes == [FIRST_ROUND_ROWS_MAX, 30 - FIRST_ROUND_ROWS_MAX] * 2


def test_whoever_has_more_rows_left_on_the_day_goes_before_others() -> None:
    rows = [_row(1, "a", 5), _row(2, "b", 5), _row(3, "c", 5), _row(4, "c", 5), _row(5, "b", 5), _row(6, "c", 5)]

    lines = [[row.line for row in each.payments] for each in rounds(rows, UTC)]

    assert lines == [[3, 2, 1], [4, 5], [6]]


def test_whoever_stood_in_a_round_stands_aside_while_others_wait() -> None:
    many = FIRST_ROUND_ROWS_MAX + ROUND_ROWS_MAX + 1
    rows = [_row(n, f"payer {n}", 5) for n in range(many)] + [_row(many, "payer 0", 5)]

    of_twice = [[row.payer for row in each.payments].count("payer 0") for each in rounds(rows, UTC)]

    assert of_twice == [1, 0, 1]


def test_amounts_decide_what_a_row_is() -> None:
    rows = [_row(1, "a", 5), _row(2, "b", -5), _row(3, "c", 0)]

    (made,) = rounds(rows, UTC)

    assert [row.line for row in made.payments] == [1]
    assert [row.line for row in made.refunds] == [2]
    assert [row.line for row in made.skipped] == [3]


def test_a_refund_takes_back_the_newest_payment_that_covers_it() -> None:
    book = RefundBook()
    book.add(_row(1, "a", 100), "first")
    book.add(_row(2, "a", 100), "second")
    book.add(_row(3, "a", 20), "third")

    taken = book.take(_row(4, "a", -60))

    assert taken == [("second", 60)]


def test_a_refund_that_no_payment_covers_alone_is_spread_newest_first() -> None:
    book = RefundBook()
    book.add(_row(1, "a", 100), "first")
    book.add(_row(2, "a", 50), "second")

    taken = book.take(_row(3, "a", -120))
    again = book.take(_row(4, "a", -30))

    assert taken == [("second", 50), ("first", 70)]
    assert again == [("first", 30)]


def test_a_refund_beyond_what_the_pair_has_paid_is_unmatched_and_takes_nothing() -> None:
    book = RefundBook()
    book.add(_row(1, "a", 100), "first")

    too_much = book.take(_row(2, "a", -101))
    other_pair = book.take(_row(3, "b", -1))
    exact = book.take(_row(4, "a", -100))

    assert too_much == []
    assert other_pair == []
    assert exact == [("first", 100)]
