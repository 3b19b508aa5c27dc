"""`tongbao backup`: copies of what a network keeps, made while it runs, and put back."""

from pathlib import Path
from typing import Annotated

import typer

from tongbao.adapters.redo_pruning import PrunedRedo
from tongbao.service.backup import Backup, Restored, forget_redo, make_backup, restore, verify_backup
from tongbao.service.command_line.options import DEFAULT_DATA, DataOption
from tongbao.service.command_line.output import JsonOption, answer, count_text, run
from tongbao.service.data_directory import DataDirectory
from tongbao.service.journal_place import ClusterJournal, JournalPlace, journal_of

__all__ = ["app"]

app = typer.Typer(no_args_is_help=True)

FolderArgument = Annotated[Path, typer.Argument(metavar="FOLDER", help="The back-up's folder.")]


@app.callback()
def backup() -> None:
    """Copy what a network keeps while it runs, check the copies, put them back.

    Example: `tongbao backup make backups/monday --data data`
    """


@app.command()
def make(
    folder: FolderArgument,
    data: DataOption = DEFAULT_DATA,
    *,
    keys: Annotated[
        bool, typer.Option("--keys", help="Copy secret keys, too: keep the back-up as safe as them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Copy databases, configurations and the journal into a new folder; the roles may run meanwhile.

    Example: `tongbao backup make backups/monday --data data --keys`
    """

    async def work() -> tuple[Backup, JournalPlace]:
        return make_backup(data, folder, keys=keys), journal_of(DataDirectory.open(data))

    made, place = run(work, as_json=as_json)
    content, text = made.model_dump(mode="json"), _text(made, f"backed up to {folder}")
    if isinstance(place, ClusterJournal):
        content["journal_elsewhere"] = str(place)
        text += f"\nthe journal is kept at {place} and is NOT in this back-up"
    answer(content, as_json=as_json, text=text)


@app.command()
def verify(folder: FolderArgument, *, as_json: JsonOption = False) -> None:
    """Check every file of a back-up against its manifest, and every database; ends with 3 where one is not whole.

    Example: `tongbao backup verify backups/monday`
    """

    async def work() -> Backup:
        return verify_backup(folder)

    found = run(work, as_json=as_json)
    answer({"ok": True, **found.model_dump(mode="json")}, as_json=as_json, text=_text(found, f"{folder} is whole"))


@app.command(name="restore")
def restore_role(
    folder: FolderArgument,
    role: Annotated[str, typer.Option("--role", help="Whose database, as institution-1 or central-bank.")],
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Put a role's database back while the role does not run; its redo log, if it is there, brings it on to its end.

    What was there is set aside. Configuration and keys are put back only where they are missing. The registration
    centre's journal is never put back.

    Example: `tongbao backup restore backups/monday --role institution-1 --data data`
    """

    async def work() -> Restored:
        return restore(folder, data, role)

    done = run(work, as_json=as_json)
    content = {
        "role": done.role,
        "files": list(done.files),
        "set_aside": None if done.aside is None else str(done.aside),
        "from_commit": done.from_commit,
        "to_commit": done.to_commit,
    }
    answer(content, as_json=as_json, text=_restored_text(done))


@app.command(name="forget-redo")
def forget_older_redo(
    folder: FolderArgument,
    role: Annotated[str, typer.Option("--role", help="Whose redo log, as institution-1.")],
    data: DataOption = DEFAULT_DATA,
    *,
    as_json: JsonOption = False,
) -> None:
    """Delete what of a redo log is older than this back-up, which is verified first; the institution may run meanwhile.

    From then on the database is rebuilt from this back-up or a newer one. Nothing else deletes a redo log's files.

    Example: `tongbao backup forget-redo backups/monday --role institution-1 --data data`
    """

    async def work() -> PrunedRedo:
        return forget_redo(folder, data, role)

    done = run(work, as_json=as_json)
    content = {"role": role, "files": list(done.files), "bytes": done.bytes, "first": done.first}
    what = f"{count_text(len(done.files), 'file')} deleted, {count_text(done.bytes, 'byte')}"
    answer(content, as_json=as_json, text=f"{role}: {what}; the log begins with commit {done.first} now")


def _text(found: Backup, headline: str) -> str:
    size = count_text(sum(each.bytes for each in found.files), "byte")
    lines = [f"{headline}: {count_text(len(found.files), 'file')}, {size}, made {found.made_at}"]
    lines += [f"  {each.path} holds commit {each.commit}" for each in found.files if each.commit is not None]
    lines.append(
        "secret keys are in it" if found.keys else "without secret keys: copy them to a safe place of their own"
    )
    return "\n".join(lines)


def _restored_text(done: Restored) -> str:
    lines = [f"{done.role}: put back {', '.join(done.files) or 'nothing, for nothing was missing'}"]
    if done.aside is not None:
        lines.append(f"what was there before lies in {done.aside}")
    if done.from_commit is not None and done.to_commit is not None:
        added = count_text(done.to_commit - done.from_commit, "commit")
        lines.append(f"the back-up held commit {done.from_commit}; {added} came from the redo log")
    return "\n".join(lines)
