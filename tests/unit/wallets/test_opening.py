"""How a wallet begins: opened once, taken up from its store, and nobody else's."""

import pytest

from tests.wallet_people import People, bend
from tongbao.coin import Address
from tongbao.errors import PeerError, RequestError
from tongbao.protocol.wallet import WalletAccount, WalletClass


async def test_a_wallet_that_was_never_opened_says_so_and_opening_it_twice_is_opening_it_once(people: People) -> None:
    alice = people.wallet("alice")

    assert not await alice.start()
    first = await alice.open(holder_name="Alice", wallet_class=WalletClass.II)
    again = await alice.open(holder_name="Alice", wallet_class=WalletClass.II)

    assert first == again
    assert Address.parse(first.address) == alice.address


async def test_a_wallet_belongs_to_one_home(people: People) -> None:
    await people.open("alice")

    with pytest.raises(RequestError) as caught:
        await people.wallet("alice", home=2).start()

    assert caught.value.code == "WRONG_HOME"


async def test_a_home_that_speaks_of_another_wallet_is_not_believed(people: People) -> None:
    alice, bob = people.wallet("alice"), await people.open("bob")
    bend(people.world, WalletAccount, address=str(bob.address))

    with pytest.raises(PeerError):
        await alice.open(holder_name="Alice", wallet_class=WalletClass.II)

    assert not await people.wallet("alice").start()
