"""One side of a signed conversation: ask, repeat the same bytes while nobody answers, and raise what the answer means.

A request that changes something carries an Idempotency-Key of the caller's choice. The caller stores key and message
before the first attempt; then a repeat, now or after a crash, is the same request and happens at most once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol, TypeVar, cast
from urllib.parse import urlencode

import msgspec
from pydantic import ValidationError

from tongbao.errors import BusyError, NetworkError, PeerError
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.protocol.problem import MEDIA_TYPE as PROBLEM_MEDIA_TYPE
from tongbao.protocol.problem import Problem, error_of
from tongbao.protocol.wire import Message

__all__ = ["BINARY", "JSON", "Patience", "SignedClient"]

T = TypeVar("T")

JSON: Final = "application/json"
BINARY: Final = "application/octet-stream"

_ANSWERED = range(200, 300)
# The server did not do it and may do it later, or is still doing it for an earlier attempt of ours.
_STATUSES_TO_REPEAT: Final = frozenset({429, 503})
_CODES_TO_REPEAT: Final = frozenset({"IDEMPOTENCY_KEY_IN_USE"})
# What stands between us and the server when it answers in its place: like no answer at all.
_STATUSES_OF_GATEWAYS: Final = frozenset({502, 503, 504})


class _Answer(Protocol):
    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> Mapping[str, str]: ...
    @property
    def body(self) -> bytes: ...


class _Network(Protocol):
    async def request(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes, timeout_s: float
    ) -> _Answer: ...


class _Clock(Protocol):
    def now_ms(self) -> int: ...
    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long to wait for an answer and how often to ask again."""

    timeout_s: float = 10.0
    """For one attempt; a settlement takes milliseconds, so who is silent for this long has lost the request."""
    attempts_max: int = 6
    """With the pauses below a server may be away for five seconds, which is a restart, without anybody noticing."""
    pause_s_first: float = 0.1
    pause_s_max: float = 3.0

    def pause_s(self, *, attempt: int, retry_after_s: float, salt: str) -> float:
        """How long to wait after the given attempt (1, 2, ...); clients that failed together do not return together."""
        wanted = max(self.pause_s_first * (1 << attempt - 1), retry_after_s)
        spread = sha256(f"{salt}/{attempt}".encode()).digest()[0] / 256
        return min(wanted, self.pause_s_max) * (0.5 + spread / 2)


class SignedClient:
    """Speak with the server at `base_url` as the party that `key_id` names."""

    def __init__(
        self,
        *,
        network: _Network,
        clock: _Clock,
        base_url: str,
        key_id: str,
        sign: Callable[[bytes], bytes],
        patience: Patience | None = None,
    ) -> None:
        self._network = network
        self._clock = clock
        self._base_url = base_url.rstrip("/")
        self._key_id = key_id
        self._sign = sign
        self._patience = patience or Patience()

    async def get(
        self,
        path: str,
        answer: type[T],
        *,
        query: Mapping[str, str | int] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Ask for JSON and return it as an `answer`; `path` is percent-encoded already."""
        target = f"{path}?{urlencode(query)}" if query else path
        return _decode(await self.exchange("GET", target, headers=headers), answer)

    async def post(
        self,
        path: str,
        message: object,
        answer: type[T],
        *,
        idempotency_key: str,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """Send `message` as JSON and return the answer as an `answer`."""
        body = message.encode() if isinstance(message, Message) else msgspec.json.encode(message)
        exchanged = await self.exchange("POST", path, body=body, idempotency_key=idempotency_key, headers=headers)
        return _decode(exchanged, answer)

    async def post_bytes(self, path: str, body: bytes, *, idempotency_key: str) -> bytes:
        """Send bytes as they are and return the bytes of the answer."""
        return await self.exchange("POST", path, body=body, idempotency_key=idempotency_key, media_type=BINARY)

    async def exchange(
        self,
        method: str,
        target: str,
        *,
        body: bytes = b"",
        idempotency_key: str = "",
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Return the body of a good answer; raises what a bad one means, and `NetworkError` when none came.

        `headers` are sent besides those that the request needs; they are not covered by its signature.
        """
        sent = dict(headers or {})
        if idempotency_key:
            sent["idempotency-key"] = idempotency_key
        if body:
            sent["content-type"] = media_type
        attempt = 1
        while True:
            outcome = await self._attempt(method, self._base_url + target, headers=sent, body=body)
            if isinstance(outcome, bytes):
                return outcome
            if not outcome.repeatable or attempt >= self._patience.attempts_max:
                raise outcome.error
            retry_after_s = outcome.error.retry_after_s if isinstance(outcome.error, BusyError) else 0
            salt = f"{self._key_id}/{idempotency_key or target}"
            await self._clock.sleep(self._patience.pause_s(attempt=attempt, retry_after_s=retry_after_s, salt=salt))
            attempt += 1

    async def _attempt(self, method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> "bytes | _Failure":
        # Signed anew each time, because a signature grows stale; what is signed stays the same.
        request = signable(method, url, headers=headers, body=body)
        signature = sign_request(request, key_id=self._key_id, created_s=self._clock.now_ms() // 1000, sign=self._sign)
        try:
            answer = await self._network.request(
                method, url, headers={**headers, **signature}, body=body, timeout_s=self._patience.timeout_s
            )
        except NetworkError as error:
            return _Failure(error, repeatable=True)
        return answer.body if answer.status in _ANSWERED else _failure_of(answer, party=self._base_url)


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception
    repeatable: bool


def _failure_of(answer: _Answer, *, party: str) -> _Failure:
    media_type = answer.headers.get("content-type", "").partition(";")[0]
    if media_type != PROBLEM_MEDIA_TYPE:
        message = f"{party} answered {answer.status} without a problem document"
        if answer.status in _STATUSES_OF_GATEWAYS:
            return _Failure(NetworkError(message), repeatable=True)
        return _Failure(PeerError(message), repeatable=False)
    try:
        problem = Problem.decode(answer.body)
    except PeerError as error:
        return _Failure(error, repeatable=False)
    repeatable = answer.status in _STATUSES_TO_REPEAT or problem.code in _CODES_TO_REPEAT
    return _Failure(error_of(problem), repeatable=repeatable)


def _decode(body: bytes, answer: type[T]) -> T:
    try:
        form: object = answer  # at run time also `list[Coin]`, which is no class
        if isinstance(form, type) and issubclass(form, Message):
            return cast("T", form.model_validate_json(body))
        return msgspec.json.decode(body, type=answer)
    except (msgspec.DecodeError, UnicodeDecodeError, ValidationError, RecursionError) as error:
        raise PeerError(f"the answer is not a {answer.__name__}: {_wrong_in(error)}") from error


def _wrong_in(error: Exception) -> str:
    """What is wrong with an answer, without what it said: that may be about people, and this goes to logs."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
