"""Back-ups of a data directory, made while its roles run, and what is put back from them.

Databases are copied as of one moment each. The journal is copied to be read and counted elsewhere, and is never put
back: acknowledged history is not restored away. Keys are copied only where that is asked for.
"""

import hashlib
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tongbao.adapters.clock import SystemClock
from tongbao.adapters.database_copy import check_database, copy_database, put_in_place, set_aside
from tongbao.adapters.redo import database_file, rebuild
from tongbao.adapters.redo_capture import commit_in, position_in
from tongbao.adapters.redo_pruning import PrunedRedo, prune_redo
from tongbao.errors import ConfigurationError, DamageError
from tongbao.institutions import migrations
from tongbao.service.configuration import InstitutionConfiguration, RoleConfiguration, load_configuration
from tongbao.service.data_directory import DataDirectory
from tongbao.service.data_migration import demand_stopped
from tongbao.service.network_witnesses import WITNESS_KEY
from tongbao.service.whole_file import copy_whole

__all__ = ["Backup", "Restored", "forget_redo", "make_backup", "restore", "verify_backup"]

MANIFEST: Final = "manifest.json"
REGISTRATION: Final = "registration"
_WHOLE: Final = ("network.json", "genesis.bin", "policy.json", "log.vkey")
_INSIDE: Final = r"^[^/.\x00-\x1f][^/\x00-\x1f]*(/[^/.\x00-\x1f][^/\x00-\x1f]*)*$"
"""A path that leads nowhere but down."""
_CHUNK_BYTES: Final = 1024 * 1024


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class BackedUpFile(_Record):
    """A file of a back-up.

    Attributes:
        role: whose it is; "" for what belongs to the whole network.
        path: from the back-up's folder, as from the data directory.
        bytes: its length.
        sha256: of its content.
        commit: of a database with a redo log, the last commit that it holds.
    """

    role: str
    path: Annotated[str, Field(pattern=_INSIDE)]
    bytes: int
    sha256: str
    commit: int | None = None


