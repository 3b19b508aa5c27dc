"""Deleting files of a redo log that a back-up has made unnecessary: only when somebody says so, never the newest.

Whoever writes the log writes to its newest file alone, so this needs no lock and does not stop the institution.
"""

from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.disk import translated
from tongbao.adapters.redo_capture import Position
from tongbao.adapters.redo_log import segment_starts
from tongbao.errors import ConfigurationError

__all__ = ["PrunedRedo", "prune_redo"]


@dataclass(frozen=True, slots=True)
class PrunedRedo:
    """What was deleted.

    Attributes:
        files: their names.
        bytes: what they took.
        first: the first commit that the log still has.
    """

    files: tuple[str, ...]
    bytes: int
    first: int


def prune_redo(directory: Path, position: Position) -> PrunedRedo:
    """Delete the files that nobody needs who begins a rebuild with a copy of the database at this position.

    Bases go too where the log no longer reaches back to them: from then on a rebuild wants the copy.

    Raises:
        ConfigurationError: the copy is of another log than this, or there is none.
        DamageError: a file of the log cannot be read.
    """
    generation, commit = position
    starts = segment_starts(directory)
    if not starts or any(each.generation != generation for each in starts):
        raise ConfigurationError(f"{directory} is not the log of the database that was backed up: name the right one")
    needed = [
        each for place, each in enumerate(starts) if place + 1 == len(starts) or starts[place + 1].first > commit + 1
    ]
    first = needed[0].first
    gone = [each.path for each in starts if each.first < first]
    gone += [
        path for path in sorted(directory.glob("base-*.sqlite")) if int(path.stem.removeprefix("base-")) < first - 1
    ]
    try:
        size = sum(path.stat().st_size for path in gone)
        # The oldest first, so that what is left is without a gap at every moment.
        for path in gone:
            path.unlink()
    except OSError as error:
        raise translated(error, str(directory)) from None
    return PrunedRedo(tuple(path.name for path in gone), size, first)
