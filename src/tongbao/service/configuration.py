"""Configuration files: one TOML file per role, checked before anything starts. Paths are relative to the file."""

import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, TypeVar, get_args
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator, model_validator

from tongbao.adapters.nats_place import parse_servers
from tongbao.adapters.sql_group import sqlite_url
from tongbao.errors import ConfigurationError
from tongbao.institutions.retention import DELIVERIES_DAYS, EVENTS_DAYS
from tongbao.service.rate_limits import RateLimitSettings

__all__ = [
    "CentralBankConfiguration",
    "ClockChoice",
    "ClusterSettings",
    "InstitutionConfiguration",
    "Listen",
    "Peer",
    "RegistrationConfiguration",
    "RoleConfiguration",
    "WitnessConfiguration",
    "WitnessSettings",
    "load_configuration",
]

Port = Annotated[int, Field(ge=1, le=65535)]
KeyName = Annotated[str, Field(pattern=r"^[^\s+]+$", max_length=255)]
BaseUrl = Annotated[str, Field(pattern=r"^https?://[^/\s]+$")]
Authority = Annotated[str, Field(pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^/:\[\]\s]+)(:[0-9]{1,5})?$")]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    @field_validator("*")
    @classmethod
    def _demand_no_nul(cls, value: object) -> object:
        if isinstance(value, str | Path) and "\0" in str(value):
            raise ValueError("has a NUL character, which no file and no host has in its name")
        return value


SectionT = TypeVar("SectionT", bound=_Section)


class ClockChoice(StrEnum):
    """Where ledger time comes from."""

    WALL = "wall"
    HEARTBEAT = "heartbeat"
    """Only from heartbeats that the central bank asks for; on test networks alone, for replays."""


class Listen(_Section):
    """Where a role answers.

    Attributes:
        host: an address of this machine; the default is reached from this machine alone.
        port: each role has its own.
    """

    host: str = "127.0.0.1"
    port: Port


class Peer(_Section):
    """Another institution.

    Attributes:
        home: its number.
        url: where it answers.
    """

    home: Annotated[int, Field(ge=1, lt=2**32)]
    url: BaseUrl


class RetentionSettings(_Section):
    """How long an institution keeps what nobody needs for money, in days of ledger time; 0 keeps it for ever.

    Attributes:
        events_days: events, unless a merchant's server has yet to hear of them.
        deliveries_days: what was sent to merchants' servers, with every attempt, once it has ended.
    """

    events_days: Annotated[int, Field(ge=0, le=36_500)] = EVENTS_DAYS
    deliveries_days: Annotated[int, Field(ge=0, le=36_500)] = DELIVERIES_DAYS


class WitnessSettings(_Section):
    """How an institution cosigns the registration centre's log.

    Attributes:
        name: of its key, as everybody knows it.
        key: key file with which it cosigns, and with which nothing else is signed.
        directory: where it keeps the last checkpoint of each log, and the proof of every fork.
        logs: policy file (C2SP's tlog-policy) whose log lines name the logs.
    """

    name: KeyName
    key: Path
    directory: Path
    logs: Path


class ClusterSettings(_Section):
    """Servers that keep the journal together, so that one of three may die, or two of five.

    Attributes:
        servers: all of them, as `nats://host:port,host:port,host:port`; one, three or five.
        key: key file by which the servers know this process; None where they let anybody in.
        authorities: file with the certificates of those who vouch for the servers; None without TLS.
    """

    servers: str
    key: Path | None = None
    authorities: Path | None = None

    @field_validator("servers")
    @classmethod
    def _demand_servers(cls, value: str) -> str:
        try:
            parse_servers(value)
        except ConfigurationError as error:
            raise ValueError(str(error)) from None
        return value


