"""A shop's code: the QR code that a merchant shows, as EMVCo writes it, with what this currency adds.

The template of tag 26 names the currency's scheme, the network, the merchant's home, and either the merchant (a static
code, the same for everybody, where the payer or the code names the amount) or one order (a dynamic code). A wallet
believes it no more than a link: name and amount come from the merchant's home.

| tag | holds |
| --- | --- |
| 01 | 11 in a static code, 12 in a dynamic one |
| 26 | 00 the scheme, 01 the network's mark, 02 the home, 03 the merchant's wallet or 04 the order |
| 52 | the merchant's category of ISO 18245 |
| 53 | the currency's number of ISO 4217 |
| 54 | the amount in yuan, where the code names one |
| 58, 59, 60 | country, name and city for wallets of other schemes |
| 62 | 05 the order's number, where it has at most 25 letters |
| 64 | the name in Chinese, where it is not written in ASCII |
"""

import re
from dataclasses import dataclass
from typing import Final

from tongbao.coin.coin import VALUE_MAX
from tongbao.errors import RequestError
from tongbao.protocol.emvco import DataObject, Payload, TemplateObjects, malformed
from tongbao.protocol.link import OrderLink, ShopLink, demand_network

__all__ = ["ShopDescription", "read_shop_code", "shop_code"]

SCHEME_ID: Final = "5689623bcfb856b3a5f11421689b4763"
"""UUID of version 5 for urn:tongbao:shop-code: of the names that EMVCo allows, the one that needs no register."""

STATIC: Final = "11"
DYNAMIC: Final = "12"
CURRENCY_NUMBER: Final = "156"
"""CNY of ISO 4217; a currency of another name has none that wallets of other schemes know."""
NO_CURRENCY_NUMBER: Final = "999"

COUNTRY: Final = "CN"
CITY_UNKNOWN: Final = "-"
"""EMVCo demands a city, and not every merchant has said where the shop is."""
NAME_UNWRITABLE: Final = "SHOP"
"""Stands where a name has no ASCII spelling; the name itself is in the template of languages."""

NAME_CHARACTERS_MAX: Final = 25
CITY_CHARACTERS_MAX: Final = 15
LABEL_CHARACTERS_MAX: Final = 25

_TEMPLATE_TAGS: Final = [f"{tag:02d}" for tag in range(26, 52)]
_OWN_TAG: Final = "26"
_SCHEME, _NETWORK, _HOME, _MERCHANT, _ORDER = (f"{tag:02d}" for tag in range(5))
_MARK: Final = re.compile(r"[0-9a-f]{8}", re.ASCII)
_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,9}", re.ASCII)
_ID: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
_AMOUNT: Final = re.compile(r"([0-9]{1,10})(?:\.([0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopDescription:
    """What a code tells people and wallets of other schemes.

    Attributes:
        name: the merchant's.
        category: of ISO 18245, four digits.
        asset_code: the currency's name, as genesis fixes it.
        city: where the shop is.
        label: the order's number, for the receipt.
    """

    name: str
    category: str
    asset_code: str
    city: str = CITY_UNKNOWN
    label: str = ""


def shop_code(target: OrderLink | ShopLink, shop: ShopDescription, *, amount_fen: int | None = None) -> str:
    """The text of the QR code: dynamic for an order, static for a shop.

    `amount_fen` is what the code shows; a static code has it from its link.

    Raises:
        RequestError: `QR_TOO_LONG` where the order's id is none that an institution gives.
    """
    is_order = isinstance(target, OrderLink)
    shown_fen = amount_fen if isinstance(target, OrderLink) else target.amount_fen
    objects = [DataObject("01", DYNAMIC if is_order else STATIC), _own_template(target)]
    objects += [DataObject("52", shop.category), DataObject("53", _currency(shop.asset_code))]
    if shown_fen is not None:
        objects.append(DataObject("54", f"{shown_fen // 100}.{shown_fen % 100:02d}"))
    name = shop.name if shop.name.isascii() else NAME_UNWRITABLE
    objects += [DataObject("58", COUNTRY), DataObject("59", name[:NAME_CHARACTERS_MAX])]
    objects.append(DataObject("60", shop.city[:CITY_CHARACTERS_MAX]))
    if shop.label and len(shop.label) <= LABEL_CHARACTERS_MAX:
        objects.append(_holding("62", DataObject("05", shop.label)))
    if not shop.name.isascii():
        native = DataObject("01", shop.name[:NAME_CHARACTERS_MAX])
        objects.append(_holding("64", DataObject("00", "ZH"), native))
    return str(Payload(tuple(objects)))


def _own_template(target: OrderLink | ShopLink) -> DataObject:
    if isinstance(target, OrderLink):
        if _ID.fullmatch(target.order_id) is None:
            raise RequestError(
                "the order's id does not fit into a QR code", field="order", cure="use its link", code="QR_TOO_LONG"
            )
        named = DataObject(_ORDER, target.order_id)
    else:
        named = DataObject(_MERCHANT, target.merchant_wallet_id.hex())
    where = (DataObject(_NETWORK, target.network.hex()), DataObject(_HOME, str(target.home)))
    return _holding(_OWN_TAG, DataObject(_SCHEME, SCHEME_ID), *where, named)


def _holding(tag: str, *objects: DataObject) -> DataObject:
    return DataObject(tag, "".join(str(each) for each in objects))


def _currency(asset_code: str) -> str:
    return CURRENCY_NUMBER if asset_code == "CNY" else NO_CURRENCY_NUMBER


def read_shop_code(text: str, *, network_id: bytes) -> OrderLink | ShopLink:
    """What a scanned code asks to be paid.

    Raises:
        RequestError: `QR_CHECKSUM`, `QR_MALFORMED`, `QR_FOREIGN` for a code of another scheme, or `WRONG_NETWORK`.
    """
    payload = Payload.parse(text)
    own = {each.tag: each.value for each in _own_objects(payload)}
    mark, home, merchant, order = (own.get(tag, "") for tag in (_NETWORK, _HOME, _MERCHANT, _ORDER))
    if _MARK.fullmatch(mark) is None or _NUMBER.fullmatch(home) is None or int(home) >= 1 << 32:
        raise malformed("it does not say where the shop is served")
    if _ID.fullmatch(order or merchant) is None or (order and merchant):
        raise malformed("it names neither one shop nor one order")
    network = bytes.fromhex(mark)
    demand_network(network, network_id)
    if order:
        return OrderLink(int(home), order, network)
    return ShopLink(int(home), bytes.fromhex(merchant), network, amount_fen=_amount_fen(payload.value("54")))


def _own_objects(payload: Payload) -> TemplateObjects:
    for tag in _TEMPLATE_TAGS:
        value = payload.value(tag)
        # Another scheme's template need not hold objects, and is none of ours to judge.
        if value is not None and value.startswith(str(DataObject(_SCHEME, SCHEME_ID))):
            return payload.template(tag)
    raise RequestError(
        "the QR code is of another payment scheme",
        field="payload",
        cure="ask the shop for its Tongbao code",
        code="QR_FOREIGN",
    )


def _amount_fen(text: str | None) -> int | None:
    if text is None:
        return None
    parsed = _AMOUNT.fullmatch(text)
    if parsed is None:
        raise malformed(f"its amount {text!r} is none in yuan and fen")
    fen = int(parsed[1]) * 100 + int((parsed[2] or "").ljust(2, "0"))
    if not 1 <= fen <= VALUE_MAX:
        raise malformed("its amount is nothing, or more than there can be")
    return fen
