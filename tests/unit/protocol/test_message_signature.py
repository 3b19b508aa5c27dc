"""Signed requests: one exact form, held against an independent implementation of RFC 9421."""

import datetime as dt
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, replace

import http_message_signatures as oracle
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tongbao.errors import RequestError
from tongbao.protocol.message_signature import (
    CLOCK_SKEW_S_MAX,
    SignableRequest,
    check_fresh,
    content_digest,
    read_signature,
    sign_request,
    signable,
)

CREATED_S = 1_618_884_473
URL = "http://centre.example:8443/v1/payments/7?state=open&of=a%20b"

# RFC 9421, appendix B.1.4: test-key-ed25519.
# The last 32 bytes of either DER form are the raw key.
RFC_PRIVATE = Ed25519PrivateKey.from_private_bytes(
    b64decode("MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF")[-32:]
)
RFC_PUBLIC = Ed25519PublicKey.from_public_bytes(
    b64decode("MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=")[-32:]
)


def request_to_change(
    method: str = "POST", *, url: str = URL, body: bytes = b'{"value_fen":1}', key: str = "order-7"
) -> SignableRequest:
    return signable(method, url, headers={"idempotency-key": key}, body=body)


def signed(request: SignableRequest, *, key_id: str = "home:1", created_s: int = CREATED_S) -> SignableRequest:
    added = sign_request(request, key_id=key_id, created_s=created_s, sign=RFC_PRIVATE.sign)
    return replace(request, headers={**request.headers, **added})


def with_header(request: SignableRequest, name: str, value: str) -> SignableRequest:
    return replace(request, headers={**request.headers, name: value})


def refusal_of(request: SignableRequest) -> RequestError:
    with pytest.raises(RequestError) as refused:
        read_signature(request)
    return refused.value


def test_a_signed_request_is_read_back_and_verifies() -> None:
    request = signed(request_to_change())

    claimed = read_signature(request)

    assert (claimed.key_id, claimed.created_s) == ("home:1", CREATED_S)
    RFC_PUBLIC.verify(claimed.signature, claimed.signed)


def test_the_signed_bytes_are_those_of_the_standard_line_by_line() -> None:
    request = signed(request_to_change())

    claimed = read_signature(request)

    assert claimed.signed.decode().split("\n") == [
        '"@method": POST',
        '"@authority": centre.example:8443',
        '"@path": /v1/payments/7',
        '"@query": ?state=open&of=a%20b',
        f'"content-digest": {content_digest(request.body)}',
        '"idempotency-key": order-7',
        (
            '"@signature-params": ("@method" "@authority" "@path" "@query" "content-digest" "idempotency-key")'
            f';created={CREATED_S};keyid="home:1";alg="ed25519"'
        ),
    ]


def test_the_digest_is_that_of_rfc_9530() -> None:
    assert content_digest(b'{"hello": "world"}') == "sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:"


# --- the standard's own example -------------------------------------------------------------------------------------

RFC_HEADERS = {
    "host": "example.com",
    "date": "Tue, 20 Apr 2021 02:07:55 GMT",
    "content-type": "application/json",
    "content-digest": (
        "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:"
    ),
    "content-length": "18",
    "signature-input": (
        'sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length")'
        ';created=1618884473;keyid="test-key-ed25519"'
    ),
    "signature": "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
}


def test_the_key_of_these_tests_is_the_one_that_rfc_9421_signs_its_example_b_2_6_with() -> None:
    base = (
        '"date": Tue, 20 Apr 2021 02:07:55 GMT\n"@method": POST\n"@path": /foo\n"@authority": example.com\n'
        '"content-type": application/json\n"content-length": 18\n"@signature-params": '
        + RFC_HEADERS["signature-input"].removeprefix("sig-b26=")
    )

    signature = RFC_PRIVATE.sign(base.encode())

    assert signature == b64decode(RFC_HEADERS["signature"].removeprefix("sig-b26=:").removesuffix(":"))


def test_the_standards_example_is_refused_because_it_covers_other_components() -> None:
    request = signable(
        "POST", "http://example.com/foo?param=Value&Pet=dog", headers=RFC_HEADERS, body=b'{"hello": "world"}'
    )

    assert refusal_of(request).code == "SIGNATURE_MALFORMED"


# --- the oracle: http-message-signatures ------------------------------------------------------------------------------


@dataclass
class OracleMessage:
    method: str
    url: str
    headers: dict[str, str]


class OracleKeys(oracle.HTTPSignatureKeyResolver):
    def resolve_public_key(self, key_id: str) -> object:
        assert key_id == "home:1"
        return RFC_PUBLIC

    def resolve_private_key(self, key_id: str) -> object:
        assert key_id == "home:1"
        return RFC_PRIVATE


def verify_with_oracle(message: OracleMessage) -> list[oracle.VerifyResult]:
    verifier = oracle.HTTPMessageVerifier(signature_algorithm=oracle.algorithms.ED25519, key_resolver=OracleKeys())
    return verifier.verify(message, max_age=dt.timedelta(minutes=5))


