"""Errors as they travel: RFC 9457 problem documents, and which HTTP status each error of ours has.

The sender writes `problem_of(error)`; the receiver raises `error_of(problem)`, so that a failure keeps its code, its
field and its cure across any number of parties. Programs key on `code`; `detail` is for people and may change.
"""

from typing import Final

import msgspec

from tongbao.errors import (
    BusyError,
    DiskFullError,
    NetworkError,
    PeerError,
    RateLimitedError,
    RefusedError,
    RequestError,
    StorageError,
    TongbaoError,
    WalletMovedError,
    WorldError,
)

__all__ = ["MEDIA_TYPE", "STATUSES", "TYPE_PREFIX", "Problem", "error_of", "problem_of"]

MEDIA_TYPE: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:tongbao:problem:"

# The statuses that a code has wherever it occurs. A code of `RequestError` that is not named here is 400, and a code of
# `RefusedError`, which is the name of a rule, is 422.
_STATUS_BY_CODE: Final = {
    "UNAUTHENTICATED": 401,
    "SIGNATURE_MISSING": 401,
    "SIGNATURE_MALFORMED": 401,
    "SIGNATURE_COMPONENTS": 401,
    "SIGNATURE_STALE": 401,
    "SIGNATURE_INVALID": 401,
    "DIGEST_MISSING": 401,
    "DIGEST_MISMATCH": 401,
    "FORBIDDEN": 403,
    "SIGNED_TEXT_INVALID": 403,
    "NOT_FOUND": 404,
    "ALIAS_UNKNOWN": 404,
    "WALLET_UNKNOWN": 404,
    "LOG_UNKNOWN": 404,
    "METHOD_NOT_ALLOWED": 405,
    "CONFLICT": 409,
    "IDEMPOTENCY_KEY_IN_USE": 409,
    "OTHER_CHECKPOINT": 409,
    "EVENTS_GONE": 410,
    "TOO_LARGE": 413,
    "MEDIA_TYPE": 415,
    "INVALID_FIELD": 422,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "PROOF_INVALID": 422,
    "RATE_LIMITED": 429,
}

_RATE_LIMITED: Final = "RATE_LIMITED"
_BUSY: Final = "BUSY"
_DISK_FULL: Final = "DISK_FULL"
_STORAGE_FAILED: Final = "STORAGE_FAILED"
_PEER_FAILED: Final = "PEER_FAILED"
_PEER_SILENT: Final = "PEER_SILENT"
_UNAVAILABLE: Final = "UNAVAILABLE"
_INTERNAL: Final = "INTERNAL"

# Errors that are not the caller's: the first class that fits gives code, status and what to do.
_WORLD: Final[tuple[tuple[type[TongbaoError], str, int, str], ...]] = (
    (RateLimitedError, _RATE_LIMITED, 429, "send the same request again after the seconds in Retry-After"),
    (BusyError, _BUSY, 503, "send the same request again after the seconds in Retry-After"),
    (DiskFullError, _DISK_FULL, 507, "send the same request again once the operator has made room"),
    (StorageError, _STORAGE_FAILED, 503, "send the same request again once the operator has mended the storage"),
    (NetworkError, _PEER_SILENT, 504, "it may or may not have happened: send the same request again"),
    (PeerError, _PEER_FAILED, 502, "it may or may not have happened: send the same request again later"),
    (WorldError, _UNAVAILABLE, 503, "send the same request again later"),
)
_INTERNAL_CURE: Final = "report it to the operator with the request id; sending the same request again is safe"

STATUSES: Final = tuple(sorted({400, *_STATUS_BY_CODE.values(), *(row[2] for row in _WORLD), 500}))
"""Every status that a problem of ours can have."""

_REFUSED_STATUS: Final = 422
_UNAUTHENTICATED_STATUS: Final = 401
# Codes that share the status of a refusal and are not one: the request itself is wrong.
_NOT_REFUSALS: Final = frozenset(code for code, status in _STATUS_BY_CODE.items() if status == _REFUSED_STATUS)


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What an error tells the other party."""

    type: str
    title: str
    """The code in words: the same for every occurrence."""
    status: int
    detail: str = ""
    """What happened this time."""
    code: str
    field: str = ""
    """The part of the request that is wrong, or "" when it is the whole."""
    cure: str = ""
    retry_after_s: int = 0
    moved_to: str = ""
    """Of WALLET_MOVED: the address at which the holder is paid now."""

    def encode(self) -> bytes:
        """Return the document of media type `application/problem+json`."""
        return msgspec.json.encode(self)

    @classmethod
    def decode(cls, document: bytes) -> "Problem":
        """Read a problem; raises `PeerError` when it is not one of ours."""
        try:
            return msgspec.json.decode(document, type=cls)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise PeerError(f"the answer is an error without a readable problem document: {error}") from error


def problem_of(error: BaseException) -> Problem:
    """Describe `error` for the other party; of what is not theirs to know it says only that it happened."""
    if isinstance(error, RequestError):
        moved_to = error.moved_to if isinstance(error, WalletMovedError) else ""
        return _problem(
            error.code, _status_of(error), str(error), field=error.field, cure=error.cure, moved_to=moved_to
        )
    for family, code, status, cure in _WORLD:
        if isinstance(error, family):
            retry_after_s = error.retry_after_s if isinstance(error, BusyError) else 0
            return _problem(code, status, str(error), cure=cure, retry_after_s=retry_after_s)
    return _problem(_INTERNAL, 500, "the server failed in a way that it must not", cure=_INTERNAL_CURE)


def error_of(problem: Problem) -> TongbaoError:
    """Return the error to raise at the receiver, of the family that says who can do something about it."""
    detail = problem.detail or problem.title
    if problem.code in {_RATE_LIMITED, _BUSY, _DISK_FULL, _STORAGE_FAILED, _UNAVAILABLE}:
        return BusyError(detail, retry_after_s=max(problem.retry_after_s, 1))
    if problem.code == _PEER_SILENT:
        return NetworkError(detail)
    if problem.status >= 500:  # noqa: PLR2004  # the class of statuses in which the server is at fault
        return PeerError(f"{problem.code}: {detail}")
    if problem.moved_to:
        return WalletMovedError(
            detail, moved_to=problem.moved_to, code=problem.code, field=problem.field, cure=problem.cure
        )
    refused = problem.status == _REFUSED_STATUS and problem.code not in _NOT_REFUSALS
    family = RefusedError if refused else RequestError
    return family(detail, code=problem.code, field=problem.field, cure=problem.cure)


def _status_of(error: RequestError) -> int:
    status = _STATUS_BY_CODE.get(error.code, 400)
    # Some of the kernel's statuses are called like faults of a message; what a rule refuses says nothing of its sender.
    is_rule = isinstance(error, RefusedError) and status in {400, _UNAUTHENTICATED_STATUS}
    return _REFUSED_STATUS if is_rule else status


def _problem(  # its fields, named
    code: str,
    status: int,
    detail: str,
    *,
    field: str = "",
    cure: str = "",
    retry_after_s: int = 0,
    moved_to: str = "",
) -> Problem:
    return Problem(
        type=TYPE_PREFIX + code,
        title=code.replace("_", " ").capitalize(),
        status=status,
        detail=detail,
        code=code,
        field=field,
        cure=cure,
        retry_after_s=retry_after_s,
        moved_to=moved_to,
    )
