import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongbao.adapters.segment import (
    HEADER_BYTES,
    RECORD_HEADER_BYTES,
    RecordHeader,
    SegmentHeader,
    UnreadableError,
    check_payload,
    encode_group,
    encode_mark,
    segment_name,
    sequence_of,
)
from tongbao.centres.registration.journal import RECORD_BYTES_MAX
from tongbao.errors import ConfigurationError, InvariantError

MARKER = b"\x11\x22\x33\x44\x55\x66\x77\x88"
NETWORK_ID = bytes(range(32))


def with_crc(content: bytes) -> bytes:
    return content + zlib.crc32(content).to_bytes(4)


def test_a_segments_header_has_the_documented_64_bytes() -> None:
    header = SegmentHeader(first_sequence=7, network_id=NETWORK_ID, marker=MARKER)

    data = header.encode()

    assert data == with_crc(b"TONGBAOJ" + struct.pack(">IQ", 1, 7) + NETWORK_ID + MARKER)
    assert len(data) == HEADER_BYTES == 64
    assert SegmentHeader.decode(data) == header


def test_a_record_has_the_documented_36_bytes_before_its_payload() -> None:
    parts = encode_group(MARKER, 5, [b"one", b"two!"])

    first = with_crc(MARKER + struct.pack(">QQII", 5, 5, 3, zlib.crc32(b"one")))
    second = with_crc(MARKER + struct.pack(">QQII", 6, 5, 4, zlib.crc32(b"two!")))
    assert parts == [first, b"one", second, b"two!"]
    assert len(first) == RECORD_HEADER_BYTES == 36


def test_a_mark_is_a_record_of_no_bytes_that_says_all_before_it_is_durable() -> None:
    data = encode_mark(MARKER, 9)

    header = RecordHeader.decode(data, 0, MARKER)

    assert data == with_crc(MARKER + struct.pack(">QQII", 9, 9, 0, 0))
    assert (header.is_mark, header.durable) == (True, 9)


@pytest.mark.parametrize("size", [0, RECORD_BYTES_MAX + 1])
def test_a_payload_of_no_bytes_or_too_many_is_a_defect_of_the_caller(size: int) -> None:
    with pytest.raises(InvariantError):
        encode_group(MARKER, 0, [bytes(size)])


@pytest.mark.parametrize("bit", range(HEADER_BYTES * 8))
def test_no_bit_of_a_segments_header_can_flip_unseen(bit: int) -> None:
    data = bytearray(SegmentHeader(7, NETWORK_ID, MARKER).encode())
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(UnreadableError, match="byte 0") as error:
        SegmentHeader.decode(bytes(data))

    assert not error.value.tearable


@pytest.mark.parametrize("bit", range(RECORD_HEADER_BYTES * 8))
def test_no_bit_of_a_records_header_can_flip_unseen(bit: int) -> None:
    data = bytearray(encode_group(MARKER, 5, [b"payload"])[0])
    data[bit // 8] ^= 1 << bit % 8

    with pytest.raises(UnreadableError, match="byte 300"):
        RecordHeader.decode(bytes(data), 300, MARKER)


def test_a_changed_or_short_payload_is_refused() -> None:
    header = RecordHeader.decode(encode_group(MARKER, 5, [b"payload"])[0], 0, MARKER)

    check_payload(header, b"payload", 0)
    with pytest.raises(UnreadableError, match="checksum of record 5"):
        check_payload(header, b"payloaD", 0)
    with pytest.raises(UnreadableError, match="record 5 has 3 of 7 bytes"):
        check_payload(header, b"pay", 0)


def test_zeros_are_never_a_record() -> None:
    with pytest.raises(UnreadableError, match="zeros"):
        RecordHeader.decode(bytes(RECORD_HEADER_BYTES), 0, bytes(8))


@pytest.mark.parametrize(("magic", "version"), [(b"TONGBAOJ", 2), (b"TONGBAOX", 1)])
def test_a_whole_header_of_another_format_is_no_damage(magic: bytes, version: int) -> None:
    data = with_crc(magic + struct.pack(">IQ", version, 0) + NETWORK_ID + MARKER)

    with pytest.raises(ConfigurationError, match="this program reads 1"):
        SegmentHeader.decode(data)


@given(st.integers(0, 2**64 - 1))
def test_names_of_segments_sort_by_number_and_read_back(sequence: int) -> None:
    assert sequence_of(segment_name(sequence)) == sequence
    assert (segment_name(sequence) < segment_name(12345)) == (sequence < 12345)


@pytest.mark.parametrize("name", ["journal.lock", "journal-1.segment", "journal-" + "0" * 20, segment_name(1) + ".bak"])
def test_other_files_are_no_segments(name: str) -> None:
    assert sequence_of(name) is None


@pytest.mark.fuzz
@given(st.binary(max_size=200))
def test_decoders_of_arbitrary_bytes_answer_only_with_their_errors(data: bytes) -> None:
    for decode in (SegmentHeader.decode, lambda data: RecordHeader.decode(data, 0, MARKER)):
        for form in (data, with_crc(data[:60]), with_crc(MARKER + data[:24])):
            try:
                decode(form)
            except (UnreadableError, ConfigurationError):
                continue
