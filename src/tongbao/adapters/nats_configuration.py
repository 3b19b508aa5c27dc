"""What the servers of a journal must be told, as the text of their configuration files."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tongbao.adapters.nats_client import nkey_of
from tongbao.adapters.nats_record import HEADERS_BYTES_MAX
from tongbao.adapters.nats_stream import REPORT
from tongbao.centres.registration.journal import RECORD_BYTES_MAX

__all__ = ["ServerCertificates", "ServerPlan", "server_configuration"]

PAYLOAD_BYTES_MAX: Final = RECORD_BYTES_MAX + 64 * HEADERS_BYTES_MAX

_WRITER_MAY: Final = ("tongbao.journal.>", "$JS.API.STREAM.CREATE.*")
_READER_MAY: Final = ("$JS.API.STREAM.INFO.*", "$JS.API.STREAM.MSG.GET.*", REPORT)


@dataclass(frozen=True, slots=True)
class ServerCertificates:
    """Paths on the server's machine.

    Attributes:
        certificate: the server's own, with what vouches for it.
        key: its secret key.
        authorities: of whoever may vouch for the other servers.
    """

    certificate: Path
    key: Path
    authorities: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerPlan:
    """One server of a cluster.

    Attributes:
        name: unlike the others'.
        listen: host and port for those who write and read the journal.
        route: host and port for the other servers.
        routes: where the other servers have theirs; none for a server alone.
        store: directory on a disk of its own.
        writers: Ed25519 keys, 32 bytes each, of the registration centres.
        readers: of those who only read.
        certificates: None where the servers' network is nobody else's.
    """

    name: str
    listen: str
    route: str
    routes: Sequence[str]
    store: Path
    writers: Sequence[bytes]
    readers: Sequence[bytes] = ()
    certificates: ServerCertificates | None = None


def server_configuration(plan: ServerPlan) -> str:
    """The text of the server's configuration file."""
    lines = [
        f"server_name: {_quoted(plan.name)}",
        f"listen: {_quoted(plan.listen)}",
        f"max_payload: {PAYLOAD_BYTES_MAX}",
        "jetstream {",
        f"  store_dir: {_quoted(str(plan.store))}",
        "  # Without this line the servers acknowledge what a loss of power takes.",
        "  sync_interval: always",
        "}",
        *_tls(plan.certificates, ""),
        *_cluster(plan),
        "accounts {",
        "  SYS {",
        f'    exports: [ {{ service: "{REPORT}", response: stream, accounts: [JOURNAL] }} ]',
        "  }",
        "  JOURNAL {",
        "    jetstream: enabled",
        f'    imports: [ {{ service: {{ account: SYS, subject: "{REPORT}" }} }} ]',
        "    users: [",
        *[_user(key, (*_WRITER_MAY, *_READER_MAY)) for key in plan.writers],
        *[_user(key, _READER_MAY) for key in plan.readers],
        "    ]",
        "  }",
        "}",
        "system_account: SYS",
    ]
    return "\n".join(lines) + "\n"


def _cluster(plan: ServerPlan) -> list[str]:
    if not plan.routes:
        return []
    return [
        "cluster {",
        "  name: tongbao",
        f"  listen: {_quoted(plan.route)}",
        "  routes: [",
        *[f"    {_quoted(f'nats-route://{route}')}" for route in plan.routes],
        "  ]",
        *_tls(plan.certificates, "  "),
        "}",
    ]


def _tls(certificates: ServerCertificates | None, indent: str) -> list[str]:
    if certificates is None:
        return []
    content = [
        "tls {",
        f"  cert_file: {_quoted(str(certificates.certificate))}",
        f"  key_file: {_quoted(str(certificates.key))}",
        f"  ca_file: {_quoted(str(certificates.authorities))}",
        *(["  verify: true"] if indent else []),
        "}",
    ]
    return [indent + line for line in content]


def _user(key: bytes, subjects: Sequence[str]) -> str:
    allowed = ", ".join(map(_quoted, subjects))
    return (
        f'      {{ nkey: {nkey_of(key)}, permissions: {{ publish: {{ allow: [{allowed}] }}, subscribe: "_INBOX.>" }} }}'
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
