"""What the writer of the log keeps for itself: where it stands, where batches begin, where statements stand."""

import pytest

from tongbao.centres.registration.log_book import LogBook, LogStanding
from tongbao.errors import DamageError
from tongbao.simulation.disk import Platter

BOOK = "data/log-book"
PLACES = [(2, 0), (3, 7), (9, 10_000)]


async def test_a_standing_is_read_again() -> None:
    platter = Platter(seed=0)
    book = LogBook(platter.mount(), BOOK)
    assert await book.read_standing() == LogStanding()

    await book.write_standing(LogStanding(sequence=4, statements=1))
    platter.lose_power()

    assert await LogBook(platter.mount(), BOOK).read_standing() == LogStanding(sequence=4, statements=1)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"sequence": 1, "other": 2}', b'{"checkpoint": "nonsense"}'])
async def test_a_standing_that_is_not_what_was_written_is_damage(content: bytes) -> None:
    platter = Platter(seed=0)
    await platter.mount().make_directory(BOOK)
    platter.put(f"{BOOK}/standing", content)

    with pytest.raises(DamageError, match="not what was written"):
        await LogBook(platter.mount(), BOOK).read_standing()


async def test_each_batch_is_found_by_its_sequence() -> None:
    book = LogBook(Platter(seed=0).mount(), BOOK)
    await book.read_standing()
    assert await book.first_entry_of(2) is None

    await book.add_places(PLACES[:2])
    await book.add_places(PLACES[2:])

    assert [await book.first_entry_of(sequence) for sequence, _ in PLACES] == [first for _, first in PLACES]
    assert [await book.first_entry_of(sequence) for sequence in (1, 4, 10)] == [None, None, None]
    await book.close()


async def test_places_behind_what_is_kept_are_written_again() -> None:
    platter = Platter(seed=0)
    book = LogBook(platter.mount(), BOOK)
    await book.read_standing()
    await book.add_places(PLACES)
    await book.close()

    book = LogBook(platter.mount(), BOOK)
    kept = await book.keep_places_before(3)
    await book.add_places([(3, 8)])

    assert kept == 1
    assert [await book.first_entry_of(sequence) for sequence in (2, 3, 9)] == [0, 8, None]
    await book.close()


async def test_a_place_is_found_among_many() -> None:
    book = LogBook(Platter(seed=0).mount(), BOOK)
    await book.read_standing()
    places = [(2 * number, 10 * number) for number in range(20_000)]

    await book.add_places(places)

    assert [await book.first_entry_of(2 * number) for number in (0, 4_095, 4_096, 19_999)] == [
        0,
        40_950,
        40_960,
        199_990,
    ]
    assert await book.first_entry_of(8_193) is None
    await book.close()


async def test_a_statement_that_the_log_holds_must_be_there() -> None:
    book = LogBook(Platter(seed=0).mount(), BOOK)
    await book.read_standing()
    await book.add_statements([(4, bytes(32))])

    assert await book.read_statements(1) == [(4, bytes(32))]
    with pytest.raises(DamageError, match="lacks statements"):
        await book.read_statements(2)
    await book.close()
