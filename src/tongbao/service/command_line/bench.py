"""`tongbao bench`: measured figures, with the machine and the kernel that made them."""

import tempfile
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from tongbao.service.bench import LedgerPlan, SuiteChoice, measure_ledger
from tongbao.service.bench.evidence import EvidencePlan, measure_evidence
from tongbao.service.bench.report import STAGES, read_runs, report_page
from tongbao.service.bench.workload import Workload
from tongbao.service.command_line.chosen_kernel import chosen_kernel
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.command_line.progress import progress_bar
from tongbao.service.fragmentation import LIVES, RULES, live
from tongbao.service.whole_file import write_whole

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

NO_JOURNAL: Final = "none"

DAYS_MAX = 3_650  # ten years take a minute
TRANSACTIONS_MAX = 20_000_000
COINS_MAX = 100_000_000  # ten gigabytes in the native kernel
CLIENTS_MAX = 64


@app.callback()
def bench() -> None:
    """Measure, on seeded work.

    Example: `tongbao bench ledger --transactions 20000`
    """


@app.command()
def ledger(
    suite: Annotated[SuiteChoice, typer.Option(help="By which suite the coins' owners sign.")] = SuiteChoice.ED25519,
    transactions: Annotated[
        int, typer.Option(min=1, max=TRANSACTIONS_MAX, help="Transfers of each stage, rounded up to thousands.")
    ] = 10_000,
    coins: Annotated[int, typer.Option(min=0, max=COINS_MAX, help="Unspent coins when the first stage begins.")] = 0,
    *,
    clients: Annotated[int, typer.Option(min=1, max=CLIENTS_MAX, help="Processes that send to the centre.")] = 2,
    journal: Annotated[
        str, typer.Option(metavar="DIR|none", help="Where journals are written; none leaves out what needs one.")
    ] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same money.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Measure verifying and settling, each by itself and all the way from clients to receipts.

    Of settling, a step is a batch; end to end it is a submission, whose time runs from when it was due. Processor time
    end to end is the registration centre's alone. Without --journal, journals go to the folder for temporary files.

    Example: `tongbao bench ledger --transactions 20000 --journal .`
    """

    async def work() -> dict[str, Any]:
        kernel = chosen_kernel()
        folder = None if journal == NO_JOURNAL else Path(journal or tempfile.gettempdir())
        plan = LedgerPlan(
            suite=suite, transactions=transactions, coins=coins, clients=clients, journal=folder, seed=seed
        )
        with progress_bar() as report:
            return await measure_ledger(kernel, plan, report)

    content = run(work, as_json=as_json)
    answer(content, as_json=as_json, text="\n".join(_lines(content)))


@app.command()
def evidence(
    transactions: Annotated[
        int, typer.Option(min=1, max=TRANSACTIONS_MAX, help="Transfers of each turn, rounded up to thousands.")
    ] = 20_000,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="Rounds of four turns, two of each kind.")] = 2,
    *,
    clients: Annotated[int, typer.Option(min=1, max=CLIENTS_MAX, help="Processes that send to the centre.")] = 2,
    folder: Annotated[str, typer.Option("--journal", metavar="DIR", help="Where journals and logs are written.")] = "",
    seed: Annotated[int, typer.Option(help="The same seed gives the same money.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Measure what the transparency log costs: the same payments end to end with it and without, by turns.

    Processor time is the registration centre's alone, until the log covers the last payment.

    Example: `tongbao bench evidence --transactions 20000 --journal .`
    """

    async def work() -> dict[str, Any]:
        plan = EvidencePlan(
            workload=Workload(seed, SuiteChoice.ED25519, signed=True),
            transactions=transactions,
            rounds=rounds,
            clients=clients,
            folder=Path(folder or tempfile.gettempdir()),
        )
        with progress_bar() as report:
            return await measure_evidence(chosen_kernel(), plan, report)

    answer(run(work, as_json=as_json), as_json=as_json)


def _lines(content: dict[str, Any]) -> list[str]:
    machine = content["machine"]
    lines = [
        f"kernel: {content['kernel']}, {content['crypto']}",
        f"machine: {content['cpu']}, {machine['cores']} cores, {' '.join(content['flags'])}",
        f"suite: {content['suite']}   coins: {content['coins']:,}",
    ]
    lines += [_line(name, content[name]) for name in STAGES if name in content]
    sizes = ("bytes_per_transaction", "bytes_per_coin", "resident_bytes_per_coin")
    lines += [f"{name:>30}: {content[name]:>14,.1f}" for name in sizes if content[name] is not None]
    lines += [f"{name:>30}: {rate:>14,.1f}" for name, rate in content["limits"].items() if rate is not None]
    return lines


@app.command()
def report(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where the runs' .json files are.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Draw the runs in a directory as a page, report.html beside them.

    Each run is a file with what `tongbao bench ledger --json` printed; runs on one core come from `taskset -c 0`.

    Example: `tongbao bench report benchmarks/results/ledger`
    """

    async def work() -> Path:
        page = directory / "report.html"
        write_whole(page, report_page(read_runs(directory)).encode(), mode=0o644)
        return page

    page = run(work, as_json=as_json)
    answer({"page": str(page)}, as_json=as_json, text=f"The page is {page}.")


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
        f"{name:>20}: {summary['per_second']:>12,.1f} transactions/s   {summary['cpu_us']:>8.2f} us of cpu each   "
        f"p50 {summary['p50_ms']:.3f}   p99 {summary['p99_ms']:.3f}   p99.9 {summary['p999_ms']:.3f} ms"
    )
