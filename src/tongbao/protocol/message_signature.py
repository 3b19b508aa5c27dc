"""Who sent this request, word for word: RFC 9421 signatures over RFC 9530 digests, one fixed way.

Both standards let the parties choose what is covered and how it is written. Nothing is left to choose here: one list of
components, one algorithm (Ed25519), one label and one spelling. A verifier that negotiates can be talked into covering
less, and a verifier that parses freely can be made to read something else than what was signed. Whatever is not this
exact form is refused; what passes is also a valid signature to any other implementation of the two standards.

```python
headers = sign_request(request, key_id="home:1", created_s=now_s, sign=sign)   # the sender adds them

claimed = read_signature(request)                                              # the receiver
check_fresh(claimed, now_s=now_s)
verify(public_key_of(claimed.key_id), claimed.signature, claimed.signed)
```
"""

import re
from base64 import b64encode
from binascii import a2b_base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from tongbao.errors import RequestError

__all__ = [
    "CLOCK_SKEW_S_MAX",
    "ClaimedSignature",
    "SignableRequest",
    "check_fresh",
    "content_digest",
    "demand_idempotency_key",
    "read_signature",
    "sign_request",
    "signable",
]

# A captured request can be repeated for this long (its Idempotency-Key makes the repeat harmless), and a device whose
# clock is further off than this is told so. Five minutes is the skew that Kerberos and AWS also forgive.
CLOCK_SKEW_S_MAX: Final = 300

# One header line of an HTTP server holds 8 KiB; a key id is a role's name or a hash in hexadecimal.
KEY_ID_CHARACTERS_MAX: Final = 128
# Long enough for any hash or UUID, short enough to be a database key.
IDEMPOTENCY_KEY_CHARACTERS_MAX: Final = 128

_SIGNATURE_BYTES: Final = 64

_READING: Final = ("@method", "@authority", "@path", "@query", "content-digest")
_CHANGING: Final = (*_READING, "idempotency-key")
# A method that is not named here is not part of this protocol.
_COMPONENTS: Final[Mapping[str, tuple[str, ...]]] = {
    "GET": _READING,
    "HEAD": _READING,
    "POST": _CHANGING,
    "PUT": _CHANGING,
    "DELETE": _CHANGING,
}
_LISTS: Final = {method: " ".join(f'"{name}"' for name in names) for method, names in _COMPONENTS.items()}

_KEY_ID = re.compile(rf"[A-Za-z0-9:._-]{{1,{KEY_ID_CHARACTERS_MAX}}}")
_IDEMPOTENCY_KEY = re.compile(rf"[!-~]{{1,{IDEMPOTENCY_KEY_CHARACTERS_MAX}}}")
_AUTHORITY = re.compile(r"[a-z0-9._~:\[\]-]{1,255}")
# What HTTP allows in a target; a line end here would let a sender write components of his own.
_TARGET = re.compile(r"[!-~]*")
_INPUT = re.compile(
    rf'sig1=(\(([^()]*)\);created=(0|[1-9][0-9]{{0,14}});keyid="({_KEY_ID.pattern})";alg="ed25519")',
)
_SIGNATURE = re.compile(r"sig1=:([A-Za-z0-9+/]{86}==):")

_FORM: Final = 'sig1=(components);created=SECONDS;keyid="ID";alg="ed25519"'
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443"}


@dataclass(frozen=True, slots=True)
class SignableRequest:
    """The parts of a request that a signature covers; use `signable` to take them from a URL."""

    method: str
    authority: str
    """Host and port, small letters, without the scheme's default port."""
    path: str
    """As sent, still percent-encoded."""
    query: str
    """As sent, without the question mark; "" also where there is none."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in small letters."""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class ClaimedSignature:
    """What a request claims; nothing is proven until `signature` is verified over `signed`."""

    key_id: str
    created_s: int
    signed: bytes
    """The signature base of RFC 9421, section 2.5."""
    signature: bytes


def signable(method: str, url: str, *, headers: Mapping[str, str], body: bytes) -> SignableRequest:
    """Take a request to an absolute URL apart; the URL must be percent-encoded already."""
    scheme, _, rest = url.partition("://")
    location, _, query = rest.partition("?")
    authority, slash, path = location.partition("/")
    authority = authority.lower().removesuffix(_DEFAULT_PORTS.get(scheme, ":"))
    return SignableRequest(method, authority, (slash + path) or "/", query, headers, body)


