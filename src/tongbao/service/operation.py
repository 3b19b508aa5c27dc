"""HTTP operations by their types: a handler takes a `Call` and returns a message, and nothing is said twice.

```python
operations = Operations(app, authenticate=authenticated(public_key_of, clock))

@operations.post("/v1/orders/{order_id}/refunds", status=201)
async def refund(call: Call[RefundRequest, OrderPath]) -> Refund:
    \"\"\"Return an order's money, in full or in part.\"\"\"
    return await institution.refund(call.caller.key_id, call.parameters.order_id, call.message)
```

The path's and the query's fields are `OrderPath`, the body is `RefundRequest`; both are validated before the handler
runs, and both stand in `/openapi.json` with the answer. A request is dispatched past the layers of FastAPI, which
would cost several times as much, and errors are answered in the same way wherever they arise.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Generic, TypeVar, get_args, get_type_hints
from urllib.parse import parse_qsl

from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from tongbao.errors import RequestError
from tongbao.protocol.client import BINARY, JSON
from tongbao.protocol.message_signature import demand_idempotency_key
from tongbao.service.authentication import Authenticate, Caller
from tongbao.service.dispatch import Endpoint
from tongbao.service.problems import invalid_field
from tongbao.service.rate_limits import RateLimits
from tongbao.service.revalidation import entity_tag, is_known, stamps_of
from tongbao.service.streams import EVENT_STREAM, EventStream

__all__ = ["NOT_MODIFIED", "Call", "Nothing", "Operation", "Operations", "Parameters"]

NOT_MODIFIED: Final = 304

# Fields of a query; the largest page of ours takes four.
QUERY_FIELDS_MAX: Final = 32

MessageT = TypeVar("MessageT", bound=BaseModel | bytes)
ParametersT = TypeVar("ParametersT", bound=BaseModel)

NOBODY: Final = Caller("")
"""The caller of an operation that is open to anyone."""


class Parameters(BaseModel):
    """Of a path or a query; what is not declared is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Nothing(Parameters):
    """Stands for a body or for parameters that an operation does not have."""


@dataclass(frozen=True, slots=True)
class Call(Generic[MessageT, ParametersT]):
    """One request, validated."""

    caller: Caller
    message: MessageT
    parameters: ParametersT
    request: Request

    @property
    def idempotency_key(self) -> str:
        """The key that makes a repeat of this request the same request; whatever is no GET has one."""
        return self.request.headers.get("idempotency-key", "")

    async def request_hash(self) -> bytes:
        """What two requests with the same Idempotency-Key must have in common: method, target and body."""
        scope = self.request.scope
        target = f"{scope['method']} {scope['path']}?".encode() + scope["query_string"] + b"\n"
        return sha256(target + await self.request.body()).digest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What an operation takes and gives, for the documentation and for the route."""

    method: str
    path: str
    name: str
    documentation: str
    message: type[BaseModel] | type[bytes]
    parameters: type[BaseModel]
    answer: type[Any]
    gives: tuple[str, ...]
    status: int
    signed: bool
    revalidated: bool
    """Whether a reader may ask for an answer only where it differs from the one that he has."""


class _NamedRoute(Route):
    """A route that a request remembers, so that measurements name paths as declared."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        match, found = super().matches(scope)
        if match is not Match.NONE:
            found["route"] = self
        return match, found


Handler = Callable[[Call[Any, Any]], Awaitable[Any]]
HandlerT = TypeVar("HandlerT", bound=Handler)


class Operations:
    """Adds typed operations to an application made by `create_app`; each request of a caller counts, unless told."""

    def __init__(self, app: FastAPI, *, authenticate: Authenticate | None, counted: bool = True) -> None:
        self._app = app
        self._authenticate = authenticate
        self._rate_limits: RateLimits | None = app.state.rate_limits if counted else None

    def get(
        self,
        path: str,
        *,
        public: bool = False,
        authenticate: Authenticate | None = None,
        gives: Sequence[str] = (),
        revalidated: bool = True,
    ) -> Callable[[HandlerT], HandlerT]:
        """Add an operation that changes nothing; signed unless `public`.

        `gives` names the media types of an operation that answers with a `Response` of its own. Where nobody reads the
        same twice, it is not `revalidated`, which costs as much as writing the answer.
        """
        proof = None if public else authenticate or self._proof(path)
        return self._adder("GET", path, authenticate=proof, gives=gives, revalidated=revalidated)

    def post(
        self, path: str, *, status: int = 200, public: bool = False, authenticate: Authenticate | None = None
    ) -> Callable[[HandlerT], HandlerT]:
        """Add an operation that changes something; signed unless `public`, and never without an Idempotency-Key."""
        proof = None if public else authenticate or self._proof(path)
        return self._adder("POST", path, status=status, authenticate=proof)

    def _proof(self, path: str) -> Authenticate:
        if self._authenticate is None:
            raise ValueError(f"{path} must be public, or somebody must authenticate its callers")
        return self._authenticate

    def _adder(
        self,
        method: str,
        path: str,
        *,
        authenticate: Authenticate | None,
        status: int = 200,
        gives: Sequence[str] = (),
        revalidated: bool = False,
    ) -> Callable[[HandlerT], HandlerT]:
        def add(handler: HandlerT) -> HandlerT:
            signed = authenticate is not None
            operation = _operation_of(
                handler, method, path, status=status, signed=signed, gives=gives, revalidated=revalidated
            )
            endpoint = _endpoint(operation, handler, authenticate, self._rate_limits)
            route = _NamedRoute(path, endpoint, methods=[method], name=operation.name)
            self._app.router.routes.append(route)
            self._app.state.table.add(method, route, endpoint)
            self._app.state.operations.append(operation)
            return handler

        return add


