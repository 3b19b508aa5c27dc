"""Which time the next batch has: the later of the last batch's and the wall clock's, in steps that the rules allow.

| step from the last batch | what the centre does |
|---|---|
| backwards | takes the last batch's time again |
| up to a minute | takes the wall clock's time |
| up to a day, on test networks any | lets a heartbeat of that time go before, in the same group commit |
| more | lets control alone pass, at the last batch's time, until officers have set the clock |
"""

from dataclasses import dataclass

from tongbao.errors import RefusedError, WorldError
from tongbao.kernel.rules import Rules

__all__ = ["ClockStuckError", "TimeRules", "TimeStep"]

ANY_STEP_MS = 2**63  # beyond every ledger time


class ClockStuckError(WorldError):
    """Ledger time and wall clock are further apart than a heartbeat may step."""


@dataclass(frozen=True, slots=True)
class TimeStep:
    """The next batch's time.

    Attributes:
        time_ms: ledger time.
        needs_heartbeat: whether a heartbeat of this time must go before.
    """

    time_ms: int
    needs_heartbeat: bool


@dataclass(frozen=True, slots=True)
class TimeRules:
    """How ledger time may go on.

    Attributes:
        follows_wall: whether it follows the wall clock; otherwise heartbeats alone move it.
        batch_step_max_ms: how far a batch with money may step.
        heartbeat_step_max_ms: how far a heartbeat may.
    """

    follows_wall: bool
    batch_step_max_ms: int
    heartbeat_step_max_ms: int

    @staticmethod
    def of(rules: Rules, *, test_network: bool, follows_wall: bool) -> "TimeRules":
        """What the rules in force say on this network."""
        heartbeat_step_max_ms = ANY_STEP_MS if test_network else rules.heartbeat_step_max_ms
        return TimeRules(follows_wall, rules.batch_step_max_ms, heartbeat_step_max_ms)

    def step(self, *, last_ms: int, wall_ms: int) -> TimeStep:
        """The step that the next batch takes.

        Raises:
            ClockStuckError: no batch but control may go on.
        """
        ahead_ms = wall_ms - last_ms
        if not self.follows_wall or ahead_ms <= 0:
            return TimeStep(last_ms, needs_heartbeat=False)
        if ahead_ms > self.heartbeat_step_max_ms:
            raise ClockStuckError(
                f"ledger time is {last_ms} ms and this machine's clock says {wall_ms} ms, more than "
                f"{self.heartbeat_step_max_ms} ms later: set the machine's clock if it is wrong; otherwise let the "
                "officers of control approve the operation clock with the right time, which passes all the same"
            )
        return TimeStep(wall_ms, needs_heartbeat=ahead_ms > self.batch_step_max_ms)

    def demand_heartbeat(self, time_ms: int, *, last_ms: int, wall_ms: int) -> None:
        """Raise `RefusedError` unless a heartbeat that was asked for may go to `time_ms`."""
        if time_ms < last_ms:
            raise RefusedError(
                f"ledger time is {last_ms} ms already, and never goes back by a heartbeat",
                code="HEARTBEAT_BACKWARDS",
                field="time_ms",
                cure="send a later time",
            )
        # A stand-still that is too long for one step is no shorter in several.
        step_ms = max(time_ms, wall_ms if self.heartbeat_step_max_ms < ANY_STEP_MS else 0) - last_ms
        if step_ms > self.heartbeat_step_max_ms:
            raise RefusedError(
                f"a heartbeat steps by at most {self.heartbeat_step_max_ms} ms, and it is {step_ms} ms to the time",
                code="HEARTBEAT_TOO_FAR",
                field="time_ms",
                cure="let the officers of control approve the operation clock",
            )
        # Where steps are limited, time is that of the world: many small heartbeats must not run ahead of it.
        if self.heartbeat_step_max_ms < ANY_STEP_MS and time_ms > wall_ms + self.batch_step_max_ms:
            raise RefusedError(
                f"{time_ms} ms lies ahead of this machine's clock, which says {wall_ms} ms",
                code="HEARTBEAT_TOO_FAR",
                field="time_ms",
                cure="wait until then",
            )
