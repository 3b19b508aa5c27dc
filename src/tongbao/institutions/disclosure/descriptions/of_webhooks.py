"""What tables hold about merchants' servers that are told of events. Their times are by the wall clock."""

from collections.abc import Mapping
from typing import Final

from tongbao.institutions.disclosure.descriptions.wording import NUMBER, WALLET, TableDescription

__all__ = ["WEBHOOKS"]

_ENDPOINT = "The server, by its id."

WEBHOOKS: Final[Mapping[str, TableDescription]] = {
    "webhook_endpoints": TableDescription(
        "Your servers that are told of events. Their secrets are not kept.",
        {
            "number": NUMBER,
            "endpoint_id": _ENDPOINT,
            "wallet_id": WALLET,
            "url": "Where the server is.",
            "kinds": "Of which kinds of event it is told; of all where this is empty.",
            "state": "Whether it is told of events.",
            "reason": "Why it is not, where that is so.",
            "generation": "How many secrets it has had.",
            "old_secret_until_ms": "Until when the secret before the present one counts.",
            "failing_since_ms": "Since when it takes nothing.",
            "told": "The last event that was to be told to it.",
        },
    ),
    "event_horizons": TableDescription(
        "Up to where you can no longer be told of what happened.",
        {"wallet_id": WALLET, "gone_to": "The newest event that is no longer kept, by its number."},
    ),
    "webhook_deliveries": TableDescription(
        "What your servers were to be told.",
        {
            "number": NUMBER,
            "endpoint_id": _ENDPOINT,
            "event_number": "The event.",
            "kind": "What happened.",
            "subject": "What it happened to, as an order.",
            "state": "Whether it has been told.",
            "attempts": "How often it was tried.",
            "next_ms": "When it is tried again.",
            "unreached": "1 where the last attempt had no answer at all.",
        },
    ),
    "webhook_attempts": TableDescription(
        "How your servers answered.",
        {
            "number": NUMBER,
            "delivery": "The delivery, by its number.",
            "at_ms": "When it was tried.",
            "took_ms": "How many milliseconds it took.",
            "status": "HTTP's status, where there was an answer.",
            "problem": "What went wrong.",
        },
    ),
}
