"""The lint of the OpenAPI documents finds each kind of mistake, and none in ours."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tongbao.service.openapi import describe
from tools.http_reference import applications
from tools.openapi_lint import findings

Document = dict[str, Any]


@pytest.fixture(scope="module")
def described() -> dict[str, Document]:
    return {role: describe(app) for role, app in applications().items()}


@pytest.fixture
def document(described: dict[str, Document]) -> Document:
    """An institution's, to be broken."""
    return copy.deepcopy(described["Operating institution"])


def test_the_descriptions_of_all_roles_are_clean(described: dict[str, Document]) -> None:
    found = [finding for document in described.values() for finding in findings(document)]

    assert found == [], "run python tools/openapi_lint.py"


def _order(document: Document) -> Document:
    found: Document = document["paths"]["/v1/orders"]["post"]
    return found


def _schema(document: Document, name: str) -> Document:
    found: Document = document["components"]["schemas"][name]
    return found


def _moved(document: Document, *, to: str) -> None:
    document["paths"][to] = document["paths"].pop("/v1/merchants")


def _without_parameter(document: Document, path: str, method: str, name: str) -> None:
    parameters = document["paths"][path][method]["parameters"]
    parameters[:] = [each for each in parameters if each["name"] != name]


@pytest.mark.parametrize(
    ("spoil", "rule"),
    [
        (lambda d: d["info"].pop("title"), "standard"),
        (lambda d: _order(d)["responses"]["200"].pop("description"), "standard"),
        (lambda d: _order(d).update(operationId="createOrder"), "named: createOrder"),
        (lambda d: _order(d).update(operationId="pay"), "named: pay is another operation's name"),
        (lambda d: _order(d).update(summary="Order"), "named: its first line is no sentence"),
        (lambda d: _moved(d, to="/v1/Merchants"), "path: its words"),
        (lambda d: _moved(d, to="/v1/merchants/{wallet_id}/more"), "path: it has ['wallet_id'] and declares []"),
        (lambda d: _schema(d, "OrderRequest")["properties"]["description"].pop("maxLength"), "bounded: body.descrip"),
        (lambda d: _schema(d, "StockRequest")["properties"]["lock_ids"].pop("maxItems"), "bounded: body.lock_ids (arr"),
        (lambda d: _schema(d, "OrderRequest")["properties"]["amount_fen"].pop("maximum"), "bounded: body.amount_fen"),
        (lambda d: _without_parameter(d, "/v1/orders", "get", "after"), "listing: it gives `next` and does not take"),
        (lambda d: _schema(d, "OrderPage")["properties"].pop("next"), "listing: `orders` of OrderPage has neither"),
        (lambda d: _without_parameter(d, "/v1/orders", "post", "Idempotency-Key"), "repeatable"),
        (lambda d: _schema(d, "Order").pop("description"), "said"),
        (lambda d: _schema(d, "Order")["properties"].update(amount={"type": "integer"}), "unit: amount"),
        (lambda d: _schema(d, "Order")["properties"].update(paid_at={"type": "integer"}), "unit: paid_at"),
        (lambda d: _schema(d, "Order")["properties"].update(tip_fen={"type": "number"}), "unit: tip_fen is no whole"),
        (lambda d: _order(d)["requestBody"]["content"]["application/json"].pop("example"), "shown: it has no example"),
        (
            lambda d: _order(d)["requestBody"]["content"]["application/json"]["example"].update(amount_fen=0),
            "shown: its example is not what its schema allows",
        ),
    ],
)
def test_a_mistake_is_found_under_its_rule(document: Document, spoil: Callable[[Document], object], rule: str) -> None:
    spoil(document)

    found = list(findings(document))

    assert any(rule in finding for finding in found), found
