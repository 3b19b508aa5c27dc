"""Errors as problem documents, and back."""

import json

import pytest

from tongbao import errors
from tongbao.protocol.problem import STATUSES, Problem, error_of, problem_of

ACROSS = [
    (errors.RequestError("amount is missing", field="value_fen", cure="send an amount"), "BAD_REQUEST", 400),
    (errors.RequestError("no such order", code="NOT_FOUND"), "NOT_FOUND", 404),
    (errors.RequestError("no such wallet", code="WALLET_UNKNOWN"), "WALLET_UNKNOWN", 404),
    (errors.RequestError("not yours", code="FORBIDDEN"), "FORBIDDEN", 403),
    (errors.RequestError("who are you", code="UNAUTHENTICATED"), "UNAUTHENTICATED", 401),
    (errors.RequestError("wrong key", code="SIGNATURE_INVALID"), "SIGNATURE_INVALID", 401),
    (errors.RequestError("another order has that name", code="CONFLICT"), "CONFLICT", 409),
    (errors.RequestError("other payload", code="IDEMPOTENCY_KEY_REUSED"), "IDEMPOTENCY_KEY_REUSED", 422),
    (errors.RequestError("running", code="IDEMPOTENCY_KEY_IN_USE"), "IDEMPOTENCY_KEY_IN_USE", 409),
    (errors.RequestError("zero", code="INVALID_FIELD", field="value_fen"), "INVALID_FIELD", 422),
    (errors.DecodingError("not an address"), "MALFORMED", 400),
    (errors.RefusedError("day limit", code="LIMIT_DAY", cure="pay less"), "LIMIT_DAY", 422),
    (errors.RefusedError("suspended", code="FORBIDDEN"), "FORBIDDEN", 403),
    (errors.RefusedError("a witness", code="SIGNATURE_INVALID"), "SIGNATURE_INVALID", 422),
    (errors.BusyError("queue full", retry_after_s=7), "BUSY", 503),
    (errors.DiskFullError("no room"), "DISK_FULL", 507),
    (errors.DamageError("bad bytes"), "STORAGE_FAILED", 503),
    (errors.NetworkError("no answer"), "PEER_SILENT", 504),
    (errors.PeerError("nonsense"), "PEER_FAILED", 502),
    (errors.ConfigurationError("no key"), "UNAVAILABLE", 503),
    (errors.InvariantError("money from nowhere"), "INTERNAL", 500),
    (KeyError("x"), "INTERNAL", 500),
]


@pytest.mark.parametrize(("error", "code", "status"), ACROSS)
def test_every_error_has_a_code_and_a_status(error: Exception, code: str, status: int) -> None:
    problem = problem_of(error)

    assert (problem.code, problem.status, problem.type) == (code, status, f"urn:tongbao:problem:{code}")
    assert status in STATUSES


@pytest.mark.parametrize("error", [row[0] for row in ACROSS if isinstance(row[0], errors.RequestError)])
def test_a_request_error_arrives_as_it_was_raised(error: errors.RequestError) -> None:
    arrived = error_of(Problem.decode(problem_of(error).encode()))

    assert isinstance(arrived, errors.RequestError)
    assert (str(arrived), arrived.code, arrived.field, arrived.cure) == (
        str(error),
        error.code,
        error.field,
        error.cure,
    )


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (errors.RefusedError("day limit", code="LIMIT_DAY"), errors.RefusedError),
        (errors.BusyError("queue full"), errors.BusyError),
        (errors.RequestError("slowly", code="RATE_LIMITED"), errors.BusyError),
        (errors.DiskFullError("no room"), errors.BusyError),
        (errors.StorageError("broken"), errors.BusyError),
        (errors.NetworkError("no answer from the centre"), errors.NetworkError),
        (errors.PeerError("nonsense from the centre"), errors.PeerError),
        (errors.InvariantError("impossible"), errors.PeerError),
    ],
)
def test_the_family_that_arrives_says_who_can_do_something(error: Exception, family: type[Exception]) -> None:
    arrived = error_of(problem_of(error))

    assert type(arrived) is family


@pytest.mark.parametrize("code", ["INVALID_FIELD", "IDEMPOTENCY_KEY_REUSED", "NOT_FOUND"])
def test_a_wrong_request_does_not_arrive_as_a_refusal(code: str) -> None:
    arrived = error_of(problem_of(errors.RequestError("wrong", code=code)))

    assert type(arrived) is errors.RequestError


def test_the_time_to_wait_travels_with_a_busy_answer() -> None:
    arrived = error_of(problem_of(errors.BusyError("queue full", retry_after_s=7)))

    assert isinstance(arrived, errors.BusyError)
    assert arrived.retry_after_s == 7


def test_an_internal_failure_tells_nothing_of_its_inside() -> None:
    document = problem_of(RuntimeError("password=hunter2")).encode()

    assert b"hunter2" not in document


def test_the_document_has_the_members_of_rfc_9457() -> None:
    document = json.loads(problem_of(errors.RefusedError("day limit", code="LIMIT_DAY")).encode())

    assert document["type"] == "urn:tongbao:problem:LIMIT_DAY"
    assert document["title"] == "Limit day"
    assert document["status"] == 422
    assert document["detail"] == "day limit"


@pytest.mark.parametrize(
    "document", [b"", b"<html>", b"[]", b"{}", b'{"status": "500"}', b"\xff\xfe", b'{"x":' + b"[" * 10_000]
)
def test_an_error_without_a_readable_document_is_the_peers_fault(document: bytes) -> None:
    with pytest.raises(errors.PeerError, match="without a readable problem"):
        Problem.decode(document)
