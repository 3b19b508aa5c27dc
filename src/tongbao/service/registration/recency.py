"""How recent an answer of the registration centre must be."""

from starlette.requests import Request

from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.errors import RequestError
from tongbao.protocol.registration import MINIMUM_SEQUENCE_HEADER

__all__ = ["reach"]

SEQUENCE_DIGITS_MAX = 18


async def reach(centre: RegistrationCentre, request: Request) -> None:
    """Wait for the batch that the reader knows of."""
    text = request.headers.get(MINIMUM_SEQUENCE_HEADER)
    if text is None:
        return
    if not (text.isascii() and text.isdecimal() and len(text) <= SEQUENCE_DIGITS_MAX):
        raise RequestError(
            f"{MINIMUM_SEQUENCE_HEADER} must be a batch's number", field=MINIMUM_SEQUENCE_HEADER, code="INVALID_FIELD"
        )
    await centre.reach(int(text))
