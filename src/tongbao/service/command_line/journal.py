"""`tongbao journal`: look after the journal's files."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.disk import FileDisk
from tongbao.adapters.journal_copy import LISTING, publish_copy
from tongbao.adapters.journal_verify import verify_journal
from tongbao.centres.registration.journal import JournalReport
from tongbao.service.chain_check import ChainCheck
from tongbao.service.command_line.output import JsonOption, answer, count_text, run

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

DAMAGED = 3


@app.callback()
def journal() -> None:
    """Look after the journal.

    Example: `tongbao journal verify data/journal`
    """


@app.command()
def verify(
    directory: Annotated[Path, typer.Argument(help="The journal's directory, as DATA/journal.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Read every record and check checksums, numbering and the chain of hashes; exit with 3 where they do not hold.

    Example: `tongbao journal verify data/journal`
    """

    async def work() -> JournalReport:
        disk = FileDisk()
        try:
            return await verify_journal(disk, str(directory), check=ChainCheck())
        finally:
            disk.close()

    report = run(work, as_json=as_json)
    content = {
        "ok": report.damage is None,
        "records": report.records,
        "segments": report.segments,
        "payload_bytes": report.payload_bytes,
        "network_id": report.network_id.hex() if report.network_id else None,
        "in_use": report.in_use,
        "torn_tail": str(report.torn_tail) if report.torn_tail else None,
        "damage": None
        if report.damage is None
        else {
            "file": report.damage.file,
            "offset": report.damage.offset,
            "reason": report.damage.reason,
            "cure": report.damage.cure,
        },
    }
    records, segments = count_text(report.records, "record"), count_text(report.segments, "segment")
    lines = [f"{records} in {segments}, {count_text(report.payload_bytes, 'byte')}"]
    if report.torn_tail:
        lines.append(str(report.torn_tail))
    lines.append("no damage" if report.damage is None else f"DAMAGE: {report.damage}")
    answer(content, as_json=as_json, text="\n".join(lines))
    if report.damage is not None:
        raise typer.Exit(DAMAGED)


@app.command()
def publish(
    directory: Annotated[Path, typer.Argument(help="The journal's directory, as DATA/journal.")],
    target: Annotated[Path, typer.Argument(help="Where a web server finds the copy.")],
    *,
    as_json: JsonOption = False,
) -> None:
    """Copy a journal to where a web server lets auditors read it; run again, it copies what has grown.

    Whoever reads it sees every payment, though no person: let nobody but auditors in.

    Example: `tongbao journal publish data/journal /srv/audit/journal`
    """

    async def work() -> list[str]:
        return publish_copy(directory, target)

    names = run(work, as_json=as_json)
    answer(
        {"files": names, "listing": LISTING},
        as_json=as_json,
        text=f"{count_text(len(names), 'file')} in {target}, listed in {LISTING}",
    )
