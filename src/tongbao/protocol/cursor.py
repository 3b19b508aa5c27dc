"""What a cursor of a listing by number says: behind which row the listing goes on."""

from tongbao.errors import RequestError

__all__ = ["NEWEST", "read_place"]

NEWEST = 2**63 - 1
"""No row has a higher number; a listing that begins with the newest goes on behind it."""


def read_place(cursor: str, *, newest_first: bool = False) -> int:
    """The number of the row behind which a listing goes on; that of its start for an empty cursor.

    Raises:
        RequestError: no such listing gave the cursor.
    """
    if not cursor:
        return NEWEST if newest_first else 0
    if cursor.isascii() and cursor.isdecimal() and int(cursor) <= NEWEST:
        return int(cursor)
    raise RequestError(
        f"the cursor {cursor!r} is none of this listing's",
        code="INVALID_FIELD",
        field="after",
        cure="hand back `next` as it came, or leave it out to begin at the start",
    )
