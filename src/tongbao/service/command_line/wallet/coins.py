"""The command of `tongbao wallet` that keeps coins few; others do so by themselves where there are too many."""

from typing import Annotated

import typer

from tongbao.service.command_line.in_doubt import payment_summary
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.command_line.wallet.desk import NameArgument, PasswordOption, WalletDesk
from tongbao.vaults.selection import COINS_KEPT
from tongbao.wallets import WalletPayment

__all__ = ["tidy"]

KEEP_MAX = 10_000


def tidy(
    name: NameArgument,
    keep: Annotated[int, typer.Option(min=1, max=KEEP_MAX, help="How many coins to keep.")] = COINS_KEPT,
    password_file: PasswordOption = None,
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make one coin of the smallest, so that the wallet holds no more than it should; no limit counts this.

    Coins that become one can be seen to belong together. The wallet does it by itself past 256 coins, and where a
    payment needs it.

    Example: `tongbao wallet tidy alice --keep 16`
    """
    desk = WalletDesk(name=name, data=data, password_file=password_file, as_json=as_json)

    async def work() -> tuple[list[WalletPayment], int]:
        async with desk.opened() as wallet:
            return await wallet.tidy(many=keep, keep=keep), wallet.coin_count

    merged, left = run(work, as_json=as_json)
    content = {"merges": [payment_summary(each) for each in merged], "coins": left}
    made = count_text(len(merged), "transaction")
    answer(content, as_json=as_json, text=f"{count_text(left, 'coin')} left, after {made}")
