"""Every way in which a request can fail, answered as one kind of document."""

from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tongbao.errors import DecodingError, RequestError
from tongbao.protocol.problem import MEDIA_TYPE, Problem, problem_of

__all__ = [
    "PROBLEM_SCHEMA",
    "answer_http_exception",
    "answer_validation_error",
    "invalid_field",
    "problem_response",
    "problem_responses",
]

# What the framework refuses before any code of ours sees the request.
_CODE_BY_STATUS: Final = {
    400: "BAD_REQUEST",
    401: "UNAUTHENTICATED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
    405: "METHOD_NOT_ALLOWED",
    413: "TOO_LARGE",
    415: "MEDIA_TYPE",
}
_CURE_BY_CODE: Final = {
    "NOT_FOUND": "look the path up in /openapi.json",
    "METHOD_NOT_ALLOWED": "use a method that the header Allow names",
    "TOO_LARGE": "send less at a time",
}

_NOT_NOW: Final = frozenset({429, 503})
_RETRY_AFTER: Final = {
    "Retry-After": {"schema": {"type": "integer"}, "description": "Seconds after which to send the same request again."}
}

PROBLEM_SCHEMA: Final[Mapping[str, Any]] = {
    "title": "Problem",
    "description": "What went wrong (RFC 9457). Programs key on `code`; `detail` is for people and may change.",
    "type": "object",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:tongbao:problem:[A-Z][A-Z0-9_]*$"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "code": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
        "field": {"type": "string", "description": "The part of the request that is wrong."},
        "cure": {"type": "string", "description": "What to do about it."},
        "retry_after_s": {"type": "integer", "minimum": 0},
        "moved_to": {"type": "string"},
    },
    "required": ["type", "title", "status", "code"],
}


def problem_response(problem: Problem, *, headers: Mapping[str, str] | None = None) -> Response:
    """Write the document, with the headers that HTTP wants beside it."""
    added = dict(headers or {})
    if problem.retry_after_s:
        added["retry-after"] = str(problem.retry_after_s)
    if problem.status == HTTPStatus.UNAUTHORIZED:
        added["www-authenticate"] = 'Signature realm="tongbao"'
    return Response(problem.encode(), problem.status, added, MEDIA_TYPE)


async def answer_http_exception(request: Request, error: Exception) -> Response:
    """Answer what the framework itself refuses: no such path, no such method."""
    if not isinstance(error, HTTPException):
        raise error
    code = _CODE_BY_STATUS.get(error.status_code, "BAD_REQUEST")
    refused = RequestError(f"{error.detail}: {request.method}", code=code, cure=_CURE_BY_CODE.get(code, ""))
    problem = problem_of(refused)
    return problem_response(problem, headers=error.headers)


async def answer_validation_error(_request: Request, error: Exception) -> Response:
    """Answer a request whose parts do not have the declared form."""
    if not isinstance(error, RequestValidationError):
        raise error
    return problem_response(problem_of(invalid_field(error.errors())))


def invalid_field(errors: Sequence[Mapping[str, Any]] | ValidationError) -> RequestError:
    """Name the first field that is wrong and what would be right; what was sent is not repeated."""
    found = errors.errors(include_url=False, include_input=False) if isinstance(errors, ValidationError) else errors
    first = found[0]
    kind, message = str(first["type"]), str(first["msg"])
    if kind == "json_invalid":
        return DecodingError(f"the body is not JSON: {message}", field="body", cure="send one JSON object in UTF-8")
    where = [str(part) for part in first["loc"]]
    # FastAPI says first which part of the request it means; a field's name says it as well.
    path = where[1:] if len(where) > 1 and where[0] in {"body", "query", "path", "header"} else where
    field = ".".join(path) or "body"
    cures = {"missing": f"send {field}", "extra_forbidden": f"leave {field} out"}
    cure = cures.get(kind, f"mend {field}: {message[:1].lower()}{message[1:]}")
    others = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return RequestError(f"{field}: {message}{others}", code="INVALID_FIELD", field=field, cure=cure)


def problem_responses(statuses: Iterable[int]) -> dict[int | str, dict[str, Any]]:
    """Document problem answers for an operation; the schema stands once among the components."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            **({"headers": dict(_RETRY_AFTER)} if status in _NOT_NOW else {}),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }
