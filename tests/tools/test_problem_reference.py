"""The page of problems says what the sources raise."""

import ast
from pathlib import Path

import pytest

from tongbao.protocol.problem import STATUSES
from tools import problem_reference
from tools.problem_reference import Code


def test_the_page_says_what_the_sources_say() -> None:
    stated = problem_reference.PAGE.read_text(encoding="utf-8")

    assert stated == problem_reference.page(), "run python tools/problem_reference.py"


def test_every_code_has_a_heading_that_an_address_can_name() -> None:
    headings = [line.removeprefix("## ") for line in problem_reference.page().splitlines() if line.startswith("## ")]

    assert headings == [code.name.replace("*", r"\*") for code in problem_reference.codes()]


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (
            'RefusedError(f"more than {limit} fen", code="LIMIT_DAY", cure="pay less")',
            Code("LIMIT_DAY", 422, "more than … fen", "pay less"),
        ),
        ('RequestError("no " "such order", code="NOT_FOUND")', Code("NOT_FOUND", 404, "no such order", "")),
        ('RequestError("wrong", field="x")', Code("BAD_REQUEST", 400, "wrong", "")),
        ('DecodingError("no JSON")', Code("MALFORMED", 400, "no JSON", "")),
        ('RefusedError("x", code=f"PROPOSAL_{state}")', Code("PROPOSAL_*", 422, "x", "")),
        ('_refused("DIGEST_MISSING", "no digest", "send it")', Code("DIGEST_MISSING", 401, "no digest", "send it")),
        (
            '_refused("DIGEST_MISSING", "no digest", cure="send it")',
            Code("DIGEST_MISSING", 401, "no digest", "send it"),
        ),
    ],
)
def test_codes_are_read_from_the_calls_that_name_them(source: str, code: Code) -> None:
    call = ast.parse(source, mode="eval").body
    assert isinstance(call, ast.Call)

    assert list(problem_reference._of_call(call)) == [code]


def test_every_code_has_words_and_a_status_that_the_applications_document() -> None:
    found = problem_reference.codes()

    assert {"LIMIT_SINGLE", "SIGNATURE_STALE", "INTERNAL", "DISK_FULL", "ORDER_PAID", "NOT_FOUND", "MALFORMED"} <= {
        code.name for code in found
    }
    assert all(code.says and code.status in STATUSES for code in found)
    assert len({code.name for code in found}) == len(found)


def test_checking_tells_a_page_that_is_out_of_date_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(problem_reference, "PAGE", tmp_path / "page.md")
    (tmp_path / "page.md").write_text("old")

    assert problem_reference.main("--check") == 1
    assert "run python tools/problem_reference.py" in capsys.readouterr().out
    assert problem_reference.main() == 0
    assert problem_reference.main("--check") == 0
