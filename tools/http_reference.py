"""Write docs/reference/http-api.md from what the roles' applications say of themselves.

usage: python tools/http_reference.py [--check]

With `--check` nothing is written, and it ends with 1 where the page does not say what the applications say. Who may ask
for what stands in the tables of `tongbao.protocol`; an operation that is in none of them, or is there with another
answer, is an error.
"""

import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI

import tongbao.protocol
from tongbao.adapters.clock import SystemClock
from tongbao.centres.central_bank.office import CentralBankOffice
from tongbao.centres.registration.centre import RegistrationCentre
from tongbao.institutions.institution import Institution
from tongbao.protocol.client import BINARY
from tongbao.service.central_bank.app import create_central_bank_app
from tongbao.service.institution.app import create_institution_app
from tongbao.service.openapi import describe
from tongbao.service.rate_limits import Allowance, RateLimitSettings
from tongbao.service.registration.app import create_registration_app
from tongbao.service.streams import EVENT_STREAM
from tongbao.service.web.sandbox import create_sandbox_app

OPERATIONS = ("/v1/", "/sandbox")
"""How the paths of operations begin; others tell of the server's own health."""

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/http-api.md"
SOURCES = ROOT / "src/tongbao"

HEAD = """# HTTP interface

<!-- Written by `python tools/http_reference.py` from the applications themselves; changes made here are lost. -->

Each role serves OpenAPI 3.1 at `/openapi.json`, which says to programs what this page says to people; `/healthz` says
that it lives, `/readyz` whether it takes work, and `/metrics` has measurements for Prometheus. Nothing there needs a
signature.

## Signatures

A request is signed by RFC 9421, in this one way; anything else is refused.

```text
Content-Digest: sha-256=:BASE64:
Signature-Input: sig1=(COMPONENTS);created=SECONDS;keyid="ID";alg="ed25519"
Signature: sig1=:BASE64:
```

COMPONENTS are `"@method" "@authority" "@path" "@query" "content-digest"` and, unless the method is GET or HEAD, also
`"idempotency-key"`. Content-Digest (RFC 9530) is there also where the body is empty. SECONDS may be off by five
minutes. IDs are:

| key id | who | key |
| --- | --- | --- |
| `home:NUMBER` | an institution; `home:0` is the central bank | its endorser key, as `GET /v1/institutions` names it |
| `wallet:ID` | a wallet, 32 hexadecimal digits | its main key, known to its home |
| `key:KEY` | whoever holds the key, 64 hexadecimal digits | that key itself |
| `officer:KEY` | an officer, 64 hexadecimal digits | that key itself, which genesis or control admits |
| `teller` | an institution's tellers | the key in its configuration |

## Asking twice

A POST carries an `Idempotency-Key` of the sender's choice, 1 to 128 visible characters, one for each intended change.
The same key with the same body is the same request and happens at most once, whatever happened to the first answer;
with another body it is refused. Keep key and body before the first attempt, and send both again for as long as no
answer comes.

## Reading what was written

An answer names the batch that it accounts for (`sequence`) and its ledger time (`time_ms`). Whoever must not read
anything older sends `Tongbao-Minimum-Sequence: NUMBER` with a GET; the answer waits for that batch for a short while,
and is a refusal with `BUSY` after it.

## Reading again

An answer to a GET carries an `ETag` that stands for what it says, apart from when it was given (`sequence`,
`time_ms`). Sent back as `If-None-Match`, it is answered by 304 without a body for as long as nothing else has changed;
the request is signed and counted like any other.

## Asking too much

Each caller has an allowance, which fills up again while nothing is asked: whoever signs under his key id, and whoever
does not sign, or signs as `key:`, under the address that he asks from. How much it is, the operator says for each kind
of caller under `rate_limits` in the configuration. Every answer says what is left, in the fields of the Internet-Draft
[RateLimit header fields for HTTP](https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/):

```text
RateLimit-Policy: "wallet";q=REQUESTS;w=SECONDS
RateLimit: "wallet";r=REQUESTS;t=SECONDS
```

The policy is the whole allowance and the time in which it fills up; below it is what is left now, and the time until
all of it is there again. Whoever has used up his allowance is refused with `RATE_LIMITED`; the seconds in `Retry-After`
later the same request is welcome, and is done once. `/healthz`, `/readyz` and `/metrics` are not counted.

| kind | who | requests at once | and then each second |
| --- | --- | --- | --- |
ALLOWANCES
## Problems

An error is a document of type `application/problem+json` (RFC 9457). Programs key on `code`, which `type` repeats as
`urn:tongbao:problem:CODE`; `detail` is for people and may change; `field` names the part of the request that is
wrong, and `cure` says what to do. 422 with the name of a rule is a refusal: nothing was consumed. Where the ledger
refuses a transaction, the code is the name of its [status](statuses.md); every other code stands among the
[problems](problems.md).

## Examples

Each operation is shown with a request and its answer, as a running system gave it. Bytes in base64 are cut short here,
and lists after two entries; `/openapi.json` has the bytes whole.
"""

