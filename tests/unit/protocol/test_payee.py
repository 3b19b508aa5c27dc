import hashlib

import pytest

from tests.builders import DOMAIN
from tongbao.coin.domain import Domain
from tongbao.errors import RequestError
from tongbao.protocol.payee import alias_id, read_phone


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("13800138000", "+8613800138000"),
        ("+86 138 0013 8000", "+8613800138000"),
        ("+86-138-0013-8000", "+8613800138000"),
        ("+1 (415) 555.0100", "+14155550100"),
        ("+852 2123 4567", "+85221234567"),
    ],
)
def test_a_number_has_one_form_however_it_is_written(text: str, phone: str) -> None:
    assert read_phone(text) == phone


@pytest.mark.parametrize("text", ["", "12345", "23800138000", "+0 138", "+123456", "+1234567890123456", "138001380aa"])
def test_what_is_no_number_is_refused_with_a_cure(text: str) -> None:
    with pytest.raises(RequestError, match="no telephone number") as refused:
        read_phone(text)

    assert (refused.value.code, refused.value.field) == ("PHONE_INVALID", "phone")
    assert refused.value.cure


def test_an_alias_is_a_slow_hash_of_the_number_that_every_maker_of_wallets_can_make() -> None:
    salt = b"tongbao/alias/1" + DOMAIN.network_id

    made = alias_id("+8613800138000", DOMAIN)

    assert made == hashlib.scrypt(b"+8613800138000", salt=salt, n=16_384, r=8, p=1, dklen=32)


def test_a_number_has_another_alias_in_another_network() -> None:
    elsewhere = Domain(bytes(32), DOMAIN.hash_kind)

    made = {alias_id("+8613800138000", domain) for domain in (DOMAIN, elsewhere)}

    assert len(made) == 2
