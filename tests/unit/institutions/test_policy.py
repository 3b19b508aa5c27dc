import json
from importlib.resources import files

import pytest

from tongbao.errors import ConfigurationError, RefusedError
from tongbao.institutions.policy import PACKAGED, LimitCode, Limits, Periods, load_policy, packaged_policy
from tongbao.protocol.wallet import WalletClass

LAST_MS_OF_2017 = 1_514_735_999_999  # 31 December 2017, 23:59:59.999 in Shanghai


def document(**changes: object) -> bytes:
    """The packaged policy with other words in it."""
    content = json.loads(files("tongbao.institutions").joinpath("policies", PACKAGED).read_text(encoding="utf-8"))
    return json.dumps({**content, **changes}).encode()


def test_the_packaged_policy_has_the_published_figures_in_fen() -> None:
    policy = packaged_policy()

    found = {wallet_class: policy.limits(wallet_class) for wallet_class in WalletClass}

    assert found == {
        WalletClass.I: Limits(),
        WalletClass.II: Limits(single_fen=50_000_00, day_fen=100_000_00, balance_fen=500_000_00),
        WalletClass.III: Limits(single_fen=5_000_00, day_fen=10_000_00, balance_fen=20_000_00),
        WalletClass.IV: Limits(single_fen=2_000_00, day_fen=5_000_00, year_fen=50_000_00, balance_fen=10_000_00),
    }


def test_days_and_years_are_those_of_shanghai() -> None:
    policy = packaged_policy()

    last, first = policy.periods(LAST_MS_OF_2017), policy.periods(LAST_MS_OF_2017 + 1)

    assert (last, first) == (Periods(20171231, 2017), Periods(20180101, 2018))


@pytest.mark.parametrize(
    ("amount", "day_used", "year_used", "refused"),
    [
        (10, 90, 990, ""),
        (11, 90, 990, LimitCode.SINGLE),  # exceeds all three: the first one counts
        (10, 91, 991, LimitCode.DAY),
        (10, 90, 991, LimitCode.YEAR),
        (10, 0, 0, ""),
        (1, 100, 0, LimitCode.DAY),
    ],
)
def test_limits_are_checked_in_the_order_single_day_year(
    amount: int, day_used: int, year_used: int, refused: str
) -> None:
    limits = Limits(single_fen=10, day_fen=100, year_fen=1000)

    found = limits.payment_refusal(amount, day_used_fen=day_used, year_used_fen=year_used)

    assert found == refused


def test_a_class_without_limits_refuses_nothing() -> None:
    limits = Limits()

    refused = limits.payment_refusal(2**62, day_used_fen=2**62, year_used_fen=2**62), limits.balance_refusal(2**63)

    assert refused == ("", "")


def test_a_balance_may_reach_its_limit_and_not_exceed_it() -> None:
    limits = Limits(balance_fen=100)

    assert [limits.balance_refusal(balance) for balance in (100, 101)] == ["", LimitCode.BALANCE]


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"format": 2}, "format"),
        ({"from": "2021-13-01"}, "from"),
        ({"from": "yesterday"}, "from"),
        ({"until": "2020-01-01"}, "until"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../etc/passwd"}, "time_zone"),
        ({"classes": {}}, "classes.I"),
        ({"surprise": 1}, "surprise"),
        ({"currency": ""}, "currency"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_with_its_name_and_field(changes: dict[str, object], named: str) -> None:
    content = document(**changes)

    with pytest.raises(ConfigurationError) as refused:
        load_policy("mine.json", content)

    assert str(refused.value).startswith(f"policy mine.json: {named}: ")


@pytest.mark.parametrize("figure", [-1, 1.5, "100", True, 2**63])
def test_figures_are_whole_numbers_of_fen(figure: object) -> None:
    classes = json.loads(document())["classes"]
    classes["IV"]["day_fen"] = figure

    with pytest.raises(ConfigurationError, match=r"classes\.IV\.day_fen"):
        load_policy("mine.json", document(classes=classes))


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"policy mine\.json"):
        load_policy("mine.json", b"{")


def test_a_policy_counts_on_its_first_and_last_day_and_on_no_other() -> None:
    policy = load_policy("mine.json", document(**{"from": "2017-12-31", "until": "2017-12-31"}))
    policy.demand_in_force(LAST_MS_OF_2017)

    with pytest.raises(RefusedError) as too_late:
        policy.demand_in_force(LAST_MS_OF_2017 + 1)
    with pytest.raises(RefusedError) as too_early:
        policy.demand_in_force(LAST_MS_OF_2017 - 86_400_000)

    assert {too_late.value.code, too_early.value.code} == {"POLICY_NOT_IN_FORCE"}
