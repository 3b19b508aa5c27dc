"""`tongbao rebuild`: make an institution's lost database again from its redo log."""

from pathlib import Path
from typing import Annotated, Any

import typer

from tongbao.adapters.redo import Rebuilt, rebuild
from tongbao.errors import ConfigurationError
from tongbao.institutions import migrations
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.configuration import InstitutionConfiguration, load_configuration

__all__ = ["rebuild_database"]


def rebuild_database(
    config: Annotated[Path, typer.Option("--config", help="The institution's configuration file.")],
    backup: Annotated[
        Path | None,
        typer.Option(
            "--backup",
            help="A copy of the database to begin with; else the log's own base.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Make an institution's database again from its redo log, while the institution does not run.

    What is there under the database's name is set aside, not deleted. What the ledger has settled meanwhile comes with
    the institution's next start.

    Example: `tongbao rebuild --config data/institution-1/config.toml`
    """

    async def work() -> Rebuilt:
        configuration = load_configuration(config)
        if not isinstance(configuration, InstitutionConfiguration):
            raise ConfigurationError(f"{config} configures the role {configuration.role}: only institutions keep a log")
        if configuration.redo_log is None:
            raise ConfigurationError(f"{config} names no redo_log, so there is nothing to rebuild from")
        return rebuild(configuration.database, migrations, configuration.redo_log, start=backup)

    done = run(work, as_json=as_json)
    answer(_content(done), as_json=as_json, text=_text(done))


def _content(done: Rebuilt) -> dict[str, Any]:
    return {
        "database": str(done.database),
        "started_from": None if done.start is None else str(done.start),
        "from_commit": done.from_number,
        "to_commit": done.to_number,
        "set_aside": None if done.aside is None else str(done.aside),
        "torn_bytes": done.torn_bytes,
    }


def _text(done: Rebuilt) -> str:
    start = "from nothing" if done.start is None else f"from {done.start}, which held commit {done.from_number}"
    commits = count_text(done.to_number - done.from_number, "commit")
    lines = [f"{done.database}: rebuilt {start}, with {commits} of the log up to commit {done.to_number}"]
    if done.aside is not None:
        lines.append(f"what was there before lies in {done.aside}")
    if done.torn_bytes:
        lines.append(f"the log ends with {count_text(done.torn_bytes, 'byte')} of a record that was never finished")
    lines.append("start the institution: it takes up what the ledger has settled meanwhile")
    return "\n".join(lines)
