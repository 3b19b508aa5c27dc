"""Owners of every suite sign what the suite's rule takes."""

import pytest

from tongbao.coin.suites import Suite, verify_signature
from tongbao.kernel.rules import RULES
from tongbao.service.bench.signers import SuiteChoice, owners_of


@pytest.mark.parametrize("choice", [each for each in SuiteChoice if each is not SuiteChoice.MIXED])
def test_an_owner_signs_by_the_suite_that_was_chosen(choice: SuiteChoice) -> None:
    [owner] = owners_of(choice, b"seed")

    verify_signature(owner.key, owner.sign(bytes(32)), bytes(32))

    assert owner.key.suite == Suite[choice.name]
    assert owners_of(choice, b"seed")[0].key == owner.key != owners_of(choice, b"other")[0].key


def test_a_mixture_has_an_owner_of_each_suite() -> None:
    assert {owner.key.suite for owner in owners_of(SuiteChoice.MIXED, b"seed")} == RULES[max(RULES)].suites
