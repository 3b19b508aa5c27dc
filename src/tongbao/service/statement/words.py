"""The words of a statement, in English and in Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tongbao.protocol.statement import StatementAccount

__all__ = ["WORDS", "Language", "Words"]


class Language(StrEnum):
    """In which language a statement is written."""

    ENGLISH = "en"
    CHINESE = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a statement says besides its figures.

    Attributes:
        kinds: names of movements by their kind; a kind that has none is written as it is.
        columns: headings of time, kind, counterparty, amount, balance and transaction.
    """

    titles: Mapping[StatementAccount, str]
    holder: str
    account: str
    institution: str
    period: str
    opening: str
    closing: str
    money_in: str
    money_out: str
    final: str
    not_final: str
    proof: str
    page: str
    columns: tuple[str, str, str, str, str, str]
    kinds: Mapping[str, str]

    def kind(self, kind: str) -> str:
        """The name of a kind of movement."""
        return self.kinds.get(kind, kind)


_ENGLISH = Words(
    titles={
        StatementAccount.WALLET: "Statement of a digital currency wallet",
        StatementAccount.DEPOSIT: "Statement of a deposit account",
    },
    holder="Holder",
    account="Address",
    institution="Institution",
    period="Period",
    opening="Opening balance",
    closing="Closing balance",
    money_in="Money in",
    money_out="Money out",
    final="Final: nothing can come into this period any more.",
    not_final="Preliminary: something may still come into this period.",
    proof="Opening balance and movements come to the closing balance. A transaction's receipt proves that it settled.",
    page="Page",
    columns=("Time", "What", "With whom", "Amount (yuan)", "Balance (yuan)", "Transaction"),
    kinds={
        "payment": "payment",
        "received": "money received",
        "refund": "refund",
        "exchange": "from deposit",
        "deposit": "into deposit",
        "cash deposit": "cash paid in",
        "cash payout": "cash paid out",
        "exchange begun": "into the wallet",
        "exchange undone": "back from an exchange",
        "coins into deposit": "from the wallet",
    },
)
_CHINESE = Words(
    titles={
        StatementAccount.WALLET: "数字货币钱包对账单",
        StatementAccount.DEPOSIT: "存款账户对账单",
    },
    holder="持有人",
    account="地址",
    institution="运营机构",
    period="期间",
    opening="期初余额",
    closing="期末余额",
    money_in="收入合计",
    money_out="支出合计",
    final="终版：本期间不会再有变动。",
    not_final="暂版：本期间仍可能有变动。",
    proof="期初余额加上各笔变动等于期末余额。交易回执可证明该笔交易已结算。",
    page="页",
    columns=("时间", "事项", "对方", "金额（元）", "余额（元）", "交易"),
    kinds={
        "payment": "付款",
        "received": "收款",
        "refund": "退款",
        "exchange": "存款兑换转入",
        "deposit": "转为存款",
        "cash deposit": "现金存入",
        "cash payout": "现金支取",
        "exchange begun": "兑换转出至钱包",
        "exchange undone": "兑换退回",
        "coins into deposit": "钱包转入",
    },
)
WORDS: Final[Mapping[Language, Words]] = {Language.ENGLISH: _ENGLISH, Language.CHINESE: _CHINESE}
