"""Statements to put on paper."""

from zoneinfo import ZoneInfo

from tests.builders import bytes32
from tongbao.protocol.statement import Movement, Statement, StatementAccount
from tongbao.service.statement.period import Days, read_days

SHANGHAI = ZoneInfo("Asia/Shanghai")


def november() -> Days:
    return read_days("2026-11", None, None, zone=SHANGHAI, now_ms=0)


def statement(*movements: tuple[str, int, str], opening_fen: int = 1_000, final: bool = True) -> Statement:
    """Of November; a movement is its kind, its amount and with whom."""
    days, balance_fen, listed = november(), opening_fen, []
    for number, (kind, amount_fen, counterparty) in enumerate(movements, 1):
        balance_fen += amount_fen
        listed.append(
            Movement(
                number=str(number),
                kind=kind,
                amount_fen=amount_fen,
                balance_fen=balance_fen,
                counterparty=counterparty,
                transaction_id=bytes32(number),
                time_ms=days.from_ms + number * 1000,
            )
        )
    return Statement(
        wallet_id=bytes(16),
        address="tb1example",
        home=1,
        institution="First Bank",
        holder_name="王芳 Wang",
        account=StatementAccount.WALLET,
        from_ms=days.from_ms,
        until_ms=days.until_ms,
        opening_fen=opening_fen,
        movements=listed,
        closing_fen=balance_fen,
        final=final,
        next="",
        sequence=1,
        time_ms=days.until_ms,
    )
