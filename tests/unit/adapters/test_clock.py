import time

from tongbao.adapters.clock import SystemClock


def test_the_clock_counts_milliseconds_since_1970() -> None:
    before = time.time() * 1000

    now_ms = SystemClock().now_ms()

    assert before - 1 <= now_ms <= time.time() * 1000


async def test_sleep_lasts_as_long_as_it_says() -> None:
    started_s = time.monotonic()

    await SystemClock().sleep(0.02)

    assert time.monotonic() - started_s >= 0.019
