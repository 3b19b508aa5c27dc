"""Where a journal on NATS JetStream is: its servers, and what this process shows them to be let in."""

import re
import ssl
from dataclasses import dataclass
from pathlib import Path

from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError

__all__ = ["SERVER_COUNTS", "NatsPlace", "parse_servers"]

SERVER_COUNTS = (1, 3, 5)
"""One loses what its disk loses; of three, any one may die, and of five any two. Even numbers bear no more than the odd
number below them."""

DEFAULT_PORT = 4222
PORT_MAX = 65_535

_SCHEME = "nats://"
_SERVER = re.compile(r"(?P<host>[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:(?P<port>[0-9]{1,5}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class NatsPlace:
    """The servers that keep one journal together.

    Attributes:
        servers: each as `host:port`; as many as there are copies of every record.
        key: by which the servers know this process; None where they let anybody in.
        authorities: file with the certificates of those who may vouch for the servers; None without TLS.
    """

    servers: tuple[str, ...]
    key: SigningKey | None = None
    authorities: Path | None = None

    def __str__(self) -> str:
        return _SCHEME + ",".join(self.servers)

    @property
    def majority(self) -> int:
        """How many servers must be at work for anything to be written."""
        return len(self.servers) // 2 + 1

    def tls(self) -> ssl.SSLContext | None:
        """What the servers must show; None without TLS.

        Raises:
            ConfigurationError: the file of the authorities cannot be read.
        """
        if self.authorities is None:
            return None
        try:
            return ssl.create_default_context(cafile=self.authorities)
        except OSError as error:
            raise ConfigurationError(f"{self.authorities} holds no certificates that can be read: {error}") from None


def parse_servers(text: str) -> tuple[str, ...]:
    """The servers of `nats://host:port,host:port,...`, each as `host:port`.

    Raises:
        ConfigurationError: it is no such address, or names no number of servers that can keep a journal.
    """
    parts = text.removeprefix(_SCHEME).split(",") if text.startswith(_SCHEME) else []
    servers = [_parse_server(part.removeprefix(_SCHEME), text) for part in parts]
    if len(servers) not in SERVER_COUNTS or len(set(servers)) < len(servers):
        raise ConfigurationError(
            f"{text!r} names {len(set(servers))} servers of a journal: write nats://host:port,host:port,... with one, "
            "three or five different servers, every one of the cluster"
        )
    return tuple(servers)


def _parse_server(part: str, text: str) -> str:
    match = _SERVER.fullmatch(part)
    port = int(match["port"] or DEFAULT_PORT) if match else 0
    if match is None or not 0 < port <= PORT_MAX:
        raise ConfigurationError(f"{part!r} in {text!r} is no server: write host:port, as 10.0.0.1:{DEFAULT_PORT}")
    return f"{match['host']}:{port}"
