"""What every service answers besides its own operations: problems, health, metrics, its description."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from fastapi import FastAPI
from pydantic import BaseModel, Field
from starlette.types import Message

from tongbao import errors
from tongbao.adapters.network import Answer
from tongbao.centres.registration import arrivals
from tongbao.institutions.events import feed
from tongbao.service import edge
from tongbao.service.edge import BODY_BYTES_MAX, REQUESTS_MAX
from tongbao.service.http import Call, Nothing, Operations, create_app
from tongbao.service.openapi import PUBLIC_STATUSES
from tongbao.service.problems import PROBLEM_SCHEMA
from tongbao.service.rate_limits import Allowance, RateLimitSettings
from tongbao.simulation.asgi import deliver


class Amount(BaseModel):
    value_fen: int = Field(ge=1)


class Number(BaseModel):
    number: int


async def nobody(_request: object) -> Any:  # noqa: ANN401  # never returns
    raise errors.RequestError("who are you", code="UNAUTHENTICATED")


RAISED: dict[str, Exception] = {
    "refused": errors.RefusedError("day limit", code="LIMIT_DAY"),
    "missing": errors.RequestError("no such wallet", code="NOT_FOUND"),
    "busy": errors.BusyError("queue full", retry_after_s=3),
    "full": errors.DiskFullError("no room"),
    "silent": errors.NetworkError("the centre is silent"),
    "nonsense": errors.PeerError("nonsense"),
    "impossible": errors.InvariantError("money from nowhere: 飞钱"),
    "bug": RuntimeError("password=hunter2"),
}


def service(**settings: Any) -> FastAPI:  # noqa: ANN401  # passed on
    app = create_app("Service", version="1.2", **settings)
    operations = Operations(app, authenticate=nobody)

    @operations.get("/v1/errors/{number}", public=True)
    async def fail(call: Call[Nothing, Number]) -> Amount:
        """Fail."""
        raise list(RAISED.values())[call.parameters.number]

    @operations.post("/v1/amounts/{number}")
    async def put_amount(_call: Call[Amount, Number]) -> Amount:
        """Put an amount."""
        return Amount(value_fen=1)

    @operations.post("/v1/amounts", public=True)
    async def add_amount(call: Call[Amount, Nothing]) -> Amount:
        """Add an amount."""
        return call.message

    @operations.get("/v1/amounts/{number}", public=True)
    async def show_amount(_call: Call[Nothing, Number]) -> Amount:
        """Show an amount.

        Whoever asks.
        """
        return Amount(value_fen=1)

    @app.post("/v1/framework")
    async def framework(amount: Amount) -> Amount:
        return amount

    return app


async def ask(app: FastAPI, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if method != "GET":
        sent.setdefault("idempotency-key", "one")
    return await deliver(app, method, "http://service.example" + path, headers=sent, body=body)


def problem(answer: Answer) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.body)
    jsonschema_rs.validate(dict(PROBLEM_SCHEMA), found)
    assert found["status"] == answer.status
    return found


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("refused", 422, "LIMIT_DAY"),
        ("missing", 404, "NOT_FOUND"),
        ("busy", 503, "BUSY"),
        ("full", 507, "DISK_FULL"),
        ("silent", 504, "PEER_SILENT"),
        ("nonsense", 502, "PEER_FAILED"),
        ("impossible", 500, "INTERNAL"),
        ("bug", 500, "INTERNAL"),
    ],
)
async def test_every_error_is_answered_as_a_problem(name: str, status: int, code: str) -> None:
    answer = await ask(service(), "GET", f"/v1/errors/{list(RAISED).index(name)}")

    found = problem(answer)
    assert (found["status"], found["code"]) == (status, code)
    assert b"hunter2" not in answer.body


async def test_a_busy_answer_says_when_to_ask_again() -> None:
    answer = await ask(service(), "GET", f"/v1/errors/{list(RAISED).index('busy')}")

    assert answer.headers["retry-after"] == "3"


async def test_a_broken_invariant_is_told_to_whoever_stops_the_process() -> None:
    told: list[errors.InvariantError] = []
    app = service(on_invariant=told.append)

    await ask(app, "GET", f"/v1/errors/{list(RAISED).index('impossible')}")
    await ask(app, "GET", f"/v1/errors/{list(RAISED).index('bug')}")

    assert told == [RAISED["impossible"]]


async def test_an_unknown_path_is_a_problem() -> None:
    assert problem(await ask(service(), "GET", "/v1/nowhere"))["code"] == "NOT_FOUND"
    assert problem(await ask(service(), "GET", "/healthz/"))["code"] == "NOT_FOUND"


async def test_an_unknown_method_is_told_all_that_there_are() -> None:
    answer = await ask(service(), "DELETE", "/v1/amounts/1")

    assert (answer.status, problem(answer)["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_the_frameworks_own_validation_speaks_the_same_language() -> None:
    found = problem(await ask(service(), "POST", "/v1/framework", b'{"value_fen":0}', content_type="application/json"))

    assert (found["status"], found["code"], found["field"]) == (422, "INVALID_FIELD", "value_fen")


@pytest.mark.parametrize("declared", [True, False])
async def test_a_body_that_is_too_large_is_refused(*, declared: bool) -> None:
    length = str(BODY_BYTES_MAX + 1) if declared else "x"

    answer = await ask(
        service(),
        "POST",
        "/v1/amounts",
        b" " if declared else b" " * (BODY_BYTES_MAX + 1),
        content_length=length,
        content_type="application/json",
    )

    assert problem(answer)["code"] == "TOO_LARGE"


async def test_more_requests_than_can_be_answered_in_time_are_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "REQUESTS_MAX", 0)

    assert problem(await ask(service(), "GET", "/healthz"))["code"] == "BUSY"


async def test_a_request_has_an_id_of_its_own_or_the_one_it_came_with() -> None:
    app = service(instance="bank7")

    ids = [(await ask(app, "GET", "/healthz")).headers["x-request-id"] for _ in range(2)]
    given = (await ask(app, "GET", "/healthz", x_request_id="shop-9")).headers["x-request-id"]
    forged = (await ask(app, "GET", "/healthz", x_request_id="a b")).headers["x-request-id"]

    assert ids == ["bank7-1", "bank7-2"]
    assert (given, forged) == ("shop-9", "bank7-3")


async def test_health_does_not_depend_on_readiness() -> None:
    async def not_ready() -> None:
        raise errors.DiskFullError("no room")

    app = service(ready=not_ready)

    assert (await ask(app, "GET", "/healthz")).body == b'{"status":"ok"}'
    assert problem(await ask(app, "GET", "/readyz"))["code"] == "DISK_FULL"


async def test_readiness_without_conditions_is_given() -> None:
    assert (await ask(service(), "GET", "/readyz")).status == 200


async def test_metrics_count_by_declared_path_and_never_name_an_id() -> None:
    app = service()
    await ask(app, "GET", "/v1/amounts/123456")
    await ask(app, "GET", "/v1/wallets-of/wang")

    text = (await ask(app, "GET", "/metrics")).body.decode()

    assert 'tongbao_http_answers_total{method="GET",path="/v1/amounts/{number}",status="200"} 1.0' in text
    assert 'tongbao_http_answers_total{method="-",path="(no route)",status="404"} 1.0' in text
    assert "tongbao_http_request_seconds_bucket" in text
    assert "123456" not in text
    assert "wang" not in text


async def test_an_answer_that_the_reader_has_is_not_sent_again() -> None:
    app = service()
    first = await ask(app, "GET", "/v1/amounts/1")

    again = await ask(app, "GET", "/v1/amounts/1", if_none_match=first.headers["etag"])
    other = await ask(app, "GET", "/v1/amounts/1", if_none_match='W/"another"')

    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert "content-type" not in again.headers
    assert (other.status, other.body) == (200, first.body)


async def test_an_error_is_no_answer_that_a_reader_can_have() -> None:
    answer = await ask(service(), "GET", f"/v1/errors/{list(RAISED).index('missing')}", if_none_match="*")

    assert problem(answer)["code"] == "NOT_FOUND"
    assert "etag" not in answer.headers


async def test_what_changes_something_is_done_whatever_the_reader_has() -> None:
    answer = await ask(
        service(), "POST", "/v1/amounts", b'{"value_fen":1}', content_type="application/json", if_none_match="*"
    )

    assert answer.status == 200


async def test_who_asks_more_than_his_share_is_sent_away_and_told_when_to_come_back() -> None:
    app = service(rate_limits=RateLimitSettings(address=Allowance(per_s=0.5, burst=2)))
    path = f"/v1/errors/{list(RAISED).index('missing')}"

    answers = [await ask(app, "GET", path) for _ in range(3)]

    assert [answer.status for answer in answers] == [404, 404, 429]
    assert [answer.headers["ratelimit"] for answer in answers] == [
        '"address";r=1;t=2',
        '"address";r=0;t=4',
        '"address";r=0;t=4',
    ]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"address";q=2;w=4'}
    assert (problem(answers[2])["code"], answers[2].headers["retry-after"]) == ("RATE_LIMITED", "2")


async def test_whoever_watches_a_server_is_always_answered() -> None:
    app = service(rate_limits=RateLimitSettings(address=Allowance(per_s=0.5, burst=1)))

    answers = [await ask(app, "GET", path) for path in ("/healthz", "/readyz", "/metrics") * 3]

    assert {answer.status for answer in answers} == {200}
    assert not any("ratelimit" in answer.headers for answer in answers)


async def test_two_services_in_one_process_count_apart() -> None:
    one, other = service(), service()
    await ask(one, "GET", "/v1/amounts/1")

    assert "/v1/amounts" not in (await ask(other, "GET", "/metrics")).body.decode()


@pytest.fixture
async def description() -> dict[str, Any]:
    answer = await ask(service(), "GET", "/openapi.json")
    found: dict[str, Any] = json.loads(answer.body)
    return found


def test_the_description_is_openapi_3_1_and_documents_every_problem(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1")
    assert (description["info"]["title"], description["info"]["version"]) == ("Service", "1.2")
    for operations in description["paths"].values():
        for operation in operations.values():
            failures = {status for status in operation["responses"] if status >= "400"}
            assert {str(status) for status in PUBLIC_STATUSES} <= failures
            for status in failures:
                assert list(operation["responses"][status]["content"]) == ["application/problem+json"]


def test_the_description_has_every_operation_with_its_forms(description: dict[str, Any]) -> None:
    put = description["paths"]["/v1/amounts/{number}"]["post"]

    assert set(description["paths"]) == {
        "/healthz", "/readyz", "/metrics", "/v1/errors/{number}", "/v1/amounts", "/v1/amounts/{number}", "/v1/framework"
    }  # fmt: skip
    assert put["operationId"] == "put_amount"
    assert put["requestBody"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Amount"}
    assert put["responses"]["200"]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Amount"}
    assert [(field["name"], field["in"], field["required"]) for field in put["parameters"]] == [
        ("number", "path", True),
        ("Idempotency-Key", "header", True),
    ]
    assert put["security"] == [{"signature": []}]
    assert "401" in put["responses"]


def test_what_is_public_says_so(description: dict[str, Any]) -> None:
    show = description["paths"]["/v1/amounts/{number}"]["get"]

    assert "security" not in show
    assert "401" not in show["responses"]
    assert (show["summary"], show["description"]) == ("Show an amount.", "Whoever asks.")


def test_every_reference_of_the_description_leads_somewhere(description: dict[str, Any]) -> None:
    references = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            references.add(node.get("$ref"))
            for child in node.values():
                collect(child)
        elif isinstance(node, list):
            for child in node:
                collect(child)

    collect(description)

    schemas = description["components"]["schemas"]
    assert references - {None} <= {f"#/components/schemas/{name}" for name in schemas}
    assert "Problem" in schemas


async def test_a_body_that_does_not_arrive_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tongbao.service.edge.BODY_S_MAX", 0.05)
    arriving: Iterator[Message] = iter([{"type": "http.request", "body": b"{", "more_body": True}])
    sent: list[Message] = []

    async def receive() -> Message:
        for message in arriving:
            return message
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/amounts",
        "query_string": b"",
        "headers": [(b"content-type", b"application/json"), (b"idempotency-key", b"one")],
        "client": ("192.0.2.1", 5),
    }
    await asyncio.wait_for(service()(scope, receive, send), 5)

    assert (sent[0]["status"], json.loads(sent[1]["body"])["field"]) == (400, "body")


def test_those_who_wait_leave_room_for_those_who_do_not() -> None:
    assert feed.WAITING_MAX <= REQUESTS_MAX // 2
    assert arrivals.WAITING_MAX <= REQUESTS_MAX // 2