def _operation_of(
    handler: Handler, method: str, path: str, *, status: int, signed: bool, gives: Sequence[str], revalidated: bool
) -> Operation:
    hints = get_type_hints(handler)
    answers = _members(hints.pop("return"))
    message, parameters = get_args(next(iter(hints.values())))
    if method == "GET" and message is not Nothing:
        raise ValueError(f"GET {path} has no body to hold a {message.__name__}")
    return Operation(
        method=method,
        path=path,
        name=getattr(handler, "__name__", path),
        documentation=(handler.__doc__ or "").strip(),
        message=message,
        parameters=parameters,
        answer=answers[0],
        gives=tuple(gives) or tuple([_media_type(each) for each in answers]),
        status=status,
        signed=signed,
        revalidated=revalidated and issubclass(answers[0], BaseModel),
    )


def _members(answer: Any) -> tuple[type[Any], ...]:  # noqa: ANN401 - a type, or a union of some
    return get_args(answer) or (answer,)


def _media_type(answer: type[Any]) -> str:
    if answer is EventStream:
        return EVENT_STREAM
    return JSON if issubclass(answer, BaseModel) else BINARY


def _endpoint(
    operation: Operation, handler: Handler, authenticate: Authenticate | None, rate_limits: RateLimits | None
) -> Endpoint:
    stamps = stamps_of(operation.answer) if operation.revalidated else None

    async def endpoint(request: Request) -> Response:
        # Proof comes first: who is nobody learns nothing about what would have been valid.
        caller = NOBODY if authenticate is None else await _proven(request, authenticate, rate_limits)
        if rate_limits is not None:
            rate_limits.count(caller.key_id, request.scope)
        if authenticate is None and operation.method != "GET":
            demand_idempotency_key(request.headers.get("idempotency-key", ""), method=operation.method)
        parameters = _read_parameters(operation.parameters, request)
        message = await _read_message(operation.message, request)
        answer = await handler(Call(caller, message, parameters, request))
        if stamps is not None and isinstance(answer, BaseModel):
            return _unless_known(answer, stamps, request)
        return _response(answer, operation.status)

    return endpoint


async def _proven(request: Request, authenticate: Authenticate, rate_limits: RateLimits | None) -> Caller:
    """Who asks; whoever does not prove it is counted as nobody, since the attempt costs as much as a request."""
    try:
        return await authenticate(request)
    except RequestError:
        if rate_limits is not None:
            rate_limits.count(NOBODY.key_id, request.scope)
        raise


def _unless_known(answer: BaseModel, stamps: Mapping[str, Any], request: Request) -> Response:
    """The answer, or that the reader has it already."""
    tag = entity_tag(answer, stamps)
    headers = {"etag": tag, "cache-control": "no-cache"}
    if is_known(tag, request.headers.get("if-none-match", "")):
        return Response(None, NOT_MODIFIED, headers)
    return Response(answer.model_dump_json(), headers=headers, media_type=JSON)


def _read_parameters(form: type[BaseModel], request: Request) -> BaseModel:
    found: dict[str, Any] = dict(request.path_params)
    query = request.scope["query_string"]
    if query:
        _add_query(found, query.decode("latin-1"))
    if form is Nothing and not found:
        return _NOTHING
    try:
        return form.model_validate(found)
    except ValidationError as error:
        raise invalid_field(error) from None


def _add_query(found: dict[str, Any], query: str) -> None:
    try:
        fields = parse_qsl(query, keep_blank_values=True, max_num_fields=QUERY_FIELDS_MAX, errors="strict")
    except ValueError as error:
        raise RequestError(
            f"the query cannot be read: {error}", code="INVALID_FIELD", field="query", cure="encode it in UTF-8"
        ) from None
    for name, value in fields:
        if name in found:
            raise RequestError(f"{name} is given twice", code="INVALID_FIELD", field=name, cure=f"give {name} once")
        found[name] = value


async def _read_message(form: type[BaseModel] | type[bytes], request: Request) -> BaseModel | bytes:
    if form is Nothing:
        return _NOTHING
    wanted = BINARY if form is bytes else JSON
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != wanted:
        raise RequestError(
            f"the body must be {wanted}, was {media_type or 'of no type'}",
            code="MEDIA_TYPE",
            field="content-type",
            cure=f"send Content-Type: {wanted}",
        )
    body = await request.body()
    if not issubclass(form, BaseModel):
        return body
    try:
        return form.model_validate_json(body)
    except ValidationError as error:
        raise invalid_field(error) from None


def _response(answer: object, status: int) -> Response:
    if isinstance(answer, BaseModel):
        return Response(answer.model_dump_json(), status, media_type=JSON)
    if isinstance(answer, bytes):
        return Response(answer, status, media_type=BINARY)
    if isinstance(answer, Response):
        return answer
    raise TypeError(f"an operation answers with a message, bytes or a response, not with {type(answer).__name__}")


_NOTHING: Final = Nothing()