def sign_with_oracle(message: OracleMessage, components: tuple[str, ...]) -> None:
    signer = oracle.HTTPMessageSigner(signature_algorithm=oracle.algorithms.ED25519, key_resolver=OracleKeys())
    created = dt.datetime.fromtimestamp(CREATED_S, tz=dt.UTC)
    signer.sign(
        message,
        key_id="home:1",
        created=created,
        label="sig1",
        covered_component_ids=components,
        use_existing_digest=True,
    )


URLS = [
    URL,
    "http://centre.example",
    "http://centre.example/",
    "http://centre.example:80/a",
    "https://Centre.Example:443/a/b%2Fc?",
    "https://[::1]:9000/a?b=c?d",
    "http://127.0.0.1:8000/?q=%E5%B8%81",
]


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_what_is_signed_here_verifies_elsewhere(method: str, url: str) -> None:
    now_s = int(dt.datetime.now(tz=dt.UTC).timestamp())
    request = signed(request_to_change(method, url=url), created_s=now_s)

    verified = verify_with_oracle(OracleMessage(method, url, dict(request.headers)))

    assert len(verified) == 1


def test_the_oracle_notices_a_change() -> None:
    now_s = int(dt.datetime.now(tz=dt.UTC).timestamp())
    request = signed(request_to_change(), created_s=now_s)

    with pytest.raises(oracle.InvalidSignature):
        verify_with_oracle(OracleMessage("POST", URL + "1", dict(request.headers)))


@pytest.mark.parametrize("url", URLS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "DELETE"])
def test_what_is_signed_elsewhere_verifies_here(method: str, url: str) -> None:
    body = b"" if method in {"GET", "HEAD"} else b"coins"
    headers = {"content-digest": content_digest(body), "idempotency-key": "order-7"}
    message = OracleMessage(method, url, headers)
    components = ("@method", "@authority", "@path", "@query", "content-digest")
    sign_with_oracle(message, components if not body else (*components, "idempotency-key"))

    claimed = read_signature(
        signable(method, url, headers={name.lower(): value for name, value in message.headers.items()}, body=body)
    )

    RFC_PUBLIC.verify(claimed.signature, claimed.signed)


# --- tampering ------------------------------------------------------------------------------------------------------

TAMPERED: dict[str, Callable[[SignableRequest], SignableRequest]] = {
    "method": lambda request: replace(request, method="PUT"),
    "authority": lambda request: replace(request, authority="centre.example:8444"),
    "path": lambda request: replace(request, path="/v1/payments/8"),
    "query": lambda request: replace(request, query="state=open"),
    "idempotency-key": lambda request: with_header(request, "idempotency-key", "order-8"),
    "body with its digest": lambda request: with_header(
        replace(request, body=b"{}"), "content-digest", content_digest(b"{}")
    ),
    "created": lambda request: with_header(
        request, "signature-input", request.headers["signature-input"].replace("473;", "474;")
    ),
    "keyid": lambda request: with_header(
        request, "signature-input", request.headers["signature-input"].replace("home:1", "home:2")
    ),
}


@pytest.mark.parametrize("part", TAMPERED)
def test_a_signature_does_not_verify_once_a_covered_part_is_changed(part: str) -> None:
    request = TAMPERED[part](signed(request_to_change()))

    claimed = read_signature(request)

    with pytest.raises(InvalidSignature):
        RFC_PUBLIC.verify(claimed.signature, claimed.signed)


def test_a_changed_body_is_refused_by_its_digest() -> None:
    request = replace(signed(request_to_change()), body=b'{"value_fen":100}')

    assert refusal_of(request).code == "DIGEST_MISMATCH"


INPUT = signed(request_to_change()).headers["signature-input"]
SIGNATURE = signed(request_to_change()).headers["signature"]

MALFORMED_INPUTS = [
    INPUT.replace("sig1", "sig2"),
    INPUT.replace("sig1=", "sig1= "),
    INPUT.replace("created=", "created=0"),
    INPUT.replace("created=", "created=-"),
    INPUT.replace(str(CREATED_S), "9" * 16),
    INPUT.replace(';keyid="home:1"', ""),
    INPUT.replace('"home:1"', '""'),
    INPUT.replace('"home:1"', '"home 1"'),
    INPUT.replace('"home:1"', f'"{"a" * 129}"'),
    INPUT.replace("ed25519", "hmac-sha256"),
    INPUT.replace(';alg="ed25519"', ""),
    INPUT.replace(f";created={CREATED_S}", "") + f";created={CREATED_S}",
    INPUT + ";expires=2000000000",
    INPUT + ', sig2=("@method")',
    f"{INPUT}, {INPUT}",
    INPUT + "\n",
    INPUT + " ",
    "sig1=()",
]


