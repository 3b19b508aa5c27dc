"""Data directories of earlier versions brought to this one, step by step, with what they were kept beside.

A step can be made again after an interruption: the version in network.json is written last. Nothing of the ledger is
ever touched: the journal's format has its own version.
"""

import json
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tongbao.adapters.database_copy import copy_database
from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.migration import pending, upgrade
from tongbao.adapters.redo import database_file, keep_redo
from tongbao.adapters.sql_group import open_engine
from tongbao.centres.central_bank import migrations as office_migrations
from tongbao.errors import ConfigurationError
from tongbao.institutions import migrations as institution_migrations
from tongbao.service.configuration import CentralBankConfiguration, InstitutionConfiguration, load_configuration
from tongbao.service.data_directory import DATA_VERSION, REDO_FOLDER
from tongbao.service.server import bind
from tongbao.service.whole_file import copy_whole, write_whole

__all__ = ["Change", "Migration", "demand_stopped", "migrate", "plan_migration"]

_KEPT: Final = "before-version-{version}"
"""Where configurations and databases lie as they were."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a migration does.

    Attributes:
        place: the file, from the data directory.
        what: for people.
    """

    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Migration:
    """What there is to do.

    Attributes:
        from_version: of the data directory.
        to_version: of this software.
        changes: in the order in which they are made.
    """

    from_version: int
    to_version: int
    changes: tuple[Change, ...]


class _Step:
    """From one version to the next."""

    def __init__(self, plan: Callable[[Path], list[Change]], make: Callable[[Path], None]) -> None:
        self.plan = plan
        self.make = make


def plan_migration(root: Path) -> Migration:
    """What would be done; nothing is changed.

    Raises:
        ConfigurationError: there is no network in the directory, or a newer version wrote it.
    """
    version = int(_network(root)["version"])
    if version > DATA_VERSION:
        raise ConfigurationError(
            f"{root} is of version {version}, this software works with {DATA_VERSION}: install a newer one"
        )
    changes = [change for number in range(version, DATA_VERSION) for change in _STEPS[number].plan(root)]
    changes += _databases_plan(root)
    if version < DATA_VERSION:
        changes.append(Change("network.json", f"version {version} becomes {DATA_VERSION}"))
    return Migration(version, DATA_VERSION, tuple(changes))


def migrate(root: Path) -> Migration:
    """Bring the data directory to this version, while none of its roles runs; returns what was done.

    Raises:
        ConfigurationError: a role runs, or the directory cannot be migrated.
    """
    migration = plan_migration(root)
    if not migration.changes:
        return migration
    demand_stopped(root)
    if migration.from_version < DATA_VERSION:
        _keep(root, root / _KEPT.format(version=DATA_VERSION))
    for version in range(migration.from_version, DATA_VERSION):
        _STEPS[version].make(root)
    _upgrade_databases(root)
    _write_version(root)
    return migration


def _network(root: Path) -> dict[str, Any]:
    path = root / "network.json"
    try:
        content: dict[str, Any] = json.loads(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"{root} holds no network ({error.strerror}): make one with tongbao up") from None
    except ValueError as error:
        raise ConfigurationError(f"{path} cannot be read: {error}") from None
    if not isinstance(content.get("version"), int):
        raise ConfigurationError(f"{path} names no version: restore it from your copy")
    return content


def _places(root: Path) -> list[dict[str, Any]]:
    network = _network(root)
    return [network["registration"], network["central_bank"], *network["institutions"]]


def _institutions(root: Path) -> list[str]:
    return [place["name"] for place in _network(root)["institutions"]]


def demand_stopped(root: Path, role: str = "") -> None:
    """Return if the ports of all roles, or of one, are free, so that their databases may be changed.

    Raises:
        ConfigurationError: one is taken.
    """
    for place in _places(root):
        if role not in {"", place["name"]}:
            continue
        address = urlsplit(place["url"])
        try:
            bind(address.hostname or "", address.port or 0).close()
        except ConfigurationError as error:
            raise ConfigurationError(
                f"{place['name']} seems to run ({error}): stop it before its data change"
            ) from None


def _keep(root: Path, kept: Path) -> None:
    """Copy what is about to change; a copy that an earlier attempt made is of the older state and stays."""
    for place in _places(root):
        folder = root / place["name"]
        (kept / place["name"]).mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in [folder / "config.toml", *folder.glob("*.sqlite")]:
            target = kept / place["name"] / path.name
            if not target.exists() and path.suffix == ".sqlite":
                copy_database(path, target)
            elif not target.exists():
                copy_whole(path, target)


def _write_version(root: Path) -> None:
    network = {**_network(root), "version": DATA_VERSION}
    _rewrite(root / "network.json", json.dumps(network, indent=2) + "\n")


def _rewrite(path: Path, text: str) -> None:
    """Give a file other content, for the same readers."""
    write_whole(path, text.encode(), mode=path.stat().st_mode & 0o777)


# --- databases --------------------------------------------------------------------------------------------------------


def _databases_plan(root: Path) -> list[Change]:
    changes = []
    for name, url, migrations in _databases(root):
        if database_file(url).exists():
            engine = open_engine(url)
            revisions = pending(engine, migrations)
            engine.dispose()
            changes += [Change(f"{name}/{database_file(url).name}", f"schema: {each}") for each in revisions]
    return changes


def _databases(root: Path) -> list[tuple[str, str, Any]]:
    found: list[tuple[str, str, Any]] = []
    for place in _places(root):
        configuration = load_configuration(root / place["name"] / "config.toml")
        if isinstance(configuration, InstitutionConfiguration):
            found.append((place["name"], configuration.database, institution_migrations))
        elif isinstance(configuration, CentralBankConfiguration):
            found.append((place["name"], configuration.database, office_migrations))
    return [each for each in found if each[1].startswith("sqlite")]


def _upgrade_databases(root: Path) -> None:
    """The newest schema everywhere; where a log is kept, it hears of it."""
    for name, url, migrations in _databases(root):
        if not database_file(url).exists():
            continue
        configuration = load_configuration(root / name / "config.toml")
        engine = open_engine(url)
        try:
            if isinstance(configuration, InstitutionConfiguration) and configuration.redo_log is not None:
                keep_redo(engine, migrations, configuration.redo_log, entropy=SystemEntropy().bytes).close()
            else:
                upgrade(engine, migrations)
        finally:
            engine.dispose()


# --- from version 1: institutions keep a redo log ---------------------------------------------------------------------


def _without_log(root: Path) -> list[Path]:
    configs = [root / name / "config.toml" for name in _institutions(root)]
    return [path for path in configs if "redo_log" not in tomllib.loads(path.read_text(encoding="utf-8"))]


def _plan_redo_logs(root: Path) -> list[Change]:
    what = f'redo_log = "{REDO_FOLDER}": from now on its database can be rebuilt'
    return [Change(str(path.relative_to(root)), what) for path in _without_log(root)]


def _add_redo_logs(root: Path) -> None:
    for path in _without_log(root):
        # Before everything else: behind a table's heading it would belong to that table.
        _rewrite(path, f'redo_log = "{REDO_FOLDER}"\n' + path.read_text(encoding="utf-8"))


_STEPS: Final = {1: _Step(_plan_redo_logs, _add_redo_logs)}
"""From each version to the next."""
