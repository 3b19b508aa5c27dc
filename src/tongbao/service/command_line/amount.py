"""Amounts on the command line: yuan with at most two decimals, as people write them."""

from decimal import Decimal, InvalidOperation

import typer

from tongbao.coin import VALUE_MAX

__all__ = ["AMOUNT_HELP", "parse_yuan"]

AMOUNT_HELP = "In yuan, as 12.50."
FEN_PER_YUAN = 100


def parse_yuan(text: str) -> int:
    """The amount in fen.

    Raises:
        typer.BadParameter: it is no amount, not above 0, or has fractions of a fen.
    """
    try:
        fen = Decimal(text.replace(",", "").removeprefix("¥")) * FEN_PER_YUAN
    except InvalidOperation:
        raise typer.BadParameter(f"{text!r} is no amount: write yuan, as 12.50") from None
    if not fen.is_finite() or fen != fen.to_integral_value():
        raise typer.BadParameter(f"{text} yuan has fractions of a fen: write at most two decimals")
    if not 1 <= fen <= VALUE_MAX:
        raise typer.BadParameter(f"{text} yuan is out of range: write 0.01 or more")
    return int(fen)
