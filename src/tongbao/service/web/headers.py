"""What browsers are told beside every answer of the front: what may run, and what an answer may be taken for."""

from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["ANSWER_HEADERS", "PAGE_HEADERS", "Header", "encoded", "with_defaults"]

Header = tuple[bytes, bytes]

# Nothing but what lies on this origin; no script or style within a page; no text that becomes a script or an element,
# other than the templates that Svelte made when the pages were built and the script that works offline.
_CONTENT_SECURITY_POLICY: Final[Mapping[str, str]] = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "worker-src": "'self'",
    "media-src": "'self' blob:",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "svelte-trusted-html tongbao-worker",
}

# A wallet scans with the camera, signs with a passkey, keeps the screen on, and passes codes on. Nothing else.
_ALLOWED: Final = (
    "camera",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "clipboard-read",
    "clipboard-write",
    "screen-wake-lock",
    "fullscreen",
)
_FORBIDDEN: Final = (
    "microphone",
    "geolocation",
    "payment",
    "usb",
    "serial",
    "hid",
    "midi",
    "display-capture",
)

PAGE_HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in _CONTENT_SECURITY_POLICY.items()),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": ", ".join([*(f"{name}=(self)" for name in _ALLOWED), *(f"{name}=()" for name in _FORBIDDEN)]),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Beside pages and their assets."""

ANSWER_HEADERS: Final[Mapping[str, str]] = {
    # Answers of the servers share the pages' origin: one that a browser opened as a page must be able to do nothing.
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
"""Beside answers that the front passes on, or gives in the servers' place."""


def encoded(headers: Mapping[str, str]) -> list[Header]:
    """The headers as ASGI sends them."""
    return [(name.encode("ascii"), text.encode("latin-1")) for name, text in headers.items()]


def with_defaults(headers: Sequence[Header], defaults: Sequence[Header]) -> list[Header]:
    """The headers, and those of the defaults that are not among them."""
    present = {name.lower() for name, _ in headers}
    return [*headers, *(each for each in defaults if each[0] not in present)]
