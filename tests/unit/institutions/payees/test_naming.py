import pytest

from tongbao.institutions.payees.naming import masked_name, masked_phone, same_name
from tongbao.protocol.wallet import WalletKind


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("李小明", "*小明"),
        ("李明", "*明"),
        ("李", "*"),
        ("欧阳小明", "*阳小明"),
        ("阿卜杜拉·艾山", "*卜杜拉·艾山"),
        ("Li Wei", "L*** W***"),
        ("Wei", "W***"),
        ("  Li   Wei ", "L*** W***"),
        ("Maria del Carmen Garcia Lopez", "M*** d*** C*** G***"),
        ("\uff21\uff4c\uff49\uff43\uff45", "A***"),
        ("李 Wei", "李*** W***"),
    ],
)
def test_a_persons_name_shows_too_little_to_learn_it(name: str, masked: str) -> None:
    assert masked_name(name, WalletKind.PERSONAL) == masked


def test_a_masked_name_does_not_tell_how_long_the_name_is() -> None:
    assert masked_name("Bo", WalletKind.PERSONAL) == masked_name("Bartholomew", WalletKind.PERSONAL)


def test_a_companys_name_is_shown_whole() -> None:
    assert masked_name("北京茶馆有限公司", WalletKind.CORPORATE) == "北京茶馆有限公司"


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("li wei", "Li Wei"),
        ("Wei, Li", "Li Wei"),
        ("\uff2c\uff49\u3000\uff37\uff45\uff49", "Li Wei"),
        ("阿卜杜拉艾山", "阿卜杜拉·艾山"),
        ("李 小明", "李小明"),
        ("O'Brien", "o brien"),
    ],
)
def test_ways_to_write_a_name_do_not_make_it_another(typed: str, name: str) -> None:
    assert same_name(typed, name)


@pytest.mark.parametrize(
    ("typed", "name"), [("Li", "Li Wei"), ("李大明", "李小明"), ("小明", "李小明"), ("L***", "Li")]
)
def test_another_name_is_another(typed: str, name: str) -> None:
    assert not same_name(typed, name)


@pytest.mark.parametrize(("phone", "masked"), [("+8613800138000", "+86138******00"), ("+85221234567", "+852******67")])
def test_of_a_number_the_middle_is_hidden(phone: str, masked: str) -> None:
    assert masked_phone(phone) == masked
