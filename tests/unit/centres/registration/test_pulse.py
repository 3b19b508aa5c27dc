"""The pulse counts what settles by the second and how long it took, and forgets what is over."""

from tongbao.centres.registration.pulse import ANSWERS_MAX, LATENCY_WINDOW_S, PulseCounter
from tongbao.protocol.registration import PULSE_SERIES_S


def test_what_settles_in_one_second_is_one_number_once_the_second_is_over() -> None:
    counter = PulseCounter()
    counter.count_settled(3, now_s=10.1)
    counter.count_settled(4, now_s=10.9)
    counter.count_settled(5, now_s=11.0)

    assert sum(counter.series(now_s=10.95)) == 0
    assert counter.series(now_s=11.5)[-2:] == [0, 7]
    assert counter.series(now_s=13.0)[-3:] == [7, 5, 0]


def test_the_series_is_always_as_long_and_forgets_what_is_older() -> None:
    counter = PulseCounter()
    for second in range(500):
        counter.count_settled(second, now_s=second + 0.5)

    assert counter.series(now_s=500.0) == list(range(500 - PULSE_SERIES_S, 500))
    assert counter.series(now_s=500.0 + PULSE_SERIES_S + 1) == [0] * PULSE_SERIES_S


def test_latency_is_that_of_transactions_and_not_of_submissions() -> None:
    counter = PulseCounter()
    counter.count_answered(98, latency_s=0.004, now_s=5.0)
    counter.count_answered(1, latency_s=0.2, now_s=5.0)
    counter.count_answered(1, latency_s=0.05, now_s=5.0)

    latency = counter.latency(now_s=6.0)

    assert (latency.transactions, latency.p50_ms, latency.p99_ms) == (100, 4.0, 50.0)


def test_an_answer_counts_for_a_minute_and_without_any_there_is_no_latency() -> None:
    counter = PulseCounter()
    counter.count_answered(1, latency_s=0.004, now_s=5.0)

    late = counter.latency(now_s=5.0 + LATENCY_WINDOW_S)

    assert counter.latency(now_s=4.0 + LATENCY_WINDOW_S).transactions == 1
    assert (late.transactions, late.p50_ms, late.p99_ms) == (0, None, None)


def test_on_a_busy_network_the_latest_answers_count() -> None:
    counter = PulseCounter()
    for _ in range(ANSWERS_MAX):
        counter.count_answered(1, latency_s=1.0, now_s=5.0)
    for _ in range(ANSWERS_MAX):
        counter.count_answered(1, latency_s=0.001, now_s=5.0)

    assert counter.latency(now_s=5.0).transactions == ANSWERS_MAX
    assert counter.latency(now_s=5.0).p99_ms == 1.0
