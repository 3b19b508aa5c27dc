"""Options that commands share read what people type, and say what would be right."""

import pytest
import typer

from tongbao.service.command_line.options import hexadecimal


@pytest.mark.parametrize("text", ["00ff", "00FF"])
def test_hexadecimal_digits_become_bytes(text: str) -> None:
    assert hexadecimal(2, "an id")(text) == b"\x00\xff"


@pytest.mark.parametrize("text", ["", "00", "00ff00", "00fg", "00 ff", "0 0ff", "é0ff"])
def test_another_number_of_digits_or_other_characters_are_refused(text: str) -> None:
    with pytest.raises(typer.BadParameter, match="an id has 4 hexadecimal digits"):
        hexadecimal(2, "an id")(text)
