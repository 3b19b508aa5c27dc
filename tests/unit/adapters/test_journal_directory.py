import pytest

from tests.journals import DIRECTORY, GENESIS, NETWORK_ID, SEGMENT, open_journal, written
from tongbao.adapters.segment import RECORD_HEADER_BYTES, RecordHeader, SegmentHeader, encode_group
from tongbao.centres.registration.journal import JournalDamageError
from tongbao.errors import ConfigurationError

RECORDS = [bytes([number]) * 30 for number in range(1, 7)]


@pytest.mark.parametrize("gone", range(6))
async def test_a_missing_segment_is_damage(gone: int) -> None:
    platter = await written([[record] for record in RECORDS], close=True, segment_bytes_max=200)
    segments = [path for path in platter.paths() if path.endswith(".segment")]
    assert len(segments) == 6
    await platter.mount().remove(segments[gone])

    # The last segment's absence shows only to who knows what was in it.
    with pytest.raises(JournalDamageError) as damage:
        await open_journal(platter.mount(), at_least_sequence=len(RECORDS) - 1)

    assert damage.value.finding.file == segments[max(gone - 1, 0)]
    assert "copy" in damage.value.finding.cure


async def test_a_torn_end_of_a_segment_that_is_not_the_last_is_damage() -> None:
    platter = await written([[record] for record in RECORDS], close=True, segment_bytes_max=200)
    whole = platter.content(SEGMENT)
    last_place = whole.rindex(SegmentHeader.decode(whole).marker, 0, -RECORD_HEADER_BYTES)
    platter.put(SEGMENT, whole[: last_place + 50])

    with pytest.raises(JournalDamageError, match=r"has 14 of \d+ bytes") as damage:
        await open_journal(platter.mount())

    assert (damage.value.finding.file, damage.value.finding.offset) == (SEGMENT, last_place)


async def test_a_segment_under_the_name_of_another_is_damage() -> None:
    platter = await written([[record] for record in RECORDS], close=True, segment_bytes_max=200)
    first, second, *_ = (path for path in platter.paths() if path.endswith(".segment"))
    platter.put(second, platter.content(first))

    with pytest.raises(JournalDamageError, match="belongs to the segment from record 0 on") as damage:
        await open_journal(platter.mount())

    assert damage.value.finding.file == second


async def test_a_writer_that_went_wrong_is_told_from_a_disk_that_did() -> None:
    platter = await written([[GENESIS]], close=False)
    marker = SegmentHeader.decode(platter.content(SEGMENT)).marker
    twin = b"".join(encode_group(marker, 0, [GENESIS]))
    platter.put(SEGMENT, platter.content(SEGMENT) + twin)

    with pytest.raises(JournalDamageError, match=r"record 0 stands where record 1 belongs.*report the defect"):
        await open_journal(platter.mount())


async def test_segments_of_two_networks_in_one_directory_are_refused() -> None:
    platter = await written([[GENESIS]], close=True)
    platter.put(f"{DIRECTORY}/journal-{1:020d}.segment", SegmentHeader(1, bytes(32), b"8 bytes!").encode())

    with pytest.raises(ConfigurationError, match="belongs to the network 0000"):
        await open_journal(platter.mount())


async def test_a_mark_of_the_wrong_sequence_does_not_vouch_for_a_sealed_segment() -> None:
    platter = await written([[GENESIS]], close=True)
    content = platter.content(SEGMENT)
    header = SegmentHeader.decode(content)
    platter.put(SEGMENT, content[:-RECORD_HEADER_BYTES] + RecordHeader(2, 2, 0, 0).encode(header.marker))
    platter.put(f"{DIRECTORY}/journal-{1:020d}.segment", SegmentHeader(1, NETWORK_ID, b"8 bytes!").encode())

    with pytest.raises(JournalDamageError, match="where record 1 belongs"):
        await open_journal(platter.mount())
