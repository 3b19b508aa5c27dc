"""An institution answers its operations under `/homes/{home}` as well, as fronts and reverse proxies pass them on.

A signature covers the path that the client asked for. Whoever stands between may therefore take nothing off it: the
institution does, for finding the operation alone, and `raw_path` keeps what was signed.
"""

from starlette.types import ASGIApp, Receive, Scope, Send

from tongbao.service.web.network import home_path

__all__ = ["UnderHomePath"]


class UnderHomePath:
    """ASGI middleware around everything else of an institution."""

    def __init__(self, app: ASGIApp, home: int) -> None:
        self._app = app
        self._path = home_path(home)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith(f"{self._path}/"):
            scope = {**scope, "path": scope["path"].removeprefix(self._path)}
        await self._app(scope, receive, send)