WHO_IS_COUNTED = {
    "address": "all who do not sign, or sign as `key:`, from one address",
    "wallet": "one wallet",
    "teller": "all tellers of an institution",
    "home": "one institution, or the central bank",
    "officer": "one officer",
    "other": "whoever signs as anything else",
}

_ROW = re.compile(r"^\| `(GET|POST) +([^`?]+)[^`]*` \| (.+) \| `(\w+)` \|$", re.MULTILINE)
_LONG = re.compile(r'"([^"]{64})[^"]{8,}"')
_HEX = re.compile(r"^\^\[0-9a-f\]\{(\d+)\}\$$")
SHOWN_MAX = 2**53  # beyond this a bound is that of a format, and no rule

Schema = Mapping[str, Any]


def applications() -> dict[str, FastAPI]:
    """The application of each role, over an actor that is never started, since nobody asks it anything."""
    clock = SystemClock()
    return {
        "Registration centre": create_registration_app(RegistrationCentre.__new__(RegistrationCentre), clock=clock),
        "Central bank": create_central_bank_app(CentralBankOffice.__new__(CentralBankOffice), clock=clock),
        "Operating institution": create_institution_app(Institution.__new__(Institution), clock=clock),
        "Sandbox": create_sandbox_app(None),
    }


# --- who may ask ------------------------------------------------------------------------------------------------------


def askers() -> dict[str, tuple[str, str]]:
    """Who may ask and the name of the answer, by method and path, as the protocol's modules say."""
    modules = (importlib.import_module(f"tongbao.protocol.{found.name}") for found in _protocol_modules())
    rows = (row for module in modules for row in _ROW.findall(module.__doc__ or ""))
    return {f"{method} {path}": (asker, answer) for method, path, asker, answer in rows}


def _protocol_modules() -> Iterable[pkgutil.ModuleInfo]:
    return pkgutil.iter_modules(tongbao.protocol.__path__)


# --- the page ---------------------------------------------------------------------------------------------------------


def page(described: Mapping[str, Schema]) -> str:
    """The whole page, from the OpenAPI document of each role."""
    parts = [HEAD.replace("ALLOWANCES\n", "".join(map(_allowance, RateLimitSettings())) + "\n")]
    who = askers()
    schemas: dict[str, Schema] = {}
    for role, document in described.items():
        parts.append(f"\n## {role}\n\n| request | who may ask |\n| --- | --- |\n")
        parts.extend(_listed(key, operation, who) for key, operation in _operations(document))
        parts.extend(_operation(key, operation, who) for key, operation in _operations(document))
        for name, schema in document["components"]["schemas"].items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"two roles mean different things by {name}")
    parts.append("\n## Messages\n\nA message has no fields but these. Amounts are in fen, times in milliseconds.\n")
    left_out = {"Problem", "Health"}
    parts.extend(_message(name, schema) for name, schema in sorted(schemas.items()) if name not in left_out)
    return "".join(parts)


def _allowance(kind_and_allowance: tuple[str, Allowance]) -> str:
    kind, allowance = kind_and_allowance
    return f"| `{kind}` | {WHO_IS_COUNTED[kind]} | {allowance.burst:,} | {allowance.per_s:,g} |\n"


def _operations(document: Schema) -> Iterator[tuple[str, Schema]]:
    for path, methods in document["paths"].items():
        if path.startswith(OPERATIONS):
            yield from ((f"{method.upper()} {path}", operation) for method, operation in methods.items())


def _listed(key: str, operation: Schema, who: Mapping[str, tuple[str, str]]) -> str:
    """A line of a role's table."""
    asker = who[key][0] if key in who else ""
    fragment = re.sub(r"[^\w\s-]", "", key).lower().replace(" ", "-")
    return f"| [{key}](#{fragment}) | {_cell(asker)}{'' if operation.get('security') else ', without a signature'} |\n"


def _operation(key: str, operation: Schema, who: Mapping[str, tuple[str, str]]) -> str:
    if key not in who:
        raise ValueError(f"no table of tongbao.protocol has {key}")
    asker, answer = who[key]
    status, good = next((status, each) for status, each in operation["responses"].items() if status.startswith("2"))
    given = _content(good)
    bytes_of = {"EventStream": EVENT_STREAM, "Verdicts": BINARY}
    if f"[{answer}](" not in given and bytes_of.get(answer, "") not in {given, given.partition(",")[0]}:
        raise ValueError(f"{key} answers {given}, and its table says {answer}")
    lines = [f"\n### {key}\n", _sentence(operation["summary"]), *_paragraphs(operation.get("description", ""))]
    signed = "" if operation.get("security") else " Needs no signature."
    lines.append(f"\n- Who: {asker}.{signed}")
    named = sorted(operation["parameters"], key=lambda each: each["in"] != "path")
    lines.extend(f"- `{each['name']}` ({each['in']}): {_parameter(each)}" for each in named if each["in"] != "header")
    if "requestBody" in operation:
        lines.append(f"- Sends: {_content(operation['requestBody'])}")
    lines.append(f"- Answer: {status}, {given}")
    return "\n".join([*lines, *_example(key, operation, status)]) + "\n"


