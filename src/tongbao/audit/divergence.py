"""Where a journal is not what it must be, and what that means."""

from collections.abc import Sequence
from typing import NamedTuple

from tongbao.errors import DamageError

__all__ = ["DivergenceError", "Place"]


class Place(NamedTuple):
    """Where something stands: in which file, at which byte, and which record it is (None where it is none)."""

    file: str
    offset: int
    sequence: int | None


class DivergenceError(DamageError):
    """The journal, or something that was said of it, is not what the auditor comes to.

    Attributes:
        place: where it is.
        meaning: what is wrong, in plain words.
        inputs: ids of the coins of which one was not unspent; reading the journal once more tells since when.
    """

    def __init__(self, place: Place, meaning: str, *, inputs: Sequence[bytes] = ()) -> None:
        super().__init__(f"{place.file} at byte {place.offset}: {meaning}")
        self.place = place
        self.meaning = meaning
        self.inputs = tuple(inputs)
