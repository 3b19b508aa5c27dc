"""What the issuance vault lets begin and end."""

import pytest

from tests.builders import ALICE, BOB, DOMAIN, EXPIRY_MS, GENESIS, OFFICERS, bytes32, coin, signed, spend, submission
from tongbao.coin import CURRENCY, Body, Kind
from tongbao.coin.control import AuthorityKind
from tongbao.errors import RequestError
from tongbao.kernel import JudgedSubmission, Judging, judge_submission
from tongbao.kernel.rules import RULES
from tongbao.vaults.issuance import issue_body, redeem_body

TERMS = {"expiry_ms": EXPIRY_MS, "reference": bytes32(1)}
JUDGING = Judging(DOMAIN, GENESIS.limits, RULES[1])


def test_an_issue_makes_its_coins_and_passes_the_judge() -> None:
    coins = [coin(500, owner=ALICE), coin(7, owner=BOB)]

    body = issue_body(coins, serial=3, expiry_ms=EXPIRY_MS, reference=bytes32(1))

    assert body == Body(Kind.ISSUE, EXPIRY_MS, bytes32(1), outputs=tuple(coins), serial=3)
    approved = signed(body, approvers=OFFICERS[AuthorityKind.ISSUANCE][:2])
    assert isinstance(judge_submission(submission([approved], home=0).encode(), JUDGING), JudgedSubmission)


def test_a_redemption_ends_its_coins_and_passes_the_judge() -> None:
    spends = [spend(500, owner=ALICE), spend(7, owner=ALICE, index=1)]

    body = redeem_body([each.input for each in spends], expiry_ms=EXPIRY_MS, reference=bytes32(1))

    assert body == Body(Kind.REDEEM, EXPIRY_MS, bytes32(1), inputs=tuple(each.input for each in spends))
    approved = signed(body, spends=spends, approvers=OFFICERS[AuthorityKind.ISSUANCE][:2])
    assert isinstance(judge_submission(submission([approved], home=1).encode(), JUDGING), JudgedSubmission)


@pytest.mark.parametrize(
    ("coins", "serial", "field"),
    [
        ([], 1, "coins"),
        ([coin(1, owner=ALICE, home=1), coin(1, owner=ALICE, home=2)], 1, "coins"),
        ([coin(1, owner=ALICE, asset=CURRENCY), coin(1, owner=ALICE, asset=9)], 1, "coins"),
        ([coin(1, owner=ALICE)], 0, "serial"),
    ],
)
def test_an_issue_that_no_judge_would_pass_is_not_made(coins: list, serial: int, field: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(RequestError) as refused:
        issue_body(coins, serial=serial, expiry_ms=EXPIRY_MS, reference=bytes32(1))

    assert refused.value.field == field


@pytest.mark.parametrize(
    "inputs",
    [
        [],
        [spend(1, owner=ALICE).input, spend(1, owner=ALICE).input],
        [spend(1, owner=ALICE, home=1).input, spend(1, owner=ALICE, home=2).input],
    ],
)
def test_a_redemption_that_no_judge_would_pass_is_not_made(inputs: list) -> None:  # type: ignore[type-arg]
    with pytest.raises(RequestError) as refused:
        redeem_body(inputs, expiry_ms=EXPIRY_MS, reference=bytes32(1))

    assert refused.value.field == "inputs"
