import pytest

from tongbao.adapters.nats_record import (
    WRITER_BYTES,
    Record,
    chained,
    decode_headers,
    encode_headers,
    start_of,
    stream_sequence,
)

NETWORK_ID, WRITER = bytes(range(32)), bytes(WRITER_BYTES)


def test_each_record_follows_from_the_one_before_it_and_from_no_other() -> None:
    start = start_of(NETWORK_ID)
    first, second, third = chained(start, [b"genesis", b"batch 1", b"batch 2"], writer=WRITER)

    assert [each.point.sequence for each in (first, second, third)] == [0, 1, 2]
    assert first.follows(start)
    assert second.follows(first.point)
    assert third.follows(second.point)
    assert not third.follows(first.point)
    assert not second.follows(start_of(NETWORK_ID))


def test_a_changed_record_does_not_follow_and_neither_does_one_of_another_network() -> None:
    (record,) = chained(start_of(NETWORK_ID), [b"genesis"], writer=WRITER)

    assert not Record(record.point, WRITER, b"Genesis").follows(start_of(NETWORK_ID))
    assert not record.follows(start_of(bytes(32)))


def test_a_link_depends_on_what_is_written_and_not_on_the_groups_in_which_it_is() -> None:
    start = start_of(NETWORK_ID)
    together = chained(start, [b"a", b"b", b"c"], writer=WRITER)
    (apart,) = chained(start, [b"a"], writer=WRITER)

    assert chained(apart.point, [b"b", b"c"], writer=WRITER) == together[1:]


def test_headers_name_fence_link_and_writer() -> None:
    _, record = chained(start_of(NETWORK_ID), [b"genesis", b"batch 1"], writer=bytes([7]) * WRITER_BYTES)

    headers = encode_headers(record)
    sent = b"NATS/1.0\r\n" + b"".join(f"{name}: {value}\r\n".encode() for name, value in headers.items()) + b"\r\n"

    assert headers["Nats-Expected-Last-Sequence"] == "1"
    assert stream_sequence(record.point.sequence) == 2
    assert decode_headers(sent) == (record.point.link, record.writer)


@pytest.mark.parametrize(
    "headers",
    [
        b"",
        b"NATS/1.0\r\n\r\n",
        b"NATS/1.0\r\nTongbao-Link: 00\r\n\r\n",
        b"NATS/1.0\r\nTongbao-Link: 000\r\nTongbao-Writer: 00\r\n\r\n",
        b"NATS/1.0\r\nTongbao-Link: zz\r\nTongbao-Writer: 00\r\n\r\n",
        b"NATS/1.0\r\nTongbao-Link: 00\r\nTongbao-Link: 01\r\n\r\n",
        b"NATS/1.0\r\nTongbao-Link: 00\r\nTongbao-Link: 01\r\nTongbao-Writer: 00\r\n\r\n",
    ],
)
def test_headers_that_do_not_name_both_once_are_nobodys(headers: bytes) -> None:
    assert decode_headers(headers) is None
