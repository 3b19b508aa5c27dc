"""A year of coins: what wallets do keeps them few, and other rules are seen to fail where that is known."""

from pathlib import Path

import pytest

from tongbao.service.fragmentation import INPUTS_MAX, LIVES, RULES, live
from tongbao.vaults.selection import COINS_KEPT
from tongbao.wallets.merging import COINS_MANY

DAYS = 60


@pytest.mark.parametrize("life", LIVES)
def test_a_wallet_holds_few_coins_and_can_always_pay_at_once(life: str) -> None:
    found = live(life, "as wallets do", days=DAYS, seed=7)

    assert found.refused == 0
    assert found.payments > DAYS
    assert found.coins_left <= COINS_MANY
    assert found.coins_max < 2 * COINS_MANY
    assert max(found.inputs) <= INPUTS_MAX


def test_small_coins_pile_up_where_the_largest_go_first_and_are_swept_where_they_may_be() -> None:
    piled = live("a person under attack", "largest first", days=DAYS, seed=7)
    swept = live("a person under attack", "as wallets do", days=DAYS, seed=7)

    assert piled.coins_left > 1_000
    assert swept.coins_left <= COINS_KEPT + 1


def test_a_shop_that_merges_nothing_cannot_pay_out_its_week() -> None:
    assert live("a shop", "fitting and sweeping", days=DAYS, seed=7).refused == DAYS // 7


@pytest.mark.parametrize("rule", RULES)
def test_the_same_seed_is_the_same_life_and_another_is_another(rule: str) -> None:
    once, again, other = (live("a person", rule, days=DAYS, seed=seed).summary() for seed in (1, 1, 2))

    assert once == again != other


@pytest.mark.parametrize("page", ["docs/concepts/wallets.md", "docs/zh/concepts/wallets.md"])
@pytest.mark.parametrize(("life", "rule"), [("a person", rule) for rule in RULES])
def test_the_pages_tell_what_a_year_leaves(page: str, life: str, rule: str) -> None:
    text = Path(page).read_text(encoding="utf-8")

    figures = live(life, rule, days=365, seed=1).summary()

    assert f"| {life} | {rule} | {' | '.join(str(figure) for figure in figures.values())} |" in text


@pytest.mark.slow
@pytest.mark.parametrize("life", ["a person under attack", "a shop"])
def test_the_pages_tell_it_of_the_longer_lives_too(life: str) -> None:
    text = Path("docs/concepts/wallets.md").read_text(encoding="utf-8")

    for rule in RULES:
        figures = live(life, rule, days=365, seed=1).summary()
        assert f"| {life} | {rule} | {' | '.join(str(figure) for figure in figures.values())} |" in text
