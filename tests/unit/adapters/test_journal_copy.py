"""Copies of a journal: a directory, and static files behind a real web server."""

import asyncio
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tongbao.adapters.journal_copy import LISTING, DirectoryCopy, UrlCopy, publish_copy
from tongbao.errors import ConfigurationError, NetworkError, PeerError

SEGMENT, SNAPSHOT = f"journal-{0:020d}.segment", f"snapshot-{7:020d}.bin"


class Quiet(SimpleHTTPRequestHandler):
    """A file server that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as its base class
        """Nothing."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A directory, and the URL at which a web server serves it."""
    folder = tmp_path / "served"
    folder.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    """A directory with files of a journal's names."""
    folder = tmp_path / "journal"
    folder.mkdir()
    (folder / SEGMENT).write_bytes(b"records")
    (folder / SNAPSHOT).write_bytes(b"state")
    (folder / "journal.lock").touch()
    return folder


def read_by_url(url: str) -> dict[str, bytes]:
    """All files of the copy at the URL."""

    async def work() -> dict[str, bytes]:
        async with UrlCopy(url) as copy:
            return {name: await copy.read(name) for name in await copy.names()}

    return asyncio.run(work())


async def size_by_url(url: str, name: str) -> int:
    """How long the server says that the file is."""
    async with UrlCopy(url) as copy:
        return await copy.size(name)


def test_a_published_copy_is_read_over_http_as_it_was(journal: Path, served: tuple[Path, str]) -> None:
    folder, url = served

    names = publish_copy(journal, folder)

    assert names == [SEGMENT, SNAPSHOT]
    assert read_by_url(url + "/") == {SEGMENT: b"records", SNAPSHOT: b"state"}
    assert asyncio.run(size_by_url(url, SEGMENT)) == len(b"records")


def test_publishing_again_copies_what_has_grown_and_drops_what_is_gone_from_the_list(
    journal: Path, served: tuple[Path, str]
) -> None:
    folder, url = served
    publish_copy(journal, folder)
    (journal / SEGMENT).write_bytes(b"records and more")
    (journal / SNAPSHOT).unlink()

    publish_copy(journal, folder)

    assert read_by_url(url) == {SEGMENT: b"records and more"}
    assert not list(folder.glob("*.unfinished"))


@pytest.mark.parametrize("listing", ["", "[]", '{"format": 2, "files": []}', '{"format": 1, "files": ["../secret"]}'])
def test_a_list_that_is_none_is_refused(listing: str, served: tuple[Path, str]) -> None:
    folder, url = served
    (folder / LISTING).write_text(listing)

    with pytest.raises(PeerError, match="not the list of a published journal"):
        read_by_url(url)


def test_a_url_without_a_copy_says_what_to_name(served: tuple[Path, str]) -> None:
    with pytest.raises(ConfigurationError, match=r"HTTP 404; name the URL of a published journal"):
        read_by_url(served[1])


def test_a_url_where_nobody_answers_is_a_failure_of_the_network() -> None:
    with pytest.raises(NetworkError, match=r"127\.0\.0\.1"):
        read_by_url("http://127.0.0.1:1")


def test_a_directory_without_a_journal_is_not_published(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="holds no journal"):
        publish_copy(tmp_path, tmp_path / "target")


def test_a_copy_that_cannot_be_written_names_the_place(journal: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="file"):
        publish_copy(journal, tmp_path / "file")


def test_a_directory_is_read_by_its_names(journal: Path) -> None:
    copy = DirectoryCopy(journal)

    names = asyncio.run(copy.names())

    assert names == [SEGMENT, "journal.lock", SNAPSHOT]
    assert asyncio.run(copy.read(SEGMENT)) == b"records"
    assert asyncio.run(copy.size(SEGMENT)) == len(b"records")


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    copy = DirectoryCopy(tmp_path / "nowhere")

    with pytest.raises(ConfigurationError, match="nowhere"):
        asyncio.run(copy.names())
    with pytest.raises(ConfigurationError, match=SEGMENT):
        asyncio.run(copy.read(SEGMENT))
