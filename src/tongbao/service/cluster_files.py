"""The files of a journal's servers: a configuration for each, and the key of whoever writes the journal."""

from dataclasses import dataclass
from pathlib import Path

from tongbao.adapters.entropy import SystemEntropy
from tongbao.adapters.nats_configuration import ServerCertificates, ServerPlan, server_configuration
from tongbao.adapters.nats_place import parse_servers
from tongbao.coin.ed25519 import SECRET_SEED_BYTES
from tongbao.errors import ConfigurationError
from tongbao.service.key_file import read_key, write_key
from tongbao.service.whole_file import write_new

__all__ = ["ClusterFiles", "ClusterRequest", "write_cluster"]

ROUTE_ABOVE = 2000
"""The servers talk to each other at the port of their clients and so many more, as 6222 beside 4222."""
ROUTED_PORT_MAX = 65_535 - ROUTE_ABOVE


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusterRequest:
    """What the servers are to be.

    Attributes:
        servers: as `nats://host:port,host:port,host:port`.
        directory: where the files go.
        store: directory, on the server's machine, under which each keeps its records.
        writer: key file of the registration centre; None makes one.
        readers: key files, or public key files, of those who only read.
        certificates: directory, on the server's machine, with `NAME.pem`, `NAME.key` and `authorities.pem`; None
            without TLS.
    """

    servers: str
    directory: Path
    store: Path
    writer: Path | None = None
    readers: tuple[Path, ...] = ()
    certificates: Path | None = None


@dataclass(frozen=True, slots=True)
class ClusterFiles:
    """What was written.

    Attributes:
        journal: the servers' address, for `--journal`.
        key: the writer's key file, for `--journal-key`.
        plans: of the servers.
        configurations: the servers' files, in the same order.
    """

    journal: str
    key: Path
    plans: tuple[ServerPlan, ...]
    configurations: tuple[Path, ...]


def write_cluster(request: ClusterRequest) -> ClusterFiles:
    """Write the servers' configuration files, and the writer's key where none is given.

    Raises:
        ConfigurationError: a file is there already, a key cannot be read, or the servers cannot be.
    """
    servers = parse_servers(request.servers)
    routes = [_route(server) for server in servers]
    if len({*servers, *routes}) < 2 * len(servers):
        raise ConfigurationError(
            f"two servers of {request.servers} would listen at one port: each takes its own and the one {ROUTE_ABOVE} "
            "above it"
        )
    key = request.writer or request.directory / "journal.key"
    _make(request.directory)
    writer = read_key(key) if request.writer else write_key(key, SystemEntropy().bytes(SECRET_SEED_BYTES))
    readers = tuple(read_key(path).public_key for path in request.readers)
    plans = []
    for place, (server, route) in enumerate(zip(servers, routes, strict=True)):
        name = f"n{place + 1}"
        others = [each for each in routes if each != route]
        plans.append(
            ServerPlan(
                name=name,
                listen=server,
                route=route,
                routes=others,
                store=request.store / name,
                writers=[writer.public_key],
                readers=readers,
                certificates=_certificates(request.certificates, name),
            )
        )
    return ClusterFiles(request.servers, key, tuple(plans), tuple(_write(request.directory, plan) for plan in plans))


def _route(server: str) -> str:
    host, _, port = server.rpartition(":")
    if int(port) > ROUTED_PORT_MAX:
        raise ConfigurationError(f"{server}: the servers need a port {ROUTE_ABOVE} above it, too; choose a lower one")
    return f"{host}:{int(port) + ROUTE_ABOVE}"


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"cannot make {directory}: {error.strerror}") from None


def _certificates(directory: Path | None, name: str) -> ServerCertificates | None:
    if directory is None:
        return None
    return ServerCertificates(directory / f"{name}.pem", directory / f"{name}.key", directory / "authorities.pem")


def _write(directory: Path, plan: ServerPlan) -> Path:
    path = directory / f"{plan.name}.conf"
    write_new(path, server_configuration(plan), what="the configuration ")
    return path
