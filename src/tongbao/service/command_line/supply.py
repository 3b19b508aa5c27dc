"""`tongbao supply`: what the registration centre counts, and what anybody who has the journal counts."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tongbao.errors import ConfigurationError, NetworkError
from tongbao.protocol.registration import GenesisAnswer, SupplyReport
from tongbao.service.command_line import supply_proof
from tongbao.service.command_line.options import DEFAULT_DATA
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.command_line.progress import progress_bar
from tongbao.service.command_line.supply_text import Counted
from tongbao.service.data_directory import DataDirectory
from tongbao.service.journal_place import JournalPlace, journal_of
from tongbao.service.recount import Judged, judge_journal
from tongbao.service.supply_evidence import anybody

__all__ = ["app"]

MISCOUNTED = 3
KIB = 1024

_Data = Annotated[
    Path | None,
    typer.Option("--data", help="A data directory; journal and genesis in it are enough.", envvar="TONGBAO_DATA"),
]
_Url = Annotated[str | None, typer.Option("--url", help="The registration centre; else that of --data.")]
_Journal = Annotated[Path | None, typer.Option("--journal", help="A journal's directory, in place of --data.")]
_Genesis = Annotated[
    Path | None,
    typer.Option("--genesis", help="The genesis that the journal must begin with.", exists=True, dir_okay=False),
]


app = typer.Typer()
app.command()(supply_proof.verify)
app.command()(supply_proof.orders)
app.command()(supply_proof.prove)
app.command("check-coin")(supply_proof.check_coin)


@app.callback(invoke_without_command=True)
def supply(
    context: typer.Context,
    data: _Data = None,
    url: _Url = None,
    journal: _Journal = None,
    genesis: _Genesis = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Show issued, redeemed, outstanding and unspent, per home, and count them again from the journal alone.

    Where the registration centre answers, its figures are held against the journal; where it does not, the journal is
    enough. With `--url` alone a centre elsewhere is asked and nothing is counted again. Ends with 3 where figures
    differ.

    Example: `tongbao supply --data pilot`
    """
    if context.invoked_subcommand is not None:
        return

    async def work() -> Counted:
        held = _held(data, journal, genesis, url=url)
        place = url or (held.url if held is not None else "")
        report, absent = await _centre(place.rstrip("/"), held, insist=url is not None) if place else (None, "")
        judged = None if held is None else await _judge(held, report)
        return Counted(report=report, judged=judged, absent=absent)

    counted = run(work, as_json=as_json)
    answer(counted.summary(), as_json=as_json, text=counted.text())
    if not counted.agrees:
        raise typer.Exit(MISCOUNTED)


@dataclass(frozen=True, slots=True)
class _Held:
    """What the caller has in hand: a journal, perhaps its genesis, and where its centre should answer, or ""."""

    journal: JournalPlace
    genesis: bytes | None
    url: str


def _held(data: Path | None, journal: Path | None, genesis: Path | None, *, url: str | None) -> _Held | None:
    """None where nothing but a URL was given."""
    given = None if genesis is None else genesis.read_bytes()
    if journal is not None:
        return _Held(journal, given, "")
    if url is not None and data is None:
        return None
    root = data or DEFAULT_DATA
    # A copy of the journal is enough for whoever has nothing else of the network.
    if not DataDirectory.is_made(root) and (root / "journal").is_dir():
        beside = root / "genesis.bin"
        return _Held(root / "journal", given or (beside.read_bytes() if beside.exists() else None), "")
    directory = DataDirectory.open(root)
    return _Held(journal_of(directory), given or directory.genesis().encode(), directory.network.registration.url)


async def _centre(url: str, held: _Held | None, *, insist: bool) -> tuple[SupplyReport | None, str]:
    """The centre's report; else, unless the caller insists on it, why there is none."""
    try:
        async with anybody(url) as client:
            answered = (await client.get("/v1/genesis", GenesisAnswer)).genesis
            report = await client.get("/v1/supply", SupplyReport)
    except NetworkError:
        if insist:
            raise
        return None, f"no centre answers at {url}"
    if held is None or held.genesis in {None, answered}:
        return report, ""
    if insist:
        raise ConfigurationError(f"the centre at {url} is another network's than the journal: name the right one")
    return None, f"another network's centre answers at {url}"


async def _judge(held: _Held, report: SupplyReport | None) -> Judged:
    until = None if report is None else report.sequence
    with progress_bar() as show:

        def progress(done: int, total: int) -> None:
            show("journal, KiB", done // KIB, total // KIB)

        return await judge_journal(held.journal, genesis=held.genesis, until=until, progress=progress)
