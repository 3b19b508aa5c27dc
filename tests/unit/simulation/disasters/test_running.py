"""Seeds are run without the noise of dying roles, and whoever runs them is heard again afterwards."""

import logging

import structlog
from structlog.testing import capture_logs

from tongbao.simulation.disasters.running import hushed


def test_nothing_is_heard_of_dying_roles_and_everything_afterwards() -> None:
    with capture_logs() as heard:
        with hushed():
            structlog.get_logger("role").error("lost power")
            silent = logging.getLogger("role").isEnabledFor(logging.CRITICAL)
        structlog.get_logger("reader").warning("still here")

    assert not silent
    assert logging.getLogger("role").isEnabledFor(logging.CRITICAL)
    assert [each["event"] for each in heard] == ["still here"]
