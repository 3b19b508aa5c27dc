"""The HTTP application that every role starts from: limits, problems, health, readiness, metrics, description."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from prometheus_client import CollectorRegistry, Gauge, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from pydantic import BaseModel, ConfigDict
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from tongbao.errors import InvariantError
from tongbao.service.authentication import Caller, authenticated
from tongbao.service.dispatch import Dispatch, PathTable
from tongbao.service.edge import BODY_BYTES_MAX, Edge, RequestMetrics
from tongbao.service.openapi import PUBLIC_STATUSES, describe
from tongbao.service.operation import Call, Nothing, Operations, Parameters
from tongbao.service.problems import (
    answer_http_exception,
    answer_validation_error,
    problem_responses,
)
from tongbao.service.rate_limits import RateLimits, RateLimitSettings

__all__ = [
    "BODY_BYTES_MAX",
    "Call",
    "Caller",
    "Health",
    "Nothing",
    "Operations",
    "Parameters",
    "authenticated",
    "create_app",
]

_METRICS_DOCUMENTATION: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "Measurements in Prometheus' text format.", "content": {"text/plain": {"schema": {}}}}
}


class Health(BaseModel):
    """The answer of a server that is well."""

    model_config = ConfigDict(frozen=True)

    status: str = "ok"


def create_app(
    title: str,
    *,
    version: str,
    description: str = "",
    instance: str = "request",
    registry: CollectorRegistry | None = None,
    ready: Callable[[], Awaitable[None]] | None = None,
    on_invariant: Callable[[InvariantError], None] | None = None,
    rate_limits: RateLimitSettings | None = None,
) -> FastAPI:
    """Return an application without operations; its errors are problem documents already.

    `instance` begins the ids of requests that come without one, and should differ after every start. `ready` raises
    what stands in the way of work. `on_invariant` is told when the process must stop.
    """
    registry = registry or CollectorRegistry()
    Gauge("tongbao_build_info", "Which software runs; always 1.", ("version",), registry=registry).labels(version).set(
        1
    )
    ProcessCollector(registry=registry)
    app = FastAPI(
        title=title,
        version=version,
        description=description,
        docs_url=None,  # its page would fetch programs from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        responses=problem_responses(PUBLIC_STATUSES),
    )
    app.state.operations = []
    app.state.registry = registry
    app.state.rate_limits = RateLimits(rate_limits or RateLimitSettings())
    app.state.table = PathTable()
    # The last one added is the outermost.
    app.add_middleware(Dispatch, table=app.state.table)
    app.add_middleware(Edge, metrics=RequestMetrics(registry), instance=instance, on_invariant=on_invariant)
    app.add_exception_handler(HTTPException, _answer_refusal)
    app.add_exception_handler(RequestValidationError, answer_validation_error)
    _describe_itself(app)
    _add_inspection(app, registry=registry, ready=ready)
    return app


def _describe_itself(app: FastAPI) -> None:
    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the way that FastAPI documents


async def _answer_refusal(request: Request, error: Exception) -> Response:
    response = await answer_http_exception(request, error)
    if response.status_code == 405:  # noqa: PLR2004  # method not allowed
        response.headers["allow"] = ", ".join(_methods_of(request))
    return response


def _methods_of(request: Request) -> list[str]:
    """Every method of the path; the framework would name those of the first route that has it."""
    methods: set[str] = set()
    for route in request.app.router.routes:
        for method in ("GET", "HEAD", "POST", "PUT", "DELETE"):
            match, _ = route.matches({**request.scope, "method": method})
            if match.name == "FULL":
                methods.add(method)
    return sorted(methods)


def _add_inspection(app: FastAPI, *, registry: CollectorRegistry, ready: Callable[[], Awaitable[None]] | None) -> None:
    # Whoever watches a server must be answered when it is asked too much.
    operations = Operations(app, authenticate=None, counted=False)

    @operations.get("/healthz", public=True, revalidated=False)
    async def health(_call: Call[Nothing, Nothing]) -> Health:
        """Say that the process lives."""
        return Health()

    @operations.get("/readyz", public=True, revalidated=False)
    async def readiness(_call: Call[Nothing, Nothing]) -> Health:
        """Say whether work is accepted; answers with the problem that stands in its way."""
        if ready is not None:
            await ready()
        return Health()

    @app.get("/metrics", responses=_METRICS_DOCUMENTATION, response_class=Response, operation_id="metrics")
    async def metrics() -> Response:
        """Measurements in Prometheus' text format."""
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
