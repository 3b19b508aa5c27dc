"""Which time a batch may have."""

import pytest

from tongbao.centres.registration.ledger_time import ClockStuckError, TimeRules, TimeStep
from tongbao.errors import RefusedError
from tongbao.kernel.rules import RULES

LAST_MS = 1_000_000_000
MINUTE_MS, DAY_MS = 60_000, 86_400_000


def rules(*, test_network: bool = False, follows_wall: bool = True) -> TimeRules:
    return TimeRules.of(RULES[1], test_network=test_network, follows_wall=follows_wall)


@pytest.mark.parametrize(
    ("ahead_ms", "expected"),
    [
        (-DAY_MS, TimeStep(LAST_MS, needs_heartbeat=False)),
        (0, TimeStep(LAST_MS, needs_heartbeat=False)),
        (1, TimeStep(LAST_MS + 1, needs_heartbeat=False)),
        (MINUTE_MS, TimeStep(LAST_MS + MINUTE_MS, needs_heartbeat=False)),
        (MINUTE_MS + 1, TimeStep(LAST_MS + MINUTE_MS + 1, needs_heartbeat=True)),
        (DAY_MS, TimeStep(LAST_MS + DAY_MS, needs_heartbeat=True)),
    ],
)
def test_ledger_time_follows_the_wall_clock_in_steps_that_the_rules_allow(ahead_ms: int, expected: TimeStep) -> None:
    step = rules().step(last_ms=LAST_MS, wall_ms=LAST_MS + ahead_ms)

    assert step == expected


def test_more_than_a_day_needs_officers() -> None:
    with pytest.raises(ClockStuckError, match="officers of control approve the operation clock"):
        rules().step(last_ms=LAST_MS, wall_ms=LAST_MS + DAY_MS + 1)


def test_a_test_network_steps_any_distance_behind_a_heartbeat() -> None:
    step = rules(test_network=True).step(last_ms=LAST_MS, wall_ms=LAST_MS + 400 * DAY_MS)

    assert step == TimeStep(LAST_MS + 400 * DAY_MS, needs_heartbeat=True)


def test_time_that_does_not_follow_the_wall_clock_stands_still() -> None:
    step = rules(test_network=True, follows_wall=False).step(last_ms=LAST_MS, wall_ms=LAST_MS + DAY_MS)

    assert step == TimeStep(LAST_MS, needs_heartbeat=False)


@pytest.mark.parametrize(
    ("test_network", "step_ms", "wall_ahead_ms", "code"),
    [
        (True, -1, 0, "HEARTBEAT_BACKWARDS"),
        (False, DAY_MS + 1, 2 * DAY_MS, "HEARTBEAT_TOO_FAR"),
        (False, 2 * MINUTE_MS, MINUTE_MS - 1, "HEARTBEAT_TOO_FAR"),
        (False, DAY_MS, 2 * DAY_MS, "HEARTBEAT_TOO_FAR"),
    ],
)
def test_a_heartbeat_that_the_rules_do_not_let_is_refused(
    *, test_network: bool, step_ms: int, wall_ahead_ms: int, code: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        rules(test_network=test_network).demand_heartbeat(
            LAST_MS + step_ms, last_ms=LAST_MS, wall_ms=LAST_MS + wall_ahead_ms
        )

    assert (refused.value.code, refused.value.field) == (code, "time_ms")


@pytest.mark.parametrize(
    ("test_network", "step_ms", "wall_ahead_ms"),
    [(True, 400 * DAY_MS, 0), (False, DAY_MS, DAY_MS), (False, 0, 0), (False, MINUTE_MS, 0)],
)
def test_a_heartbeat_that_the_rules_let_passes(*, test_network: bool, step_ms: int, wall_ahead_ms: int) -> None:
    rules(test_network=test_network).demand_heartbeat(
        LAST_MS + step_ms, last_ms=LAST_MS, wall_ms=LAST_MS + wall_ahead_ms
    )
