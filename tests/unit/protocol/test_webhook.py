"""Signatures of messages: the vector that Standard Webhooks' own libraries use, and every way to be wrong."""

from collections.abc import Mapping

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.webhook import secret_text, sign_webhook, verify_webhook

# From the documentation of Standard Webhooks and of Svix, where the format comes from.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
WEBHOOK_ID, NOW_S = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
OTHER = bytes(range(32))


def _headers(**changes: str) -> Mapping[str, str]:
    headers = {"webhook-id": WEBHOOK_ID, "webhook-timestamp": str(NOW_S), "webhook-signature": SIGNATURE}
    return {**headers, **{name.replace("_", "-"): value for name, value in changes.items()}}


def test_the_published_vector_is_good() -> None:
    assert verify_webhook(SECRET, _headers(), BODY, now_s=NOW_S) == WEBHOOK_ID


def test_what_is_signed_by_two_secrets_is_good_by_each() -> None:
    headers = sign_webhook([OTHER, OTHER[::-1]], webhook_id="evt_1_7", timestamp_s=NOW_S, body=BODY)

    found = [verify_webhook(secret_text(secret), headers, BODY, now_s=NOW_S) for secret in (OTHER, OTHER[::-1])]

    assert found == ["evt_1_7", "evt_1_7"]


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook_signature": ""},
        {"webhook_signature": SIGNATURE.replace("v1,", "v2,")},
        {"webhook_signature": SIGNATURE[:-2] + "A="},
        {"webhook_signature": "v1,"},
        {"webhook_id": "msg_other"},
        {"webhook_timestamp": ""},
        {"webhook_timestamp": "-1"},
        {"webhook_timestamp": str(NOW_S + 1)},
    ],
)
def test_a_message_of_which_anything_is_otherwise_is_not_believed(changes: dict[str, str]) -> None:
    with pytest.raises(RequestError) as refused:
        verify_webhook(SECRET, _headers(**changes), BODY, now_s=NOW_S)

    assert refused.value.code == "WEBHOOK_UNPROVEN"


def test_another_body_or_another_secret_is_not_believed() -> None:
    for secret, body in ((SECRET, BODY + b" "), (secret_text(OTHER), BODY)):
        with pytest.raises(RequestError, match="not proven"):
            verify_webhook(secret, _headers(), body, now_s=NOW_S)


@pytest.mark.parametrize("off_s", [-301, 301])
def test_an_old_message_and_one_from_the_future_are_not_believed(off_s: int) -> None:
    with pytest.raises(RequestError, match="five minutes"):
        verify_webhook(SECRET, _headers(), BODY, now_s=NOW_S + off_s)


def test_a_secret_that_is_none_says_how_one_looks() -> None:
    with pytest.raises(RequestError, match="whsec_"):
        verify_webhook("whsec_?", _headers(), BODY, now_s=NOW_S)
