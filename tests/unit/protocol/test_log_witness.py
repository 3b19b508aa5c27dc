"""Bodies of C2SP's tlog-witness, by its own example."""

import pytest

from tests.log_histories import LOG, LogHistory
from tongbao.errors import DecodingError
from tongbao.protocol.log_witness import ADD_CHECKPOINT_BYTES_MAX, CheckpointSubmission, read_cosignatures

EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # noqa: E501 - as the specification has it
FIRST = LogHistory().submission(0, 7).encode().decode()


def test_the_example_of_the_specification_is_read_and_written_as_it_is() -> None:
    submission = CheckpointSubmission.decode(EXAMPLE.encode())

    assert (submission.old_size, submission.checkpoint.size) == (20_852_014, 20_852_163)
    assert [each.hex()[:4] for each in submission.proof] == ["3e54", "8eb2", "e7ea", "ffa5"]
    assert len(submission.signed.signatures) == 2
    assert submission.encode().decode() == EXAMPLE


@pytest.mark.parametrize(
    "body",
    [
        "",
        EXAMPLE.replace("\n\n", "\n"),
        EXAMPLE.removeprefix("old "),
        EXAMPLE.replace("old 20852014", "old 020852014"),
        EXAMPLE.replace("old 20852014", "old -1"),
        EXAMPLE.replace("old 20852014", "old 20852164"),
        EXAMPLE.replace("old 20852014", "old 20852014 "),
        EXAMPLE.replace("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "PlRN"),
        EXAMPLE.replace("PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=", "not base64"),
        EXAMPLE.replace("PlRN", "\u00e9"),
        EXAMPLE.replace("\nPlRN", f"\n{'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=' + chr(10)}" * 60 + "PlRN"),
        FIRST.replace("old 0", "old"),
        FIRST.replace("\n7\n", "\nseven\n"),
        FIRST + "more",
    ],
)
def test_what_is_no_submission_is_refused(body: str) -> None:
    with pytest.raises(DecodingError):
        CheckpointSubmission.decode(body.encode())


def test_a_submission_of_more_bytes_than_allowed_is_refused_unread() -> None:
    with pytest.raises(DecodingError, match="at most"):
        CheckpointSubmission.decode(b"o" * (ADD_CHECKPOINT_BYTES_MAX + 1))


def test_the_lines_of_an_answer_are_read() -> None:
    line = LOG.sign("text\n")

    assert read_cosignatures(line.encode().encode()) == (line,)


@pytest.mark.parametrize("body", [b"", b"\n", b"nothing\n", b"\xff"])
def test_an_answer_that_has_no_lines_of_signatures_is_refused(body: bytes) -> None:
    with pytest.raises(DecodingError):
        read_cosignatures(body)
