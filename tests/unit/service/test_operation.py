"""Typed operations: what they take, what they refuse, what they answer."""

import json
from typing import Annotated, Any

import pytest
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from tongbao.adapters.network import Answer
from tongbao.errors import RefusedError, RequestError
from tongbao.service.authentication import Caller
from tongbao.service.http import Call, Nothing, Operations, create_app
from tongbao.service.rate_limits import Allowance, RateLimitSettings
from tongbao.simulation.asgi import deliver


class Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Payment(Form):
    value_fen: Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
    memo: str = ""


class Basket(Form):
    payments: list[Payment]


class Page(Form):
    limit: Annotated[int, Field(ge=1, le=100)] = 10
    after: str = ""


class OrderPath(Form):
    order_id: Annotated[str, Field(pattern="^[0-9a-f]+$")]
    part: int | None = None


async def by_header(request: Request) -> Caller:
    key_id = request.headers.get("x-key")
    if key_id is None:
        raise RequestError("who are you", code="UNAUTHENTICATED")
    return Caller(key_id)


def shop() -> FastAPI:
    app = create_app("Shop", version="1")
    operations = Operations(app, authenticate=by_header)

    @operations.post("/v1/payments", status=201)
    async def pay(call: Call[Payment, Nothing]) -> Payment:
        """Pay.

        The whole story.
        """
        if call.message.value_fen > 100:
            raise RefusedError("more than a day's worth", code="LIMIT_DAY", field="value_fen", cure="pay less")
        return call.message

    @operations.post("/v1/baskets", public=True)
    async def fill(call: Call[Basket, Nothing]) -> Basket:
        """Fill a basket."""
        return call.message

    @operations.get("/v1/orders", public=True)
    async def orders(call: Call[Nothing, Page]) -> Page:
        """List orders."""
        return call.parameters

    @operations.get("/v1/orders/{order_id}")
    async def order(call: Call[Nothing, OrderPath]) -> OrderPath:
        """Show an order."""
        return call.parameters

    @operations.post("/v1/bytes", public=True)
    async def mirror(call: Call[bytes, Nothing]) -> bytes:
        """Send bytes back."""
        return call.message[::-1]

    @operations.post("/v1/keys")
    async def keys(call: Call[Nothing, Nothing]) -> Response:
        """Say how the request is known."""
        return Response(f"{call.caller.key_id} {call.idempotency_key} {(await call.request_hash()).hex()}")

    return app


async def ask(
    method: str, target: str, message: object = None, *, content_type: str = "application/json", **headers: str
) -> Answer:
    body = message if isinstance(message, bytes) else b"" if message is None else json.dumps(message).encode()
    sent = {
        "x-key": "wallet:1",
        "content-type": content_type,
        **({} if method == "GET" else {"idempotency-key": "one"}),
        **{name.replace("_", "-"): headers[name] for name in headers},
    }
    return await deliver(shop(), method, "http://shop.example" + target, headers=sent, body=body)


def problem(answer: Answer) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = json.loads(answer.body)
    return found


async def test_a_valid_message_reaches_the_handler_and_its_answer_comes_back() -> None:
    answer = await ask("POST", "/v1/payments", {"value_fen": 5})

    assert (answer.status, answer.headers["content-type"]) == (201, "application/json")
    assert json.loads(answer.body) == {"value_fen": 5, "memo": ""}


@pytest.mark.parametrize(
    ("message", "field"),
    [
        ({"value_fen": 0}, "value_fen"),
        ({"value_fen": -1}, "value_fen"),
        ({"value_fen": 1.5}, "value_fen"),
        ({"value_fen": 1.0}, "value_fen"),
        ({"value_fen": "1"}, "value_fen"),
        ({"value_fen": True}, "value_fen"),
        ({"value_fen": 2**63}, "value_fen"),
        ({}, "value_fen"),
        ({"value_fen": 1, "colour": "red"}, "colour"),
        ([], "body"),
    ],
)
async def test_a_wrong_field_is_named_with_its_cure(message: object, field: str) -> None:
    found = problem(await ask("POST", "/v1/payments", message))

    assert (found["status"], found["code"], found["field"]) == (422, "INVALID_FIELD", field)
    assert field in found["cure"]


async def test_a_field_deep_inside_is_named_by_its_path() -> None:
    found = problem(await ask("POST", "/v1/baskets", {"payments": [{"value_fen": 1}, {"value_fen": 0}, {}]}))

    assert found["field"] == "payments.1.value_fen"
    assert "and 1 more" in found["detail"]


async def test_what_was_sent_is_not_repeated_in_the_problem() -> None:
    answer = await ask("POST", "/v1/payments", {"value_fen": "Wang's secret"})

    assert b"secret" not in answer.body


