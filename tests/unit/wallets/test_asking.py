"""What a wallet refuses before it asks anyone."""

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.order import MerchantRequest
from tongbao.wallets.asking import asked, demand_amount


@pytest.mark.parametrize("amount_fen", [1, 2**63 - 1])
def test_amounts_at_both_ends_can_be_paid(amount_fen: int) -> None:
    demand_amount(amount_fen)


@pytest.mark.parametrize("amount_fen", [0, -1, 2**63])
def test_amounts_beyond_them_cannot(amount_fen: int) -> None:
    with pytest.raises(RequestError) as caught:
        demand_amount(amount_fen)

    assert (caught.value.code, caught.value.field) == ("INVALID_FIELD", "amount_fen")


def test_a_message_is_made_of_its_fields_and_a_wrong_one_is_named() -> None:
    made = asked(MerchantRequest, name="Tea", category="5812")

    with pytest.raises(RequestError) as caught:
        asked(MerchantRequest, name="", category="5812")

    assert made.name == "Tea"
    assert (caught.value.code, caught.value.field) == ("INVALID_FIELD", "name")
