"""A request finds the one operation that is declared for its method and path."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tongbao.service.dispatch import PathTable

DECLARED = (
    ("GET", "/v1/orders"),
    ("GET", "/v1/orders/{order_id}"),
    ("GET", "/v1/orders/newest"),
    ("POST", "/v1/orders/{order_id}/refunds"),
    ("GET", "/v1/homes/{home}/orders/{order_id}"),
)


async def answer(_request: Request) -> Response:
    return Response()


@pytest.fixture
def table() -> PathTable:
    made = PathTable()
    for method, path in DECLARED:
        made.add(method, Route(path, answer, methods=[method]), answer)
    return made


@pytest.mark.parametrize(
    ("method", "path", "declared", "parameters"),
    [
        ("GET", "/v1/orders", "/v1/orders", {}),
        ("GET", "/v1/orders/7", "/v1/orders/{order_id}", {"order_id": "7"}),
        ("GET", "/v1/orders/newest", "/v1/orders/newest", {}),
        ("POST", "/v1/orders/7/refunds", "/v1/orders/{order_id}/refunds", {"order_id": "7"}),
        ("GET", "/v1/homes/2/orders/7", "/v1/homes/{home}/orders/{order_id}", {"home": "2", "order_id": "7"}),
    ],
)
def test_a_path_is_found_with_its_parameters(
    table: PathTable, method: str, path: str, declared: str, parameters: dict[str, str]
) -> None:
    found = table.find(method, path)

    assert found is not None
    assert (found[0].path, found[2]) == (declared, parameters)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/orders"),
        ("HEAD", "/v1/orders"),
        ("GET", "/v1/orders/"),
        ("GET", "/v1/orders//refunds"),
        ("POST", "/v1/orders/7/refund"),
        ("GET", "/v2/orders/7"),
        ("GET", "/v1/orders/{order_id}/refunds"),
        ("GET", ""),
    ],
)
def test_what_is_not_declared_is_not_found(table: PathTable, method: str, path: str) -> None:
    assert table.find(method, path) is None
