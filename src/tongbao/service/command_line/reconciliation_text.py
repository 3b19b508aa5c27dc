"""A reconciliation for people: sums side by side, then each difference with what explains it."""

from typing import Final

from tongbao.protocol.reconciliation import Break, Reconciliation
from tongbao.service.command_line.output import count_text, fen_text, time_text

__all__ = ["reconciliation_text"]

NAME_COLUMNS: Final = 22
AMOUNT_COLUMNS: Final = 18


def reconciliation_text(report: Reconciliation) -> str:
    """The report in lines."""
    heading = f"{'':<{NAME_COLUMNS}}{'books':>{AMOUNT_COLUMNS}}{'held against':>{AMOUNT_COLUMNS}}"
    lines = [f"home {report.home} as of batch {report.sequence}, {time_text(report.time_ms)}", "", heading]
    for line in report.lines:
        amounts = f"{fen_text(line.books_fen):>{AMOUNT_COLUMNS}}{fen_text(line.other_fen):>{AMOUNT_COLUMNS}}"
        lines.append(f"{line.name:<{NAME_COLUMNS}}{amounts}  {line.against}")
    on_the_way = f", {report.on_the_way} of them on the way" if report.on_the_way else ""
    lines += ["", f"{count_text(report.coins, 'coin')} held against the ledger one by one{on_the_way}"]
    for kind, explanation in report.explanations.items():
        found = [each for each in report.breaks if each.kind == kind]
        lines += ["", f"{kind}: {explanation}", *(f"  {_break(each)}" for each in found)]
    if report.more_breaks:
        lines.append(f"and {report.more_breaks} more")
    lines += ["", "books and ledger agree" if report.reconciles else "BOOKS AND LEDGER DO NOT AGREE"]
    return "\n".join(lines)


def _break(each: Break) -> str:
    return f"{each.subject}: books {fen_text(each.books_fen)}, held against {fen_text(each.other_fen)}"