class Backup(_Record):
    """What a back-up holds, as its manifest says.

    Attributes:
        version: of the manifest.
        network_id: of the network, in hexadecimal.
        made_at: wall-clock time in UTC.
        keys: whether secret keys are in it.
        files: all of them.
    """

    version: Literal[1] = 1
    network_id: str
    made_at: str
    keys: bool
    files: list[BackedUpFile]


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back.

    Attributes:
        role: whose.
        files: from the data directory.
        aside: the database that was there before.
        from_commit: the last commit of the back-up, where it has a redo log.
        to_commit: the last commit after the log's records were added.
    """

    role: str
    files: tuple[str, ...]
    aside: Path | None
    from_commit: int | None
    to_commit: int | None


# --- making -----------------------------------------------------------------------------------------------------------


def make_backup(root: Path, folder: Path, *, keys: bool) -> Backup:
    """Copy databases, configurations and the journal, whether the roles run or not; the folder must be new or empty.

    Raises:
        ConfigurationError: the folder is not empty or cannot be written, or there is no network.
        StorageError: a database cannot be copied.
    """
    data = DataDirectory.open(root)
    if folder.exists() and any(folder.iterdir()):
        raise ConfigurationError(f"{folder} is not empty: name a new folder for each back-up")
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        files = list(_copied(data, folder, keys=keys))
        backup = Backup(
            network_id=data.network.network_id,
            made_at=datetime.fromtimestamp(SystemClock().now_ms() // 1000, UTC).isoformat(),
            keys=keys,
            files=files,
        )
        # Last: a folder without it is an unfinished back-up.
        (folder / MANIFEST).write_text(backup.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write the back-up to {folder}: {error.strerror}") from None
    return backup


def _copied(data: DataDirectory, folder: Path, *, keys: bool) -> Iterator[BackedUpFile]:
    for name in _WHOLE:
        if (data.root / name).exists():
            yield _copy(data.root, folder, name, role="")
    for role, (config, _) in data.roles().items():
        yield _copy(data.root, folder, f"{role}/config.toml", role=role)
        yield from _copied_database(folder, role, load_configuration(config))
        for path in _keys_in(data.root / role) if keys else ():
            yield _copy(data.root, folder, str(path.relative_to(data.root)), role=role)
    for path in sorted((data.root / REGISTRATION / "log-book").glob("st*")):
        # What was signed last, and where statements stand: all else of the log follows from the journal.
        if not path.name.endswith(".unfinished"):
            yield _copy(data.root, folder, str(path.relative_to(data.root)), role=REGISTRATION)
    # The oldest first, so that what is copied is a journal at every moment.
    for path in sorted(data.journal.glob("*.segment")):
        yield _copy(data.root, folder, str(path.relative_to(data.root)), role=REGISTRATION)


def _keys_in(folder: Path) -> list[Path]:
    """A role's secret keys but the witness's: with an older record beside it, it could cosign a second history."""
    return sorted(path for path in folder.rglob("*.key") if path.name != WITNESS_KEY)


def _copied_database(folder: Path, role: str, configuration: RoleConfiguration) -> Iterator[BackedUpFile]:
    url = getattr(configuration, "database", "")
    # PostgreSQL has back-ups of its own, and the registration centre's index is rebuilt from the journal.
    if not url.startswith("sqlite") or not database_file(url).exists():
        return
    path = f"{role}/{database_file(url).name}"
    copy_database(database_file(url), folder / path)
    yield _described(folder, path, role, commit=commit_in(folder / path))


def _copy(root: Path, folder: Path, path: str, *, role: str) -> BackedUpFile:
    target = folder / path
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    shutil.copy2(root / path, target)
    return _described(folder, path, role)


def _described(folder: Path, path: str, role: str, commit: int | None = None) -> BackedUpFile:
    size, digest = _measured(folder / path)
    return BackedUpFile(role=role, path=path, bytes=size, sha256=digest, commit=commit)


def _measured(path: Path) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


# --- verifying --------------------------------------------------------------------------------------------------------


def verify_backup(folder: Path) -> Backup:
    """The back-up in the folder, if every file is what was written and every database is whole.

    Raises:
        ConfigurationError: there is no finished back-up.
        DamageError: a file is missing, or is not what was written.
    """
    backup = _manifest(folder)
    _check(folder, backup.files)
    return backup


def _manifest(folder: Path) -> Backup:
    try:
        return Backup.model_validate_json((folder / MANIFEST).read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{folder} holds no finished back-up ({error.strerror})") from None
    except ValidationError as error:
        raise DamageError(f"{folder / MANIFEST} cannot be read: {error.errors()[0]['msg']}") from None


def _check(folder: Path, files: Iterable[BackedUpFile]) -> None:
    for each in files:
        path = folder / each.path
        try:
            found = _measured(path)
        except OSError as error:
            raise DamageError(f"{path} cannot be read ({error.strerror}): take another back-up") from None
        if found != (each.bytes, each.sha256):
            raise DamageError(f"{path} is not what was backed up: take another back-up")
        if path.suffix == ".sqlite":
            check_database(path)


# --- putting back -----------------------------------------------------------------------------------------------------


def restore(folder: Path, root: Path, role: str) -> Restored:
    """Put a role's database back, and what else of it is missing; a redo log brings the database on to its end.

    Raises:
        ConfigurationError: the role runs, is not in the back-up, or belongs to another network; or it is the
            registration centre, whose history is never put back.
        DamageError: the back-up is damaged.
    """
    backup = _manifest(folder)
    wanted = [each for each in backup.files if each.role in {"", role}]
    _demand_restorable(backup, root, role)
    _check(folder, wanted)
    placed = tuple(each.path for each in wanted if _place(folder, root, each.path))
    demand_stopped(root, role)
    databases = [each for each in wanted if each.path.endswith(".sqlite")]
    if not databases:
        return Restored(role, placed, None, None, None)
    configuration = load_configuration(root / role / "config.toml")
    aside, to_commit = _restore_database(folder / databases[0].path, configuration)
    return Restored(role, (*placed, databases[0].path), aside, databases[0].commit, to_commit)


def _demand_restorable(backup: Backup, root: Path, role: str) -> None:
    if role == REGISTRATION:
        raise ConfigurationError(
            "the registration centre's journal is never put back from a back-up: payments that were acknowledged since "
            "would be undone. Its index is rebuilt from the journal; a journal's damaged file is put back by hand"
        )
    roles = sorted({each.role for each in backup.files} - {"", REGISTRATION})
    if role not in roles:
        raise ConfigurationError(f"the back-up has no role {role}; it has {', '.join(roles)}")
    if DataDirectory.is_made(root) and DataDirectory.open(root).network.network_id != backup.network_id:
        raise ConfigurationError(f"{root} is another network than the back-up's: name the right directory")


def _place(folder: Path, root: Path, path: str) -> bool:
    """Copy a file that is missing; what is there is newer than the back-up, and stays."""
    if (root / path).exists() or path.endswith(".sqlite"):
        return False
    (root / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Whole or not at all: half a key that is there would be taken for the key.
    copy_whole(folder / path, root / path)
    return True


def _restore_database(copy: Path, configuration: RoleConfiguration) -> tuple[Path | None, int | None]:
    """What was set aside, and the last commit that the database holds now."""
    url = str(getattr(configuration, "database", ""))
    target = database_file(url)
    log = configuration.redo_log if isinstance(configuration, InstitutionConfiguration) else None
    if log is not None and any(log.glob("redo-*.log")):
        done = rebuild(url, migrations, log, start=copy)
        return done.aside, done.to_number
    # Copied before anything is set aside: on a full disk the database that is there stays where it is.
    ready = target.with_name(f"{target.name}.restored")
    copy_database(copy, ready)
    aside = set_aside(target)
    put_in_place(ready, target)
    return aside, commit_in(target)


# --- what a back-up makes unnecessary ---------------------------------------------------------------------------------


def forget_redo(folder: Path, root: Path, role: str) -> PrunedRedo:
    """Delete the files of a role's redo log that are older than this back-up, once the back-up is verified.

    The role may run meanwhile. Without this nothing of a redo log is ever deleted.

    Raises:
        ConfigurationError: the back-up has no database of the role with a redo log, or it is of another log.
        DamageError: the back-up is damaged; nothing was deleted.
    """
    backup = verify_backup(folder)
    _demand_restorable(backup, root, role)
    databases = [each for each in backup.files if each.role == role and each.commit is not None]
    position = position_in(folder / databases[0].path) if databases else None
    configuration = load_configuration(root / role / "config.toml")
    log = configuration.redo_log if isinstance(configuration, InstitutionConfiguration) else None
    if position is None or log is None:
        raise ConfigurationError(f"{role} keeps no redo log, or the back-up has no database of it")
    return prune_redo(log, position)
