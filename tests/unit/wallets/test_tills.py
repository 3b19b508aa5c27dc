"""A merchant's wallet opens tills at a real institution, and does not believe in others."""

import pytest

from tests.builders import signer
from tests.wallets_at_home import Residents
from tongbao.errors import PeerError, RequestError
from tongbao.wallets import WalletKeys
from tongbao.wallets.tills import Tills

KEY = signer(9).public_key


async def test_tills_are_opened_listed_and_closed(residents: Residents) -> None:
    shop = await residents.shop()
    opened = [await shop.tills.open(name, signer(number).public_key) for name, number in (("left", 9), ("right", 10))]

    closed = await shop.tills.close(opened[0].till_id)

    first = await shop.tills.page(limit=1)
    second = await shop.tills.page(after=first.next)
    assert first.tills + second.tills == [closed, opened[1]]


async def test_another_till_than_was_asked_for_is_not_believed(residents: Residents) -> None:
    shop = await residents.shop()
    others = WalletKeys(bytes(32), residents.world.genesis.domain())

    with pytest.raises(PeerError):
        await Tills(shop._home, others).open("left", KEY)


async def test_a_till_without_a_name_is_not_asked_for(residents: Residents) -> None:
    shop = await residents.shop()

    with pytest.raises(RequestError) as refused:
        await shop.tills.open("", KEY)
    assert refused.value.field == "name"
