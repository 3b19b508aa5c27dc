"""The contact sheet has a row for each state and a column for each device, telephones first."""

from pathlib import Path

import pytest
from PIL import Image

from tools.contact_sheet import DESKTOP_PX, GAP_PX, LABEL_PX, PHONE_PX, draw_sheet, main

HEIGHT_PX = 300
RED, BLUE = (255, 0, 0), (0, 0, 255)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for state, device, colour in (("a", "phone-en", RED), ("a", "desktop-en", BLUE), ("b", "desktop-en", BLUE)):
        (tmp_path / "taken" / state).mkdir(parents=True, exist_ok=True)
        width = DESKTOP_PX if device.startswith("desktop") else PHONE_PX
        Image.new("RGB", (width * 2, HEIGHT_PX * 2), colour).save(tmp_path / "taken" / state / f"{device}.png")
    return tmp_path / "taken"


def test_rows_are_states_and_columns_devices(pictures: Path) -> None:
    sheet = draw_sheet(pictures)

    row, phone, desktop = GAP_PX + LABEL_PX + 5, GAP_PX + 5, GAP_PX + PHONE_PX + GAP_PX + 5
    below = row + HEIGHT_PX + GAP_PX + LABEL_PX
    assert (sheet.getpixel((phone, row)), sheet.getpixel((desktop, row))) == (RED, BLUE)
    assert (sheet.getpixel((phone, below)) == RED, sheet.getpixel((desktop, below))) == (False, BLUE)


def test_rows_that_do_not_fit_below_each_other_stand_beside_them(pictures: Path) -> None:
    row = LABEL_PX + HEIGHT_PX + GAP_PX

    tall, folded = draw_sheet(pictures), draw_sheet(pictures, GAP_PX + row)

    right = GAP_PX + (PHONE_PX + GAP_PX + DESKTOP_PX + GAP_PX)
    assert (tall.height, folded.size) == (GAP_PX + 2 * row, (right + (tall.width - GAP_PX), GAP_PX + row))
    desktop = right + PHONE_PX + GAP_PX
    assert folded.getpixel((desktop + 5, GAP_PX + LABEL_PX + 5)) == BLUE


def test_the_ninth_state_stands_before_the_tenth(pictures: Path) -> None:
    for state, colour in (("shop-9-more", RED), ("shop-10-end", BLUE)):
        (pictures / state).mkdir()
        Image.new("RGB", (PHONE_PX, HEIGHT_PX), colour).save(pictures / state / "phone-en.png")

    sheet = draw_sheet(pictures)

    tops = [GAP_PX + place * (LABEL_PX + HEIGHT_PX + GAP_PX) + LABEL_PX + 5 for place in (2, 3)]
    assert [sheet.getpixel((GAP_PX + 5, top)) for top in tops] == [RED, BLUE]


def test_a_sheet_is_written_where_there_are_pictures(pictures: Path, tmp_path: Path) -> None:
    written = main(pictures, tmp_path / "sheet.webp")
    nothing = main(tmp_path / "none", tmp_path / "none.webp")

    assert (written, nothing) == (0, 2)
    with Image.open(tmp_path / "sheet.webp") as sheet:
        assert sheet.size == draw_sheet(pictures).size
    assert not (tmp_path / "none.webp").exists()
