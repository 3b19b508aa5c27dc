"""Links to orders."""

import pytest

from tests.builders import DOMAIN, genesis
from tongbao.errors import RequestError
from tongbao.protocol.link import OrderLink

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
