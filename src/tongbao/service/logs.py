"""Where the lines of every service go: to standard error, one JSON object each, or readable on a terminal.

Whatever writes them (structlog, or the standard library's loggers, which the actors use), all look alike and name the
request that they were written for. No line holds personal data: `tests/scenarios/test_logs_name_nobody.py` looks.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from tongbao.adapters.request_id import REQUEST

__all__ = ["LEVELS", "configure_logs"]

LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

_OURS: Final = "tongbao"
"""Others' loggers are heard from warnings on: what they say in detail, they say with people's data."""


class _StandardError:
    """Writes a line to whatever standard error is at that moment; it may be replaced after the logs are set up."""

    def __init__(self, *names: object) -> None:
        self.name = str(names[0]) if names else _OURS
        self.debug = self.info = self.warning = self.error = self.critical = self.msg

    def msg(self, message: str) -> None:
        sys.stderr.write(message + "\n")
        sys.stderr.flush()


class _StandardErrorHandler(logging.Handler):
    """The same for the standard library's loggers."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line."""
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except Exception:  # noqa: BLE001 - as every handler does: a log that fails must not end what it tells of
            self.handleError(record)


def configure_logs(level: str = "warning", *, json: bool) -> None:
    """Set the whole process up; standard output stays free for what a command was asked for."""
    render = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    named: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _add_request,
        # Without the values of variables, which may be people's data or secrets.
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*named, render],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=_StandardError,
        cache_logger_on_first_use=True,
    )
    handler = _StandardErrorHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=named,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger(_OURS).setLevel(LEVELS[level])


def _add_request(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the request, where the line is written for one and does not name it itself."""
    request = REQUEST.get()
    if request.text:
        line.setdefault("request_id", request.text)
    return line
