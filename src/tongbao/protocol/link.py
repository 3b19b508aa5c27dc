"""Links to orders: what a QR code or a web page carries so that a wallet finds what it is asked to pay.

    tongbao:order?home=1&id=3f0c&network=9a1be0f2

A link names an order and says nothing that the wallet would have to believe: amount and merchant come from the order's
home, which signs for nobody's money but its own customers'.
"""

import re
from dataclasses import dataclass
from typing import Final

from tongbao.errors import RequestError

__all__ = ["OrderLink"]

_NETWORK_BYTES: Final = 4
_LINK: Final = re.compile(r"tongbao:order\?home=(0|[1-9][0-9]{0,9})&id=([0-9A-Za-z._-]{1,64})&network=([0-9a-f]{8})")


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
        return OrderLink(home, order_id, network_id[:_NETWORK_BYTES])

    @staticmethod
    def parse(text: str, *, network_id: bytes) -> "OrderLink":
        """The link written as `text`, if it is one of this network.

        Raises:
            RequestError: `LINK_INVALID` or `WRONG_NETWORK`.
        """
        parsed = _LINK.fullmatch(text.strip())
        if parsed is None or int(parsed[1]) >= 1 << 32:
            raise RequestError(
                "this is no link to an order",
                field="link",
                cure="copy the whole link; it begins with tongbao:order?",
                code="LINK_INVALID",
            )
        link = OrderLink(int(parsed[1]), parsed[2], bytes.fromhex(parsed[3]))
        if link.network != network_id[:_NETWORK_BYTES]:
            raise RequestError(
                "the order is of another network",
                field="link",
                cure="pay it with a wallet of that network",
                code="WRONG_NETWORK",
            )
        return link
