"""The form of each role's configuration as JSON Schema, described in the words of the models themselves."""

import re
from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from tongbao.service.configuration import (
    CentralBankConfiguration,
    InstitutionConfiguration,
    RegistrationConfiguration,
    RoleConfiguration,
    WitnessConfiguration,
)

__all__ = ["ROLES", "described_settings", "schema_of"]

ROLES: Final[dict[str, type[RoleConfiguration]]] = {
    "registration": RegistrationConfiguration,
    "central-bank": CentralBankConfiguration,
    "institution": InstitutionConfiguration,
    "witness": WitnessConfiguration,
}

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SETTING: Final = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def schema_of(role: str) -> dict[str, Any]:
    """The JSON Schema of a role's configuration, with a description of every setting."""
    model = ROLES[role]
    schema = model.model_json_schema()
    sections = {part.__name__: part for part in _sections(model)}
    for name, part in sections.items():
        found = schema if part is model else schema.get("$defs", {}).get(name, {})
        _describe(found, part)
    return {"$schema": _DIALECT, "$id": f"urn:tongbao:configuration:{role}", **schema}


def _describe(schema: dict[str, Any], model: type[BaseModel]) -> None:
    schema["description"] = _summary(model)
    words = described_settings(model)
    for name, form in schema.get("properties", {}).items():
        if name in words:
            form["description"] = words[name]


def _summary(model: type[BaseModel]) -> str:
    return (model.__doc__ or "").partition("\n")[0]


def described_settings(model: type[BaseModel]) -> dict[str, str]:
    """What the model says of each of its settings."""
    _, _, attributes = (model.__doc__ or "").partition("Attributes:\n")
    found = {name: " ".join(text.split()) for name, text in _SETTING.findall(_dedented(attributes))}
    return {"role": "Which role this file configures.", **found} if "role" in model.model_fields else found


def _dedented(text: str) -> str:
    """As in the source: the names of settings are indented by four."""
    lines = text.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join(" " * 4 + line[indent:] for line in lines)


def _sections(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """The model and every section within it."""
    yield model
    for field in model.model_fields.values():
        for part in _models_in(field.annotation):
            yield from _sections(part)


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:  # noqa: ANN401 - whatever stands in an annotation
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _models_in(part)
