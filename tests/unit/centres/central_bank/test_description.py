"""Officers read what they approve: every field of it, in words, with whole ids."""

import pytest

from tests.builders import ALICE, BOB, DOMAIN, bytes32, coin, control, issue, public_key, redeem, spend
from tongbao.centres.central_bank.description import coin_text, describe, worth_text
from tongbao.coin import Coin
from tongbao.coin.control import (
    OPERATIONS,
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
)

KEY, OTHER = public_key(1), public_key(2)
KEY_HEX, OTHER_HEX = KEY.key.hex(), OTHER.key.hex()
ID = bytes32(1)


CASES: list[tuple[ControlOperation, str]] = [
    (RegisterInstitution(3, KEY), f"admit an institution as home 3, with endorser key {KEY_HEX}"),
    (SuspendInstitution(2, suspended=True), "suspend home 2"),
    (SuspendInstitution(2, suspended=False), "resume home 2"),
    (RekeyInstitution(2, KEY), f"replace the endorser key of home 2 by {KEY_HEX}"),
    (SetSuccessor(1, 2), "end home 1; home 2 serves its coins"),
    (SubstituteKey(2, KEY), f"let a substitute key endorse for home 2: {KEY_HEX}"),
    (Quota(0, 2, 123_456), "let at most ¥1,234.56 be issued into home 2, net of redemption"),
    (Quota(7, 2, 1_000), "let at most 1,000 of asset 7 be issued into home 2, net of redemption"),
    (
        Officers(AuthorityKind.CONTROL, 1, (KEY, OTHER)),
        f"replace the officers of control; 1 of 2 must approve: {KEY_HEX}, {OTHER_HEX}",
    ),
    (RegisterAsset(7, active=True, code="BOND"), "admit asset 7, BOND"),
    (RegisterAsset(7, active=False, code="BOND"), "stop all coins of asset 7, BOND"),
    (ActivateRules(1), "let version 1 of the rules judge"),
    (
        ClockOperation(1_790_000_000_000),
        "set ledger time to 2026-09-21 14:13:20 UTC, 1790000000000 ms since 1970",
    ),
    (ClockOperation(2**64 - 1), f"set ledger time to {2**64 - 1} ms since 1970"),
    (ReceiptKey(KEY, active=True), f"admit the receipt key {KEY_HEX}"),
    (ReceiptKey(KEY, active=False), f"end the receipt key {KEY_HEX}"),
    (Freeze(FreezeTarget.COIN, ID), f"freeze the coin {ID.hex()}"),
    (Freeze(FreezeTarget.LOCK, ID), f"freeze every coin under the lock {ID.hex()}"),
    (Unfreeze(FreezeTarget.COIN, ID), f"unfreeze the coin {ID.hex()}"),
]


@pytest.mark.parametrize(("operation", "words"), CASES)
def test_every_control_operation_has_words(operation: ControlOperation, words: str) -> None:
    assert describe(control(operation).body, home=0) == words


def test_no_control_operation_is_without_words() -> None:
    described = {operation.NUMBER for operation, _ in CASES} | {OrderedMove.NUMBER}

    assert described == set(OPERATIONS)


def test_money_is_described_by_kind_worth_coins_and_home() -> None:
    bodies = [issue([coin(5, owner=ALICE), coin(123_400, owner=BOB)]).body, redeem([spend(5, owner=ALICE)]).body]

    described = [describe(body, home=1) for body in bodies]

    assert described == ["issue ¥1,234.05 in 2 coins, home 1", "redeem ¥0.05 in 1 coin, home 1"]


def _move(*outputs: Coin) -> str:
    taken = spend(9, owner=ALICE)
    moved = control(OrderedMove(taken.input.coin_id(DOMAIN)), inputs=[taken.input], outputs=outputs)
    return describe(moved.body, home=0)


def test_an_ordered_move_is_described_by_what_it_takes_from_where_to_where() -> None:
    taken = spend(9, owner=ALICE).input
    one, two = coin(5, owner=BOB, home=2), coin(4, owner=ALICE, asset=3)

    described = _move(one, two)

    assert described == (
        f"move the frozen coin {taken.coin_id(DOMAIN).hex()} by order, "
        f"from ¥0.09 under lock {taken.coin.lock_id.hex()} at home 1, "
        f"to ¥0.05 under lock {one.lock_id.hex()} at home 2, to 4 of asset 3 under lock {two.lock_id.hex()} at home 1"
    )


def test_a_description_of_an_ordered_move_is_short_and_says_what_it_leaves_out() -> None:
    outputs = [coin(1, owner=BOB, salt=salt) for salt in range(9)]

    described = _move(*outputs)

    assert described.endswith("at home 1, and to 1 more")
    assert outputs[7].lock_id.hex() in described
    assert outputs[8].lock_id.hex() not in described


def test_a_coin_is_shown_with_its_whole_lock() -> None:
    shown = coin(1_234_567, owner=BOB, home=2)

    assert coin_text(shown) == f"¥12,345.67 under lock {shown.lock_id.hex()} at home 2"
    assert worth_text(0, 0) == "¥0.00"
