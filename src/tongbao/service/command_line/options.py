"""Options and arguments that several commands have in common."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan

__all__ = ["DEFAULT_DATA", "HOME_MAX", "AmountArgument", "DataOption", "HomeOption", "hexadecimal"]

DEFAULT_DATA = Path("tongbao-data")

AMOUNTS: Final = {"ignore_unknown_options": True}
"""Context settings of a command that takes an amount: -5 is refused as an amount, not as an option nobody knows."""
HOME_MAX = 2**32 - 1


def hexadecimal(length: int, what: str) -> Callable[[str], bytes]:
    """A parser of that many bytes, given in hexadecimal digits."""

    def parse(text: str) -> bytes:
        try:
            data = bytes.fromhex(text)
        except ValueError:
            data = b""
        if len(data) != length or len(text) != 2 * length:
            raise typer.BadParameter(f"{what} has {2 * length} hexadecimal digits")
        return data

    return parse


DataOption = Annotated[Path, typer.Option("--data", help="The network's data directory.", envvar="TONGBAO_DATA")]
HomeOption = Annotated[int, typer.Option("--home", min=1, max=HOME_MAX, help="The institution's number.")]
AmountArgument = Annotated[int, typer.Argument(parser=parse_yuan, metavar="AMOUNT", help=AMOUNT_HELP)]
