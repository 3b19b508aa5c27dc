"""Requests that move money at a desk: each has an id, and whoever repeats it repeats the request and not the deed."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Final

import typer

from tongbao.errors import BusyError, NetworkError, PeerError, RequestError
from tongbao.protocol.message_signature import IDEMPOTENCY_KEY_CHARACTERS_MAX
from tongbao.service.command_line.output import StillOpenError

__all__ = ["RequestIdOption", "asked_once", "with_request_id"]

_REQUEST_ID: Final = re.compile(rf"[!-~]{{1,{IDEMPOTENCY_KEY_CHARACTERS_MAX}}}")
_IN_USE: Final = "IDEMPOTENCY_KEY_IN_USE"


def _parse(text: str) -> str:
    if _REQUEST_ID.fullmatch(text) is None:
        raise typer.BadParameter(
            f"a request's id has 1 to {IDEMPOTENCY_KEY_CHARACTERS_MAX} visible ASCII characters and no space"
        )
    return text


RequestIdOption = Annotated[
    str | None,
    typer.Option(
        "--request-id",
        parser=_parse,
        metavar="TEXT",
        help="Yours; repeating it with the same words is the same request, done once. A new one where it is left out.",
    ),
]


@contextmanager
def asked_once(what: str, request_id: str) -> Iterator[None]:
    """Where the answer to the request is lost, say how to repeat it without doing it twice.

    Raises:
        StillOpenError: it may or may not have been done.
    """
    try:
        yield
    except (NetworkError, BusyError, PeerError) as error:
        raise _lost(what, request_id, str(error)) from error
    except RequestError as error:
        if error.code != _IN_USE:
            raise
        raise _lost(what, request_id, "it is being worked on") from error


def _lost(what: str, request_id: str, reason: str) -> StillOpenError:
    return StillOpenError(
        f"{what} may or may not have been done: {reason}",
        cure=f"repeat the command with --request-id {request_id}: it is then done once, however often it is repeated",
        told={"request_id": request_id},
    )


def with_request_id(text: str, request_id: str, *, given: str | None) -> str:
    """The text with the request's id where nobody gave it: whoever asked may want to repeat it."""
    return text if given else f"{text}\nrequest {request_id}"
