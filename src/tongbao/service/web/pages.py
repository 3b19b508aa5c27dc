"""The built pages, read once and kept: what is not among them does not exist, whatever a path says."""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from tongbao.errors import ConfigurationError

__all__ = ["PACKAGED", "Page", "Pages"]

PACKAGED: Final = Path(__file__).parent / "pages"
"""Where installing the package puts the built pages."""

_ASSETS: Final = "/assets/"
"""Everything under it carries a digest of its content in its name."""

_INDEX: Final = "index.html"
_MEDIA_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/vnd.microsoft.icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mp3": "audio/mpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".wav": "audio/wav",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_UNKNOWN_TYPE: Final = "application/octet-stream"
# What is packed already grows when it is packed again.
_PACKED: Final = frozenset({".mp3", ".png", ".woff2"})

_FOR_EVER: Final = "public, max-age=31536000, immutable"
_ASK_AGAIN: Final = "no-cache"
_TAG_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class Page:
    """A file of the built pages.

    Attributes:
        body: its bytes.
        packed: the same by gzip; None where that is no smaller.
        media_type: what it is.
        cache_control: how long a browser may keep it without asking.
        tag: a digest of its bytes, without quotes.
    """

    body: bytes
    packed: bytes | None
    media_type: str
    cache_control: str
    tag: str


class Pages:
    """Files by the path that a browser asks for; a folder is named with a slash at its end."""

    def __init__(self, files: Mapping[str, Page]) -> None:
        self._files = dict(files)

    def __bool__(self) -> bool:
        """Whether there are any: an installation may be without."""
        return bool(self._files)

    def find(self, path: str) -> Page | None:
        """The file at a path; "/wallet/" is the one of the wallet."""
        return self._files.get(path)

    @classmethod
    def read(cls, folder: Path) -> "Pages":
        """Everything in the folder; nothing where it is not there.

        Raises:
            ConfigurationError: it is there and cannot be read.
        """
        try:
            # Whoever builds leaves a hidden file behind that is no page.
            found = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith(".")]
            return cls({_address(path.relative_to(folder)): _page(path, folder) for path in found})
        except OSError as error:
            raise ConfigurationError(f"cannot read the pages in {folder}: {error.strerror}") from None


def _address(path: Path) -> str:
    """By which a browser asks for the file."""
    return "/" + path.as_posix().removesuffix(_INDEX) if path.name == _INDEX else f"/{path.as_posix()}"


def _page(path: Path, folder: Path) -> Page:
    body = path.read_bytes()
    packed = None if path.suffix in _PACKED else gzip.compress(body, mtime=0)
    return Page(
        body=body,
        packed=packed if packed is not None and len(packed) < len(body) else None,
        media_type=_MEDIA_TYPES.get(path.suffix, _UNKNOWN_TYPE),
        cache_control=_FOR_EVER if _address(path.relative_to(folder)).startswith(_ASSETS) else _ASK_AGAIN,
        tag=blake2b(body, digest_size=_TAG_BYTES).hexdigest(),
    )
