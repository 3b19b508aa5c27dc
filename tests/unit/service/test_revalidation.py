"""A reader who has an answer already is told so for as long as nothing but the time has changed."""

import pytest
from pydantic import BaseModel

from tongbao.service.revalidation import entity_tag, is_known, stamps_of


class Part(BaseModel):
    name: str
    sequence: int = 1
    time_ms: int = 1


class Entry(BaseModel):
    time_ms: int


class Whole(BaseModel):
    parts: list[Part]
    one: Part | None = None
    entries: list[Entry] = []
    sequence: int = 1
    time_ms: int = 1


class Moment(BaseModel):
    sequence: int = 1
    time_ms: int = 1


WHOLE = Whole(parts=[Part(name="a")], one=Part(name="b"), entries=[Entry(time_ms=5)])


def _tag(answer: BaseModel) -> str:
    return entity_tag(answer, stamps_of(type(answer)))


@pytest.mark.parametrize(
    "later",
    [
        WHOLE.model_copy(update={"sequence": 2, "time_ms": 9}),
        WHOLE.model_copy(update={"parts": [Part(name="a", sequence=7)]}),
        WHOLE.model_copy(update={"one": Part(name="b", time_ms=8)}),
    ],
)
def test_when_an_answer_was_given_does_not_count(later: Whole) -> None:
    assert _tag(later) == _tag(WHOLE)


@pytest.mark.parametrize(
    "other",
    [
        WHOLE.model_copy(update={"parts": [Part(name="c")]}),
        WHOLE.model_copy(update={"one": None}),
        WHOLE.model_copy(update={"entries": [Entry(time_ms=6)]}),
    ],
)
def test_everything_else_counts(other: Whole) -> None:
    assert _tag(other) != _tag(WHOLE)


def test_an_answer_that_says_nothing_but_when_it_was_given_is_compared_by_that() -> None:
    assert _tag(Moment()) != _tag(Moment(sequence=2))


def test_a_tag_is_weak_and_fits_a_header() -> None:
    tag = _tag(WHOLE)

    assert tag.startswith('W/"')
    assert tag.isascii()


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ("", False),
        ("*", True),
        ('W/"a"', True),
        ('"a"', True),
        ('"b"', False),
        ('"b", W/"a"', True),
        ('W/"b","c"', False),
        ("a", False),
    ],
)
def test_tags_are_compared_weakly(if_none_match: str, *, known: bool) -> None:
    assert is_known('W/"a"', if_none_match) is known
