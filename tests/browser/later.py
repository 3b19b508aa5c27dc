"""`python -m tests.browser.later DAYS COMMAND ...`: the program `tongbao` on a machine whose clock is ahead."""

import sys
import time

from tongbao.service.command_line import main

DAY_NS = 24 * 60 * 60 * 1_000_000_000


def move_clock(days: int) -> None:
    """Let this process believe that so many days have gone by."""
    now_ns, ahead_ns = time.time_ns, days * DAY_NS
    time.time_ns = lambda: now_ns() + ahead_ns
    time.time = lambda: time.time_ns() / 1_000_000_000


if __name__ == "__main__":
    days, *arguments = sys.argv[1:]
    move_clock(int(days))
    sys.argv = ["tongbao", *arguments]
    main()
