"""`tongbao migrate`: bring a data directory of an earlier version to this one."""

from typing import Annotated

import typer

from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, run
from tongbao.service.data_migration import Migration, migrate, plan_migration

__all__ = ["migrate_data"]


def migrate_data(
    data: DataOption = DEFAULT_DATA,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring a data directory of an earlier version to this one, while none of its roles runs.

    Configurations and databases are kept beside as they were. What was interrupted is done again by the same command.

    Example: `tongbao migrate --data data --dry-run`
    """

    async def work() -> Migration:
        return plan_migration(data) if dry_run else migrate(data)

    done = run(work, as_json=as_json)
    content = {
        "from_version": done.from_version,
        "to_version": done.to_version,
        "dry_run": dry_run,
        "changes": [{"place": change.place, "what": change.what} for change in done.changes],
    }
    answer(content, as_json=as_json, text=_text(done, dry_run=dry_run))


def _text(done: Migration, *, dry_run: bool) -> str:
    if not done.changes:
        return f"nothing to do: the data are of version {done.to_version}"
    verb = "would bring" if dry_run else "brought"
    lines = [f"{verb} the data from version {done.from_version} to {done.to_version}:"]
    return "\n".join([*lines, *(f"  {change.place}: {change.what}" for change in done.changes)])
