"""`tongbao simulate planted`: put known bugs in, one after another, and see how many seeds find each."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Annotated, Final

import typer

from tongbao.service.command_line.output import JsonOption, answer, console
from tongbao.service.command_line.progress import progress_bar
from tongbao.simulation.disasters.command import BROKEN, JobsOption, SeedsOption, seed_range
from tongbao.simulation.disasters.planted import NAMES, Finding, find_named

__all__ = ["planted"]

STAGE: Final = "planted bugs"

_Bugs = Annotated[list[str] | None, typer.Argument(metavar="[BUG]...", help="Names of planted bugs; all without.")]


def planted(
    bugs: _Bugs = None, seeds: SeedsOption = "1..60", jobs: JobsOption = 0, *, as_json: JsonOption = False
) -> None:
    """Plant known bugs in the program, one at a time, and count how many disasters it takes to find each.

    Ends with 3 where a bug was found by none of the seeds.

    Example: `tongbao simulate planted --seeds 1..60`
    """
    wanted, chosen = seed_range(seeds), bugs or list(NAMES)
    unknown = [name for name in chosen if name not in NAMES]
    if unknown:
        raise typer.BadParameter(f"no such planted bug: {', '.join(unknown)}; there are: {', '.join(NAMES)}")
    findings: list[Finding] = []
    with progress_bar() as report, ProcessPoolExecutor(jobs or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for finding in pool.map(find_named, chosen, [wanted] * len(chosen)):
            findings.append(finding)
            report(STAGE, len(findings), len(chosen))
            if not as_json:
                console.print(finding.line, markup=False, soft_wrap=True)
    missed = [finding.name for finding in findings if finding.seeds is None]
    content = {
        "bugs": [{"name": each.name, "what": each.what, "seeds": each.seeds, "law": each.law} for each in findings],
        "missed": missed,
        "seeds": len(wanted),
    }
    answer(content, as_json=as_json, text=f"{len(findings) - len(missed)} of {len(findings)} planted bugs are found")
    if missed:
        raise typer.Exit(BROKEN)
