"""The reference page of the HTTP interface says what the roles' applications say."""

from pathlib import Path
from typing import Any

import pytest

from tongbao.service.openapi import describe
from tools import http_reference


@pytest.fixture(scope="module")
def described() -> dict[str, dict[str, Any]]:
    return {role: describe(app) for role, app in http_reference.applications().items()}


def _operations(described: dict[str, dict[str, Any]]) -> set[str]:
    return {
        f"{method.upper()} {path}"
        for document in described.values()
        for path, methods in document["paths"].items()
        for method in methods
        if path.startswith(http_reference.OPERATIONS)
    }


def _sample(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever part of an operation a test is about
    operation = {
        "summary": "Show it",
        "parameters": [
            {"name": "limit", "in": "query", "required": False, "schema": {"type": "integer", "default": 5}},
            {"name": "Idempotency-Key", "in": "header", "required": True, "schema": {"type": "string"}},
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"}},
        ],
        "responses": {"200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}}},
        "security": [{"signature": []}],
    }
    thing = {
        "description": "A thing.",
        "type": "object",
        "properties": {
            "value_fen": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
            "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}, "maxItems": 3, "default": []},
            "place": {"anyOf": [{"type": "string", "contentEncoding": "base64"}, {"type": "null"}], "default": None},
        },
        "required": ["value_fen"],
    }
    return {
        "paths": {"/v1/things/{id}": {"get": {**operation, **changes}}},
        "components": {"schemas": {"Thing": thing, "Part": {"description": "A part.", "enum": ["a", "b"]}}},
    }


def _page(monkeypatch: pytest.MonkeyPatch, *documents: dict[str, Any], answer: str = "Thing") -> str:
    monkeypatch.setattr(http_reference, "askers", lambda: {"GET /v1/things/{id}": ("a wallet", answer)})
    return http_reference.page({f"Role {number}": document for number, document in enumerate(documents)})


def test_the_page_says_what_the_applications_say(described: dict[str, dict[str, Any]]) -> None:
    stated = http_reference.PAGE.read_text(encoding="utf-8")

    assert stated == http_reference.page(described), "run python tools/http_reference.py"


def test_every_operation_stands_in_a_table_of_the_protocol_and_the_other_way_round(
    described: dict[str, dict[str, Any]],
) -> None:
    assert set(http_reference.askers()) == _operations(described)


def test_what_anyone_may_ask_needs_no_signature_and_everything_else_does(described: dict[str, dict[str, Any]]) -> None:
    anybodys = {
        key
        for key, (asker, _) in http_reference.askers().items()
        if asker == "anyone" or asker.startswith("whoever knows ")
    }

    unsigned = {
        f"{method.upper()} {path}"
        for document in described.values()
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if path.startswith(http_reference.OPERATIONS) and "security" not in operation
    }

    assert unsigned == anybodys


def test_an_operation_is_told_with_who_may_ask_what_it_takes_and_what_it_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _page(monkeypatch, _sample())

    section = shown.partition("## Role 0\n")[2].partition("\n## Messages")[0]
    assert section.splitlines() == [
        "",
        "| request | who may ask |",
        "| --- | --- |",
        "| [GET /v1/things/{id}](#get-v1thingsid) | a wallet |",
        "",
        "### GET /v1/things/{id}",
        "",
        "Show it.",
        "",
        "- Who: a wallet.",
        "- `id` (path): 32 hexadecimal digits, small letters",
        "- `limit` (query): integer; 5 where it is left out",
        "- Answer: 200, [Thing](#thing)",
        "",
        "```http",
        "GET /v1/things/{id}",
        "```",
    ]


def test_an_example_is_shown_with_its_request_and_answer_and_long_bytes_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = _sample()
    operation = sample["paths"]["/v1/things/{id}"]["get"]
    for parameter, value in zip(operation["parameters"], (3, None, "ab"), strict=True):
        if value is not None:
            parameter["example"] = value
    operation["responses"]["200"]["content"]["application/json"]["example"] = {"value_fen": 1, "place": "A" * 80}

    shown = _page(monkeypatch, sample)

    assert "```http\nGET /v1/things/ab?limit=3\n```\n" in shown
    assert f'```json\n{{\n  "value_fen": 1,\n  "place": "{"A" * 64}…"\n}}\n```\n' in shown


def test_a_message_is_told_field_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = _page(monkeypatch, _sample())

    assert "| `value_fen` | integer, 1 or more |\n" in shown
    assert "| `parts` | list of [Part](#part), at most 3; may be left out |\n" in shown
    assert "| `place` | bytes in base64; or null; may be left out |\n" in shown
    assert "### Part\n\nA part.\n\nOne of `a`, `b`.\n" in shown


def test_an_operation_that_is_in_no_table_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    document = _sample()
    document["paths"]["/v1/others"] = document["paths"]["/v1/things/{id}"]

    with pytest.raises(ValueError, match=r"no table of tongbao.protocol has GET /v1/others"):
        _page(monkeypatch, document)


def test_an_answer_that_differs_from_its_table_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"answers \[Thing\]\(#thing\), and its table says Order"):
        _page(monkeypatch, _sample(), answer="Order")


def test_one_name_with_two_meanings_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    other = _sample()
    other["components"]["schemas"]["Part"] = {"description": "Another part.", "enum": ["c"]}

    with pytest.raises(ValueError, match="two roles mean different things by Part"):
        _page(monkeypatch, _sample(), other)


def test_checking_tells_a_page_that_is_out_of_date_and_writing_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http_reference, "PAGE", tmp_path / "page.md")
    (tmp_path / "page.md").write_text("old")

    assert http_reference.main("--check") == 1
    assert "run python tools/http_reference.py" in capsys.readouterr().out
    assert http_reference.main() == 0
    assert http_reference.main("--check") == 0
