"""`tongbao demo`: a whole currency from genesis to supply proof in under a minute."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from tongbao.service.command_line.journal_option import (
    AuthoritiesOption,
    JournalKeyOption,
    JournalOption,
    cluster_settings,
)
from tongbao.service.command_line.output import JsonOption, answer, console, fen_text, run
from tongbao.service.demo import DemoResult, Step, tell_story

__all__ = ["demo"]

FAILED = 3
INDENT = "  "
TITLES = {
    "genesis": "Genesis 创世",
    "issuance": "Issuance 发行",
    "wallets": "Wallets 钱包",
    "exchange": "Exchange 兑换",
    "purchase": "Purchase 消费",
    "refund": "Refund 退款",
    "across_institutions": "Across institutions 跨机构支付",
    "double_spend": "Double spend 双花",
    "redemption": "Redemption 回笼",
    "receipts": "Receipts 凭证",
    "supply": "Supply proof 总量核对",
}

_Data = Annotated[Path | None, typer.Option("--data", help="Keep the network here; it must be empty.")]


def demo(
    data: _Data = None,
    *,
    journal: JournalOption = None,
    journal_key: JournalKeyOption = None,
    journal_authorities: AuthoritiesOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show a whole currency at work: issued, exchanged, paid, refunded, redeemed and proven.

    Every role is a process of its own and is spoken to over HTTP. Ends with 3 where a step fails.

    Example: `tongbao demo --data demo-data`
    """
    cluster = cluster_settings(journal, journal_key, journal_authorities)

    async def work() -> DemoResult:
        with ExitStack() as stack:
            root = data or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tongbao-demo-"))) / "data"
            return await tell_story(root, cluster=cluster, tell=lambda step: None if as_json else _tell(step))

    result = run(work, as_json=as_json)
    answer(result.summary(), as_json=as_json, text=_ending(result))
    if not result.ok:
        raise typer.Exit(FAILED)


def _tell(step: Step) -> None:
    mark = ("✓ ", "bold green") if step.ok else ("✗ ", "bold red")
    title = (TITLES.get(step.name, step.name), "bold")
    took = (f"  {step.milliseconds:,.0f} ms", "dim")
    console.print(Text.assemble(mark, title, took))
    for part in step.detail.split("; "):
        for line in Text(part).wrap(console, console.width - len(INDENT)):
            console.print(Text.assemble(INDENT, line))


def _ending(result: DemoResult) -> str:
    if result.supply is None:
        return "the story ended early"
    supply = result.supply
    issued, redeemed = fen_text(supply.issued), fen_text(supply.redeemed)
    return f"issued {issued}, redeemed {redeemed}, unspent {fen_text(supply.unspent)}: " + (
        f"the supply is exact; {supply.confirmation}" if supply.holds else "THE SUPPLY IS WRONG"
    )
