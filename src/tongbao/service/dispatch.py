"""From a request's method and path straight to its operation; whatever is none is left to the framework.

The framework tries its routes one after another and passes each request through five layers that nobody here needs. Its
routes are declared all the same: they answer HEAD, refuse what is not allowed, and describe themselves.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Dispatch", "Endpoint", "PathTable"]

Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class _Entry:
    """A declared path; `parts` are its segments, `names` what its segments are called where they are parameters."""

    route: Route
    endpoint: Endpoint
    parts: tuple[str, ...]
    names: tuple[str, ...]

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The parameters of a path of as many segments, if it is this one's."""
        parameters = {}
        for declared, name, part in zip(self.parts, self.names, parts, strict=True):
            if name and part:
                parameters[name] = part
            elif declared != part:
                return None
        return parameters


class PathTable:
    """Declared paths by their method."""

    def __init__(self) -> None:
        self._fixed: dict[tuple[str, str], _Entry] = {}
        self._with_parameters: dict[tuple[str, int], list[_Entry]] = {}

    def add(self, method: str, route: Route, endpoint: Endpoint) -> None:
        """Declare a path; a parameter, as in `/v1/orders/{order_id}`, is a whole segment."""
        parts = tuple(route.path.split("/"))
        names = tuple([part[1:-1] if part.startswith("{") else "" for part in parts])
        entry = _Entry(route, endpoint, parts, names)
        if any(names):
            self._with_parameters.setdefault((method, len(parts)), []).append(entry)
        else:
            self._fixed[method, route.path] = entry

    def find(self, method: str, path: str) -> "tuple[Route, Endpoint, dict[str, str]] | None":
        """The declared path with its parameters; one without any comes first."""
        fixed = self._fixed.get((method, path))
        if fixed is not None:
            return fixed.route, fixed.endpoint, {}
        parts = path.split("/")
        for entry in self._with_parameters.get((method, len(parts)), ()):
            parameters = entry.match(parts)
            if parameters is not None:
                return entry.route, entry.endpoint, parameters
        return None


class Dispatch:
    """ASGI middleware that answers what is in the table; errors are left to whoever is around it."""

    def __init__(self, app: ASGIApp, *, table: PathTable) -> None:
        self._app = app
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        found = self._table.find(scope["method"], scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        scope["route"], endpoint, scope["path_params"] = found
        response = await endpoint(Request(scope, receive, send))
        await response(scope, receive, send)
