from dataclasses import fields

from tongbao.protocol.statement import StatementAccount
from tongbao.service.statement.words import WORDS, Language


def test_both_languages_name_the_same_things_and_leave_nothing_out() -> None:
    english, chinese = WORDS[Language.ENGLISH], WORDS[Language.CHINESE]

    assert set(english.kinds) == set(chinese.kinds)
    assert set(english.titles) == set(chinese.titles) == set(StatementAccount)
    assert all(getattr(words, field.name) for words in (english, chinese) for field in fields(words))


def test_a_kind_without_a_name_is_written_as_it_is() -> None:
    assert WORDS[Language.CHINESE].kind("something new") == "something new"
