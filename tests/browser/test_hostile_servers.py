"""A server that sends names, purposes and reasons of 10,000 characters, and such as are made to deceive."""

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Request, Route, expect

from tests.browser.buyer import Buyer
from tests.browser.conftest import Visit
from tests.browser.holder import Holder
from tests.browser.visitor import Device, Visitor, desktop, phone

pytestmark = pytest.mark.browser

MARKUP = "<img src=x onerror=alert(1)><script>alert(2)</script><b>"
BACKWARDS = "\u202eknab eht \u2066\u2067\u200f\u202b\u061c"
FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
TOWER = "Z" + "\u0351" * 40
LETTERS = 10_000
HOSTILE = {
    kind: (text * LETTERS)[:LETTERS]
    for kind, text in {
        "markup": MARKUP,
        "backwards": BACKWARDS,
        "emoji": FAMILY,
        "towers": TOWER,
        "endless": "W",
    }.items()
}
WRITTEN_BY_OTHERS = frozenset(
    {
        "counterparty",
        "counterparty_name",
        "description",
        "masked",
        "memo",
        "merchant_name",
        "name",
        "order_number",
        "payee_name",
        "reason",
        "requester_name",
        "title",
    }
)

OF_THE_BODY = frozenset({"content-length", "etag", "connection", "transfer-encoding"})


def hostile(said: Any, text: str) -> Any:  # noqa: ANN401 - whatever JSON says
    """The same answer with this text wherever somebody else could have written one."""
    if isinstance(said, list):
        return [hostile(each, text) for each in said]
    if not isinstance(said, dict):
        return said
    return {
        key: text if key in WRITTEN_BY_OTHERS and isinstance(value, str) else hostile(value, text)
        for key, value in said.items()
    }


def told_by_the_server(asked: Request) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of what the front answers to this request."""
    headers = {name: value for name, value in asked.all_headers().items() if name != "accept-encoding"}
    passed_on = urllib.request.Request(asked.url, asked.post_data_buffer, headers, method=asked.method)  # noqa: S310
    try:
        with urllib.request.urlopen(passed_on) as answer:  # noqa: S310 - of this test's own front
            return answer.status, dict(answer.headers), answer.read()
    except HTTPError as refusal:
        return refusal.code, dict(refusal.headers), refusal.read()


def lies_to(visitor: Visitor, text: str) -> None:
    """From here on the institutions and the mall tell this visitor such texts."""

    def answer(route: Route) -> None:
        if "text/event-stream" in route.request.headers.get("accept", ""):
            return route.continue_()  # it has no end
        status, headers, body = told_by_the_server(route.request)
        if headers.get("content-type", "").startswith("application/json"):
            body = json.dumps(hostile(json.loads(body), text)).encode()
        kept = {name: value for name, value in headers.items() if name not in OF_THE_BODY}
        return route.fulfill(status=status, headers=kept, body=body)

    for paths in ("**/homes/*/v1/**", "**/sandbox/mall/**"):
        visitor.page.route(paths, answer)


@pytest.mark.parametrize(
    ("kind", "device"),
    [
        ("markup", phone()),
        ("backwards", desktop("zh-CN", "dark")),
        ("emoji", phone("zh-CN", "dark")),
        ("towers", desktop()),
        ("endless", phone()),
        ("endless", desktop()),
    ],
    ids=str,
)
def test_whatever_servers_say_is_text_that_fits_and_runs_nothing(visit: Visit, device: Device, kind: str) -> None:
    visitor = visit(device)
    visitor.expects("Failed to load resource")  # what is refused for its form is refused
    holder, buyer = Holder(visitor), Buyer(visitor)
    holder.open("Ada")
    buyer.buy()
    order = buyer.page.url
    lies_to(visitor, HOSTILE[kind])

    buyer.page.goto(order)
    expect(buyer.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.look(f"lied checkout {kind}")
    visitor.press(buyer.page.get_by_role("link", name=buyer.says_at_checkout["payHere"]))
    holder.agree_button.or_(holder.page.get_by_role("alert")).first.wait_for()
    visitor.look(f"lied agree {kind}")
    if holder.agree_button.is_visible():
        holder.agree()
        visitor.look(f"lied paid {kind}")
    visitor.go("/wallet/#/history")
    expect(holder.page.get_by_role("heading", level=1)).to_be_visible()
    visitor.look(f"lied history {kind}")

    assert visitor.page.locator("img[src='x']").count() == 0
