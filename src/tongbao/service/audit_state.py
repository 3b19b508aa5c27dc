"""The file in which an audit keeps how far it has come, so that it goes on after an interruption, or the next night."""

import time
from pathlib import Path

from tongbao.adapters.disk import translated
from tongbao.audit import History, Standing, resumed, standing_bytes
from tongbao.errors import ConfigurationError, RequestError

__all__ = ["StateFile"]

SAVE_EVERY_S = 10.0
"""What is lost by an interruption; writing takes a few hundredths of a second for a hundred thousand coins."""


class StateFile:
    """One audit's file; replaced whole, so that an interruption leaves the one before."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved_s = time.monotonic()

    def load(self, history: History, file_of: str) -> Standing | None:
        """Let the history, at its genesis, go on from where the file stands; None where there is no file yet.

        Raises:
            ConfigurationError: it cannot be read, or is no state of an audit of this network.
        """
        try:
            data = self._path.read_bytes()
            return resumed(data, history, file_of)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise translated(error, str(self._path)) from error
        except RequestError as error:
            raise ConfigurationError(f"{self._path}: {error}; name another file, or remove this one") from None

    def is_due(self) -> bool:
        """Whether it was saved some seconds ago."""
        return time.monotonic() - self._saved_s >= SAVE_EVERY_S

    def save(self, history: History, standing: Standing) -> None:
        """Keep how far the audit has come."""
        unfinished = self._path.with_name(f"{self._path.name}.unfinished")
        try:
            unfinished.write_bytes(standing_bytes(history, standing))
            unfinished.replace(self._path)
        except OSError as error:
            raise translated(error, str(self._path)) from error
        self._saved_s = time.monotonic()
