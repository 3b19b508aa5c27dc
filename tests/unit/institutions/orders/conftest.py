"""Payers of both homes for each test of orders."""

import pytest

from tests.institution_people import Holder

ALICE = 101


@pytest.fixture(params=[1, 2])
async def payer(shop: Holder, request: pytest.FixtureRequest) -> Holder:
    """A payer, of the shop's own home or of the other one, with a coin of 500 fen."""
    home: int = request.param
    if home != shop.home:
        await shop.world.fill_vault(1_000_000, home=home)
    payer = await Holder.open(shop.world, ALICE, home=home)
    await payer.fund(500)
    return payer
