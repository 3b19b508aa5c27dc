import pytest

from tests.builders import ALICE, DOMAIN, EXPIRY_MS, GENESIS, bytes32, coin, signer
from tongbao.coin import Input
from tongbao.kernel.judge import JudgedTransaction, Judging, judge_transaction
from tongbao.kernel.rules import RULES
from tongbao.vaults.bank import BankVault
from tongbao.vaults.purse import NEVER_MS, CoinsReservedError

VAULT = 13
JUDGING = Judging(DOMAIN, GENESIS.limits, RULES[1])


@pytest.fixture
def vault() -> BankVault:
    """A vault with coins of 100 and 50 fen."""
    vault = BankVault(signer(VAULT), home=1, domain=DOMAIN, inputs_max=256)
    for number, value in enumerate((100, 50)):
        vault.add(Input(bytes32(number), 0, vault.coin(value, bytes32(number))), bytes32(number))
    return vault


def test_what_the_vault_signs_passes_the_kernel_and_the_rest_comes_back(vault: BankVault) -> None:
    held = vault.purse.reserve("x", 120, now_ms=0, until_ms=10)
    paid = [coin(70, owner=ALICE), coin(50, owner=ALICE, salt=1)]

    body = vault.transfer(held.coins, paid, change_salt=bytes32(9), expiry_ms=EXPIRY_MS, reference=bytes(32))

    judged = judge_transaction(vault.sign(body).encode(), JUDGING, home=1)
    assert isinstance(judged, JudgedTransaction)
    assert body.outputs == (*paid, vault.coin(30, bytes32(9)))


def test_without_a_rest_there_is_no_change(vault: BankVault) -> None:
    held = vault.purse.reserve("x", 100, now_ms=0, until_ms=10)

    body = vault.transfer(
        held.coins, [coin(100, owner=ALICE)], change_salt=bytes(32), expiry_ms=EXPIRY_MS, reference=bytes(32)
    )

    assert len(body.outputs) == 1


def test_a_coin_that_is_still_to_come_is_signed_with_its_salt(vault: BankVault) -> None:
    to_come = Input(bytes32(5), 0, vault.coin(10, bytes32(5)))
    purse_coin = type(next(iter(vault.purse)))(to_come.coin_id(DOMAIN), to_come)
    body = vault.transfer(
        [purse_coin], [coin(10, owner=ALICE)], change_salt=bytes(32), expiry_ms=EXPIRY_MS, reference=bytes(32)
    )

    judged = judge_transaction(vault.sign(body, salts=[bytes32(5)]).encode(), JUDGING, home=1)

    assert isinstance(judged, JudgedTransaction)


def test_held_coins_are_held_whatever_the_time(vault: BankVault) -> None:
    vault.hold("a redemption", [each.coin_id for each in vault.purse])

    with pytest.raises(CoinsReservedError):
        vault.purse.reserve("x", 1, now_ms=NEVER_MS - 1, until_ms=NEVER_MS)
    assert [each.value for each in vault.purse.reservations] == [150]


def test_a_coin_is_added_once_and_gone_when_it_is_spent(vault: BankVault) -> None:
    opening = Input(bytes32(7), 1, vault.coin(5, bytes32(7)))

    added = [vault.add(opening, bytes32(7)) for _ in range(2)]
    vault.spend([opening.coin_id(DOMAIN)])

    assert (added, vault.purse.value) == ([True, False], 150)
    assert not vault.add(opening, bytes32(7))
