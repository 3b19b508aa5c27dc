"""Amounts on the command line: yuan with at most two decimals, as people write them."""

import re

import typer

from tongbao.coin import VALUE_MAX

__all__ = ["AMOUNT_HELP", "parse_yuan"]

AMOUNT_HELP = "In yuan, as 12.50."
FEN_PER_YUAN = 100

# Commas only where they group thousands: 1,5 is one and a half to some people and fifteen to nobody.
_YUAN = re.compile(r"[¥￥]?(-?)([0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_DIGITS_MAX = 30  # more than the largest amount has


def parse_yuan(text: str) -> int:
    """The amount in fen.

    Raises:
        typer.BadParameter: it is no amount, not above 0, or has fractions of a fen.
    """
    parsed = _YUAN.fullmatch(text.strip())
    if parsed is None or len(text) > _DIGITS_MAX:
        raise typer.BadParameter(f"{text[:_DIGITS_MAX]!r} is no amount: write yuan, as 12.50")
    sign, yuan, decimals = parsed.group(1), parsed.group(2).replace(",", ""), parsed.group(3) or ""
    if decimals[2:].strip("0"):
        raise typer.BadParameter(f"{text} yuan has fractions of a fen: write at most two decimals")
    fen = int(yuan) * FEN_PER_YUAN + int(decimals[:2].ljust(2, "0"))
    if sign or not 1 <= fen <= VALUE_MAX:
        raise typer.BadParameter(f"{text} yuan is out of range: write 0.01 to {VALUE_MAX // FEN_PER_YUAN:,}")
    return fen
