"""The forms in which people hand on receipts."""

import base64
import binascii
import json
from typing import Final

__all__ = ["RECEIPT_FILE_HELP", "receipt_bytes"]

RECEIPT_FILE_HELP: Final = "A receipt, as bytes, in base64, or as the wallet's page saves it."


def receipt_bytes(content: bytes) -> bytes:
    """The receipt in a file: itself, its base64, or that in the field `receipt` of JSON; else the content as it is.

    The first byte of a receipt is its version, which begins neither base64 nor JSON.
    """
    try:
        return base64.b64decode(_told(content).strip(), validate=True)
    except binascii.Error:
        return content


def _told(content: bytes) -> bytes:
    """What the file says is the receipt."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):  # the latter for brackets within brackets without end
        return content
    receipt = told.get("receipt") if isinstance(told, dict) else None
    return receipt.encode() if isinstance(receipt, str) else content
