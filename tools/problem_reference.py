"""Write docs/reference/problems.md: every code of a problem under a heading of its own, from what raises it.

usage: python tools/problem_reference.py [--check]

With `--check` nothing is written, and it ends with 1 where the page does not say what the sources say.
"""

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tongbao.errors import (
    BusyError,
    DecodingError,
    DiskFullError,
    NetworkError,
    PeerError,
    RateLimitedError,
    RefusedError,
    RequestError,
    StorageError,
    WorldError,
)
from tongbao.evidence.signed_text import SignedTextInvalidError
from tongbao.evidence.tree import ProofInvalidError
from tongbao.institutions.customers.limits import refused_by_limit
from tongbao.institutions.policy import LimitCode
from tongbao.protocol.problem import TYPE_PREFIX, problem_of

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/problems.md"
SOURCES = ROOT / "src/tongbao"

HEAD = """# Problems

<!-- Written by `python tools/problem_reference.py` from the sources; changes made here are lost. -->

Every error over HTTP is a document of type `application/problem+json` (RFC 9457). Programs key on `code`; `type` is
`PREFIXCODE`; the page's address with `#code` in small letters leads to what is said of it here. `detail` is for people
and may change: below stands an example. What the ledger itself refuses has the name of its [status](statuses.md).

```json
{
  "type": "urn:tongbao:problem:ORDER_EXPIRED",
  "title": "Order expired",
  "status": 422,
  "detail": "the order has expired",
  "code": "ORDER_EXPIRED",
  "field": "",
  "cure": "ask the shop for a new order",
  "retry_after_s": 0
}
```

Whether to send the same request again follows from the HTTP status, and for a POST it is always safe: the
`Idempotency-Key` makes it one request.

| HTTP | what it means | the same request again |
| --- | --- | --- |
| 400, 413, 415 | the request is malformed | never helps |
| 401 | nobody is known by that signature | never helps; sign anew |
| 403 | somebody is known, and may not | never helps |
| 404 | it is not there, or not for this caller | helps where somebody is about to make it |
| 405 | the path has no such method | never helps |
| 409 | it contradicts what is there | never helps |
| 422 | a field has no possible value, or a rule refuses; nothing was consumed | helps once the reason is gone |
| 429, 503, 507 | not now; `Retry-After` may say when | yes, later |
| 502, 504 | somebody behind this server did not answer: it may or may not have happened | yes, until it is answered |
| 500 | a fault of the server's own | is safe, and seldom helps |
"""

# Whose errors travel: what only the command line or a wallet raises reaches nobody over HTTP.
RAISING = ("centres", "institutions", "witnesses", "vaults", "protocol", "evidence", "service")
LOCAL = ("protocol/link", "service/command_line", "service/demo", "service/replay", "service/sandbox", "service/wallet")
FAMILIES = {
    "RequestError": RequestError,
    "DecodingError": DecodingError,
    "RefusedError": RefusedError,
    "WalletMovedError": RefusedError,
    "SignedTextInvalidError": SignedTextInvalidError,
    "ProofInvalidError": ProofInvalidError,
}
FILLED = "…"
WORLD = (RateLimitedError, BusyError, DiskFullError, StorageError, NetworkError, PeerError, WorldError)


@dataclass(frozen=True, order=True)
class Code:
    """One code of a problem.

    Attributes:
        name: as programs know it, an asterisk for a part that differs.
        status: of HTTP.
        says: an example of its detail.
        cure: an example of its cure.
    """

    name: str
    status: int
    says: str
    cure: str


def codes() -> list[Code]:
    """Every code, with the first example of its words by the order of the sources."""
    found: dict[str, Code] = {}
    for code in (*_of_the_world(), *_of_limits(), *_of_sources()):
        known = found.get(code.name)
        if known is None or (not known.cure and code.cure):
            found[code.name] = code
    return sorted(found.values())


def _of_the_world() -> Iterator[Code]:
    texts = {
        "RATE_LIMITED": "this caller asked more than his share",
        "BUSY": "more is waiting than can be answered soon",
        "DISK_FULL": "there is no room for new work; nothing acknowledged is lost",
        "STORAGE_FAILED": "a disk or a database failed",
        "PEER_SILENT": "another role gave no answer",
        "PEER_FAILED": "another role answered what it must not",
        "UNAVAILABLE": "something that the role needs is not there",
    }
    for family in WORLD:
        problem = problem_of(family("-"))
        yield Code(problem.code, problem.status, texts[problem.code], problem.cure)
    internal = problem_of(Exception())
    yield Code(internal.code, internal.status, internal.detail, internal.cure)
    yield _code("METHOD_NOT_ALLOWED", RequestError, says="there is no such method of this path", cure="see Allow")


def _of_limits() -> Iterator[Code]:
    for name, value in vars(LimitCode).items():
        if name.isupper():
            problem = problem_of(refused_by_limit(value))
            yield Code(problem.code, problem.status, problem.detail, problem.cure)


def _of_sources() -> Iterator[Code]:
    for path in sorted(SOURCES.rglob("*.py")):
        name = str(path.relative_to(SOURCES).with_suffix(""))
        if name.startswith(RAISING) and not name.startswith(LOCAL):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    # A code that is made while it runs is one of the kernel's statuses.
                    yield from (code for code in _of_call(node) if code.name.strip("_*").isupper())


def _of_call(call: ast.Call) -> Iterator[Code]:
    """The code that a call like `RequestError(says, code=..., cure=...)` or `_refused(code, says, ...)` names."""
    named = {keyword.arg: _text(keyword.value) for keyword in call.keywords}
    words = [_text(argument) for argument in call.args]
    function = call.func.id if isinstance(call.func, ast.Name) else ""
    if function in FAMILIES and words:
        family = FAMILIES[function]
        yield _code(named.get("code", family.code), family, says=words[0], cure=named.get("cure", ""))
    elif function == "_refused" and len(words) > 1:
        yield _code(words[0], RequestError, says=words[1], cure=named.get("cure", "".join(words[2:])))


def _code(name: str, family: type[RequestError], *, says: str, cure: str) -> Code:
    return Code(name.replace(FILLED, "*"), problem_of(family("", code=name)).status, says, cure)


def _text(node: ast.expr) -> str:
    """A string as it stands in the source, with dots for what it is filled with; "" for anything else."""
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.JoinedStr(values=parts):
            return re.sub(f"{FILLED}+", FILLED, "".join(_text(part) or FILLED for part in parts))
        case _:
            return ""


def page() -> str:
    """The whole page."""
    return HEAD.replace("PREFIX", TYPE_PREFIX) + "".join(map(_section, codes()))


def _section(code: Code) -> str:
    cure = f"Cure: {code.cure}.\n" if code.cure else "Its cure depends on what happened: see `cure` of the answer.\n"
    name = code.name.replace("*", r"\*")
    return f"\n## {name}\n\nHTTP {code.status}: {code.says}.\n\n{cure}"


def main(*options: str) -> int:
    """Write the page, or check it; 1 where it was checked and is out of date."""
    wanted = page()
    if options == ("--check",):
        if PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{PAGE}: out of date; run python tools/problem_reference.py")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
