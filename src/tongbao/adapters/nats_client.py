"""A connection to NATS, with the failures of the world as `WorldError`; `nats-py` comes with the extra `cluster`."""

import asyncio
import base64
import binascii
import contextlib
import json
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from tongbao.adapters.nats_place import NatsPlace
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import ConfigurationError, NetworkError, PeerError

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.msg import Msg

__all__ = ["NatsClient", "RefusalError", "Told", "nkey_of"]

CONNECT_S_MAX: Final = 15.0
"""A cluster that starts together with this process finds its leader within ten seconds."""
PING_S: Final = 1
PINGS_UNANSWERED_MAX: Final = 2
"""A server that was stopped or cut off is left after three seconds; the engine's own default is four minutes."""
RECONNECT_S: Final = 0.2

_USER_PREFIX, _SEED_PREFIX = 20 << 3, 18 << 3

_log = logging.getLogger(__name__)


class RefusalError(PeerError):
    """The servers said no.

    Attributes:
        code: the engine's number of the reason, 0 where it gave none.
    """

    def __init__(self, message: str, *, code: int = 0) -> None:
        super().__init__(message)
        self.code = code


Told = int | RefusalError | NetworkError
"""What became of a message: its sequence in the stream, or why it has none, or that nothing is known."""


def _with_checksum(content: bytes) -> str:
    checked = content + binascii.crc_hqx(content, 0).to_bytes(2, "little")
    return base64.b32encode(checked).decode().rstrip("=")


def nkey_of(public_key: bytes) -> str:
    """The 32-byte Ed25519 key as NATS names a user: base 32 with a checksum, beginning with U."""
    return _with_checksum(bytes([_USER_PREFIX]) + public_key)


def _nkey_seed(key: SigningKey) -> str:
    return _with_checksum(bytes([_SEED_PREFIX | _USER_PREFIX >> 5, (_USER_PREFIX & 31) << 3]) + key.secret_seed)


