"""What the client library says of payments."""

import dataclasses

import pytest

from tests.builders import bytes32
from tongbao.client.results import Settled
from tongbao.errors import InvariantError
from tongbao.wallets import PaymentKind, WalletPayment, WalletPaymentState

PAYMENT = WalletPayment(
    number=1,
    payment_id="p",
    name="order 1 o",
    kind=PaymentKind.ORDER,
    amount_fen=250,
    description="tea",
    transaction=b"signed",
    transaction_id=bytes32(1),
    coin_ids=(bytes32(2),),
    change=None,
    expiry_ms=9,
    state=WalletPaymentState.SETTLED,
    status="SETTLED",
    receipt=b"proof",
    time_ms=7,
)


def test_a_settled_payment_is_told_with_its_proof() -> None:
    settled = Settled.of(PAYMENT)

    assert settled == Settled(PaymentKind.ORDER, 250, "tea", bytes32(1), b"proof", 7)
    assert "proof" not in repr(settled)


def test_nothing_is_told_as_settled_without_a_receipt() -> None:
    with pytest.raises(InvariantError):
        Settled.of(dataclasses.replace(PAYMENT, receipt=None))