class RegistrationConfiguration(_Section):
    """The registration centre.

    Attributes:
        listen: where it answers.
        names: further hosts by which callers ask it, with a port unless it is the default one, as `bank.example`; a
            signed request for any other host is another server's. The address that a connection comes to counts anyway.
        genesis: the genesis, which becomes record 0 of an empty journal and must equal that of any other.
        journal: directory of the journal; with `cluster`, of the snapshots alone.
        index: URL of the rebuildable index's database.
        receipt_key: key file with which it signs batch heads and outcomes.
        cluster: the servers that keep the journal; None where it is kept in files of this machine.
        keeps_log: whether it keeps a transparency log; without it nobody outside can see that history is rewritten.
        log: directory of the transparency log, for anybody to read; the writer's own files lie in `<log>-book`.
        log_key: key file that signs the log's checkpoints; made at the first start where it is missing.
        log_cosigner_key: key file that cosigns them with ML-DSA-44; made in the same way.
        witnesses: policy file (C2SP's tlog-policy) with the witnesses that are asked to cosign them, and who of them
            suffice; where it is left out, nobody is asked.
        clock: where ledger time comes from.
        judge_workers: processes that judge submissions; 0 judges within the centre's own process.
        heartbeat_s: seconds of silence after which a heartbeat lets ledger time go on.
        rate_limits: how much each caller may ask.
    """

    role: Literal["registration"]
    listen: Listen
    genesis: Path
    journal: Path
    index: str
    receipt_key: Path
    cluster: ClusterSettings | None = None
    keeps_log: bool = True
    log: Path = Path("log")
    log_key: Path = Path("log.key")
    log_cosigner_key: Path = Path("log-cosigner.key")
    witnesses: Path | None = None
    clock: ClockChoice = ClockChoice.WALL
    judge_workers: Annotated[int, Field(ge=0, le=256)] = 0
    heartbeat_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 10.0
    names: list[Authority] = []
    rate_limits: RateLimitSettings = RateLimitSettings()


class CentralBankConfiguration(_Section):
    """The central bank's office.

    Attributes:
        listen: where it answers.
        names: further hosts by which callers ask it, with a port unless it is the default one, as `bank.example`; a
            signed request for any other host is another server's. The address that a connection comes to counts anyway.
        database: URL of the proposals' database.
        key: key file of home 0.
        registration: where the registration centre answers.
        rate_limits: how much each caller may ask.
    """

    role: Literal["central-bank"]
    listen: Listen
    database: str
    key: Path
    registration: BaseUrl
    names: list[Authority] = []
    rate_limits: RateLimitSettings = RateLimitSettings()


class InstitutionConfiguration(_Section):
    """An operating institution.

    Attributes:
        home: its number.
        name: for people.
        listen: where it answers.
        names: further hosts by which callers ask it, with a port unless it is the default one, as `bank.example`; a
            signed request for any other host is another server's. The address that a connection comes to counts anyway,
            and so does whatever is asked under its own path of a front.
        database: URL of its database.
        endorser_key: key file with which it endorses.
        vault_key: key file of its own coins.
        teller_key: public key file or key file of its tellers.
        registration: where the registration centre answers.
        central_bank: where the central bank's office answers.
        peers: the other institutions.
        policy: policy file; the packaged e-CNY one where it is left out.
        webhook_networks: where webhooks may go besides addresses that anybody can reach, also without TLS.
        redo_log: directory of the log from which the database can be rebuilt; best on another disk than the database.
            None keeps no log, as where the database is PostgreSQL's and keeps its own.
        rate_limits: how much each caller may ask.
        code_gateway: where text messages with codes for telephones are sent from; where it is left out, tellers of a
            test network tell customers their codes, and elsewhere nobody claims a number.
        retention: how long events and deliveries of webhooks are kept.
        witness: how it cosigns the registration centre's log; where it is left out, it does not.
    """

    role: Literal["institution"]
    home: Annotated[int, Field(ge=1, lt=2**32)]
    name: Annotated[str, Field(min_length=1, max_length=64)]
    listen: Listen
    database: str
    endorser_key: Path
    vault_key: Path
    teller_key: Path
    registration: BaseUrl
    central_bank: BaseUrl
    peers: list[Peer] = []
    policy: Path | None = None
    webhook_networks: list[IPv4Network | IPv6Network] = []
    redo_log: Path | None = None
    names: list[Authority] = []
    rate_limits: RateLimitSettings = RateLimitSettings()
    code_gateway: BaseUrl | None = None
    retention: RetentionSettings = RetentionSettings()
    witness: WitnessSettings | None = None


