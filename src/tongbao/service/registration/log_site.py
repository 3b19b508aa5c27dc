"""The transparency log over HTTP, as C2SP's tlog-tiles asks: the files of its directory, and for how long they count.

```
GET /log/checkpoint        the signed checkpoint; another one every second or so
GET /log/checkpoint.cosigned   the latest one that a quorum of witnesses cosigned
GET /log/log.vkey          the public keys of its signatures
GET /log/tile/...          tiles and bundles of entries, which never change
GET /log/supply/...        statements of the supply by their numbers, which never change, and the latest
```

Any web server can serve the same directory. This one gives nothing that its checkpoint does not cover.
"""

from collections.abc import Mapping
from typing import Final

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.centres.registration.log_files import CHECKPOINT, COSIGNED
from tongbao.centres.registration.log_running import LogRunning
from tongbao.errors import RequestError, TongbaoError
from tongbao.evidence.tiles import Tile
from tongbao.protocol.problem import problem_of
from tongbao.service.log_keys import LOG_VKEY
from tongbao.service.problems import problem_response

__all__ = ["LogSite"]

TEXT: Final = "text/plain; charset=utf-8"
SUPPLY: Final = "supply/"
TILE: Final = "application/octet-stream"
IMMUTABLE: Final = {"cache-control": "public, max-age=31536000, immutable"}
FRESH: Final = {"cache-control": "no-cache"}
_READING: Final = frozenset({"GET", "HEAD"})


class LogSite:
    """An ASGI application, mounted where the log is to be."""

    def __init__(self, centre: RegistrationCentre) -> None:
        self._centre = centre

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        try:
            answer = await self._answer(scope)
        except TongbaoError as error:
            answer = problem_response(problem_of(error))
        await answer(scope, receive, send)

    async def _answer(self, scope: Scope) -> Response:
        if scope.get("method") not in _READING:
            error = RequestError("the log can only be read", code="METHOD_NOT_ALLOWED", cure="use GET")
            return problem_response(problem_of(error), headers={"allow": "GET, HEAD"})
        log = self._centre.log
        if log is None:
            raise _not_found("this centre keeps no transparency log")
        path: str = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix("/")
        return await self._file(log, path)

    async def _file(self, log: LogRunning, path: str) -> Response:
        if path == CHECKPOINT:
            return _found(await log.reading.checkpoint(), TEXT, FRESH)
        if path == COSIGNED:
            return _found(await log.reading.cosigned(), TEXT, FRESH)
        if path.startswith(SUPPLY):
            content = await self._centre.supply_proofs.published(path.removeprefix(SUPPLY))
            return _found(content, TEXT, FRESH if path == f"{SUPPLY}latest" else IMMUTABLE)
        if path == LOG_VKEY:
            return _found("".join(f"{key}\n" for key in log.reading.verifier_keys()).encode(), TEXT, FRESH)
        return _found(await log.reading.tile(Tile.parse(path)), TILE, IMMUTABLE)


def _found(content: bytes | None, media_type: str, headers: Mapping[str, str]) -> Response:
    if content is None:
        raise _not_found("the log has no such file, or its checkpoint does not cover it yet")
    return Response(content, media_type=media_type, headers=dict(headers))


def _not_found(message: str) -> RequestError:
    return RequestError(
        message, code="NOT_FOUND", field="path", cure="read /log/checkpoint, and the tiles that a log of its size has"
    )
