"""A copy of a journal to be read only: a directory, or static files behind a URL with a list of them."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from tongbao.adapters.disk import DIRECTORY_MODE, FILE_MODE, translated
from tongbao.errors import ConfigurationError, InvariantError, NetworkError, PeerError

__all__ = ["LISTING", "DirectoryCopy", "FileMissingError", "JournalCopy", "UrlCopy", "copy_at", "publish_copy"]

LISTING: Final = "journal.json"
"""Lists the files of a published copy, since a web server need not list a directory."""

LISTING_FORMAT = 1
PUBLISHED: Final = ("journal-*.segment", "snapshot-*.bin")

FILE_BYTES_MAX: Final = 1024 * 1024 * 1024
"""No segment exceeds 80 MiB; a snapshot of ten million coins has half of this."""

TIMEOUT_S: Final = 300.0
"""For one file: a segment of 64 MiB over a line of 2 Mbit/s."""

_OK: Final = 200
_NOT_FOUND: Final = 404
_PIECE_BYTES: Final = 1024 * 1024


class FileMissingError(ConfigurationError):
    """A copy has no file of that name."""


class JournalCopy(Protocol):
    """Files that hold a journal, or its log, wherever they are."""

    async def names(self) -> Sequence[str]:
        """The files that are there."""
        ...

    async def read(self, name: str) -> bytes:
        """All bytes of a file; `FileMissingError` where there is none of that name."""
        ...

    async def size(self, name: str) -> int:
        """How many bytes a file has, for a bar of progress: 0 where nobody says."""
        ...


class DirectoryCopy:
    """A directory on this machine; a name may lead below it."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def names(self) -> Sequence[str]:
        """The names in the directory, sorted; `ConfigurationError` where there is no such directory."""
        try:
            return sorted([each.name for each in self._directory.iterdir()])
        except OSError as error:
            raise translated(error, str(self._directory)) from error

    async def read(self, name: str) -> bytes:
        """All bytes of a file; `ConfigurationError` where it cannot be read."""
        path = self._directory / name
        try:
            return await asyncio.to_thread(path.read_bytes)
        except FileNotFoundError as error:
            raise FileMissingError(str(translated(error, str(path)))) from error
        except OSError as error:
            raise translated(error, str(path)) from error

    async def size(self, name: str) -> int:
        """How many bytes a file has."""
        try:
            return (self._directory / name).stat().st_size
        except OSError as error:
            raise translated(error, str(self._directory / name)) from error


class UrlCopy:
    """Static files below a URL, among them `journal.json`; user and password may stand in the URL."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._shown = _without_password(self._url)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def names(self) -> Sequence[str]:
        """The files that the listing names; `PeerError` where it is none."""
        content = await self.read(LISTING)
        try:
            listing = json.loads(content)
            names = listing["files"] if listing["format"] == LISTING_FORMAT else None
        except (ValueError, KeyError, TypeError):
            names = None
        if not isinstance(names, list) or not all(isinstance(each, str) and "/" not in each for each in names):
            raise PeerError(f"{self._shown}/{LISTING} is not the list of a published journal")
        return sorted(names)

    async def read(self, name: str) -> bytes:
        """All bytes of a file.

        Raises:
            NetworkError: nobody answers.
            ConfigurationError: the server does not give the file.
            PeerError: it gives more than any file of a journal holds.
        """
        async with self._ask("GET", name) as answer:
            return await self._body(answer)

    async def size(self, name: str) -> int:
        """How many bytes a file has by the word of the server, 0 where it does not say; fails as `read`."""
        async with self._ask("HEAD", name) as answer:
            return answer.content_length or 0

    @asynccontextmanager
    async def _ask(self, method: str, name: str) -> AsyncIterator[aiohttp.ClientResponse]:
        if self._session is None:
            raise InvariantError("a copy was asked that was not entered")
        url = f"{self._url}/{name}"
        try:
            async with self._session.request(method, url, allow_redirects=False) as answer:
                if answer.status != _OK:
                    refused = FileMissingError if answer.status == _NOT_FOUND else ConfigurationError
                    raise refused(f"{self._shown}/{name}: HTTP {answer.status}; name the URL of a published journal")
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NetworkError(f"{self._shown}/{name}: {str(error) or type(error).__name__}") from error

    async def _body(self, answer: aiohttp.ClientResponse) -> bytes:
        pieces, count = [], 0
        async for piece in answer.content.iter_chunked(_PIECE_BYTES):
            count += len(piece)
            if count > FILE_BYTES_MAX:
                raise PeerError(f"{self._shown} gives a file of more than {FILE_BYTES_MAX} bytes, which no journal has")
            pieces.append(piece)
        return b"".join(pieces)


@asynccontextmanager
async def copy_at(place: str) -> AsyncIterator[JournalCopy]:
    """The copy in a directory or behind a URL."""
    if place.startswith(("http://", "https://")):
        async with UrlCopy(place) as copy:
            yield copy
    else:
        yield DirectoryCopy(Path(place))


def _without_password(url: str) -> str:
    """The URL as messages may show it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def publish_copy(journal: Path, target: Path) -> list[str]:
    """Copy the journal's segments and snapshots to a directory that a web server serves; the list of them comes last.

    The journal may be in use: the copy then ends, at worst, with a torn tail. Each file appears whole, so an auditor
    who reads meanwhile sees the copy before or after. What was copied before and has not grown is not copied again.

    Raises:
        WorldError: there is no journal, or the copy cannot be written.
    """
    try:
        names = sorted(path.name for pattern in PUBLISHED for path in journal.glob(pattern))
        if not any(name.endswith(".segment") for name in names):
            raise ConfigurationError(f"{journal} holds no journal; name the directory with its segment files")
        target.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
        for name in names:
            if not (target / name).exists() or (target / name).stat().st_size != (journal / name).stat().st_size:
                _copy_whole(journal / name, target / name)
        listing = json.dumps({"format": LISTING_FORMAT, "files": names}, indent=1)
        unfinished = target / f"{LISTING}.unfinished"
        unfinished.write_text(listing + "\n", encoding="utf-8")
        unfinished.replace(target / LISTING)
    except OSError as error:
        raise translated(error, str(error.filename or target)) from error
    return names


def _copy_whole(source: Path, target: Path) -> None:
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.copyfile(source, unfinished)
    unfinished.chmod(FILE_MODE)
    unfinished.replace(target)
