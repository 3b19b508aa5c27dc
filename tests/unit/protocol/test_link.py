"""Links to orders; what every client must read alike stands in a file of vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import DOMAIN, genesis
from tongbao.coin import Address
from tongbao.errors import RequestError, TongbaoError
from tongbao.protocol.link import Link, OrderLink, PersonLink, ShopLink, read_link

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/codes/links.json").read_text(encoding="utf-8")
)
NETWORK_ID = bytes.fromhex(VECTORS["network_id"])
LINK = OrderLink.of("3f-0c_A.9", home=4_294_967_295, network_id=DOMAIN.network_id)


def test_a_link_is_read_as_it_was_written() -> None:
    text = str(LINK)

    assert OrderLink.parse(text, network_id=DOMAIN.network_id) == LINK
    assert text == f"tongbao:order?home=4294967295&id=3f-0c_A.9&network={DOMAIN.network_id[:4].hex()}"


def test_a_link_of_another_network_is_refused_by_that_name() -> None:
    with pytest.raises(RequestError) as caught:
        OrderLink.parse(str(LINK), network_id=genesis(name="other").domain().network_id)

    assert caught.value.code == "WRONG_NETWORK"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3f-0c",
        "https://shop.example/order?home=1&id=a&network=00000000",
        "tongbao:order?home=4294967296&id=a&network=00000000",
        "tongbao:order?home=01&id=a&network=00000000",
        "tongbao:order?home=1&id=&network=00000000",
        f"tongbao:order?home=1&id={'a' * 65}&network=00000000",
        "tongbao:order?home=1&id=a/b&network=00000000",
        "tongbao:order?home=1&id=a&network=0000000",
        "tongbao:order?home=1&id=a&network=00000000&amount=1",
        "tongbao:order?id=a&home=1&network=00000000",
        "tongbao:order?home=1&id=a&network=00000000\nx",
    ],
)
def test_what_is_no_link_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        OrderLink.parse(text, network_id=bytes(32))

    assert caught.value.code == "LINK_INVALID"


ALICE = Address(2, bytes(range(16)), test_network=True)
MARK = DOMAIN.network_id[:4]


def link_refusal(text: str) -> str:
    """The code with which a text is refused as a link of any kind; "" where it is not."""
    try:
        read_link(text, network_id=DOMAIN.network_id)
    except RequestError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    "link",
    [
        LINK,
        ShopLink(0, bytes(16), MARK),
        ShopLink(4_294_967_295, bytes(range(16)), MARK, amount_fen=2**63 - 1),
        PersonLink(ALICE, MARK),
        PersonLink.of(ALICE, network_id=DOMAIN.network_id, amount_fen=1, purpose="午饭 & tea=100%"),
    ],
)
def test_a_link_of_each_kind_is_read_as_it_was_written(link: Link) -> None:
    assert read_link(f" {link}\n", network_id=DOMAIN.network_id) == link


@pytest.mark.parametrize(
    "link", [OrderLink(1, "a", bytes(4)), ShopLink(1, bytes(16), bytes(4)), PersonLink(ALICE, bytes(4))]
)
def test_a_link_of_each_kind_of_another_network_is_refused(link: Link) -> None:
    assert link_refusal(str(link)) == "WRONG_NETWORK"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("tongbao:order?home=1", "LINK_INVALID"),
        ("tongbao:give?home=1", "LINK_INVALID"),
        (f"tongbao:shop?home=4294967296&id={'0' * 32}&network={MARK.hex()}", "LINK_INVALID"),
        (f"tongbao:shop?home=1&id={'0' * 31}&network={MARK.hex()}", "LINK_INVALID"),
        (f"tongbao:shop?home=1&id={'0' * 32}&network={MARK.hex()}&amount=0", "LINK_INVALID"),
        (f"tongbao:shop?home=1&id={'0' * 32}&network={MARK.hex()}&amount={2**63}", "LINK_INVALID"),
        (f"tongbao:pay?to=tb1qqq&network={MARK.hex()}", "ADDRESS_INVALID"),
        (f"tongbao:pay?to={ALICE}&network={MARK.hex()}&for=%ff", "LINK_INVALID"),
        (f"tongbao:pay?to={ALICE}&network={MARK.hex()}&for=a%0Ab", "LINK_INVALID"),
        (f"tongbao:pay?to={ALICE}&network={MARK.hex()}&for={'a' * 65}", "LINK_INVALID"),
        (f"tongbao:pay?to={ALICE}&network={MARK.hex()}&for=a&amount=1", "LINK_INVALID"),
    ],
)
def test_what_is_no_link_of_any_kind_is_refused(text: str, code: str) -> None:
    assert link_refusal(text) == code


def test_what_a_payment_is_for_is_a_word_or_two() -> None:
    with pytest.raises(RequestError) as caught:
        PersonLink.of(ALICE, network_id=bytes(32), purpose="a" * 65)

    assert caught.value.code == "LINK_INVALID"


def said(link: Link) -> dict[str, object]:
    """What the vectors say of a link."""
    if isinstance(link, OrderLink):
        return {"kind": "order", "home": link.home, "order_id": link.order_id}
    if isinstance(link, ShopLink):
        shop = link.merchant_wallet_id.hex()
        return {"kind": "shop", "home": link.home, "merchant_wallet_id": shop, "amount_fen": link.amount_fen}
    return {
        "kind": "person",
        "address": str(link.address),
        "amount_fen": link.amount_fen,
        "purpose": link.purpose,
    }


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: str(vector["name"]))
def test_a_link_of_the_vectors_says_what_they_say(vector: dict[str, Any]) -> None:
    link = read_link(vector["link"], network_id=NETWORK_ID)

    assert {"name": vector["name"], "link": str(link), **said(link)} == vector


@pytest.mark.parametrize("vector", VECTORS["also"], ids=lambda vector: str(vector["name"]))
def test_another_spelling_of_the_vectors_is_the_same_link(vector: dict[str, Any]) -> None:
    assert str(read_link(vector["text"], network_id=NETWORK_ID)) == vector["link"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: str(vector["name"]))
def test_what_the_vectors_refuse_is_refused_by_its_name(vector: dict[str, Any]) -> None:
    with pytest.raises(TongbaoError) as caught:
        read_link(vector["text"], network_id=NETWORK_ID)

    assert getattr(caught.value, "code", "") == vector["refusal"]