class NatsClient:
    """A connection that looks for another server by itself; made by `connect`, ended by `close`."""

    def __init__(self, client: "Client", place: NatsPlace) -> None:
        self.place = place
        self._client = client
        self._inbox = ""
        self._sent = 0
        self._waiting: dict[int, asyncio.Future[Told]] = {}

    @classmethod
    async def connect(cls, place: NatsPlace) -> "NatsClient":
        """Reach any of the servers.

        Raises:
            ConfigurationError: the package is not installed, or no server answers or lets this process in.
        """
        try:
            from nats.aio.client import Client  # noqa: PLC0415 - comes with an extra
        except ImportError:
            raise ConfigurationError(
                f"a journal at {place} needs the package nats-py: pip install 'tongbao[cluster]'"
            ) from None
        client, failures = Client(), _Failures()
        made = cls(client, place)
        connecting = client.connect(
            [f"{'tls' if place.authorities else 'nats'}://{server}" for server in place.servers],
            name="tongbao",
            tls=place.tls(),
            nkeys_seed_str=_nkey_seed(place.key) if place.key else None,
            error_cb=failures.tell,
            disconnected_cb=made._give_up,
            max_reconnect_attempts=-1,
            connect_timeout=2,
            reconnect_time_wait=RECONNECT_S,  # type: ignore[arg-type]  # seconds, of any kind
            ping_interval=PING_S,
            max_outstanding_pings=PINGS_UNANSWERED_MAX,
            pending_size=0,  # nothing waits here for a connection: it would arrive when nobody expects it any more
        )
        try:
            await asyncio.wait_for(connecting, CONNECT_S_MAX)
        except TimeoutError:
            with contextlib.suppress(Exception):
                await client.close()
            raise ConfigurationError(
                f"no server of {place} lets this process in ({failures.last}): start the servers, and see that the key "
                "file and the authorities' certificates are those of this cluster"
            ) from None
        made._inbox = client.new_inbox()
        # At once: a first append that is cancelled while it subscribes would leave all later ones without answers.
        await client.subscribe(f"{made._inbox}.*", cb=made._hear)
        return made

    async def ask(self, subject: str, question: Mapping[str, object], *, timeout_s: float) -> dict[str, object]:
        """The answer to a question in JSON.

        Raises:
            NetworkError: none came.
            RefusalError: the answer is a refusal.
        """
        from nats.errors import Error  # noqa: PLC0415 - comes with an extra

        try:
            message = await self._client.request(subject, json.dumps(question).encode(), timeout=timeout_s)
        except (Error, OSError) as error:
            raise NetworkError(f"{self.place} does not answer on {subject}: {_reason(error)}") from None
        return _answered(message.data)

    async def ask_all(self, subject: str, *, answers: int, within_s: float) -> list[dict[str, object]]:
        """What the servers say that answer within the time, of which there are no more than `answers`.

        Raises:
            NetworkError: there is no connection.
        """
        from nats.errors import Error  # noqa: PLC0415 - comes with an extra

        loop = asyncio.get_running_loop()
        until_s, found = loop.time() + within_s, list[dict[str, object]]()
        try:
            subscription = await self._client.subscribe(inbox := self._client.new_inbox())
            await self._client.publish(subject, b"{}", reply=inbox)
            with contextlib.suppress(TimeoutError):
                while len(found) < answers and (left_s := until_s - loop.time()) > 0:
                    found.append(_answered((await subscription.next_msg(timeout=left_s)).data))
            await subscription.unsubscribe()
        except (Error, RefusalError, OSError) as error:
            raise NetworkError(f"{self.place} does not answer on {subject}: {_reason(error)}") from None
        return found

    async def publish(
        self, subject: str, messages: Sequence[tuple[bytes, dict[str, str]]], *, timeout_s: float
    ) -> list[Told]:
        """Send the messages one right after another; of each, its sequence in the stream or what went wrong.

        `RefusalError` says that the message was not taken; `NetworkError`, that nothing is known of it.
        """
        from nats.errors import Error  # noqa: PLC0415 - comes with an extra

        waiting: list[asyncio.Future[Told]] = []
        try:
            for payload, headers in messages:
                self._sent += 1
                waiting.append(self._waiting.setdefault(self._sent, asyncio.get_running_loop().create_future()))
                await self._client.publish(subject, payload, reply=f"{self._inbox}.{self._sent}", headers=headers)
            await asyncio.wait(waiting, timeout=timeout_s)
        except (Error, OSError) as error:
            _log.info("not all messages went out: %s", _reason(error))
        finally:
            for number in range(self._sent, self._sent - len(waiting), -1):
                self._waiting.pop(number, None)
        unknown = NetworkError(f"{self.place} did not answer in time")
        told = [each.result() if each.done() else unknown for each in waiting]
        return told + [unknown] * (len(messages) - len(told))

    async def _give_up(self) -> None:
        """Let nobody wait for acknowledgements that went to a connection which is no more."""
        for future in self._waiting.values():
            if not future.done():
                future.set_result(NetworkError(f"the connection to {self.place} broke"))

    async def _hear(self, message: "Msg") -> None:
        """Hand an acknowledgement to whoever waits for it."""
        number = message.subject.rpartition(".")[2]
        future = self._waiting.get(int(number)) if number.isdigit() else None
        if future is not None and not future.done():
            future.set_result(_told(message.data))

    async def close(self) -> None:
        """End the connection; a second time does nothing."""
        with contextlib.suppress(Exception):  # whatever the world says, nobody talks to it any more
            await self._client.close()


class _Failures:
    """What went wrong with the connection, told once each time."""

    def __init__(self) -> None:
        self.last = "none answers"

    async def tell(self, error: Exception) -> None:
        self.last = _reason(error)
        _log.info("a connection to the journal's servers failed: %s", self.last)


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _answered(data: bytes) -> dict[str, object]:
    try:
        answer = json.loads(data)
    except ValueError:
        raise RefusalError(f"a server answered what is no JSON: {data[:80]!r}") from None
    if not isinstance(answer, dict):
        raise RefusalError(f"a server answered {data[:80]!r}")
    error = answer.get("error")
    if isinstance(error, dict):
        raise RefusalError(str(error.get("description", error)), code=int(error.get("err_code", 0)))
    return answer


def _told(data: bytes) -> Told:
    """What an acknowledgement says; one without content says that no leader took the message."""
    try:
        sequence = _answered(data).get("seq") if data else None
    except RefusalError as refusal:
        return refusal if refusal.code else NetworkError(str(refusal))
    return sequence if isinstance(sequence, int) else NetworkError("the stream has no leader")
