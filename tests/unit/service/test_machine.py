"""A measurement says on what it was made."""

import os
import platform

from tongbao.service.machine import describe_machine


def test_a_machine_is_described_by_processor_cores_system_and_python() -> None:
    described = describe_machine()

    assert list(described) == ["processor", "cores", "system", "python"]
    assert all(described.values())
    assert described["python"] == platform.python_version()


def test_only_cores_that_this_process_may_use_are_counted() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})

        cores = describe_machine()["cores"]
    finally:
        os.sched_setaffinity(0, allowed)

    assert cores == 1
