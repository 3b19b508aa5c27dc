"""The schemas accept what is accepted, refuse what is refused, and describe every setting."""

import tomllib
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.command_line import json_of, tongbao
from tests.scenarios.running import make_network
from tongbao.service.configuration_schema import ROLES, schema_of


@pytest.fixture
def files(tmp_path: Path) -> dict[str, dict[str, Any]]:
    """What the files of a new network hold, by role."""
    data = make_network(tmp_path / "data", "schema")
    return {name: tomllib.loads(config.read_text(encoding="utf-8")) for name, (config, _) in data.roles().items()}


def test_the_files_of_a_new_network_fit_the_schemas(files: dict[str, dict[str, Any]]) -> None:
    for content in files.values():
        jsonschema_rs.Draft202012Validator(schema_of(content["role"])).validate(content)


@pytest.mark.parametrize(
    "change", [{"home": 0}, {"nmae": "x"}, {"listen": {"port": 70_000}}, {"registration": "ftp://x"}, {"role": "other"}]
)
def test_what_is_refused_does_not_fit(files: dict[str, dict[str, Any]], change: dict[str, Any]) -> None:
    content = {**files["institution-1"], **change}

    with pytest.raises(jsonschema_rs.ValidationError):
        jsonschema_rs.Draft202012Validator(schema_of("institution")).validate(content)


@pytest.mark.parametrize("role", ROLES)
def test_every_setting_is_described(role: str) -> None:
    schema = schema_of(role)

    jsonschema_rs.meta.validate(schema)
    assert [name for name, form in schema["properties"].items() if not form.get("description")] == []


def test_the_command_prints_the_schema() -> None:
    assert json_of(tongbao("config", "schema", "institution")) == schema_of("institution")


def test_a_role_that_is_not_there_is_told_with_those_that_are() -> None:
    ended = tongbao("config", "schema", "bank", "--json")

    assert ended.exit_code == 4
    assert (
        json_of(ended)["message"] == "there is no role bank; there are registration, central-bank, institution, witness"
    )
