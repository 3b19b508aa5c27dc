"""Receipts are read in every form in which people hand them on."""

import base64
import json

import pytest

from tests.logged_receipts import logged
from tongbao.service.command_line.receipt_file import receipt_bytes

RECEIPT = logged().encode()
IN_BASE64 = base64.b64encode(RECEIPT)


@pytest.mark.parametrize(
    "content",
    [
        RECEIPT,
        IN_BASE64,
        IN_BASE64 + b"\n",
        json.dumps({"network_id": "00", "receipt": IN_BASE64.decode()}, indent=2).encode(),
    ],
    ids=["bytes", "base64", "base64 with the end of its line", "the file that the wallet's page saves"],
)
def test_each_form_gives_the_same_receipt(content: bytes) -> None:
    assert receipt_bytes(content) == RECEIPT


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"{", b"[]", b'{"receipt": null}', b'{"receipt": "?"}', b"[" * 10_000],
    ids=["no text", "half an object", "a list", "no receipt yet", "no base64", "depth without end"],
)
def test_what_is_no_receipt_stays_what_it_is(content: bytes) -> None:
    assert receipt_bytes(content) == content
