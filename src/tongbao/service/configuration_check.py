"""Does what a configuration names exist, and can it be used? Asked before anything starts, all at once."""

from collections.abc import Callable, Iterator
from pathlib import Path

import sqlalchemy as sa

from tongbao.coin import Genesis
from tongbao.errors import ConfigurationError, RequestError, TongbaoError
from tongbao.institutions.policy import load_policy
from tongbao.service.configuration import (
    CentralBankConfiguration,
    InstitutionConfiguration,
    RegistrationConfiguration,
    RoleConfiguration,
    WitnessConfiguration,
    WitnessSettings,
    load_configuration,
)
from tongbao.service.key_file import read_key
from tongbao.service.witness.opening import known_logs, read_policy

__all__ = ["check_configuration"]


def check_configuration(path: Path) -> tuple[str, list[str]]:
    """The role that the file configures, and everything that would keep it from starting; "" where it cannot be read.

    Nothing is opened for writing, and nobody is asked over the network.
    """
    try:
        configuration = load_configuration(path)
    except ConfigurationError as error:
        return "", [str(error)]
    return configuration.role, list(_problems(configuration))


def _problems(configuration: RoleConfiguration) -> Iterator[str]:
    match configuration:
        case RegistrationConfiguration():
            yield from _failing("receipt_key", lambda: read_key(configuration.receipt_key))
            yield from _failing("genesis", lambda: _read_genesis(configuration.genesis))
            yield from _database("index", configuration.index)
            policy = configuration.witnesses
            if policy is not None:
                yield from _failing("witnesses", lambda: read_policy(policy))
        case CentralBankConfiguration():
            yield from _failing("key", lambda: read_key(configuration.key))
            yield from _database("database", configuration.database)
        case InstitutionConfiguration():
            yield from _institution(configuration)
        case WitnessConfiguration():
            yield from _witness(configuration)
            genesis, journal = configuration.genesis, configuration.journal
            if genesis is not None:
                yield from _failing("genesis", lambda: _read_genesis(genesis))
            if journal is not None and not journal.is_dir():
                yield f"journal: there is no directory {journal}: name that of the journal's copy"


def _institution(configuration: InstitutionConfiguration) -> Iterator[str]:
    for name in ("endorser_key", "vault_key", "teller_key"):
        path: Path = getattr(configuration, name)
        yield from _failing(name, lambda path=path: read_key(path))  # type: ignore[misc]
    if configuration.policy is not None:
        policy = configuration.policy
        yield from _failing("policy", lambda: load_policy(str(policy), _content(policy)))
    yield from _database("database", configuration.database)
    homes = [peer.home for peer in configuration.peers]
    if configuration.home in homes:
        yield f"peers: home {configuration.home} is this institution itself: leave it out"
    if len(set(homes)) < len(homes):
        yield "peers: a home stands there twice: name each once"
    if configuration.witness is not None:
        yield from (f"witness.{problem}" for problem in _witness(configuration.witness))
    if configuration.redo_log is not None and not configuration.database.startswith("sqlite"):
        yield "redo_log: it is kept of SQLite's databases only: leave it out, and archive the server's own log"


def _witness(settings: WitnessConfiguration | WitnessSettings) -> Iterator[str]:
    yield from _failing("key", lambda: read_key(settings.key))
    yield from _failing("logs", lambda: known_logs(settings.logs))


def _database(name: str, url: str) -> Iterator[str]:
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        yield f"{name}: {url} is no database's URL; as sqlite:///institution.sqlite or postgresql+psycopg://host/name"
        return
    if parsed.drivername.startswith("sqlite") and parsed.database not in {None, "", ":memory:"}:
        folder = Path(str(parsed.database)).parent
        if not folder.is_dir():
            yield f"{name}: the folder {folder} is not there: make it, or name another place"


def _failing(name: str, read: Callable[[], object]) -> Iterator[str]:
    try:
        read()
    except TongbaoError as error:
        yield f"{name}: {error}"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None


def _read_genesis(path: Path) -> Genesis:
    try:
        return Genesis.decode(_content(path))
    except RequestError as error:
        raise ConfigurationError(f"{path} is no genesis: {error}") from None