def _example(key: str, operation: Schema, status: str) -> Iterator[str]:
    """Request and answer, if the operation has an example."""
    shown = [body.get("example") for body in operation["responses"][status]["content"].values()]
    method, _, path = key.partition(" ")
    asked = {each["name"]: (each["in"], each["example"]) for each in operation["parameters"] if "example" in each}
    target = path.format_map(_Fields({name: value for name, (_, value) in asked.items()}))
    query = "&".join(f"{name}={value}" for name, (place, value) in asked.items() if place == "query")
    yield f"\n```http\n{method} {target}{query and '?'}{query}"
    for media_type, body in operation.get("requestBody", {}).get("content", {}).items():
        yield "\n(bytes)" if media_type == BINARY else f"\n{_shown(body.get('example'))}"
    yield "```"
    yield from (f"\n```{_language(each)}\n{_shown(each)}\n```" for each in shown if each is not None)


class _Fields(dict[str, Any]):
    """Fields of a path; one that has no example stands for itself."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def _language(example: object) -> str:
    return "text" if isinstance(example, str) else "json"


def _shown(example: object) -> str:
    if isinstance(example, str):
        return example.rstrip()
    text = json.dumps(example, ensure_ascii=False, indent=2)
    return _LONG.sub(lambda found: f'"{found.group(1)}…"', text)


def _parameter(parameter: Schema) -> str:
    return _kind(parameter["schema"]) + ("" if parameter["required"] else _default(parameter["schema"]))


def _default(schema: Schema) -> str:
    stated = schema.get("default")
    return "; may be left out" if stated in (None, "", []) else f"; {stated} where it is left out"


def _content(body: Schema) -> str:
    return ", ".join(
        _kind(content["schema"]) if content["schema"] else media_type for media_type, content in body["content"].items()
    )


def _message(name: str, schema: Schema) -> str:
    text = "\n\n".join(_paragraphs(schema.get("description", "")))
    if "enum" in schema:
        values = ", ".join(f"`{value}`" for value in schema["enum"])
        return f"\n### {name}\n\n{text}\n\nOne of {values}.\n"
    required = set(schema.get("required", ()))
    rows = [
        f"| `{field}` | {_cell(_kind(kind))}{'' if field in required else _cell(_default(kind))} |\n"
        for field, kind in schema.get("properties", {}).items()
    ]
    table = "| field | holds |\n| --- | --- |\n" + "".join(rows) if rows else "It has no fields.\n"
    return f"\n### {name}\n\n{text}\n\n{table}"


def _kind(schema: Schema) -> str:
    """What a field holds, in words."""
    match schema:
        case {"$ref": reference}:
            name = reference.rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        case {"anyOf": options}:
            return "; or ".join(map(_kind, options))
        case {"type": "array"}:
            return f"list of {_kind(schema['items'])}{_range(schema, 'minItems', 'maxItems')}"
        case {"type": "integer" | "number" as kind}:
            return f"{kind}{_range(schema, 'minimum', 'maximum')}"
        case {"type": "string"}:
            return _string(schema)
        case {"type": kind}:
            return str(kind)
        case _:
            return "anything"


def _string(schema: Schema) -> str:
    digits = _HEX.match(schema.get("pattern", ""))
    if digits is not None:
        return f"{digits.group(1)} hexadecimal digits, small letters"
    if schema.get("contentEncoding") == "base64":
        return "bytes in base64"
    pattern = f" like `{schema['pattern']}`" if "pattern" in schema else ""
    return f"text{_range(schema, 'minLength', 'maxLength')}{pattern}"


def _range(schema: Schema, least: str, most: str) -> str:
    low = schema.get(least)
    high = schema.get(most)
    if "exclusiveMaximum" in schema and schema.get("type") == "integer":
        high = schema["exclusiveMaximum"] - 1
    if high is not None and high > SHOWN_MAX:
        high = None
    bounds = {(False, False): "", (True, False): f", {low} or more", (False, True): f", at most {high}"}
    return bounds.get((low is not None, high is not None), f", {low} to {high}")


def _paragraphs(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n") if paragraph.strip()]


def _sentence(text: str) -> str:
    return text if text.endswith(".") else text + "."


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main(*options: str) -> int:
    """Write the page, or check it; 1 where it was checked and is out of date."""
    wanted = page({role: describe(app) for role, app in applications().items()})
    if options == ("--check",):
        if PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print(f"{PAGE}: out of date; run python tools/http_reference.py")
        return 1
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
