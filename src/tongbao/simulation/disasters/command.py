"""`tongbao simulate disasters`: seed after seed of the whole currency under everything that may go wrong."""

import os
from dataclasses import asdict
from typing import Annotated, Final

import typer

from tongbao.service.command_line.output import JsonOption, answer, console
from tongbao.service.command_line.progress import progress_bar
from tongbao.simulation.disasters.running import DisasterOutcome, run_seeds

__all__ = ["BROKEN", "JobsOption", "SeedsOption", "disasters", "seed_range"]

BROKEN: Final = 3
SEEDS_MAX: Final = 100_000
STAGE: Final = "disasters"

SeedsOption = Annotated[
    str, typer.Option(metavar="A..B", help="The seeds, from A to B inclusive; one number is one seed.")
]
JobsOption = Annotated[int, typer.Option(min=0, max=256, help="Processes at work; 0 takes one for each core.")]


def seed_range(text: str) -> range:
    """The seeds that "A..B" names, both inclusive.

    Raises:
        typer.BadParameter: it names none.
    """
    first, dots, last = text.partition("..")
    if not first.isdecimal() or (dots and not last.isdecimal()):
        raise typer.BadParameter(f"{text} is no range of seeds: write 1..500, or 7", param_hint="--seeds")
    seeds = range(int(first), int(last if dots else first) + 1)
    if not 0 < len(seeds) <= SEEDS_MAX:
        raise typer.BadParameter(f"{text} names {len(seeds)} seeds, must be 1 to {SEEDS_MAX:,}", param_hint="--seeds")
    return seeds


def disasters(seeds: SeedsOption = "1..20", jobs: JobsOption = 0, *, as_json: JsonOption = False) -> None:
    """Run the currency with replicas of its centre under failing disks, networks, clocks and power, and judge it.

    First faults strike, then all of them stop and everything must come to its end. A ledger of its own judges: nothing
    is lost, made or spent twice, whoever was told something was told the truth, and replicas are equal. A seed is
    undecided where the centre stands still as it must, since there is no good copy of acknowledged bytes.

    Ends with 3 where a seed broke a law; it is shown with its last events and the command that repeats it.

    Example: `tongbao simulate disasters --seeds 1..20`
    """
    wanted = seed_range(seeds)
    outcomes: list[DisasterOutcome] = []
    with progress_bar() as report:
        for outcome in run_seeds(wanted, jobs=jobs or os.cpu_count() or 1):
            outcomes.append(outcome)
            report(STAGE, len(outcomes), len(wanted))
            if not as_json:
                console.print(outcome.line, markup=False, soft_wrap=True)
    failed = [outcome for outcome in outcomes if outcome.failure]
    answer(_content(outcomes, failed), as_json=as_json, text=_text(outcomes, failed))
    if failed:
        raise typer.Exit(BROKEN)


def _content(outcomes: list[DisasterOutcome], failed: list[DisasterOutcome]) -> dict[str, object]:
    struck: dict[str, int] = {}
    for outcome in outcomes:
        for name in outcome.faults:
            struck[name] = struck.get(name, 0) + 1
    return {
        "seeds": len(outcomes),
        "failures": len(failed),
        "undecided": sum(bool(outcome.undecided) for outcome in outcomes),
        "events": sum(outcome.events for outcome in outcomes),
        "virtual_seconds": round(sum(outcome.virtual_seconds for outcome in outcomes), 3),
        "seconds": round(sum(outcome.seconds for outcome in outcomes), 2),
        "answers": sum(outcome.answers for outcome in outcomes),
        "settled": sum(outcome.settled for outcome in outcomes),
        "crashes": sum(outcome.crashes for outcome in outcomes),
        "takeovers": sum(outcome.takeovers for outcome in outcomes),
        "faults": dict(sorted(struck.items())),
        "failed": [{**asdict(outcome), "repeat": outcome.repeat} for outcome in failed],
        "runs": [
            {"seed": each.seed, "digest": each.digest, "events": each.events, "undecided": each.undecided}
            for each in outcomes
        ],
    }


def _text(outcomes: list[DisasterOutcome], failed: list[DisasterOutcome]) -> str:
    undecided = sum(bool(outcome.undecided) for outcome in outcomes)
    return f"{len(outcomes) - len(failed)} of {len(outcomes)} seeds break no law; {undecided} of them are undecided"
