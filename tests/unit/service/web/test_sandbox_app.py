"""The sandbox's operations where there is no sandbox, and what its mall asks."""

import json

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.sandbox import BASKET_MAX, MallLanguage
from tongbao.service.operation import Operation
from tongbao.service.web.sandbox import create_sandbox_app
from tongbao.service.web.sandbox.goods import DESCRIPTION_MAX, GOODS, purchase_of
from tongbao.simulation.asgi import deliver

OPERATIONS = [each for each in create_sandbox_app(None).state.operations if each.path.startswith("/sandbox")]
BODIES = {
    "sandbox_cash": {"wallet_id": "00" * 16, "home": 1, "amount_fen": 1},
    "sandbox_issuance": {"home": 1, "amount_fen": 1},
    "sandbox_approval": {"officer": 1},
    "mall_checkout": {"goods": ["tea"], "success_url": "http://a/", "cancel_url": "http://a/"},
    "mall_refund": {"order_id": "00" * 16},
}


@pytest.mark.parametrize("operation", OPERATIONS, ids=[each.name for each in OPERATIONS])
async def test_without_a_sandbox_every_operation_says_so(operation: Operation) -> None:
    url = "http://front.example" + operation.path.format(proposal_id="00" * 16)
    body = json.dumps(BODIES[operation.name]).encode() if operation.method == "POST" else b""
    headers = {"content-type": "application/json", "idempotency-key": "one"}

    answer = await deliver(create_sandbox_app(None), operation.method, url, headers=headers, body=body)

    problem = json.loads(answer.body)
    assert (answer.status, problem["code"]) == (422, "NO_SANDBOX")
    assert "tongbao up" in problem["cure"]


def test_a_purchase_costs_what_its_goods_cost_and_says_what_they_are() -> None:
    english = purchase_of(["tea", "bun", "tea"], MallLanguage.ENGLISH)
    chinese = purchase_of(["tea", "bun", "tea"], MallLanguage.CHINESE)

    assert (english.amount_fen, english.description) == (2 * 12_80 + 3_50, "Longjing tea × 2, Steamed bun")
    assert (chinese.amount_fen, chinese.description) == (english.amount_fen, "龙井茶 × 2、包子")


def test_what_the_mall_does_not_sell_is_refused_by_name() -> None:
    with pytest.raises(RequestError, match="does not sell yacht") as refused:
        purchase_of(["tea", "yacht"], MallLanguage.ENGLISH)

    assert refused.value.field == "goods"


def test_the_fullest_basket_has_a_description_that_an_order_takes() -> None:
    full = [list(GOODS)[place % len(GOODS)] for place in range(BASKET_MAX)]

    for language in MallLanguage:
        assert len(purchase_of(full, language).description) < DESCRIPTION_MAX
