"""What a wallet signs to take money out of a pocket, and what it does not."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.institution_town import Town, open_town
from tongbao.coin import Path as LockPath
from tongbao.coin import TimedLock
from tongbao.errors import PeerError, RefusedError
from tongbao.protocol.pocket import Pocket, PocketState
from tongbao.wallets import Wallet
from tongbao.wallets.pocket_shelf import OwnPocket
from tongbao.wallets.pockets import PocketWish


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    async with open_town(tmp_path) as town:
        yield town


async def saved(town: Town, *, home: int = 1) -> tuple[Wallet, OwnPocket]:
    """A saver with 600 fen in a pocket, and nobody else awake."""
    alice, heir = await town.open("alice", 1_000, home=home), await town.open("heir", home=2)
    later = (await alice.account()).time_ms + 1_000_000
    wish = PocketWish(address=str(heir.address), amount_fen=600, later_from_ms=later, savings=True)
    return alice, await alice.pockets.put(wish)


def told(pocket: OwnPocket, **changes: object) -> OwnPocket:
    """The pocket as a home that lies tells of it."""
    bent: Pocket = pocket.told.model_copy(update=changes)
    return OwnPocket(bent, pocket.party, pocket.words)


async def test_the_whole_coin_goes_to_a_lock_of_the_taker_and_the_witness_shows_which_key(town: Town) -> None:
    alice, pocket = await saved(town)

    signed = await alice.pockets._taking.sign(pocket)

    (paid,), (witness,) = signed.body.outputs, signed.witnesses
    assert (paid.value, paid.home, len(signed.body.inputs)) == (600, 1, 1)
    assert isinstance(witness.lock, TimedLock)
    assert (witness.lock.id(alice.keys.domain), witness.path) == (pocket.pocket_id, LockPath.A)


async def test_a_home_that_names_another_amount_gets_no_signature(town: Town) -> None:
    alice, pocket = await saved(town)

    with pytest.raises(PeerError, match="another amount"):
        await alice.pockets._taking.sign(told(pocket, amount_fen=599))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"coin": None}, "POCKET_EMPTY"),
        ({"state": PocketState.FILLED, "time_ms": 0}, ""),
    ],
)
async def test_what_cannot_be_taken_says_why(town: Town, changes: dict[str, object], code: str) -> None:
    alice, pocket = await saved(town)
    found = ""

    try:
        await alice.pockets._taking.sign(told(pocket, **changes))
    except RefusedError as error:
        found = error.code

    assert found == code


async def test_words_that_nobody_can_read_leave_the_money_where_it_is(town: Town) -> None:
    alice, pocket = await saved(town)

    with pytest.raises(RefusedError) as refused:
        await alice.pockets._taking.sign(OwnPocket(pocket.told, pocket.party, None))

    assert refused.value.code == "POCKET_UNREADABLE"


async def test_words_about_another_lock_are_not_believed(town: Town) -> None:
    alice, pocket = await saved(town)
    other = pocket.told.model_copy(update={"pocket_id": bytes(32)})

    assert alice.pockets._shelf._own(other, pocket.party).words is None