@pytest.mark.parametrize("body", [b"", b"{", b'{"value_fen":1}x', b"\xff"])
async def test_a_body_that_is_not_json_is_malformed(body: bytes) -> None:
    found = problem(await ask("POST", "/v1/payments", body))

    assert (found["status"], found["code"], found["field"]) == (400, "MALFORMED", "body")


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/octet-stream"])
async def test_another_media_type_is_refused(content_type: str) -> None:
    found = problem(await ask("POST", "/v1/payments", {"value_fen": 1}, content_type=content_type))

    assert (found["status"], found["field"]) == (415, "content-type")


async def test_a_refusal_of_a_rule_keeps_its_name() -> None:
    found = problem(await ask("POST", "/v1/payments", {"value_fen": 101}))

    assert (found["status"], found["code"], found["cure"]) == (422, "LIMIT_DAY", "pay less")


async def test_who_is_nobody_does_not_learn_what_would_have_been_valid() -> None:
    app = shop()

    answer = await deliver(app, "POST", "http://shop.example/v1/payments", headers={}, body=b"{")

    assert problem(answer)["code"] == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("/v1/orders", {"limit": 10, "after": ""}),
        ("/v1/orders?limit=5&after=a%20b", {"limit": 5, "after": "a b"}),
        ("/v1/orders?after=", {"limit": 10, "after": ""}),
        ("/v1/orders/0f?part=2", {"order_id": "0f", "part": 2}),
    ],
)
async def test_parameters_come_from_path_and_query(target: str, expected: object) -> None:
    answer = await ask("GET", target)

    assert json.loads(answer.body) == expected


@pytest.mark.parametrize(
    ("target", "field"),
    [
        ("/v1/orders?limit=0", "limit"),
        ("/v1/orders?limit=x", "limit"),
        ("/v1/orders?limit=1&limit=2", "limit"),
        ("/v1/orders?before=1", "before"),
        ("/v1/orders?after=%ff", "query"),
        ("/v1/orders?" + "&".join(f"f{number}=1" for number in range(40)), "query"),
        ("/v1/orders/XYZ", "order_id"),
        ("/v1/orders/0f?order_id=1", "order_id"),
    ],
)
async def test_a_wrong_parameter_is_named(target: str, field: str) -> None:
    found = problem(await ask("GET", target))

    assert (found["status"], found["code"], found["field"]) == (422, "INVALID_FIELD", field)


async def test_bytes_are_taken_and_given_as_they_are() -> None:
    answer = await ask("POST", "/v1/bytes", b"\x00\x01", content_type="application/octet-stream")

    assert (answer.body, answer.headers["content-type"]) == (b"\x01\x00", "application/octet-stream")


async def test_a_repeat_is_known_by_its_key_and_by_what_it_asks() -> None:
    one = await ask("POST", "/v1/keys", b"x", idempotency_key="7")
    same = await ask("POST", "/v1/keys", b"x", idempotency_key="7")
    other = await ask("POST", "/v1/keys", b"y", idempotency_key="7")

    assert one.body == same.body
    assert one.body.split()[:2] == other.body.split()[:2] == [b"wallet:1", b"7"]
    assert one.body != other.body


def test_an_operation_that_changes_nothing_takes_no_body() -> None:
    operations = Operations(create_app("Shop", version="1"), authenticate=by_header)

    with pytest.raises(ValueError, match="no body"):

        @operations.get("/v1/payments")
        async def pay(call: Call[Payment, Nothing]) -> Payment:
            return call.message


def test_an_operation_is_signed_unless_it_says_that_it_is_public() -> None:
    operations = Operations(create_app("Shop", version="1"), authenticate=None)

    with pytest.raises(ValueError, match="must be public"):
        operations.post("/v1/payments")


async def test_whoever_does_not_prove_who_he_is_uses_up_the_allowance_of_his_address() -> None:
    app = create_app("Shop", version="1", rate_limits=RateLimitSettings(address=Allowance(per_s=0.1, burst=2)))
    operations = Operations(app, authenticate=by_header)

    @operations.get("/v1/orders")
    async def orders(_call: Call[Nothing, Nothing]) -> Payment:
        """Say what there is."""
        return Payment(value_fen=1)

    answers = [await deliver(app, "GET", "http://shop.example/v1/orders", headers={}, body=b"") for _ in range(3)]
    known = await deliver(app, "GET", "http://shop.example/v1/orders", headers={"x-key": "wallet:1"}, body=b"")

    assert [answer.status for answer in answers] == [401, 401, 429]
    assert known.status == 200


async def test_what_changes_something_without_a_signature_needs_a_key_all_the_same() -> None:
    basket: dict[str, Any] = {"payments": []}

    nameless = problem(await ask("POST", "/v1/baskets", basket, idempotency_key=""))
    named = await ask("POST", "/v1/baskets", basket)

    assert (nameless["status"], nameless["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
    assert named.status == 200


async def test_the_description_asks_for_a_key_wherever_something_changes() -> None:
    description = json.loads((await ask("GET", "/openapi.json")).body)

    demanded = [each["name"] for each in description["paths"]["/v1/baskets"]["post"]["parameters"] if each["required"]]
    assert demanded == ["Idempotency-Key"]
