"""`tongbao simulate`: whole currencies on virtual time, each from one seed; and how to repeat one that breaks a law."""

import time
from dataclasses import asdict, dataclass
from typing import Annotated, Final

import typer

from tongbao.service.command_line.output import JsonOption, answer, console
from tongbao.service.command_line.progress import progress_bar
from tongbao.simulation.charter import CENTRE
from tongbao.simulation.currency import run_currency
from tongbao.simulation.disasters.command import disasters
from tongbao.simulation.disasters.planted_command import planted
from tongbao.simulation.disasters.running import hushed
from tongbao.simulation.world import World

__all__ = ["application", "let_disk_lie", "simulate"]

BROKEN: Final = 3
SEEDS_MAX: Final = 100_000  # three days on one core
STAGE: Final = "currencies"

_Seed = Annotated[int, typer.Option(min=0, help="The first seed; the same seed is the same run, to the last message.")]
_Seeds = Annotated[int, typer.Option(min=1, max=SEEDS_MAX, help="How many seeds, one after the other.")]
_LyingDisk = Annotated[bool, typer.Option("--lying-disk", help="See laws break: the centre's disk does not sync.")]


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a seed came to.

    Attributes:
        seed: the seed.
        ok: whether every law held.
        broken: which did not.
        repeat: the command that shows it again.
        payments: how many settled.
        crashes: how often a role lost power.
        virtual_seconds: how long the currency lived.
        seconds: how long that took.
        digest: of the trace.
    """

    seed: int
    ok: bool
    broken: str
    repeat: str
    payments: int = 0
    crashes: int = 0
    virtual_seconds: float = 0.0
    seconds: float = 0.0
    digest: str = ""

    @property
    def line(self) -> str:
        if not self.ok:
            return f"seed {self.seed}: BROKEN: {self.broken}\n  repeat it with: {self.repeat}"
        return (
            f"seed {self.seed}: every law holds after {self.crashes} crashes; {self.payments} payments settled in "
            f"{self.virtual_seconds:.0f} s of virtual time (took {self.seconds:.1f} s); trace {self.digest[:16]}"
        )


application = typer.Typer()
"""`tongbao simulate` by itself, and what there is to simulate besides."""


@application.callback(invoke_without_command=True)
def simulate(
    context: typer.Context,
    seed: _Seed = 1,
    seeds: _Seeds = 1,
    *,
    lying_disk: _LyingDisk = False,
    as_json: JsonOption = False,
) -> None:
    """Run the whole currency in memory, with lost messages and roles that lose power, and check the laws of money.

    Centre, central bank, two institutions and seven wallets live on virtual time; nothing touches disk or network.

    Example: `tongbao simulate --seed 1 --seeds 20`
    """
    if context.invoked_subcommand is not None:
        return
    outcomes = []
    with progress_bar() as report:
        for number in range(seeds):
            report(STAGE, number, seeds)
            outcome = _run(seed + number, lying_disk=lying_disk)
            outcomes.append(outcome)
            if not as_json:
                console.print(outcome.line, markup=False, soft_wrap=True)
        report(STAGE, seeds, seeds)
    broken = [outcome for outcome in outcomes if not outcome.ok]
    content = {"runs": [asdict(outcome) for outcome in outcomes], "broken": [outcome.seed for outcome in broken]}
    answer(content, as_json=as_json, text=f"{len(outcomes) - len(broken)} of {len(outcomes)} seeds keep every law")
    if broken:
        raise typer.Exit(BROKEN)


def let_disk_lie(world: World) -> None:
    """Let the centre's disk say of everything that it is written, and keep what chance leaves."""
    world.roles[CENTRE].platter.faults.sync_lies = True


@hushed()
def _run(seed: int, *, lying_disk: bool) -> _Outcome:
    repeat = f"tongbao simulate --seed {seed}{' --lying-disk' if lying_disk else ''}"
    started_s = time.perf_counter()
    try:
        run = run_currency(str(seed), sabotage=let_disk_lie if lying_disk else None)
    except Exception as error:  # noqa: BLE001  # whatever a seed brings to light is told with the seed
        return _Outcome(seed, ok=False, broken=f"{type(error).__name__}: {error}", repeat=repeat)
    told = run.result.told
    return _Outcome(
        seed,
        ok=True,
        broken="",
        repeat=repeat,
        payments=sum(told.done[kind] for kind in ("order", "person", "refund", "deposit")),
        crashes=run.result.crashes,
        virtual_seconds=round(run.result.seconds, 3),
        seconds=round(time.perf_counter() - started_s, 1),
        digest=run.trace.digest,
    )


application.command()(disasters)
application.command()(planted)