def content_digest(body: bytes) -> str:
    """Return the one Content-Digest (RFC 9530) that `body` can have here."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def sign_request(
    request: SignableRequest,
    *,
    key_id: str,
    created_s: int,
    sign: Callable[[bytes], bytes],
) -> dict[str, str]:
    """Return the headers to add; `request` must carry its Idempotency-Key where its method needs one."""
    if _KEY_ID.fullmatch(key_id) is None:
        raise ValueError(f"key_id must match {_KEY_ID.pattern}, was {key_id!r}")
    digest = content_digest(request.body)
    parameters = f'({_component_list(request)});created={created_s};keyid="{key_id}";alg="ed25519"'
    signature = b64encode(sign(_signature_base(request, digest=digest, parameters=parameters))).decode()
    return {"content-digest": digest, "signature-input": f"sig1={parameters}", "signature": f"sig1=:{signature}:"}


def read_signature(request: SignableRequest) -> ClaimedSignature:
    """Check everything about the signature but the key: form, components and the digest of the body."""
    headers = request.headers
    digest = headers.get("content-digest", "")
    found_input, found_signature = headers.get("signature-input", ""), headers.get("signature", "")
    if not found_input or not found_signature:
        raise _refused("SIGNATURE_MISSING", "the request carries no signature", at="signature-input")
    parsed = _INPUT.fullmatch(found_input)
    if parsed is None:
        raise _refused("SIGNATURE_MALFORMED", f"Signature-Input must read {_FORM}", at="signature-input")
    parameters, components, created, key_id = parsed.groups()
    expected = _component_list(request)
    if components != expected:
        raise _refused("SIGNATURE_COMPONENTS", f"the signature must cover exactly ({expected})", at="signature-input")
    signature = _decode_signature(found_signature)
    if digest != content_digest(request.body):
        raise _digest_mismatch(digest)
    signed = _signature_base(request, digest=digest, parameters=parameters)
    return ClaimedSignature(key_id, int(created), signed, signature)


def check_fresh(claimed: ClaimedSignature, *, now_s: int) -> None:
    """Refuse a signature that was made too long ago, or that comes from a clock ahead of ours."""
    off_s = claimed.created_s - now_s
    if abs(off_s) <= CLOCK_SKEW_S_MAX:
        return
    direction = "ahead of" if off_s > 0 else "behind"
    raise _refused(
        "SIGNATURE_STALE",
        f"the request was signed at {claimed.created_s} by the sender's clock and it is {now_s} by this one: "
        f"the sender is {abs(off_s)} s {direction} it, and {CLOCK_SKEW_S_MAX} s are allowed",
        at="signature-input",
        cure="set the clock of the sending device, then sign and send the request again",
    )


def _component_list(request: SignableRequest) -> str:
    components = _LISTS.get(request.method)
    if components is None:
        raise _refused("SIGNATURE_COMPONENTS", f"requests with method {request.method!r} cannot be signed", at="method")
    return components


def _decode_signature(value: str) -> bytes:
    parsed = _SIGNATURE.fullmatch(value)
    if parsed is not None:
        signature = a2b_base64(parsed.group(1))
        # Base64 ends in bits that mean nothing; only one spelling of them is the signature.
        if value == f"sig1=:{b64encode(signature).decode()}:":
            return signature
    raise _refused(
        "SIGNATURE_MALFORMED", f"Signature must read sig1=:BASE64: of {_SIGNATURE_BYTES} bytes", at="signature"
    )


def _digest_mismatch(digest: str) -> RequestError:
    if not digest:
        return _refused("DIGEST_MISSING", "the request carries no Content-Digest", at="content-digest")
    return _refused(
        "DIGEST_MISMATCH",
        "Content-Digest is not sha-256=:BASE64: of the body that arrived",
        at="content-digest",
        cure="send Content-Digest with the SHA-256 of exactly the bytes of the body, also when it is empty",
    )


def _signature_base(request: SignableRequest, *, digest: str, parameters: str) -> bytes:
    """Write the lines of RFC 9421, section 2.5, after making sure that no value can hold a line of its own."""
    if _AUTHORITY.fullmatch(request.authority) is None:
        raise _refused("SIGNATURE_MALFORMED", "the request names no host, or not in small letters", at="host")
    if _TARGET.fullmatch(request.path) is None or _TARGET.fullmatch(request.query) is None:
        raise _refused("SIGNATURE_MALFORMED", "path and query must be percent-encoded", at="path")
    return (
        f'"@method": {request.method}\n"@authority": {request.authority}\n"@path": {request.path}\n'
        f'"@query": ?{request.query}\n"content-digest": {digest}\n{_idempotency_line(request)}'
        f'"@signature-params": {parameters}'
    ).encode("ascii")


def _idempotency_line(request: SignableRequest) -> str:
    if _COMPONENTS[request.method] is _READING:
        return ""
    key = request.headers.get("idempotency-key", "")
    demand_idempotency_key(key, method=request.method)
    return f'"idempotency-key": {key}\n'


def demand_idempotency_key(key: str, *, method: str) -> None:
    """Return if a request that changes something names itself; raises `RequestError` with the cure."""
    if _IDEMPOTENCY_KEY.fullmatch(key) is None:
        raise _refused(
            "IDEMPOTENCY_KEY_MISSING",
            f"{method} needs an Idempotency-Key of 1 to {IDEMPOTENCY_KEY_CHARACTERS_MAX} visible characters",
            at="idempotency-key",
            cure="choose a key per intended change and repeat it with every repetition of the request",
        )


def _refused(code: str, message: str, *, at: str, cure: str = "") -> RequestError:
    return RequestError(message, code=code, field=at, cure=cure or "sign the request as the API reference describes")
