"""What a measured stage tells."""

import os
import time

import pytest

from tongbao.service.bench.measurement import Measurement, Stopwatch, cpu_seconds_of, resident_bytes


def test_a_summary_gives_rate_cost_and_the_latencies_that_most_steps_do_not_exceed() -> None:
    latencies_s = [number / 1000 for number in range(1000, 0, -1)]

    summary = Measurement(1000, 2.0, 0.5, latencies_s).summary()

    assert summary == {
        "transactions": 1000,
        "per_second": 500.0,
        "p50_ms": 500.0,
        "p99_ms": 990.0,
        "p999_ms": 999.0,
        "cpu_us": 500.0,
    }


def test_one_step_is_its_own_median() -> None:
    summary = Measurement(1, 0.5, 0.1, [0.5]).summary()

    assert (summary["p50_ms"], summary["p999_ms"]) == (500.0, 500.0)


def test_a_stopwatch_counts_time_and_work() -> None:
    watch = Stopwatch()

    with watch.step():
        until_s = time.process_time() + 0.02
        while time.process_time() < until_s:
            pass
    measured = watch.measured(10)

    assert measured.latencies_s[0] <= measured.seconds
    assert measured.cpu_s >= 0.02
    assert measured.transactions == 10


def test_the_system_tells_what_a_process_uses() -> None:
    until_s = time.process_time() + 0.05
    while time.process_time() < until_s:
        pass

    assert cpu_seconds_of(os.getpid()) == pytest.approx(time.process_time(), abs=0.5)
    assert resident_bytes() > 1_000_000
    assert resident_bytes(os.getpid()) == pytest.approx(resident_bytes(), rel=0.2)


def test_of_a_process_that_is_not_there_nothing_is_told() -> None:
    assert (cpu_seconds_of(2**31 - 1), resident_bytes(2**31 - 1)) == (0.0, 0)
