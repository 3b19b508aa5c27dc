"""Webhooks: an institution tells a merchant's server of events, signed as Standard Webhooks 1.0 says.

| request | by | answer |
|---|---|---|
| `POST /v1/webhooks` | a merchant's wallet | `WebhookEndpoint` |
| `GET  /v1/webhooks` | a merchant's wallet | `WebhookEndpoints` |
| `GET  /v1/webhooks/{endpoint_id}` | the merchant's wallet | `WebhookEndpoint` |
| `POST /v1/webhooks/{endpoint_id}` | the merchant's wallet | `WebhookEndpoint` |
| `POST /v1/webhooks/{endpoint_id}/secret` | the merchant's wallet | `WebhookEndpoint` |
| `GET  /v1/webhooks/{endpoint_id}/deliveries?state=&after=&limit=` | the merchant's wallet | `WebhookDeliveryPage` |
| `POST /v1/webhooks/{endpoint_id}/replay` | the merchant's wallet | `WebhookReplayAnswer` |

A receiver checks each message with `verify_webhook` before it believes anything.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field

from tongbao.errors import RequestError
from tongbao.protocol.event import EventKind
from tongbao.protocol.outside import URL_LENGTH_MAX
from tongbao.protocol.wire import Cursor, Message

__all__ = [
    "DeliveryState",
    "EndpointState",
    "WebhookAttempt",
    "WebhookChange",
    "WebhookDelivery",
    "WebhookDeliveryPage",
    "WebhookEndpoint",
    "WebhookEndpoints",
    "WebhookReplay",
    "WebhookReplayAnswer",
    "WebhookRequest",
    "WebhookSecretRequest",
    "secret_text",
    "sign_webhook",
    "verify_webhook",
]

TOLERANCE_S: Final = 300
"""How far the clocks of sender and receiver may be apart; what is older may be somebody's replay."""

REPLAYED_MAX: Final = 1_000
"""The most deliveries that one replay names: as many as a page of them and a page of paper hold."""

_PREFIX: Final = "whsec_"
_VERSION: Final = "v1"

EventId = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
_Kinds = Annotated[list[EventKind], Field(max_length=len(EventKind))]
_Url = Annotated[str, Field(min_length=1, max_length=URL_LENGTH_MAX)]


class EndpointState(StrEnum):
    """Whether an endpoint is told."""

    ACTIVE = "active"
    DISABLED = "disabled"
    """Nothing is sent, by the merchant's wish or after days of failures; what happens waits for it."""
    REMOVED = "removed"


class DeliveryState(StrEnum):
    """What became of one event for one endpoint."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    """Every attempt failed; a replay sends it again."""


class WebhookRequest(Message):
    """Tell a server of the asking merchant's events; no kinds means all of them.

    The same URL is the same endpoint: asked again with the same kinds, it is described.
    """

    url: _Url
    kinds: _Kinds = Field(default_factory=list)


class WebhookChange(Message):
    """What is to be otherwise; what is left out stays. An endpoint that becomes active hears of all that it missed."""

    kinds: _Kinds | None = None
    state: EndpointState | None = None


class WebhookSecretRequest(Message):
    """Make a new secret in place of the one with number `generation`; the old one signs beside it for a day."""

    generation: Annotated[int, Field(ge=1, lt=2**31)]


class WebhookEndpoint(Message):
    """A server that is told. `secret` is the newest one; `failing_since_ms` is by the wall clock, as all times here."""

    endpoint_id: str
    url: str
    kinds: list[EventKind]
    state: EndpointState
    reason: str
    secret: str
    generation: int
    failing_since_ms: int | None
    waiting: int


class WebhookEndpoints(Message):
    """A merchant's endpoints, oldest first."""

    endpoints: list[WebhookEndpoint]


class WebhookAttempt(Message):
    """One attempt: the status that came back, or why none did."""

    at_ms: int
    took_ms: int
    status: int | None
    problem: str


class WebhookDelivery(Message):
    """One event on its way to one endpoint, with its latest attempts."""

    delivery_id: str
    event_id: str
    kind: EventKind
    subject: str
    state: DeliveryState
    attempts: int
    next_at_ms: int | None
    log: list[WebhookAttempt]


class WebhookDeliveryPage(Message):
    """Deliveries, newest first."""

    deliveries: list[WebhookDelivery]
    next: Cursor


class WebhookReplay(Message):
    """Send again: deliveries by their ids, or everything from an event on."""

    delivery_ids: Annotated[list[EventId], Field(max_length=REPLAYED_MAX)] = Field(default_factory=list)
    from_event: EventId | None = None


class WebhookReplayAnswer(Message):
    """How many deliveries wait to be sent again; `next_event` is where to go on from, where there are more."""

    count: int
    next_event: str = ""


def secret_text(secret: bytes) -> str:
    """A secret as receivers configure it."""
    return _PREFIX + base64.b64encode(secret).decode()


def sign_webhook(secrets: Sequence[bytes], *, webhook_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """The headers that prove a message, by every secret that counts now."""
    signatures = [f"{_VERSION},{_signature(secret, webhook_id, timestamp_s, body)}" for secret in secrets]
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": " ".join(signatures),
    }


def _signature(secret: bytes, webhook_id: str, timestamp_s: int, body: bytes) -> str:
    content = f"{webhook_id}.{timestamp_s}.".encode() + body
    return base64.b64encode(hmac.new(secret, content, sha256).digest()).decode()


def verify_webhook(secret: str, headers: Mapping[str, str], body: bytes, *, now_s: int) -> str:
    """The id of a message that is the institution's and new; one that comes twice has the same id.

    `headers` are those of the request with names in small letters, and `secret` is as the institution gave it.

    Raises:
        RequestError: WEBHOOK_UNPROVEN; believe nothing of it, and answer 400.
    """
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (timestamp.isascii() and timestamp.isdecimal() and abs(now_s - int(timestamp)) <= TOLERANCE_S):
        raise _unproven("its time is missing, or more than five minutes away")
    expected = _signature(_secret_bytes(secret), webhook_id, int(timestamp), body)
    given = [each.partition(",") for each in headers.get("webhook-signature", "").split(" ")]
    if not any(version == _VERSION and hmac.compare_digest(text, expected) for version, _, text in given):
        raise _unproven("no signature is by this secret over these bytes")
    return webhook_id


def _secret_bytes(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error:
        raise RequestError(
            "the secret of a webhook is whsec_ and base64", field="secret", cure="copy it as the institution gave it"
        ) from None


def _unproven(reason: str) -> RequestError:
    return RequestError(
        f"the message is not proven to be the institution's: {reason}",
        code="WEBHOOK_UNPROVEN",
        field="webhook-signature",
        cure="check the secret and the clock; believe nothing of the message",
    )
