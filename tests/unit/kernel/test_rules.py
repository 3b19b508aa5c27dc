"""The table of rules: what a version means may never change, since old batches are judged by it again."""

from tongbao.coin import Suite
from tongbao.kernel.rules import RULES, Rules


def test_version_1_is_what_it_was_when_money_was_first_judged_by_it() -> None:
    assert {
        1: Rules(
            version=1,
            suites=frozenset({Suite.ED25519}),
            batch_step_max_ms=60_000,
            heartbeat_step_max_ms=86_400_000,
            applied_lag_max=8,
        )
    } == RULES


def test_each_version_stands_under_its_own_number() -> None:
    assert all(number == rules.version for number, rules in RULES.items())