@pytest.mark.parametrize("value", MALFORMED_INPUTS)
def test_signature_input_in_any_other_spelling_is_refused(value: str) -> None:
    request = with_header(signed(request_to_change()), "signature-input", value)

    refused = refusal_of(request)

    assert (refused.code, refused.field) == ("SIGNATURE_MALFORMED", "signature-input")


MALFORMED_SIGNATURES = [
    SIGNATURE.replace("sig1", "sig2"),
    SIGNATURE.replace("==:", ":"),
    SIGNATURE.removesuffix(":"),
    SIGNATURE + " ",
    f"{SIGNATURE}, {SIGNATURE}",
    "sig1=:AAAA:",
    "sig1=::",
    # The last character before the padding carries four bits that belong to no byte.
    re.sub(r"(.)==:$", lambda found: chr(ord(found.group(1)) + 1) + "==:", SIGNATURE),
]


@pytest.mark.parametrize("value", MALFORMED_SIGNATURES)
def test_a_signature_in_any_other_spelling_is_refused(value: str) -> None:
    request = with_header(signed(request_to_change()), "signature", value)

    refused = refusal_of(request)

    assert (refused.code, refused.field) == ("SIGNATURE_MALFORMED", "signature")


@pytest.mark.parametrize(
    "components",
    [
        '"@method" "@authority" "@path" "@query" "content-digest"',
        '"@method" "@authority" "@path" "@query" "idempotency-key" "content-digest"',
        '"@method" "@authority" "@path" "@query" "content-digest" "idempotency-key" "date"',
        '"@method" "@authority" "@path" "@query" "content-digest";sf "idempotency-key"',
        '"@method"  "@authority" "@path" "@query" "content-digest" "idempotency-key"',
        "",
    ],
)
def test_another_list_of_components_is_refused(components: str) -> None:
    request = with_header(
        signed(request_to_change()), "signature-input", re.sub(r"\([^)]*\)", f"({components})", INPUT)
    )

    assert refusal_of(request).code == "SIGNATURE_COMPONENTS"


@pytest.mark.parametrize("method", ["PATCH", "OPTIONS", "post", "CONNECT", ""])
def test_a_method_outside_the_protocol_is_refused(method: str) -> None:
    request = replace(signed(request_to_change()), method=method)

    assert refusal_of(request).code == "SIGNATURE_COMPONENTS"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("signature", "SIGNATURE_MISSING"),
        ("signature-input", "SIGNATURE_MISSING"),
        ("content-digest", "DIGEST_MISSING"),
        ("idempotency-key", "IDEMPOTENCY_KEY_MISSING"),
    ],
)
def test_a_missing_header_is_named(name: str, code: str) -> None:
    request = signed(request_to_change())
    headers = {other: value for other, value in request.headers.items() if other != name}

    refused = refusal_of(replace(request, headers=headers))

    assert refused.code == code
    assert refused.cure


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "é", "x" * 129, "x\n"])
def test_an_idempotency_key_that_no_table_could_hold_is_refused(key: str) -> None:
    request = with_header(signed(request_to_change()), "idempotency-key", key)

    assert refusal_of(request).code == "IDEMPOTENCY_KEY_MISSING"


@pytest.mark.parametrize(
    "change",
    [
        {"path": '/\n"@query": ?'},
        {"query": "a b"},
        {"query": "a\n"},
        {"authority": "host\n"},
        {"authority": "Host"},
        {"authority": ""},
    ],
)
def test_a_target_that_could_write_a_line_of_its_own_is_refused(change: dict[str, str]) -> None:
    request = replace(signed(request_to_change()), **change)  # type: ignore[arg-type]

    assert refusal_of(request).code == "SIGNATURE_MALFORMED"


@pytest.mark.parametrize("off_s", [-CLOCK_SKEW_S_MAX, 0, CLOCK_SKEW_S_MAX])
def test_a_clock_that_is_a_little_off_is_forgiven(off_s: int) -> None:
    claimed = read_signature(signed(request_to_change(), created_s=CREATED_S + off_s))

    check_fresh(claimed, now_s=CREATED_S)


@pytest.mark.parametrize(("off_s", "words"), [(86_400, "ahead of"), (-86_400, "behind"), (301, "ahead of")])
def test_a_clock_off_by_a_day_is_told_both_times_and_the_cure(off_s: int, words: str) -> None:
    claimed = read_signature(signed(request_to_change(), created_s=CREATED_S + off_s))

    with pytest.raises(RequestError) as refused:
        check_fresh(claimed, now_s=CREATED_S)

    assert refused.value.code == "SIGNATURE_STALE"
    assert str(CREATED_S) in str(refused.value)
    assert str(CREATED_S + off_s) in str(refused.value)
    assert words in str(refused.value)
    assert "clock" in refused.value.cure


@pytest.mark.parametrize("key_id", ["", 'a"b', "a b", "a" * 129])
def test_a_key_id_that_nobody_could_read_is_never_sent(key_id: str) -> None:
    with pytest.raises(ValueError, match="key_id must match"):
        signed(request_to_change(), key_id=key_id)
