"""What a merchant's code says is what a wallet reads; codes that are fixed for everybody stand in a file of vectors."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.builders import DOMAIN
from tongbao.errors import RequestError
from tongbao.protocol.emvco import DataObject, Payload
from tongbao.protocol.link import OrderLink, ShopLink, read_link
from tongbao.protocol.shop_code import SCHEME_ID, ShopDescription, read_shop_code, shop_code

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/codes/shop_codes.json").read_text(encoding="utf-8")
)
NETWORK_ID = bytes.fromhex(VECTORS["network_id"])
TEA = ShopDescription(name="Tea House", category="5812", asset_code="CNY")
ORDER = OrderLink.of("ab" * 16, home=4_294_967_295, network_id=DOMAIN.network_id)
SHOP = ShopLink(1, bytes(range(16)), DOMAIN.network_id[:4])


def refusal(text: str, *, network_id: bytes = DOMAIN.network_id) -> str:
    """The code with which a text is refused; "" where it is not."""
    try:
        read_shop_code(text, network_id=network_id)
    except RequestError as error:
        return error.code
    return ""


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: str(vector["name"]))
def test_a_code_of_the_vectors_is_made_and_read(vector: dict[str, Any]) -> None:
    link = read_link(vector["link"], network_id=NETWORK_ID)
    assert isinstance(link, OrderLink | ShopLink)

    made = shop_code(link, ShopDescription(**vector["shop"]), amount_fen=vector["amount_fen"])

    assert made == vector["code"]
    assert str(read_shop_code(made, network_id=NETWORK_ID)) == vector["link"]


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: str(vector["name"]))
def test_a_code_of_the_vectors_is_refused_by_its_name(vector: dict[str, Any]) -> None:
    assert refusal(vector["code"], network_id=NETWORK_ID) == vector["refusal"]


def test_a_dynamic_code_leads_to_its_order() -> None:
    text = shop_code(ORDER, TEA, amount_fen=12_800)

    payload = Payload.parse(text)
    assert read_shop_code(text, network_id=DOMAIN.network_id) == ORDER
    assert (payload.value("01"), payload.value("54"), payload.value("53")) == ("12", "128.00", "156")


def test_a_static_code_without_amount_leaves_it_to_the_payer() -> None:
    text = shop_code(SHOP, TEA)

    assert read_shop_code(text, network_id=DOMAIN.network_id) == SHOP
    assert (Payload.parse(text).value("01"), Payload.parse(text).value("54")) == ("11", None)


def test_a_static_code_may_name_the_amount() -> None:
    ticket = ShopLink(1, bytes(16), DOMAIN.network_id[:4], amount_fen=305)

    text = shop_code(ticket, TEA)

    assert Payload.parse(text).value("54") == "3.05"
    assert read_shop_code(text, network_id=DOMAIN.network_id) == ticket


def test_a_name_in_chinese_stands_in_the_template_of_languages() -> None:
    text = shop_code(SHOP, ShopDescription(name="最佳茶馆", category="5812", asset_code="CNY"))

    payload = Payload.parse(text)
    assert payload.template("64") == (DataObject("00", "ZH"), DataObject("01", "最佳茶馆"))
    assert payload.value("59") == "SHOP"


def test_an_order_whose_id_no_institution_gives_has_no_code() -> None:
    with pytest.raises(RequestError) as caught:
        shop_code(OrderLink(1, "a-1", bytes(4)), TEA)

    assert caught.value.code == "QR_TOO_LONG"


def test_a_code_of_another_network_is_refused() -> None:
    assert refusal(shop_code(SHOP, TEA), network_id=bytes(32)) == "WRONG_NETWORK"


def test_a_code_of_another_scheme_is_refused_by_that_name() -> None:
    foreign = Payload((DataObject("01", "11"), DataObject("26", "0014BR.GOV.BCB.PIX"), DataObject("27", "not objects")))

    assert refusal(str(foreign)) == "QR_FOREIGN"


def test_the_own_template_is_found_beside_those_of_other_schemes() -> None:
    own = Payload.parse(shop_code(SHOP, TEA)).value("26") or ""
    shared = Payload((DataObject("26", "0014BR.GOV.BCB.PIX"), DataObject("31", own)))

    assert read_shop_code(str(shared), network_id=DOMAIN.network_id) == SHOP


MARK = DOMAIN.network_id[:4].hex()


@pytest.mark.parametrize(
    "rest",
    [
        "",
        f"0108{MARK}",
        f"0108{MARK}02011",
        f"0108{MARK}02011" + "0304abcd",
        f"0108{MARK}0210429496729603" + "32" + "ab" * 16,
        f"0108{MARK}02011" + "0301x" + "0432" + "cd" * 16,
        "0108" + "zzzzzzzz" + "02011" + "0332" + "ab" * 16,
    ],
)
def test_a_template_that_leads_nowhere_is_refused(rest: str) -> None:
    wrong = Payload((DataObject("26", f"0032{SCHEME_ID}{rest}"),))

    assert refusal(str(wrong)) == "QR_MALFORMED"


@pytest.mark.parametrize("amount", ["", "0", "0.00", "1.234", "-1", "1,5", "12345678901", "\uff11"])
def test_an_amount_that_is_none_in_yuan_and_fen_is_refused(amount: str) -> None:
    own = Payload.parse(shop_code(SHOP, TEA)).value("26") or ""

    assert refusal(str(Payload((DataObject("26", own), DataObject("54", amount))))) == "QR_MALFORMED"
