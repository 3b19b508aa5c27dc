"""Each kind of break has its explanation, and the page names them all."""

from pathlib import Path

import pytest

from tongbao.protocol.reconciliation import BreakKind

PAGE = Path(__file__).parents[3] / "docs/reference/reconciliation.md"


@pytest.mark.parametrize("kind", BreakKind)
def test_the_page_explains_each_break_as_the_report_does(kind: BreakKind) -> None:
    (line,) = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith(f"| `{kind.value}` |")]

    assert kind.explanation[1:] in line


def test_no_two_breaks_have_one_explanation() -> None:
    assert len({kind.explanation for kind in BreakKind}) == len(BreakKind)
