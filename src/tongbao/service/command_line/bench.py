"""`tongbao bench`: measured figures, with the machine and the kernel that made them."""

import tempfile
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tongbao.kernel import Kernel
from tongbao.service.bench import PER_BATCH, PER_SUBMISSION, LedgerBench, bench_ledger
from tongbao.service.command_line.chosen_kernel import chosen_kernel, kernel_text
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.command_line.progress import progress_bar
from tongbao.service.fragmentation import LIVES, RULES, live
from tongbao.service.machine import describe_machine

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

_SUBMISSION: Final = f"a submission of {PER_SUBMISSION} transactions"
_BATCH: Final = f"a batch of {PER_BATCH} submissions"
_STEPS: Final = {"judging": _SUBMISSION, "applying": _BATCH, "journaling": _BATCH}

DAYS_MAX = 3_650  # ten years take a minute
TRANSACTIONS_MAX = 1_000_000  # the reference kernel keeps every coin in memory


@app.callback()
def bench() -> None:
    """Measure, on seeded work.

    Example: `tongbao bench ledger --transactions 20000`
    """


@app.command()
def ledger(
    transactions: Annotated[int, typer.Option(min=64, max=TRANSACTIONS_MAX, help="How many transfers.")] = 10_000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same money.")] = 1,
    *,
    as_json: JsonOption = False,
) -> None:
    """Measure judging, applying and journaling, each by itself.

    Latencies are of one step: judging takes a submission at a time, applying and journaling a batch.

    Example: `tongbao bench ledger --transactions 20000`
    """

    async def work() -> tuple[type[Kernel], LedgerBench]:
        kernel = chosen_kernel()
        with tempfile.TemporaryDirectory(prefix="tongbao-bench-") as directory, progress_bar() as report:
            return kernel, await bench_ledger(
                kernel, transactions=transactions, seed=seed, directory=Path(directory), report=report
            )

    kernel, measured = run(work, as_json=as_json)
    stages = {name: {**getattr(measured, name).summary(), "latency_of": of} for name, of in _STEPS.items()}
    machine = describe_machine()
    content = {"kernel": kernel.name, "crypto": kernel.crypto, "machine": machine, "seed": seed, **stages}
    content["state_digest"] = measured.state_digest
    lines = [f"kernel: {kernel_text(kernel)}   machine: {machine['processor']}, {machine['cores']} cores"]
    lines += [_line(name, summary) for name, summary in stages.items()]
    answer(content, as_json=as_json, text="\n".join(lines))


@app.command()
def wallet(
    days: Annotated[int, typer.Option(min=1, max=DAYS_MAX, help="How long a life to look at.")] = 365,
    seed: Annotated[int, typer.Option(help="The same seed gives the same lives.")] = 1,
    *,
    as_json: JsonOption = False,
) -> None:
    """Live a year with one wallet, and see what is left of its coins under several rules of choosing them.

    Example: `tongbao bench wallet --days 90`
    """

    async def work() -> list[dict[str, Any]]:
        with progress_bar() as report:
            found = []
            for number, (life, rule) in enumerate(product(LIVES, RULES), 1):
                found.append({"life": life, "rule": rule, **live(life, rule, days=days, seed=seed).summary()})
                report("lives", number, len(LIVES) * len(RULES))
            return found

    found = run(work, as_json=as_json)
    columns = list(found[0])
    rows = [columns, *[[str(value) for value in each.values()] for each in found]]
    widths = [max(len(row[place]) for row in rows) for place in range(len(columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    answer({"days": days, "seed": seed, "lives": found}, as_json=as_json, text="\n".join(lines))


def _line(name: str, summary: dict[str, Any]) -> str:
    return (
        f"{name:>10}: {summary['per_second']:>12,.1f} transactions/s   {summary['microseconds_each']:>8.2f} us each   "
        f"p50 {summary['latency_ms_p50']:.3f} ms   p99 {summary['latency_ms_p99']:.3f} ms   of {summary['latency_of']}"
    )