class WitnessConfiguration(_Section):
    """A witness of the registration centre's log that stands alone, as a supervisor's or an auditor's.

    Attributes:
        listen: where it answers.
        name: of its key, as everybody knows it.
        key: key file with which it cosigns, and with which nothing else is signed.
        directory: where it keeps the last checkpoint of each log, and the proof of every fork.
        logs: policy file (C2SP's tlog-policy) whose log lines name the logs.
        journal: directory of a copy of the journal, which it replays before it cosigns; where it is left out, it sees
            to it only that the log grows and never changes.
        genesis: the genesis with which that journal must begin.
        statements: a copy of the log's own directory, for the statements of the supply that stand between verdicts;
            a log that holds any cannot be replayed without.
        rate_limits: how much each caller may ask.
    """

    role: Literal["witness"]
    listen: Listen
    name: KeyName
    key: Path
    directory: Path
    logs: Path
    journal: Path | None = None
    genesis: Path | None = None
    statements: Path | None = None
    rate_limits: RateLimitSettings = RateLimitSettings()

    @model_validator(mode="after")
    def _demand_both(self) -> "WitnessConfiguration":
        if (self.journal is None) != (self.genesis is None):
            raise ValueError("name both journal and genesis, or neither")
        return self


RoleConfiguration = (
    RegistrationConfiguration | CentralBankConfiguration | InstitutionConfiguration | WitnessConfiguration
)

_ROLE = TypeAdapter[RoleConfiguration](Annotated[RoleConfiguration, Field(discriminator="role")])
_SQLITE = "sqlite:///"


def load_configuration(path: Path) -> RoleConfiguration:
    """The configuration in the file, its paths made absolute.

    Raises:
        ConfigurationError: it names the file, the setting and what is wrong with it.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:  # no TOML, no UTF-8, a number or a nesting that is too long to read
        raise ConfigurationError(f"{path} is not TOML: {error}") from None
    try:
        return _at(path.parent.resolve(), _ROLE.validate_python(content))
    except ValidationError as error:
        known = _known_settings(content.get("role"))
        problems = "; ".join(_problem(each["loc"], each["msg"], each["type"], known) for each in error.errors())
        raise ConfigurationError(f"{path}: {problems}") from None


def _known_settings(role: object) -> list[str]:
    """Every name that a role's file may hold."""
    models = [each for each in get_args(RoleConfiguration) if get_args(each.model_fields["role"].annotation) == (role,)]
    return [name for model in models for name in model.model_fields]


def _problem(location: tuple[int | str, ...], message: str, kind: str, known: Sequence[str]) -> str:
    # The first part is the role by which pydantic chose the model.
    name = ".".join(str(part) for part in location[1:]) or "role"
    if kind != "extra_forbidden":
        return f"{name}: {message}"
    alike = get_close_matches(str(location[-1]), known, n=1)
    return f"{name}: there is no such setting" + (f"; do you mean {alike[0]}?" if alike else "; leave it out")


def _at(directory: Path, configuration: SectionT) -> SectionT:
    """The same section with its relative paths and SQLite files taken from `directory`."""
    changed: dict[str, object] = {}
    for name in type(configuration).model_fields:
        value = getattr(configuration, name)
        if isinstance(value, Path):
            changed[name] = directory / value
        elif isinstance(value, _Section):
            changed[name] = _at(directory, value)
        elif isinstance(value, str) and value.startswith(_SQLITE):
            place, mark, query = value.removeprefix(_SQLITE).partition("?")
            changed[name] = sqlite_url(str(directory / unquote(place))) + mark + query
    return configuration.model_copy(update=changed)
