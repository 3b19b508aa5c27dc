"""The reconciliation as people read it: sums, then each break with its explanation, then the verdict."""

from tongbao.protocol.reconciliation import Break, BreakKind, Reconciliation, ReconciliationLine
from tongbao.service.command_line.reconciliation_text import reconciliation_text


def _report(*breaks: Break, more: int = 0) -> Reconciliation:
    return Reconciliation(
        home=1,
        reconciles=not breaks,
        lines=[ReconciliationLine(name="vault", against="unspent coins of the vault", books_fen=1_234_50, other_fen=7)],
        coins=12,
        on_the_way=2,
        breaks=list(breaks),
        explanations={each.kind.value: each.kind.explanation for each in breaks},
        more_breaks=more,
        sequence=8,
        time_ms=1_767_225_600_000,
    )


def test_sums_stand_side_by_side_in_yuan() -> None:
    lines = reconciliation_text(_report()).splitlines()

    assert lines[0] == "home 1 as of batch 8, 2026-01-01 00:00:00 UTC"
    assert lines[3].split() == ["vault", "¥1,234.50", "¥0.07", "unspent", "coins", "of", "the", "vault"]
    assert "12 coins held against the ledger one by one, 2 of them on the way" in lines
    assert lines[-1] == "books and ledger agree"


def test_a_break_comes_with_its_explanation() -> None:
    found = Break(kind=BreakKind.SPENT_ON_LEDGER, subject="ab" * 32, books_fen=500, other_fen=0)

    text = reconciliation_text(_report(found, more=3))

    assert (
        f"spent_on_ledger: {BreakKind.SPENT_ON_LEDGER.explanation}\n  {'ab' * 32}: books ¥5.00, held against ¥0.00"
        in text
    )
    assert "and 3 more" in text
    assert text.endswith("BOOKS AND LEDGER DO NOT AGREE")
