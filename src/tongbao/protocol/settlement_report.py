"""Settlement reports: what a merchant took and gave back on a day, held against the ledger.

| request | by | answer |
|---|---|---|
| `GET  /v1/settlement-report?day=&after=&limit=` | a merchant's wallet | `SettlementReport` |

A day begins and ends by the time zone of the institution's policy. Totals and breaks are those of the whole day on
every page; `lines` go on from page to page. A payment counts on the day on which it settled, and so does a refund,
whenever the order was made: what stands in a report of a day that has passed stays as it is.
"""

import csv
import io
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from tongbao.protocol.wire import Cursor, Hash, LedgerTime, Message, SequenceNumber, TillId, WalletId

__all__ = [
    "LineKind",
    "ReportDay",
    "SettlementBreak",
    "SettlementLine",
    "SettlementReport",
    "SettlementTotals",
    "report_csv",
]

ReportDay = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
"""A day, as 2021-06-11."""

COLUMNS: Final = (
    "kind",
    "time_ms",
    "order_number",
    "order_id",
    "till_id",
    "amount_fen",
    "tip_fen",
    "transaction_id",
)


class LineKind(StrEnum):
    """What a line of a report tells."""

    PAYMENT = "payment"
    REFUND = "refund"


class SettlementLine(Message):
    """One payment that came in, or one refund that went out; `amount_fen` of a refund is negative and holds its tip."""

    kind: LineKind
    time_ms: LedgerTime
    order_id: str
    order_number: str
    till_id: TillId | None
    amount_fen: int
    tip_fen: int
    transaction_id: Hash


class SettlementTotals(Message):
    """Sums of a day: of one till, of what the merchant's wallet made itself (`till_id` null), or of all."""

    till_id: TillId | None
    till_name: str
    payments: int
    amount_fen: int
    tips_fen: int
    refunds: int
    refunded_fen: int
    net_fen: int
    """What came in, tips included, less what went back."""


class SettlementBreak(Message):
    """Where the merchant's books and the ledger do not say the same of an order."""

    order_id: str
    expected_fen: int
    """By the books."""
    found_fen: int
    """In coins."""
    reason: str


class SettlementReport(Message):
    """A day of a merchant.

    `ledger_fen` is what the coins that settled the day's payments are worth, less those of its refunds; `reconciled`
    says that it is the net total, and that nothing breaks.
    """

    day: ReportDay
    from_ms: int
    until_ms: int
    merchant_wallet_id: WalletId
    merchant_name: str
    tills: list[SettlementTotals]
    total: SettlementTotals
    ledger_fen: int
    reconciled: bool
    breaks: list[SettlementBreak]
    lines: list[SettlementLine]
    next: Cursor
    sequence: SequenceNumber
    time_ms: LedgerTime


def report_csv(lines: Iterable[SettlementLine]) -> str:
    """The lines as CSV (RFC 4180) with a header, for a spreadsheet or a till's books."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for line in lines:
        content = line.model_dump(mode="json")
        writer.writerow(["" if content[name] is None else _harmless(content[name]) for name in COLUMNS])
    return text.getvalue()


def _harmless(value: str | int) -> str | int:
    """A cell that no spreadsheet takes for a formula: order numbers are whatever a till was told."""
    return f"'{value}" if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"} else value
