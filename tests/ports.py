"""Ports that nobody uses, for `tongbao up`, whose roles take some in a row."""

import os
import socket

ROLES = 5
"""Of a sandbox: registration centre, central bank, two institutions, a supervisor's witness."""


def row_of_ports() -> int:
    """The first of as many free ports in a row as the roles take, below those that the system gives away.

    Whoever looks at the same time in another process begins elsewhere.
    """
    for first in range(20_000 + os.getpid() % 1_000 * 10, 32_000, 10):
        try:
            for port in range(first, first + ROLES):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except OSError:
            continue
        return first
    raise AssertionError("no ports are free")
