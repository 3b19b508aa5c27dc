"""The front: one origin for pages and servers, so that a browser asks nobody else and no server needs to trust another.

```
/  /wallet/  /shop/  /checkout/  /mall/  /currency/  /assets/...    the pages
/network.json                                                       what the pages belong to
/homes/{home}/...                                                   that institution
/health.json                                                        which parts of the network are ready
/sandbox/...                                                        identities to play with, where there are any
everything else                                                     the registration centre
```

A signature covers the path that the client asked for, so the front takes nothing off it: an institution knows its own
(`UnderHomePath`).
"""

import re
from collections.abc import Collection
from typing import Final

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tongbao.errors import BusyError, RequestError
from tongbao.protocol.problem import problem_of
from tongbao.service.problems import problem_response
from tongbao.service.role import Role
from tongbao.service.web.answers import json_response, missing_pages, page_response, redirect, refusal
from tongbao.service.web.headers import ANSWER_HEADERS, encoded, with_defaults
from tongbao.service.web.health import Health
from tongbao.service.web.network import HOMES_PATH, FrontNetwork
from tongbao.service.web.pages import Pages

__all__ = ["PAGE_PATHS", "Front"]

PAGE_PATHS: Final = ("/", "/wallet/", "/shop/", "/checkout/", "/mall/", "/currency/")
"""Where a person begins."""

REGISTRATION: Final = "registration"
_NETWORK: Final = "/network.json"
_HEALTH: Final = "/health.json"
_SANDBOX: Final = "/sandbox"
_READING: Final = frozenset({"GET", "HEAD"})
_HOME: Final = re.compile(rf"{HOMES_PATH}(0|[1-9][0-9]{{0,9}})(/.*)", re.DOTALL)
_STARTING_S: Final = 1

# Nobody can make a name of his own lead here and have it be one of these: they are no names, or this machine's.
_OWN_NAMES: Final = re.compile(r"(localhost|[0-9.]+|\[[0-9a-fA-F:.]+\])(:[0-9]+)?", re.ASCII)


class Front:
    """An ASGI application; institutions and the centre come to it as they start."""

    def __init__(
        self,
        network: FrontNetwork,
        pages: Pages,
        *,
        homes: dict[str, int],
        sandbox: ASGIApp | None = None,
        health: Health | None = None,
        names: Collection[str] = (),
    ) -> None:
        """`homes` has the numbers of the institutions by the names of their roles.

        `names` are hosts under which people open the pages, besides addresses and `localhost`: under any other name, it
        may be somebody else's page that had its own name lead here.
        """
        self._network = network.encode()
        self._pages = pages
        self._homes = homes
        self._institutions: dict[int, ASGIApp] = dict.fromkeys(homes.values(), _Starting())
        self._sandbox = sandbox
        self._health = health or Health(list(homes))
        self._names = frozenset(name.lower() for name in names)
        self._centre: ASGIApp = _Starting()

    @property
    def has_pages(self) -> bool:
        """Whether there is something for people to see."""
        return bool(self._pages)

    def admit(self, role: Role) -> ASGIApp:
        """Let the front pass requests on to a role; returns what is to answer on the role's own port."""
        self._health.admit(role.name, role.app)
        if role.name == REGISTRATION:
            self._centre = role.app
            return self
        if role.name in self._homes:
            self._institutions[self._homes[role.name]] = role.app
        return role.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it be answered."""
        if scope["type"] != "http":
            await self._centre(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(HOMES_PATH):
            await self._pass_to_home(scope, receive, send)
        elif self._sandbox is not None and (path == _SANDBOX or path.startswith(f"{_SANDBOX}/")):
            await self._own(scope, receive, send, self._sandbox)
        elif path == _HEALTH:
            await self._own(scope, receive, send, json_response(await self._health.document()))
        else:
            answer = self._answer(path, Headers(scope=scope))
            await (
                _passed(self._centre, scope, receive, send)
                if answer is None
                else self._own(scope, receive, send, answer)
            )

    def _answer(self, path: str, headers: Headers) -> Response | None:
        """What the front itself has at a path, if it has anything."""
        if path == _NETWORK:
            return json_response(self._network)
        page = self._pages.find(path)
        if page is not None:
            return page_response(page, headers)
        if path + "/" in PAGE_PATHS:
            return redirect(path + "/")
        return missing_pages() if path in PAGE_PATHS else None

    async def _own(self, scope: Scope, receive: Receive, send: Send, answer: ASGIApp) -> None:
        """Answer with what is the front's own, if it is asked by a name of this front."""
        host = Headers(scope=scope).get("host", "").lower()
        if not _OWN_NAMES.fullmatch(host) and host.rpartition(":")[0] not in self._names and host not in self._names:
            answer = refusal(_misdirected())
        elif isinstance(answer, Response) and scope["method"] not in _READING:
            answer = refusal(_only_read(), {"allow": "GET, HEAD"})
        await answer(scope, receive, send)

    async def _pass_to_home(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _HOME.fullmatch(scope["path"])
        institution = self._institutions.get(int(found[1])) if found else None
        if institution is None:
            await refusal(_no_such_home())(scope, receive, send)
            return
        await _passed(institution, scope, receive, send)


class _Starting:
    """In place of a role that does not answer yet."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        problem = problem_of(BusyError("the server is starting", retry_after_s=_STARTING_S))
        await problem_response(problem)(scope, receive, send)


_ANSWER_HEADERS: Final = encoded(ANSWER_HEADERS)


async def _passed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Let somebody else answer; what is not a page is told to be none."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": with_defaults(message["headers"], _ANSWER_HEADERS)}
        await send(message)

    await app(scope, receive, guarded)


def _misdirected() -> RequestError:
    return RequestError(
        "this front does not go by that name",
        code="FORBIDDEN",
        field="host",
        cure="open the pages by an address or by localhost, or start `tongbao up` with --name for this name",
    )


def _only_read() -> RequestError:
    return RequestError("a page can only be read", code="METHOD_NOT_ALLOWED", cure="use GET")


def _no_such_home() -> RequestError:
    return RequestError(
        "no institution answers at this path",
        code="NOT_FOUND",
        field="home",
        cure="use a path that /network.json names, with what follows in the institution's own /openapi.json",
    )
