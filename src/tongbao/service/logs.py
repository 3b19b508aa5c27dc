"""Where the lines of every service go: to standard error, one JSON object each, or readable on a terminal."""

import logging
import sys
from typing import Final

import structlog

__all__ = ["LEVELS", "configure_logs"]

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


class _StandardError:
    """Writes a line to whatever standard error is at that moment; it may be replaced after the logs are set up."""

    def __init__(self, *_names: object) -> None:
        self.debug = self.info = self.warning = self.error = self.critical = self.msg

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()


def configure_logs(level: str = "warning", *, json: bool) -> None:
    """Set the whole process up; standard output stays free for what a command was asked for."""
    render = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Without the values of variables, which may be people's data or secrets.
            structlog.processors.format_exc_info,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, force=True)
