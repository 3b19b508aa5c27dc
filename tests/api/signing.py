"""Requests of a stranger's HTTP client, signed as the API demands: RFC 9421 over the bytes that really go out."""

import contextlib
import time
from dataclasses import dataclass

import requests
from requests.auth import AuthBase

from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import RequestError
from tongbao.protocol.message_signature import sign_request, signable


@dataclass(frozen=True, slots=True)
class Party(AuthBase):
    """Somebody with a key.

    Attributes:
        key_id: as "home:1".
        key: the key that the name stands for.
    """

    key_id: str
    key: SigningKey

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign what is about to be sent; what cannot be signed, as without an Idempotency-Key, goes as it is."""
        assert request.method is not None
        assert request.url is not None
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        assert isinstance(body, bytes)
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        asked = signable(request.method, request.url, headers=headers, body=body)
        with contextlib.suppress(RequestError):
            signed = sign_request(asked, key_id=self.key_id, created_s=int(time.time()), sign=self.key.sign)
            request.headers.update(signed)
        return request


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
