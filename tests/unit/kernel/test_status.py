"""Names, numbers and order of the statuses are promises."""

import re
from pathlib import Path

from tongbao.kernel import Status

PAGE = Path(__file__).resolve().parents[3] / "docs/reference/statuses.md"

# Journals and receipts hold these numbers. A line may be added here, and none may ever change or go.
NUMBERS = {
    "SETTLED": 0,
    "SUBMISSION_MALFORMED": 1,
    "WRONG_NETWORK": 2,
    "SUBMISSION_SIGNATURE_INVALID": 3,
    "MALFORMED": 10,
    "VALUE_OUT_OF_RANGE": 11,
    "KIND_NOT_FOR_HOME": 12,
    "TOO_MANY_INPUTS": 13,
    "TOO_MANY_OUTPUTS": 14,
    "INPUTS_MISSING": 15,
    "INPUTS_NOT_ALLOWED": 16,
    "OUTPUTS_MISSING": 17,
    "OUTPUTS_NOT_ALLOWED": 18,
    "INPUT_REPEATED": 19,
    "HOMES_DIFFER": 20,
    "ISSUE_TARGETS_DIFFER": 21,
    "VALUE_NOT_CONSERVED": 22,
    "WITNESS_COUNT_WRONG": 23,
    "APPROVALS_NOT_ALLOWED": 24,
    "APPROVAL_REPEATED": 25,
    "LOCK_MISMATCH": 26,
    "PATH_UNKNOWN": 27,
    "RESTRICTION_VIOLATED": 28,
    "SUITE_NOT_ACTIVE": 29,
    "SIGNATURE_INVALID": 30,
    "ACCEPTANCE_INVALID": 31,
    "MOVE_INPUT_MISMATCH": 32,
    "CONTROL_AFTER_MONEY": 33,
    "ENDORSER_UNKNOWN": 100,
    "ENDORSER_KEY_NOT_CURRENT": 101,
    "HOME_SUSPENDED": 102,
    "EXPIRED": 103,
    "EXPIRY_TOO_FAR": 104,
    "APPROVALS_MISSING": 105,
    "SERIAL_NOT_NEXT": 106,
    "INSTITUTION_EXISTS": 110,
    "INSTITUTION_UNKNOWN": 111,
    "SUCCESSOR_INVALID": 112,
    "RULES_UNKNOWN": 113,
    "RECEIPT_KEY_INVALID": 114,
    "ALREADY_FROZEN": 115,
    "NOT_FROZEN": 116,
    "FREEZE_TOO_RECENT": 117,
    "KEY_UNUSABLE": 118,
    "KEYS_UNPROVEN": 119,
    "HOME_NOT_SERVED": 120,
    "OUTPUT_HOME_INACTIVE": 121,
    "ASSET_INACTIVE": 122,
    "ACCEPTANCE_MISSING": 123,
    "ACCEPTANCE_KEY_NOT_CURRENT": 124,
    "ACCEPTANCE_EXPIRED": 125,
    "ACCEPTANCE_EXCEEDED": 126,
    "LOCK_NOT_YET_OPEN": 127,
    "INPUT_FROZEN": 128,
    "INPUT_NOT_UNSPENT": 129,
    "QUOTA_EXCEEDED": 130,
}


def test_numbers_are_permanent_and_belong_to_one_status() -> None:
    numbers = {name: status.value for name, status in Status.__members__.items()}

    assert numbers == NUMBERS
    assert len(set(numbers.values())) == len(numbers)


def test_the_order_of_declaration_is_the_precedence() -> None:
    assert [status.name for status in Status] == list(NUMBERS)


def test_judge_finds_what_is_declared_before_the_endorser() -> None:
    order = list(Status)
    judged = order[1 : order.index(Status.ENDORSER_UNKNOWN)]

    assert [status for status in Status if status.is_judged] == judged


def test_every_status_has_a_heading_in_the_order_of_declaration() -> None:
    headings = re.findall(r"^### ([A-Z_]+) \((\d+)\)$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)

    assert headings == [(status.name, str(status.value)) for status in Status]


def test_every_heading_says_what_it_means_who_finds_it_and_what_to_do() -> None:
    sections = re.split(r"^### ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]

    for section in sections:
        found_by = "judge" if Status[section.split()[0]].is_judged else "apply"
        assert f"\n- Found by *{found_by}*" in section or section.startswith("SETTLED"), section
        assert "\n- Retry: " in section, section
        assert "\n- Cure: " in section or section.startswith("SETTLED"), section
