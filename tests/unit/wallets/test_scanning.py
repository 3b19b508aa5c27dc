"""Whatever a wallet is pointed at leads to an order or a person, and to nobody else."""

import pytest

from tests.wallets_at_home import Residents
from tongbao.coin import Address
from tongbao.errors import NetworkError, PeerError, RequestError
from tongbao.protocol.link import OrderLink, PersonLink, ShopLink
from tongbao.wallets import InDoubtError, Wallet


def code_of(wallet: Wallet, text: str) -> str:
    """The code with which the wallet refuses a text; "" where it does not."""
    try:
        wallet.scanning.read(text)
    except RequestError as error:
        return error.code
    return ""


async def test_codes_links_and_addresses_are_told_apart(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice")
    order = await shop.sales.create_order(500, "tea-1")

    found = [
        alice.scanning.read(text)
        for text in (
            await shop.shop_codes.dynamic(order),
            await shop.shop_codes.static(),
            order.link,
            str(shop.shop_codes.link(amount_fen=7)),
            f" {shop.address} ",
        )
    ]

    assert [type(each) for each in found] == [OrderLink, ShopLink, OrderLink, ShopLink, PersonLink]
    assert found[0] == found[2]
    assert isinstance(found[4], PersonLink)
    assert found[4].address == shop.address


async def test_an_address_of_another_network_is_refused(residents: Residents) -> None:
    alice = await residents.open("alice")
    real = Address(1, bytes(16), test_network=False)

    refused = [code_of(alice, text) for text in (str(real), "tongbao:other", "nonsense", "000201")]

    assert refused == ["WRONG_NETWORK", "LINK_INVALID", "ADDRESS_INVALID", "QR_MALFORMED"]


async def test_a_dynamic_code_is_paid(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice", 1_000)
    order = await shop.sales.create_order(300, "tea-1")
    link = alice.scanning.read(await shop.shop_codes.dynamic(order))
    assert isinstance(link, OrderLink)

    payment = await alice.pay_order(await alice.scanning.order(link))

    assert (payment.amount_fen, alice.balance_fen) == (300, 700)
    assert (await shop.sales.order(order.order_id)).state == "paid"


async def test_a_static_code_is_paid_with_the_amount_that_the_payer_names(residents: Residents) -> None:
    shop, alice = await residents.shop(home=2), await residents.open("alice", 1_000)
    link = alice.scanning.read(await shop.shop_codes.static())
    assert isinstance(link, ShopLink)

    await alice.pay_order(await alice.scanning.order(link, amount_fen=250))

    await residents.world.catch_up()
    await shop.sync()
    assert (alice.balance_fen, shop.balance_fen) == (750, 250)


@pytest.mark.parametrize(
    ("in_code", "named", "refused"), [(None, None, "AMOUNT_MISSING"), (7, 8, "AMOUNT_DIFFERS"), (7, None, "")]
)
async def test_a_static_code_is_paid_with_one_amount(
    residents: Residents, in_code: int | None, named: int | None, refused: str
) -> None:
    shop, alice = await residents.shop(), await residents.open("alice")
    link = shop.shop_codes.link(amount_fen=in_code)

    code, order = "", None
    try:
        order = await alice.scanning.order(link, amount_fen=named)
    except RequestError as error:
        code = error.code

    assert code == refused
    assert order is None or order.amount_fen == 7


async def test_an_order_that_asks_for_another_amount_than_the_payer_names_is_refused(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice")
    order = await shop.sales.create_order(300, "tea-1")
    link = OrderLink.of(order.order_id, home=1, network_id=alice.keys.domain.network_id)

    with pytest.raises(RequestError) as caught:
        await alice.scanning.order(link, amount_fen=301)

    assert caught.value.code == "AMOUNT_DIFFERS"


async def test_who_scans_again_while_a_payment_is_in_doubt_pays_once(residents: Residents) -> None:
    shop, alice = await residents.shop(), await residents.open("alice", 1_000)
    link, network = shop.shop_codes.link(), residents.world.network
    order = await alice.scanning.order(link, amount_fen=300)
    network.troubled = "/v1/payments"

    def lose_the_payment(url: str) -> None:
        if url.endswith("/v1/payments"):
            network.lose_answers = 1

    network.before = lose_the_payment
    with pytest.raises(InDoubtError):
        await alice.pay_order(order)
    network.before, network.troubled = (lambda _url: None), ""

    again = await alice.scanning.order(link, amount_fen=300)
    await alice.pay_order(again)
    another = await alice.scanning.order(link, amount_fen=300)

    assert again.order_id == order.order_id != another.order_id
    assert alice.balance_fen == 700


async def test_a_home_that_makes_an_order_of_another_shop_is_not_believed(residents: Residents) -> None:
    shop, other, alice = await residents.shop(), await residents.shop("Coffee"), await residents.open("alice")
    scanning = residents.world.homes[1].scanning
    make = scanning._make

    async def make_elsewhere(scan: object) -> object:
        object.__setattr__(scan, "merchant_wallet_id", other.wallet_id)
        return await make(scan)  # type: ignore[arg-type]

    scanning._make = make_elsewhere  # type: ignore[method-assign,assignment]

    with pytest.raises(PeerError):
        await alice.scanning.order(shop.shop_codes.link(), amount_fen=5)


async def test_a_link_to_a_home_that_nobody_knows_is_refused(residents: Residents) -> None:
    alice = await residents.open("alice")
    link = ShopLink(9, bytes(16), alice.keys.domain.network_id[:4])

    with pytest.raises((RequestError, NetworkError)) as caught:
        await alice.scanning.order(link, amount_fen=5)

    assert isinstance(caught.value, RequestError)
    assert (caught.value.code, caught.value.field) == ("NOT_FOUND", "home")
