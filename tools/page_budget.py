"""What the pages weigh: the scripts that each loads before it can be used, compressed, against its budget.

`python tools/page_budget.py` prints a line per page and exits with 1 where one is over. What a page loads later, as
it is needed (a word list, a scanner), is not in the sum; `tests/browser/test_budget.py` measures what people wait for.
"""

import gzip
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from posixpath import join, normpath

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "src" / "tongbao" / "service" / "web" / "pages"

WALLET_BYTES_MAX = 150_000  # two seconds on a telephone in the country, at 600 kbit/s
OTHER_BYTES_MAX = 150_000  # no page has a reason to weigh more than the one that holds keys and signs

_LOADED = re.compile(r"<(?:script[^>]*\ssrc|link[^>]*\srel=\"modulepreload\"[^>]*\shref)=\"([^\"]+)\"")
# As a bundler writes it: `import"./x.js"`, `import{a as b}from"./x.js"`, `export*from"./x.js"`; not `import("./x.js")`.
_IMPORTED = re.compile(r"""(?:^|[;}\s])(?:import|export)\s*(?:[\w*${},\s]+?from\s*)?["'](\.{0,2}/[^"']+\.js)["']""")


@dataclass(frozen=True, slots=True)
class PageWeight:
    """What one page loads at its start.

    Attributes:
        page: its folder below the pages; "door" for the first one.
        scripts: paths below the pages.
        gzip_bytes: of all of them, each compressed alone, as a server sends them.
    """

    page: str
    scripts: tuple[str, ...]
    gzip_bytes: int

    @property
    def gzip_bytes_max(self) -> int:
        """The page's budget."""
        return WALLET_BYTES_MAX if self.page == "wallet" else OTHER_BYTES_MAX


def weigh(folder: Path) -> list[PageWeight]:
    """Every page below this folder."""
    return [_weight_of(folder, entry) for entry in sorted(folder.rglob("index.html"))]


def _weight_of(folder: Path, entry: Path) -> PageWeight:
    place = entry.parent.relative_to(folder).as_posix()
    waiting = [_path_of(script, place) for script in _LOADED.findall(entry.read_text())]
    found: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        script = (folder / path).read_bytes()
        found[path] = len(gzip.compress(script, 9, mtime=0))
        waiting += [_path_of(target, path.rpartition("/")[0]) for target in _IMPORTED.findall(script.decode())]
    return PageWeight("door" if place == "." else place, tuple(sorted(found)), sum(found.values()))


def _path_of(target: str, place: str) -> str:
    return target.lstrip("/") if target.startswith("/") else normpath(join(place, target))


def main(folder: Path = PAGES) -> int:
    """Print each page; exit with 1 where one is over its budget, and 2 where none was built."""
    weights = weigh(folder)
    for weight in weights:
        over = "  OVER" * (weight.gzip_bytes > weight.gzip_bytes_max)
        print(f"{weight.page:<10} {weight.gzip_bytes:>8,} of {weight.gzip_bytes_max:,} bytes gzip{over}")
    if not weights:
        print(f"no pages in {folder}: `npm run build` in web/ builds them")
        return 2
    return int(any(weight.gzip_bytes > weight.gzip_bytes_max for weight in weights))


if __name__ == "__main__":
    sys.exit(main())
