"""Pages that do what no page of ours may do, to show that the trials notice."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STRICT = "default-src 'none'; script-src 'self'; connect-src 'self'"
_PAGE = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width"><title>A small page</title>
<main><h1>Small</h1>{}</main></html>"""


class _Handler(BaseHTTPRequestHandler):
    """Answers any path with a page; below /lax without a policy, and what comes by POST with nothing.

    Behind a proxy the path is a whole address.
    """

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """The page: what the query says, as markup."""
        self._answer(_PAGE.format(self.server.markup).encode())  # type: ignore[attr-defined]

    def do_POST(self) -> None:
        """Taken, and forgotten."""
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self._answer(b"")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/html; charset=utf-8")
        self.send_header("content-length", str(len(body)))
        if "/lax" not in self.path:
            self.send_header("content-security-policy", STRICT)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as the class above names it
        """Say nothing."""


@contextmanager
def small_site(markup: str) -> Iterator[int]:
    """A site with one page that holds this; its port on localhost."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.markup = markup  # type: ignore[attr-defined]
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
