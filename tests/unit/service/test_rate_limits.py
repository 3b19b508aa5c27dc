"""Callers have allowances that fill up again; who asks more is told when to come back."""

from typing import Any

import pytest
from pydantic import ValidationError

from tongbao.errors import RateLimitedError
from tongbao.service import rate_limits
from tongbao.service.rate_limits import Allowance, RateLimits, RateLimitSettings, rate_limit_headers

SMALL = Allowance(per_s=2, burst=3)
WALLET = "wallet:00"


class Watch:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now_s = 1_000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def limits(watch: Watch) -> RateLimits:
    return RateLimits(RateLimitSettings(wallet=SMALL, address=SMALL, other=SMALL), now_s=watch)


def _ask(limits: RateLimits, key_id: str = WALLET, *, address: str = "192.0.2.1") -> dict[bytes, bytes]:
    """The headers of an answer."""
    scope: dict[str, Any] = {"client": (address, 5)}
    limits.count(key_id, scope)
    return dict(rate_limit_headers(scope))


def _exhaust(limits: RateLimits, key_id: str = WALLET) -> None:
    for _ in range(SMALL.burst):
        _ask(limits, key_id)


def test_each_answer_says_what_is_left_and_when_all_is_there_again(limits: RateLimits) -> None:
    headers = [_ask(limits) for _ in range(3)]

    assert [each[b"ratelimit"] for each in headers] == [b'"wallet";r=2;t=1', b'"wallet";r=1;t=1', b'"wallet";r=0;t=2']
    assert {each[b"ratelimit-policy"] for each in headers} == {b'"wallet";q=3;w=2'}


def test_who_asks_more_than_his_allowance_is_refused_until_it_has_filled_up(limits: RateLimits, watch: Watch) -> None:
    _exhaust(limits)

    with pytest.raises(RateLimitedError, match="asked 3 times, and goes on beyond 2 times a second") as refused:
        _ask(limits)
    watch.now_s += 0.5
    headers = _ask(limits)

    assert refused.value.retry_after_s == 1
    assert headers[b"ratelimit"] == b'"wallet";r=0;t=2'


def test_a_refusal_says_what_is_left_too_and_costs_nothing(limits: RateLimits, watch: Watch) -> None:
    _exhaust(limits)
    scope: dict[str, Any] = {"client": ("192.0.2.1", 5)}

    for _ in range(100):
        with pytest.raises(RateLimitedError):
            limits.count(WALLET, scope)
    watch.now_s += 1.5

    assert dict(rate_limit_headers(scope))[b"ratelimit"] == b'"wallet";r=0;t=2'
    assert _ask(limits)[b"ratelimit"] == b'"wallet";r=2;t=1'


def test_a_steady_caller_within_the_rate_is_never_refused(limits: RateLimits, watch: Watch) -> None:
    _exhaust(limits)

    for _ in range(10_000):
        watch.now_s += 0.5
        _ask(limits)


def test_one_caller_takes_nothing_from_another(limits: RateLimits) -> None:
    _exhaust(limits)

    assert _ask(limits, "wallet:01")[b"ratelimit"] == b'"wallet";r=2;t=1'


@pytest.mark.parametrize("key_id", ["", "key:01", "key:02"])
def test_whoever_is_not_known_counts_under_his_address(limits: RateLimits, key_id: str) -> None:
    _exhaust(limits, "")

    with pytest.raises(RateLimitedError):
        _ask(limits, key_id)
    assert _ask(limits, key_id, address="192.0.2.2")[b"ratelimit"] == b'"address";r=2;t=1'


def test_a_kind_of_party_without_a_rule_of_its_own_is_another(limits: RateLimits) -> None:
    headers = _ask(limits, "till:7")

    assert headers[b"ratelimit-policy"] == b'"other";q=3;w=2'


def test_those_whose_allowance_is_whole_are_forgotten_first(
    limits: RateLimits, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rate_limits, "CALLERS_REMEMBERED_MAX", 4)
    for name in ("wallet:a", "wallet:b", "wallet:c"):
        _ask(limits, name)
    watch.now_s += 10
    _exhaust(limits, "wallet:d")

    _ask(limits, "wallet:e")

    with pytest.raises(RateLimitedError):
        _ask(limits, "wallet:d")


def test_whoever_changes_his_address_within_his_network_is_counted_as_one(limits: RateLimits) -> None:
    for number in range(SMALL.burst):
        _ask(limits, "", address=f"2001:db8:1:2::{number}")

    with pytest.raises(RateLimitedError):
        _ask(limits, "", address="2001:db8:1:2:ffff::1")
    _ask(limits, "", address="2001:db8:1:3::1")


def test_an_address_of_ipv4_is_the_same_one_in_the_form_of_ipv6(limits: RateLimits) -> None:
    for number in range(SMALL.burst):
        _ask(limits, "", address=f"::ffff:192.0.2.{number}")

    _ask(limits, "", address="192.0.2.1")
    _ask(limits, "", address="192.0.2.1")
    with pytest.raises(RateLimitedError):
        _ask(limits, "", address="::ffff:192.0.2.1")


def test_no_crowd_makes_it_remember_more_than_it_may(limits: RateLimits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "CALLERS_REMEMBERED_MAX", 10)

    for number in range(1_000):
        _ask(limits, f"wallet:{number}")

    assert len(limits._whole_at_s) <= 10


@pytest.mark.parametrize(
    "wrong", [{"per_s": 0, "burst": 1}, {"per_s": 1, "burst": 0}, {"per_s": 1}, {"per_s": float("nan"), "burst": 1}]
)
def test_an_allowance_that_allows_nothing_is_a_mistake(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Allowance.model_validate(wrong)
