"""What a wallet checks of its holder's wishes before it asks anyone."""

from typing import TypeVar

from pydantic import ValidationError

from tongbao.coin import VALUE_MAX
from tongbao.errors import RequestError
from tongbao.protocol.wire import Message

__all__ = ["asked", "demand_amount"]

_Asked = TypeVar("_Asked", bound=Message)


def demand_amount(amount_fen: int) -> None:
    """Return if it is an amount of money that can be paid."""
    if not 1 <= amount_fen <= VALUE_MAX:
        raise RequestError(
            f"an amount is a whole number of fen from 1 on, was {amount_fen}",
            field="amount_fen",
            cure="give a positive amount",
            code="INVALID_FIELD",
        )


def asked(message: type[_Asked], **fields: object) -> _Asked:
    """The message with these fields, or what is wrong with the first that does not fit."""
    try:
        return message.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        raise RequestError(
            f"{field}: {first['msg']}", field=field, cure="see docs/reference/http-api.md", code="INVALID_FIELD"
        ) from None
