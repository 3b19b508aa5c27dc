"""Options that several commands have in common."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.service.command_line.amount import AMOUNT_HELP, parse_yuan

__all__ = ["AmountArgument", "DataOption", "HomeOption"]

DEFAULT_DATA = Path("tongbao-data")

DataOption = Annotated[Path, typer.Option("--data", help="The network's data directory.", envvar="TONGBAO_DATA")]
HomeOption = Annotated[int, typer.Option("--home", min=1, help="The institution's number.")]
AmountArgument = Annotated[int, typer.Argument(parser=parse_yuan, metavar="AMOUNT", help=AMOUNT_HELP)]
