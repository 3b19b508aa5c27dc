"""Which request a piece of work is done for, so that lines of logs and questions to other roles can say so."""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

__all__ = ["NO_REQUEST", "REQUEST", "REQUEST_ID_HEADER", "RequestId"]

REQUEST_ID_HEADER: Final = "x-request-id"


@dataclass(frozen=True, slots=True)
class RequestId:
    """A request's id.

    Attributes:
        text: as it stands in the answer's header and in the log.
        is_own: whether this role made it. One that a caller chose may say who he is, and is told to nobody else.
    """

    text: str
    is_own: bool


NO_REQUEST: Final = RequestId("", is_own=False)

REQUEST: ContextVar[RequestId] = ContextVar("request", default=NO_REQUEST)
"""The request that is being answered, in its own task and in those that it begins."""
