"""Find what is wrong with the OpenAPI documents of the roles: against the standard, and against this project's rules.

usage: python tools/openapi_lint.py

It prints one finding a line and ends with 1 where there is any. The rules:

    standard     OpenAPI 3.1, by openapi-spec-validator
    named        an operation has a name of its own in small letters, and a first sentence that ends with a point
    path         a path's words are small; each of its fields is declared, and no other
    bounded      what a caller sends has a limit: text a length or a form, lists a size, numbers two ends
    unit         an amount's name ends with _fen, a time's with _ms or _s, and both are whole numbers
    listing      what gives `next` takes `after` and `limit`, and no other GET gives a list without an end
    repeatable   what changes something takes an Idempotency-Key where it is signed
    said         every message says what it is
    shown        an operation has an example that is what its schema allows
"""

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import jsonschema_rs
from openapi_spec_validator import OpenAPIV31SpecValidator

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tongbao.service.openapi import describe
from tools.http_reference import applications

Schema = Mapping[str, Any]

SUMMARY_LENGTH_MAX: Final = 120
"""A line of a table of contents."""

HAS_NO_PAGES: Final = {
    "Directory": "institutions and officers come by control alone",
    "SupplyReport": "one entry for each asset and home",
    "BankReport": "the bank's chart of accounts",
    "AliasList": "a wallet has five numbers at most",
    "SentCodes": "the latest few",
    "Reconciliation": "a line for each sum of the books, and so many breaks of each kind as are shown",
    "WebhookEndpoints": "a merchant has eight at most",
    "WatcherList": "a wallet has at most 64 watchers, ended ones included",
    "Disclosure": "the tables of the database; each has its own rows, and the whole is one document",
}
"""Answers that hold a list which needs no pages, and why."""

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_PATH: Final = re.compile(r"(/([a-z][a-z0-9-]*|\{[a-z][a-z0-9_]*\}))+")
_MONEY: Final = re.compile(r"(^|_)(amount|balance|fee|tip|price)(_|$)")
_TIME: Final = re.compile(r"(^|_)(at|time|until|since|expiry|expires|timeout)$")
_BOUNDS: Final = {
    "string": (("maxLength", "pattern", "enum", "const", "contentEncoding", "format"),),
    "array": (("maxItems",),),
    "integer": (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
    "number": (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")),
}


def findings(document: Schema) -> Iterator[str]:
    """Everything that is wrong with a document, each with its place and its rule."""
    for error in OpenAPIV31SpecValidator(dict(document)).iter_errors():
        yield f"{'/'.join(map(str, error.absolute_path))}: standard: {error.message}"
    seen: set[str] = set()
    for path, methods in document["paths"].items():
        if not path.startswith("/v1/"):
            continue
        for method, operation in methods.items():
            place = f"{method.upper()} {path}"
            for finding in _of_operation(path, method, operation, document):
                yield f"{place}: {finding}"
            name = operation["operationId"]
            if name in seen:
                yield f"{place}: named: {name} is another operation's name"
            seen.add(name)
    for name, schema in document["components"]["schemas"].items():
        yield from (f"{name}: {finding}" for finding in _of_message(schema))


def _of_operation(path: str, method: str, operation: Schema, document: Schema) -> Iterator[str]:
    yield from _badly_named(operation)
    yield from _badly_placed(path, operation)
    yield from _unbounded(operation, document)
    yield from _badly_listed(method, operation, document)
    parameters = {each["name"] for each in operation["parameters"]}
    if method != "get" and "security" in operation and "Idempotency-Key" not in parameters:
        yield "repeatable: it takes no Idempotency-Key"
    yield from _badly_shown(operation, document)


def _badly_named(operation: Schema) -> Iterator[str]:
    if not _NAME.fullmatch(operation["operationId"]):
        yield f"named: {operation['operationId']} is not in small letters"
    summary = operation.get("summary", "")
    if not summary.endswith(".") or len(summary) > SUMMARY_LENGTH_MAX:
        yield f"named: its first line is no sentence of at most {SUMMARY_LENGTH_MAX} letters: {summary!r}"


def _badly_placed(path: str, operation: Schema) -> Iterator[str]:
    if not _PATH.fullmatch(path):
        yield "path: its words are not small letters with hyphens"
    fields = re.findall(r"{(\w+)}", path)
    declared = [each["name"] for each in operation["parameters"] if each["in"] == "path"]
    if sorted(fields) != sorted(declared):
        yield f"path: it has {fields} and declares {declared}"


# --- what a caller sends ----------------------------------------------------------------------------------------------


def _unbounded(operation: Schema, document: Schema) -> Iterator[str]:
    for parameter in operation["parameters"]:
        yield from _of_sent(parameter["schema"], document, parameter["name"], frozenset())
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield from _of_sent(content["schema"], document, "body", frozenset())


def _of_sent(schema: Schema, document: Schema, place: str, within: frozenset[str]) -> Iterator[str]:
    """What in a schema, and in all that it names, has no limit."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name not in within:
            yield from _of_sent(document["components"]["schemas"][name], document, place, within | {name})
        return
    yield from (f"bounded: {place} ({schema['type']}) has no {' or '.join(bounds)}" for bounds in _missing(schema))
    if "items" in schema:
        yield from _of_sent(schema["items"], document, f"{place}[]", within)
    for option in schema.get("anyOf", ()):
        yield from _of_sent(option, document, place, within)
    for name, field in schema.get("properties", {}).items():
        yield from _of_sent(field, document, f"{place}.{name}", within)


def _missing(schema: Schema) -> list[tuple[str, ...]]:
    """The bounds of which a schema should have one and has none."""
    if "enum" in schema or "const" in schema:
        return []
    return [bounds for bounds in _BOUNDS.get(schema.get("type", ""), ()) if not schema.keys() & set(bounds)]


# --- listings ---------------------------------------------------------------------------------------------------------


def _badly_listed(method: str, operation: Schema, document: Schema) -> Iterator[str]:
    taken = {each["name"] for each in operation["parameters"]}
    name, answer = _answer_of(operation, document)
    fields = answer.get("properties", {})
    if "next" in fields:
        contents: list[Schema] = list(operation.get("requestBody", {}).get("content", {}).values())
        body: Schema = contents[0]["schema"] if contents else {}
        sent = _resolved(body, document).get("properties", {}).keys()
        if missing := {"after", *(("limit",) if method == "get" else ())} - taken - sent:
            yield f"listing: it gives `next` and does not take {' and '.join(sorted(missing))}"
    elif method == "get" and name not in HAS_NO_PAGES:
        yield from (
            f"listing: `{field}` of {name} has neither pages nor maxItems; give it some, or a reason in HAS_NO_PAGES"
            for field, schema in fields.items()
            if schema.get("type") == "array" and not _is_short(schema, document)
        )


def _is_short(schema: Schema, document: Schema) -> bool:
    """Whether a list has a stated end, or is one of words of which there are so many."""
    return "maxItems" in schema or "enum" in _resolved(schema["items"], document)


def _answer_of(operation: Schema, document: Schema) -> tuple[str, Schema]:
    content = next(each for status, each in operation["responses"].items() if status.startswith("2"))["content"]
    schema = content.get("application/json", {}).get("schema", {})
    return schema.get("$ref", "").rpartition("/")[2], _resolved(schema, document)


def _resolved(schema: Schema, document: Schema) -> Schema:
    found: Schema = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], schema)
    return found


# --- messages and examples --------------------------------------------------------------------------------------------


def _of_message(schema: Schema) -> Iterator[str]:
    if not schema.get("description", "").strip():
        yield "said: it has no description"
    for name, field in schema.get("properties", {}).items():
        if not _NAME.fullmatch(name):
            yield f"named: the field {name} is not in small letters"
        if field.get("type") in {"integer", "number"}:
            if _MONEY.search(name) and not name.endswith(("_fen", "_fen_max", "_fen_min")):
                yield f"unit: {name} does not end with _fen"
            if _TIME.search(name):
                yield f"unit: {name} does not end with _ms or _s"
        if field.get("type") == "number" and name.endswith(("_fen", "_ms")):
            yield f"unit: {name} is no whole number"


def _badly_shown(operation: Schema, document: Schema) -> Iterator[str]:
    for body in (operation.get("requestBody", {}), *operation["responses"].values()):
        for media_type, content in body.get("content", {}).items():
            if media_type == "application/json":
                yield from _of_example(content, document)


def _of_example(content: Schema, document: Schema) -> Iterator[str]:
    if "example" not in content:
        yield "shown: it has no example"
        return
    whole = {**content["schema"], "components": document["components"]}
    for error in jsonschema_rs.Draft202012Validator(whole).iter_errors(content["example"]):
        yield f"shown: its example is not what its schema allows: {error.message}"


def main() -> int:
    """Print the findings; 1 where there is any."""
    found = [f"{role}: {each}" for role, app in applications().items() for each in findings(describe(app))]
    print(*found, f"openapi: {len(found)} findings", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
