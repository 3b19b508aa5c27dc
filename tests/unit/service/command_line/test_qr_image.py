"""QR codes are drawn so that a reader reads them, and written only as what their files are called."""

from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tongbao.errors import ConfigurationError, RequestError
from tongbao.service.command_line.qr_image import save_qr, terminal_qr

TEXT = "tongbao:order?home=1&id=最佳茶馆"


def pixels_of(drawn: str) -> Image.Image:
    """What half blocks show on a dark terminal: a full block is light, a space is dark."""
    rows = [row for row in drawn.splitlines() if set(row) <= set(" ▀▄█") and row.strip()]
    image = Image.new("L", (max(map(len, rows)), 2 * len(rows)), 255)
    for y, row in enumerate(rows):
        for x, block in enumerate(row):
            image.putpixel((x, 2 * y), 255 if block in "▀█" else 0)
            image.putpixel((x, 2 * y + 1), 255 if block in "▄█" else 0)
    return image.resize((image.width * 8, image.height * 8), Image.Resampling.NEAREST)


def test_a_code_on_the_terminal_can_be_read() -> None:
    image = pixels_of(terminal_qr(TEXT))

    assert [each.text for each in zxingcpp.read_barcodes(image)] == [TEXT]


def test_a_code_in_a_file_can_be_read(tmp_path: Path) -> None:
    save_qr(TEXT, tmp_path / "code.PNG")

    assert [each.text for each in zxingcpp.read_barcodes(Image.open(tmp_path / "code.PNG"))] == [TEXT]


def test_a_code_is_drawn_as_lines_for_print(tmp_path: Path) -> None:
    save_qr(TEXT, tmp_path / "code.svg")

    assert "<svg" in (tmp_path / "code.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["code", "code.gif"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RequestError) as caught:
        save_qr(TEXT, tmp_path / name)

    assert caught.value.code == "FORMAT_UNKNOWN"
    assert not (tmp_path / name).exists()


def test_where_nothing_can_be_written_the_place_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere"):
        save_qr(TEXT, tmp_path / "nowhere" / "code.png")
