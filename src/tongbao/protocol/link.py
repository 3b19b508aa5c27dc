"""Links: what a QR code or a web page carries so that a wallet finds what it is asked to pay.

    tongbao:order?home=1&id=3f0c&network=9a1be0f2                  an order of a merchant
    tongbao:shop?home=1&id=6f2c...&network=9a1be0f2&amount=1200    a merchant; without amount the payer names it
    tongbao:pay?to=tb1q...&network=9a1be0f2&amount=8800&for=lunch  a person

A link to an order or a shop says nothing that the wallet would have to believe: amount and name come from the home,
which signs for nobody's money but its own customers'. A link to a person says whatever its maker wrote, and the payer
is shown just that. The parts stand in this order; `amount` is in fen, and it and `for` may be missing.
"""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from tongbao.coin.address import Address
from tongbao.coin.coin import VALUE_MAX
from tongbao.errors import RequestError

__all__ = ["SCHEME", "Link", "OrderLink", "PersonLink", "ShopLink", "read_link"]

SCHEME: Final = "tongbao:"
PURPOSE_CHARACTERS_MAX: Final = 64
"""A word or two, as on the back of an envelope."""

_NETWORK_BYTES: Final = 4
_HOME = r"home=(0|[1-9][0-9]{0,9})"
_NETWORK = r"network=([0-9a-f]{8})"
_AMOUNT = r"(?:&amount=([1-9][0-9]{0,18}))?"
_ORDER: Final = re.compile(rf"tongbao:order\?{_HOME}&id=([0-9A-Za-z._-]{{1,64}})&{_NETWORK}")
_SHOP: Final = re.compile(rf"tongbao:shop\?{_HOME}&id=([0-9a-f]{{32}})&{_NETWORK}{_AMOUNT}")
_PERSON: Final = re.compile(
    rf"tongbao:pay\?to=([0-9A-Za-z]{{1,90}})&{_NETWORK}{_AMOUNT}(?:&for=([0-9A-Za-z%._~-]{{1,768}}))?"
)


@dataclass(frozen=True, slots=True)
class OrderLink:
    """Where an order lies.

    Attributes:
        home: the merchant's home.
        order_id: 1..64 letters, digits, dots, underscores or hyphens.
        network: the first four bytes of the network id, so that a wallet of another network says so at once.
    """

    home: int
    order_id: str
    network: bytes

    def __str__(self) -> str:
        return f"tongbao:order?home={self.home}&id={self.order_id}&network={self.network.hex()}"

    @staticmethod
    def of(order_id: str, *, home: int, network_id: bytes) -> "OrderLink":
        """The link to an order at `home` of the network."""
        return OrderLink(home, order_id, network_mark(network_id))

    @staticmethod
    def parse(text: str, *, network_id: bytes) -> "OrderLink":
        """The link written as `text`, if it is one of this network.

        Raises:
            RequestError: `LINK_INVALID` or `WRONG_NETWORK`.
        """
        parsed = _ORDER.fullmatch(text.strip())
        if parsed is None or int(parsed[1]) >= 1 << 32:
            raise RequestError(
                "this is no link to an order",
                field="link",
                cure="copy the whole link; it begins with tongbao:order?",
                code="LINK_INVALID",
            )
        link = OrderLink(int(parsed[1]), parsed[2], bytes.fromhex(parsed[3]))
        demand_network(link.network, network_id)
        return link


