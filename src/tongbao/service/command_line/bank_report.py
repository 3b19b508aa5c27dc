"""An institution's books for people: a trial balance in debit and credit, and the coins that were counted."""

from collections.abc import Mapping, Sequence
from typing import Final

from tongbao.protocol.banking import AccountBalance, AccountKind, BankReport
from tongbao.service.command_line.output import count_text, fen_text

__all__ = ["report_text"]

HEADINGS: Final[Mapping[AccountKind, str]] = {
    AccountKind.ASSET: "assets",
    AccountKind.CONTRA_ASSET: "contra-assets",
    AccountKind.LIABILITY: "liabilities",
}
NAMES: Final[Mapping[str, str]] = {
    "cash": "banknotes taken by tellers",
    "vault": "coins in the vault",
    "reserves": "reserves paid to the central bank for coins",
    "exchange in transit": "taken from deposits for coins on their way",
    "deposits": "deposits of customers",
}
"""What stands in each account; one that is not known here keeps the name that the institution gives it."""

NAME_COLUMNS: Final = 46
AMOUNT_COLUMNS: Final = 17
"""With the names just 80; larger amounts than ¥999,999,999.99 make the lines longer, and keep the columns straight."""


def report_text(report: BankReport) -> str:
    """The report in lines."""
    return "\n".join(
        [
            f"{report.name} (home {report.home}), policy {report.policy}",
            "",
            *_trial_balance(report.accounts),
            "books balance" if report.balanced else "BOOKS DO NOT BALANCE",
            "",
            "coins, counted one by one",
            _counted("in the vault", report.vault_fen, count_text(report.vault_coins, "coin")),
            _counted("in wallets", report.circulating_fen, count_text(report.wallets, "wallet")),
        ]
    )


def _trial_balance(accounts: Sequence[AccountBalance]) -> list[str]:
    rows = [("", "debit", "credit")]
    for kind, heading in HEADINGS.items():
        lines = [each for each in accounts if each.kind is kind]
        rows += [(heading, "", "")] * bool(lines)
        rows += [(f"  {NAMES.get(each.account, each.account)}", *_sides(each)) for each in lines]
    debit_fen = -sum(each.balance_fen for each in accounts if each.balance_fen < 0)
    credit_fen = sum(each.balance_fen for each in accounts if each.balance_fen > 0)
    rows.append(("total", fen_text(debit_fen), fen_text(credit_fen)))
    width = max(AMOUNT_COLUMNS, *(len(amount) + 1 for _, *amounts in rows for amount in amounts))
    return [f"{name:<{NAME_COLUMNS}}{debit:>{width}}{credit:>{width}}".rstrip() for name, debit, credit in rows]


def _sides(line: AccountBalance) -> tuple[str, str]:
    """The balance in the column where it stands: a balance of nothing stands on the side of its kind."""
    amount = fen_text(abs(line.balance_fen))
    is_debit = line.balance_fen < 0 or (line.balance_fen == 0 and line.kind is AccountKind.ASSET)
    return (amount, "") if is_debit else ("", amount)


def _counted(where: str, value_fen: int, in_what: str) -> str:
    return f"  {where:<{NAME_COLUMNS - 2}}{fen_text(value_fen):>{AMOUNT_COLUMNS}}  in {in_what}"
