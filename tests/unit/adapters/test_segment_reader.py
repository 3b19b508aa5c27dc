import pytest

from tests.journals import NETWORK_ID
from tongbao.adapters import segment_reader
from tongbao.adapters.segment import (
    HEADER_BYTES,
    RecordHeader,
    SegmentHeader,
    UnreadableError,
    encode_group,
    encode_mark,
)
from tongbao.adapters.segment_reader import SegmentReader, read_header
from tongbao.simulation.disk import Platter

MARKER = b"\x11\x22\x33\x44\x55\x66\x77\x88"
HEADER = SegmentHeader(10, NETWORK_ID, MARKER)


async def reader_of(*pieces: bytes) -> SegmentReader:
    content = HEADER.encode() + b"".join(pieces)
    platter = Platter(seed=0)
    platter.put("segment", content)
    return SegmentReader(await platter.mount().open_to_read("segment"), HEADER, end=len(content))


def group(first_sequence: int, *records: bytes) -> bytes:
    return b"".join(encode_group(MARKER, first_sequence, records))


async def test_the_header_is_read_from_the_files_start() -> None:
    platter = Platter(seed=0)
    platter.put("segment", HEADER.encode() + b"more")

    assert await read_header(await platter.mount().open_to_read("segment")) == HEADER


async def test_records_come_with_their_places_and_marks_take_no_sequence() -> None:
    reader = await reader_of(group(10, b"one", b"two"), encode_mark(MARKER, 12), group(12, b"three"))

    records = [record async for record in reader.records()]

    assert [(record.header.sequence, record.payload) for record in records] == [
        (10, b"one"),
        (11, b"two"),
        (12, b""),
        (12, b"three"),
    ]
    assert records[0].offset == HEADER_BYTES
    assert [record.offset for record in records[1:]] == [record.end for record in records[:-1]]


async def test_records_larger_than_one_window_and_across_windows_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_reader, "WINDOW_BYTES", 64)
    payloads = [bytes([size]) * size for size in range(1, 200, 7)]
    reader = await reader_of(group(10, *payloads))

    assert [record.payload async for record in reader.records()] == payloads


@pytest.mark.parametrize("piece", [group(11, b"early"), group(9, b"late"), RecordHeader(10, 11, 0, 0).encode(MARKER)])
async def test_a_whole_record_that_is_not_the_next_cannot_come_from_a_torn_write(piece: bytes) -> None:
    reader = await reader_of(piece)

    with pytest.raises(UnreadableError, match="where record 10 belongs") as error:
        [record async for record in reader.records()]

    assert not error.value.tearable


async def test_a_whole_header_that_claims_too_much_cannot_come_from_a_torn_write() -> None:
    reader = await reader_of(RecordHeader(10, 10, 1 << 30, 0).encode(MARKER), bytes(100))

    with pytest.raises(UnreadableError, match="claims 1073741824 bytes") as error:
        [record async for record in reader.records()]

    assert not error.value.tearable


async def test_headers_after_a_broken_place_testify_to_what_was_durable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_reader, "WINDOW_BYTES", 50)
    cut_short = group(15, b"payload that never came")[:40]
    reader = await reader_of(b"?" * 77, group(12, b"a", b"b"), MARKER, b"!" * 31, cut_short)

    assert await reader.durable_by(HEADER_BYTES) == 15
    assert await (await reader_of(b"?" * 77, group(12, b"a"), b"!" * 99)).durable_by(HEADER_BYTES) == 12
    assert await (await reader_of(b"?" * 77, MARKER)).durable_by(HEADER_BYTES) == 0


async def test_a_header_is_found_wherever_it_lies_between_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_reader, "WINDOW_BYTES", 50)
    for gap in range(1, 120):
        assert await (await reader_of(b"?" * gap, group(12, b"a"))).durable_by(HEADER_BYTES) == 12


async def test_bytes_of_a_record_inside_a_payload_need_the_marker_to_be_taken_for_one() -> None:
    forged = b"".join(encode_group(b"guessed!", 99, [b"never written"]))
    reader = await reader_of(group(10, b"x" + forged * 3)[1:])

    assert await reader.durable_by(HEADER_BYTES) == 0


async def test_seeking_ends_at_or_before_the_record_and_within_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_reader, "WINDOW_BYTES", 300)
    payloads = [bytes([number]) * (1 + number * 37 % 101) for number in range(100)]
    reader = await reader_of(group(10, *payloads[:50]), encode_mark(MARKER, 60), group(60, *payloads[50:]))
    places = {record.offset: record.header.sequence async for record in reader.records()}

    for sequence in range(10, 110):
        offset, found = await reader.seek(sequence)
        assert places[offset] == found <= sequence
        assert [record.payload async for record in reader.records(offset, found)][-1] == payloads[-1]
        wanted = next(place for place, number in places.items() if number == sequence)
        assert wanted - offset <= 2 * 300


async def test_seeking_stops_early_where_a_header_is_damaged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segment_reader, "WINDOW_BYTES", 100)
    payloads = [b"x" * 50] * 20
    pieces = group(10, *payloads)
    middle = pieces.index(MARKER, len(pieces) // 2) + 20
    reader = await reader_of(pieces[:middle] + b"\xff" + pieces[middle + 1 :])

    offset, found = await reader.seek(29)

    assert (offset, found) == (HEADER_BYTES, 10)
