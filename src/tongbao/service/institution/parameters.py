"""What the paths and queries of an institution's operations hold."""

from typing import Annotated

from pydantic import Field

from tongbao.institutions.customers.reading import PAGE_MAX
from tongbao.protocol.order import OrderState
from tongbao.protocol.settlement_report import ReportDay
from tongbao.protocol.statement import StatementAccount
from tongbao.protocol.wire import Cursor, Hash, LedgerTime, TillId, WalletId
from tongbao.service.operation import Parameters

__all__ = [
    "HistoryQuery",
    "HomeInPath",
    "HomeOrderPath",
    "ListQuery",
    "NameInPath",
    "OperationPath",
    "OrderListQuery",
    "OrderPath",
    "PaymentPath",
    "ReportQuery",
    "StatementQuery",
    "TillPath",
    "WalletListQuery",
    "WalletPath",
]

NameInPath = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[0-9A-Za-z._-]+$")]
"""What an order, a payment or a request may be called by whoever asks for it; an answer says whether there is one."""

HomeInPath = Annotated[int, Field(ge=0, lt=2**32)]
"""`wire.Home` as text: a path has no numbers."""

_OrderNumber = Annotated[str, Field(min_length=1, max_length=64)]
_Word = Annotated[str, Field(pattern=r"^[a-z_]{1,32}$")]
_Limit = Annotated[int, Field(ge=1, le=PAGE_MAX)]


class WalletPath(Parameters):
    """Which wallet."""

    wallet_id: WalletId


class ListQuery(Parameters):
    """From where on, and how many."""

    after: Cursor = ""
    limit: _Limit = PAGE_MAX


class WalletListQuery(ListQuery):
    """Of which wallet, from where on, and how many."""

    wallet_id: WalletId


class OrderListQuery(ListQuery):
    """Which orders: in a state, with a number, of a till, paid from a ledger time on and before another."""

    state: OrderState | None = None
    order_number: _OrderNumber | None = None
    till_id: TillId | None = None
    paid_from_ms: LedgerTime | None = None
    paid_until_ms: LedgerTime | None = None


class HistoryQuery(WalletListQuery):
    """Which entries of a wallet's history: of a kind, in a state, from a ledger time on and before another."""

    kind: _Word | None = None
    state: _Word | None = None
    from_ms: LedgerTime | None = None
    until_ms: LedgerTime | None = None


class StatementQuery(WalletListQuery):
    """Of which account, and of which period: from a ledger time on and before another."""

    account: StatementAccount = StatementAccount.WALLET
    from_ms: LedgerTime
    until_ms: LedgerTime


class ReportQuery(ListQuery):
    """Of which day (today where none is named), from where on, and how many lines."""

    day: ReportDay | None = None


class OrderPath(Parameters):
    """Which order."""

    order_id: NameInPath


class TillPath(Parameters):
    """Which till."""

    till_id: TillId


class HomeOrderPath(Parameters):
    """Which order, at which home."""

    home: HomeInPath
    order_id: NameInPath


class PaymentPath(Parameters):
    """Which payment."""

    payment_id: NameInPath


class OperationPath(Parameters):
    """Which issuance or redemption."""

    operation_id: Hash