@dataclass(frozen=True, slots=True)
class ShopLink:
    """A merchant that makes an order for whoever comes.

    Attributes:
        home: the merchant's home.
        merchant_wallet_id: 16 bytes.
        network: the first four bytes of the network id.
        amount_fen: what everybody pays; None where the payer names it.
    """

    home: int
    merchant_wallet_id: bytes
    network: bytes
    amount_fen: int | None = None

    def __str__(self) -> str:
        amount = "" if self.amount_fen is None else f"&amount={self.amount_fen}"
        return f"tongbao:shop?home={self.home}&id={self.merchant_wallet_id.hex()}&network={self.network.hex()}{amount}"


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A person, and what its maker hopes for.

    Attributes:
        address: whom to pay.
        network: the first four bytes of the network id.
        amount_fen: how much; None where the payer names it.
        purpose: at most 64 characters.
    """

    address: Address
    network: bytes
    amount_fen: int | None = None
    purpose: str = ""

    def __str__(self) -> str:
        amount = "" if self.amount_fen is None else f"&amount={self.amount_fen}"
        purpose = f"&for={quote(self.purpose, safe='')}" if self.purpose else ""
        return f"tongbao:pay?to={self.address}&network={self.network.hex()}{amount}{purpose}"

    @staticmethod
    def of(address: Address, *, network_id: bytes, amount_fen: int | None = None, purpose: str = "") -> "PersonLink":
        """The link to a person of the network.

        Raises:
            RequestError: `LINK_INVALID`.
        """
        if len(purpose) > PURPOSE_CHARACTERS_MAX:
            raise _invalid(f"what it is for has more than {PURPOSE_CHARACTERS_MAX} characters")
        return PersonLink(address, network_mark(network_id), amount_fen, purpose)


Link = OrderLink | ShopLink | PersonLink
"""Everything that a wallet can be pointed at."""


def read_link(text: str, *, network_id: bytes) -> Link:
    """The link written as `text`, if it is one of this network.

    Raises:
        RequestError: `LINK_INVALID`, `ADDRESS_INVALID` or `WRONG_NETWORK`.
    """
    stripped = text.strip()
    found: Link
    if parsed := _SHOP.fullmatch(stripped):
        found = ShopLink(
            _home(parsed[1]), bytes.fromhex(parsed[2]), bytes.fromhex(parsed[3]), amount_fen=_amount(parsed[4])
        )
    elif parsed := _PERSON.fullmatch(stripped):
        address, purpose = Address.parse(parsed[1]), _purpose(parsed[4] or "")
        found = PersonLink(address, bytes.fromhex(parsed[2]), amount_fen=_amount(parsed[3]), purpose=purpose)
    elif stripped.startswith("tongbao:order?"):
        return OrderLink.parse(stripped, network_id=network_id)
    else:
        raise _invalid("it is of no kind that wallets know")
    demand_network(found.network, network_id)
    return found


def network_mark(network_id: bytes) -> bytes:
    """What a link says of its network: enough for two networks not to be taken for each other by accident."""
    return network_id[:_NETWORK_BYTES]


def demand_network(mark: bytes, network_id: bytes) -> None:
    """Return if the mark is that of the network; raises `WRONG_NETWORK`."""
    if mark != network_mark(network_id):
        raise RequestError(
            "the order is of another network",
            field="link",
            cure="pay it with a wallet of that network",
            code="WRONG_NETWORK",
        )


def _home(digits: str) -> int:
    if int(digits) >= 1 << 32:
        raise _invalid("it names a home that cannot be")
    return int(digits)


def _amount(digits: str | None) -> int | None:
    if digits is None:
        return None
    if int(digits) > VALUE_MAX:
        raise _invalid("its amount is more than there can be")
    return int(digits)


def _purpose(quoted: str) -> str:
    try:
        purpose = unquote(quoted, errors="strict")
    except UnicodeDecodeError:
        raise _invalid("what it is for cannot be read") from None
    if len(purpose) > PURPOSE_CHARACTERS_MAX or not purpose.isprintable():
        raise _invalid(f"what it is for must be at most {PURPOSE_CHARACTERS_MAX} printable characters")
    return purpose


def _invalid(reason: str) -> RequestError:
    return RequestError(
        f"this is no link to a payment: {reason}",
        field="link",
        cure="copy the whole link; it begins with tongbao:order?, tongbao:shop? or tongbao:pay?",
        code="LINK_INVALID",
    )
