"""The description of a service at `/openapi.json`, made from the types of its operations."""

import re
from collections.abc import Sequence
from typing import Any, Final, TypeGuard

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from tongbao.protocol.client import BINARY, JSON
from tongbao.protocol.problem import STATUSES
from tongbao.service.examples import Example, example_of
from tongbao.service.operation import NOT_MODIFIED, Nothing, Operation
from tongbao.service.problems import PROBLEM_SCHEMA, problem_responses
from tongbao.service.streams import EVENT_STREAM

__all__ = ["PUBLIC_STATUSES", "describe"]

Schema = dict[str, Any]

# An operation that is open to anyone asks nobody who he is.
PUBLIC_STATUSES: Final = tuple(status for status in STATUSES if status not in {401, 403})
_PATH_FIELD: Final = re.compile(r"{(\w+)}")
_REFERENCE: Final = "#/components/schemas/{model}"
_SIGNATURE_SCHEME: Final = {
    "type": "apiKey",
    "in": "header",
    "name": "Signature",
    "description": (
        "RFC 9421 with label sig1 and Ed25519 over @method, @authority, @path, @query, content-digest (RFC 9530, "
        "sha-256) and, unless the method is GET, idempotency-key; Signature-Input names created, keyid and alg."
    ),
}
_IDEMPOTENCY_KEY: Final = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    "description": "Chosen by the caller for one intended change; a repeat with the same key and body changes nothing.",
}
_IF_NONE_MATCH: Final = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": 1024, "pattern": r'^(\*|(W/)?"[!#-~]*"(, ?(W/)?"[!#-~]*")*)$'},
    "description": "ETag of an answer that the caller has; where it still holds, the answer is 304 without a body.",
}
_TAG_HEADER: Final = {
    "ETag": {
        "schema": {"type": "string"},
        "description": "Stands for what the answer says apart from when it was given (`sequence`, `time_ms`).",
    }
}
_NOT_MODIFIED: Final = {"description": "The answer that If-None-Match names still holds.", "headers": _TAG_HEADER}
_RATE_LIMIT_HEADERS: Final = {
    "RateLimit-Policy": {
        "schema": {"type": "string"},
        "description": '`"KIND";q=REQUESTS;w=SECONDS`: how many requests such a caller may make within how long.',
    },
    "RateLimit": {
        "schema": {"type": "string"},
        "description": '`"KIND";r=REQUESTS;t=SECONDS`: how many are left now, and when all will be there again.',
    },
}

_LAST_EVENT_ID: Final = {
    "name": "Last-Event-ID",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": "^[0-9a-f]{1,64}$"},
    "description": "The id of the last event that the reader saw: the stream goes on behind it.",
}


def describe(app: FastAPI) -> Schema:
    """Return the OpenAPI 3.1 document of everything that `app` answers."""
    operations: Sequence[Operation] = app.state.operations
    document = get_openapi(title=app.title, version=app.version, description=app.description, routes=app.routes)
    schemas, references = _schemas(operations)
    paths = document.setdefault("paths", {})
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation, references)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(schemas, Problem=dict(PROBLEM_SCHEMA))
    if any(operation.signed for operation in operations):
        components["securitySchemes"] = {"signature": dict(_SIGNATURE_SCHEME)}
    return document


def _schemas(operations: Sequence[Operation]) -> tuple[Schema, dict[tuple[type, str], Schema]]:
    """Return every schema by its name, and the reference to each model as it is received or sent."""
    wanted: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
    for operation in operations:
        for form in (operation.message, operation.parameters):
            if _is_model(form):
                wanted[form, "validation"] = None
        if _is_model(operation.answer):
            wanted[operation.answer, "serialization"] = None
    references, definitions = models_json_schema(list(wanted), ref_template=_REFERENCE)
    return definitions.get("$defs", {}), {(form, mode): schema for (form, mode), schema in references.items()}


def _is_model(form: type) -> TypeGuard[type[BaseModel]]:
    return issubclass(form, BaseModel) and form is not Nothing


def _describe(operation: Operation, references: dict[tuple[type, str], Schema]) -> Schema:
    summary, _, more = operation.documentation.partition("\n")
    example = example_of(operation.name)
    described: Schema = {
        "operationId": operation.name,
        "summary": summary,
        "parameters": _parameters(operation, example),
        "responses": {
            str(operation.status): {
                "description": "Done.",
                "headers": {**_RATE_LIMIT_HEADERS, **(_TAG_HEADER if operation.revalidated else {})},
                "content": _answer(operation, references, example),
            },
            **({str(NOT_MODIFIED): dict(_NOT_MODIFIED)} if operation.revalidated else {}),
            **{
                str(status): response
                for status, response in problem_responses(STATUSES if operation.signed else PUBLIC_STATUSES).items()
            },
        },
    }
    if more.strip():
        described["description"] = more.strip()
    if operation.message is not Nothing:
        content = _message(operation.message, references, example)
        described["requestBody"] = {"required": True, "content": content}
    if operation.signed:
        described["security"] = [{"signature": []}]
    return described


def _message(form: type, references: dict[tuple[type, str], Schema], example: Example | None) -> Schema:
    if not _is_model(form):
        return {BINARY: {"schema": {}}}
    shown = {} if example is None or example.message is None else {"example": example.message}
    return {JSON: {"schema": references[form, "validation"], **shown}}


def _answer(operation: Operation, references: dict[tuple[type, str], Schema], example: Example | None) -> Schema:
    form = operation.answer
    schema = references[form, "serialization"] if _is_model(form) else {}
    content: Schema = {each: {"schema": schema if each == JSON else {}} for each in operation.gives}
    if example is not None and example.answer is not None and example.media_type in content:
        content[example.media_type]["example"] = example.answer
    return content


def _without_null(field: Schema) -> Schema:
    """A parameter's schema without null: a part of an address is there, or it is not."""
    options = [option for option in field.get("anyOf", ()) if option != {"type": "null"}]
    if len(options) != 1:
        return field
    kept = {name: value for name, value in field.items() if name not in {"anyOf", "default"}}
    return {**options[0], **kept}


def _parameters(operation: Operation, example: Example | None) -> list[Schema]:
    schema = operation.parameters.model_json_schema(ref_template=_REFERENCE)
    in_path = set(_PATH_FIELD.findall(operation.path))
    required = {*schema.get("required", ()), *in_path}
    shown = {} if example is None else example.parameters
    parameters: list[Schema] = [
        {
            "name": name,
            "in": "path" if name in in_path else "query",
            "required": name in required,
            "schema": _without_null(field),
            **({"example": shown[name]} if name in shown else {}),
        }
        for name, field in schema.get("properties", {}).items()
    ]
    if operation.method != "GET":
        parameters.append(dict(_IDEMPOTENCY_KEY))
    if EVENT_STREAM in operation.gives:
        parameters.append(dict(_LAST_EVENT_ID))
    if operation.revalidated:
        parameters.append(dict(_IF_NONE_MATCH))
    return parameters
