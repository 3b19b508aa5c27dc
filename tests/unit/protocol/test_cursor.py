"""A cursor of a listing by number is handed back as it came, and nothing else is one."""

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.cursor import NEWEST, read_place


@pytest.mark.parametrize("number", [0, 1, NEWEST])
def test_a_cursor_is_the_number_of_the_row_behind_which_a_listing_goes_on(number: int) -> None:
    assert read_place(str(number)) == number


def test_an_empty_cursor_is_the_start_which_is_the_newest_row_where_that_comes_first() -> None:
    assert read_place("") == 0
    assert read_place("", newest_first=True) == NEWEST


@pytest.mark.parametrize("cursor", ["no-cursor", "-1", "1.0", "٣", "²", str(NEWEST + 1)])
def test_what_no_listing_gave_is_refused_by_name_with_a_cure(cursor: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_place(cursor)

    assert (refused.value.code, refused.value.field) == ("INVALID_FIELD", "after")
    assert "next" in refused.value.cure
