"""Journals whose files were changed: refused by name, cut off at a torn tail, and never believed in a wrong byte."""

import asyncio
import time
from collections import Counter

import pytest

from tests.fuzz.journal_cases import RECORDS, FileMutator, Original, opened, originals, verified

pytestmark = pytest.mark.fuzz

SECONDS = 4
LAST = len(RECORDS) - 1
ORIGINALS = asyncio.run(originals())

every_original = pytest.mark.parametrize("original", ORIGINALS, ids=lambda original: original.name)


@every_original
async def test_an_undamaged_journal_is_whole(original: Original) -> None:
    assert await verified(original.files) == ("whole", RECORDS)
    assert await opened(original.files) == ("whole", RECORDS)


@every_original
async def test_no_wrong_byte_is_ever_taken_for_a_good_one(original: Original) -> None:
    mutator, answers = FileMutator(original, original.name), Counter[str]()
    end = time.monotonic() + SECONDS

    while time.monotonic() < end:
        files = mutator.next()
        for how, (answer, records) in (("verify", await verified(files)), ("start", await opened(files))):
            answers[f"{how}: {answer}"] += 1
            assert records == RECORDS[: len(records)], f"{how} believed other records than were written"

    print(answers)  # noqa: T201 - shown with -s and on failure
    assert answers["verify: damage"] > 0
    assert answers["start: damage"] > 0


@every_original
async def test_who_knows_of_the_last_record_gets_all_of_them_or_an_error(original: Original) -> None:
    mutator, answers = FileMutator(original, original.name + " known"), Counter[str]()
    end = time.monotonic() + SECONDS

    while time.monotonic() < end:
        answer, records = await opened(mutator.next(), at_least_sequence=LAST)
        answers[answer] += 1
        assert records == RECORDS[: len(records)]
        assert len(records) == len(RECORDS) or "damage" in answer or answer == "ConfigurationError"

    print(answers)  # noqa: T201 - shown with -s and on failure
    assert answers["whole"] + answers["cut off"] > 0, "no change was harmless, so nothing was read"


@every_original
async def test_headers_that_lie_with_right_checksums_are_answered_as_documented(original: Original) -> None:
    mutator, answers = FileMutator(original, original.name + " mended"), Counter[str]()
    end = time.monotonic() + SECONDS

    while time.monotonic() < end:
        files = mutator.next_mended()
        for how, (answer, records) in (("verify", await verified(files)), ("start", await opened(files))):
            answers[f"{how}: {answer}"] += 1
            assert set(records) <= set(RECORDS)

    print(answers)  # noqa: T201 - shown with -s and on failure
    assert answers["verify: damage"] > 0
    assert answers["verify: ConfigurationError"] > 0
