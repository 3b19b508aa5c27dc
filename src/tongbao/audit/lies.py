"""Which verdict a batch lies about: a header names the hash of many, so the auditor tries what could be behind it."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.words import SETTLED, STATUSES, meaning_of, name_of, number_of
from tongbao.coin import BatchHeader, Domain, statuses_hash

if TYPE_CHECKING:
    from tongbao.audit.history import Applied

__all__ = ["named_otherwise"]


def named_otherwise(applied: "Applied", header: BatchHeader, domain: Domain, place: Place) -> DivergenceError:
    """The divergence of a header that names other verdicts on a batch than the auditor's.

    Where one verdict makes the difference, its batch is the place; else it is the header's.
    """
    sequence = header.applied_sequence
    for statuses in _likely(applied.statuses):
        if statuses_hash(sequence, list(statuses), domain) == header.applied_statuses:
            return _told(applied, statuses)
    return DivergenceError(place, f"it names other verdicts on batch {sequence} than the rules give")


def _likely(own: Sequence[int]) -> Iterator[Sequence[int]]:
    """Verdicts that differ from the auditor's in one place, or in that all of one status are counted as settled."""
    yield [SETTLED] * len(own)
    for refusal in sorted(set(own) - {SETTLED}):
        yield [SETTLED if each == refusal else each for each in own]
    for other in (SETTLED, *sorted(number for number, _ in STATUSES.values() if number)):
        for place, status in enumerate(own):
            if status != other:
                yield [*own[:place], other, *own[place + 1 :]]


def _told(applied: "Applied", statuses: Sequence[int]) -> DivergenceError:
    place = next(at for at, pair in enumerate(zip(applied.statuses, statuses, strict=True)) if pair[0] != pair[1])
    opened, own, other = applied.transactions[place], applied.statuses[place], statuses[place]
    identity, because = opened.identity.hex(), f"though {meaning_of(own)} ({name_of(own)})"
    if own == SETTLED:
        because = "though nothing stands against it"
    if other != SETTLED:
        meaning = f"the centre refused transaction {identity} with {name_of(other)}, {because}"
        return DivergenceError(applied.place, meaning)
    absent = [each.coin_id for each in opened.spent] if own == number_of("INPUT_NOT_UNSPENT") else []
    meaning = f"the centre counted transaction {identity} as settled, {because}"
    return DivergenceError(applied.place, meaning, inputs=absent)
