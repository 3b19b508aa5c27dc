"""Payment codes change every half minute and are worth nothing before and after; vectors hold them for others."""

import json
from pathlib import Path
from typing import Any

import pytest

from tongbao.errors import RequestError
from tongbao.protocol.payment_code import STEP_MS, PaymentCode, step_at

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).resolve().parents[2] / "vectors/codes/payment_codes.json").read_text(encoding="utf-8")
)
SECRET = bytes(range(32))


def at(step: int) -> PaymentCode:
    return PaymentCode.at(step, home=1, handle="482190337615", secret=SECRET)


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda vector: str(vector["time_ms"]))
def test_a_code_of_the_vectors_is_made(vector: dict[str, Any]) -> None:
    secret, step = bytes.fromhex(vector["secret"]), step_at(vector["time_ms"])

    made = PaymentCode.at(step, home=vector["home"], handle=vector["handle"], secret=secret)

    assert str(made) == vector["code"]
    assert PaymentCode.parse(vector["code"]) == made


def test_a_code_is_that_of_its_half_minute_and_of_the_one_before_and_after() -> None:
    code = at(1_000)

    accepted = [step for step in range(995, 1_006) if code.is_of(step, secret=SECRET)]

    assert accepted == [999, 1_000, 1_001]


def test_half_minutes_are_counted_from_1970() -> None:
    assert [step_at(time_ms) for time_ms in (0, STEP_MS - 1, STEP_MS)] == [0, 0, 1]


def test_the_first_half_minute_has_none_before_it() -> None:
    assert at(0).is_of(0, secret=SECRET)


def test_another_secret_home_or_handle_gives_another_proof() -> None:
    codes = {
        at(7).proof,
        PaymentCode.at(7, home=1, handle="482190337615", secret=bytes(32)).proof,
        PaymentCode.at(7, home=1, handle="482190337616", secret=SECRET).proof,
        at(8).proof,
    }

    assert len(codes) == 4
    assert not at(7).is_of(7, secret=bytes(32))


def test_a_code_may_be_typed_in_groups() -> None:
    text = str(at(7))

    assert PaymentCode.parse(" 7100 " + text[4:20] + "-" + text[20:] + "\n") == at(7)


@pytest.mark.parametrize(
    "text", ["", "71", "7" * 32, "81" + "0" * 30, "71" + "0" * 29, "71" + "0" * 31, "71" + "9" * 30, "71" + "x" * 30]
)
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(RequestError) as caught:
        PaymentCode.parse(text)

    assert caught.value.code == "CODE_INVALID"
