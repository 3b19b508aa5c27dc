"""The stream of JetStream that holds a journal: made, held against what it must be, written and read.

Records are read from the stream's leader, one request each: whoever is asked answers for one sequence, and nothing is
remembered between.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tongbao.adapters.nats_client import NatsClient, RefusalError, Told
from tongbao.adapters.nats_record import (
    HEADERS_BYTES_MAX,
    Point,
    Record,
    decode_headers,
    encode_headers,
    stream_sequence,
)
from tongbao.centres.registration.journal import RECORD_BYTES_MAX
from tongbao.errors import ConfigurationError, DamageError, NetworkError

__all__ = ["REPORT", "Extent", "NatsStream", "stream_of", "subject_of"]

ASK_S_MAX: Final = 2.0
REPORT_S_MAX: Final = 1.0
VERSION_MIN: Final = (2, 12)
"""Older servers are known to lose what they acknowledged."""

NOT_FOUND: Final = 10059
NO_MESSAGE: Final = 10037
IN_USE: Final = 10058

REPORT: Final = "$SYS.REQ.SERVER.PING.VARZ"
"""Where every server says how it is configured."""

_CURE_SERVER = "write the servers' files with `tongbao cluster config` and start them again with these"
_NETWORK = "tongbao.network"


def stream_of(network_id: bytes) -> str:
    """The stream that holds the network's journal."""
    return f"TONGBAO_{network_id.hex()[:16]}"


def subject_of(network_id: bytes) -> str:
    """Where the network's records are sent."""
    return f"tongbao.journal.{network_id.hex()[:16]}"


@dataclass(frozen=True, slots=True)
class Extent:
    """What the stream holds, as its leader reports it.

    Attributes:
        last_sequence: of the last record; -1 while there is none.
        whole: whether no record before it is missing.
    """

    last_sequence: int
    whole: bool


class NatsStream:
    """The journal's stream at the servers of `client`."""

    def __init__(self, client: NatsClient, network_id: bytes) -> None:
        self.name = stream_of(network_id)
        self._client = client
        self._network_id = network_id
        self._subject = subject_of(network_id)
        self._replicas = len(client.place.servers)

    async def demand_servers(self) -> None:
        """See by the servers' own reports that they keep what they acknowledge.

        Raises:
            ConfigurationError: one of them does not.
            NetworkError: too few report.
        """
        reports = await self._client.ask_all(REPORT, answers=self._replicas, within_s=REPORT_S_MAX)
        place = self._client.place
        if len(reports) < place.majority:
            raise NetworkError(
                f"{len(reports)} of the {self._replicas} servers of {place} report how they are configured, and "
                f"{place.majority} must: start them, and let this process ask for their reports: {_CURE_SERVER}"
            )
        for report in reports:
            _demand_server(report)

    async def extent(self) -> Extent | None:
        """What the stream holds; None where there is none yet.

        Raises:
            ConfigurationError: it is another network's, or not kept as a journal must be.
            NetworkError: no leader answers.
        """
        try:
            answer = await self._client.ask(f"$JS.API.STREAM.INFO.{self.name}", {}, timeout_s=ASK_S_MAX)
        except RefusalError as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise NetworkError(f"the journal's servers cannot say what they hold: {refusal}") from None
        config, state = _part(answer, "config"), _part(answer, "state")
        self._demand_configuration(config)
        return _extent_of(state)

    async def make(self) -> None:
        """Make the stream.

        Raises:
            NetworkError: the servers cannot at the moment.
            ConfigurationError: they do not let this process.
        """
        subject, wanted = f"$JS.API.STREAM.CREATE.{self.name}", self._configuration()
        try:
            await self._client.ask(subject, wanted, timeout_s=ASK_S_MAX)
        except RefusalError as refusal:
            if refusal.code != IN_USE:  # another process has just made it, and whoever asks next sees how
                raise NetworkError(f"the journal's servers do not make its stream: {refusal}") from None

    async def append(self, records: Sequence[Record], *, timeout_s: float) -> list[Told]:
        """Send the records; of each, its sequence or what went wrong, as `NatsClient.publish`."""
        messages = [(record.payload, encode_headers(record)) for record in records]
        return await self._client.publish(self._subject, messages, timeout_s=timeout_s)

    async def get(self, sequence: int) -> Record | None:
        """The record of that sequence; None where the leader has none.

        Raises:
            DamageError: a message stands there that no journal wrote.
            NetworkError: no leader answers.
        """
        subject, wanted = f"$JS.API.STREAM.MSG.GET.{self.name}", stream_sequence(sequence)
        try:
            answer = await self._client.ask(subject, {"seq": wanted}, timeout_s=ASK_S_MAX)
        except RefusalError as refusal:
            if refusal.code == NO_MESSAGE:
                return None
            raise NetworkError(f"record {sequence} cannot be read at the moment: {refusal}") from None
        return _record_of(_part(answer, "message"), sequence)

    def _configuration(self) -> dict[str, object]:
        """What the stream must be, in the engine's words; what is not named here has a harmless default."""
        return {
            "name": self.name,
            "subjects": [self._subject],
            "storage": "file",
            "num_replicas": self._replicas,
            "retention": "limits",
            "discard": "new",
            "max_msgs": -1,
            "max_bytes": -1,
            "max_age": 0,
            "max_msgs_per_subject": -1,
            "max_msg_size": -1,
            "deny_delete": True,
            "deny_purge": True,
            "metadata": {_NETWORK: self._network_id.hex()},
        }

    def _demand_configuration(self, found: dict[str, object]) -> None:
        """Refuse a stream that could lose, change or drop records, or that is another network's."""
        wanted = self._configuration()
        network = _part(wanted, "metadata")[_NETWORK]
        if (theirs := _part(found, "metadata").get(_NETWORK)) != network:
            raise ConfigurationError(f"the stream {self.name} belongs to the network {theirs}, not to {network}")
        wrong = [name for name, value in wanted.items() if name != "metadata" and found.get(name) != value]
        wrong += [name for name in _FORBIDDEN if found.get(name)]
        if found.get("persist_mode", "default") not in ("", "default"):
            wrong.append("persist_mode")
        if wrong:
            told = ", ".join(f"{name} is {found.get(name)!r}, not {wanted.get(name)!r}" for name in wrong)
            raise ConfigurationError(
                f"the stream {self.name} is not kept as a journal must be: {told}; mend it with the tools of NATS, or "
                "name the servers that this journal was made with"
            )


