"""The table of rules: what a version means may never change, since old batches are judged by it again."""

from dataclasses import replace

from tongbao.coin import Suite
from tongbao.kernel.rules import RULES, Rules


def test_version_1_is_what_it_was_when_money_was_first_judged_by_it() -> None:
    assert RULES[1] == Rules(
        version=1,
        suites=frozenset({Suite.ED25519}),
        batch_step_max_ms=60_000,
        heartbeat_step_max_ms=86_400_000,
        applied_lag_max=8,
    )


def test_version_2_verifies_more_suites_and_is_else_version_1() -> None:
    suites = frozenset({Suite.ED25519, Suite.P256, Suite.PASSKEY, Suite.SM2})

    assert RULES[2] == replace(RULES[1], version=2, suites=suites)
    assert set(RULES) == {1, 2}


def test_each_version_stands_under_its_own_number() -> None:
    assert all(number == rules.version for number, rules in RULES.items())
