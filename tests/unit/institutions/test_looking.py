"""A task that looks now and then survives the world's failures, and no defect."""

import logging

import pytest

from tongbao.errors import InvariantError, StorageError
from tongbao.institutions.looking import look_for_ever

LOG = logging.getLogger("tests.looking")


class CountingClock:
    """A clock that lets every time pass at once."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now_ms(self) -> int:
        """The time that was slept."""
        return int(sum(self.slept) * 1000)

    async def sleep(self, seconds: float) -> None:
        """Pass the time."""
        self.slept.append(seconds)


async def test_a_failure_of_the_world_is_logged_and_a_defect_ends_it(caplog: pytest.LogCaptureFixture) -> None:
    clock, said = CountingClock(), [None, StorageError("the disk failed"), None, InvariantError("a defect")]

    async def look() -> None:
        error = said[len(clock.slept) - 1]
        if error is not None:
            raise error

    with pytest.raises(InvariantError, match="a defect"):
        await look_for_ever(look, every_s=5.0, clock=clock, log=LOG, later="orders are told of")

    assert clock.slept == [5.0] * 4
    assert caplog.messages == ["orders are told of later: the disk failed"]