_FORBIDDEN = ("mirror", "sources", "sealed", "allow_rollup_hdrs", "allow_msg_ttl", "subject_transform", "no_ack")


def _part(answer: dict[str, object], name: str) -> dict[str, object]:
    part = answer.get(name)
    return part if isinstance(part, dict) else {}


def _number(part: dict[str, object], name: str) -> int:
    value = part.get(name, 0)
    return value if isinstance(value, int) else 0


def _extent_of(state: dict[str, object]) -> Extent:
    last, first, count = (_number(state, name) for name in ("last_seq", "first_seq", "messages"))
    whole = not _number(state, "num_deleted") and count == last and (last == 0 or first == 1)
    return Extent(last - 1, whole)


def _record_of(message: dict[str, object], sequence: int) -> Record:
    try:
        headers = base64.b64decode(str(message.get("hdrs", "")), validate=True)
        payload = base64.b64decode(str(message.get("data", "")), validate=True)
    except binascii.Error:
        raise DamageError(f"message {stream_sequence(sequence)} cannot be read") from None
    decoded = decode_headers(headers)
    if decoded is None or message.get("seq") != stream_sequence(sequence):
        raise DamageError(f"message {stream_sequence(sequence)} is none that a journal wrote")
    link, writer = decoded
    return Record(Point(sequence, link), writer, payload)


def _demand_server(report: dict[str, object]) -> None:
    server, data = _part(report, "server"), _part(report, "data")
    name, version = server.get("name"), str(data.get("version", ""))
    jetstream = _part(_part(data, "jetstream"), "config")
    if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < VERSION_MIN:
        wanted = ".".join(map(str, VERSION_MIN))
        raise ConfigurationError(f"the journal's server {name} is of version {version}: install {wanted} or newer")
    if jetstream.get("sync_always") is not True:
        raise ConfigurationError(
            f"the journal's server {name} answers before its disk has what it was told, and would lose acknowledged "
            f"payments with the power: it needs `sync_interval: always` within `jetstream`; {_CURE_SERVER}"
        )
    if _number(data, "max_payload") < RECORD_BYTES_MAX + HEADERS_BYTES_MAX:
        raise ConfigurationError(
            f"the journal's server {name} takes messages of {data.get('max_payload')} bytes, and a batch may have "
            f"{RECORD_BYTES_MAX}: it needs `max_payload` of {RECORD_BYTES_MAX + HEADERS_BYTES_MAX} or more; "
            f"{_CURE_SERVER}"
        )
