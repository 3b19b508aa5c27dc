"""All pictures of the pages on one sheet: a row for each state, a column for each device, language and theme.

`make screenshots` takes the pictures and calls `python tools/contact_sheet.py PICTURES SHEET`.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PHONE_PX, DESKTOP_PX = 280, 560  # wide: the words can still be read
THUMB_HEIGHT_PX_MAX = 1000  # of a long page, the beginning
GAP_PX = 16
LABEL_PX = 26
SIDE_PX_MAX = 16_383  # of a picture in the form of WebP
_PAPER, _INK = "#e9e4da", "#2a2622"
_FONT_PX = 18

Row = Mapping[str, Image.Image]
"""The pictures of one state, by device."""


def draw_sheet(pictures: Path, height_px_max: int = SIDE_PX_MAX) -> Image.Image:
    """The sheet of a folder that holds a folder per state with a picture per device in each.

    Rows stand below each other as far down as the sheet goes, and then beside those.
    """
    rows = {folder.name: {file.stem: _thumb(file) for file in folder.glob("*.png")} for folder in _states(pictures)}
    columns, width = _columns_of(rows)
    places, height = _places_of(rows, width, height_px_max)
    bands = 1 + max(left for left, _ in places) // width
    sheet = Image.new("RGB", (GAP_PX + bands * width, GAP_PX + height), _PAPER)
    for (state, row), (left, top) in zip(rows.items(), places, strict=True):
        for device, thumb in row.items():
            beside = GAP_PX + left + columns[device]
            _label(sheet, (beside, GAP_PX + top), f"{state} · {device}", thumb.width)
            sheet.paste(thumb, (beside, GAP_PX + top + LABEL_PX))
    return sheet


def _columns_of(rows: Mapping[str, Row]) -> tuple[dict[str, int], int]:
    """How far right each device stands in a row, and how wide a row is."""
    columns, right = {}, 0
    for device in sorted({device for row in rows.values() for device in row}, key=_order):
        columns[device] = right
        right += _width_of(device) + GAP_PX
    return columns, right


def _places_of(rows: Mapping[str, Row], width: int, height_max: int) -> tuple[list[tuple[int, int]], int]:
    """Left and top of each row, and how far down the lowest reaches."""
    places, left, top, lowest = [], 0, 0, 0
    for row in rows.values():
        height = LABEL_PX + max(thumb.height for thumb in row.values()) + GAP_PX
        if top and top + height > height_max - GAP_PX:
            left, top = left + width, 0
        places.append((left, top))
        top += height
        lowest = max(lowest, top)
    return places, lowest


def _states(pictures: Path) -> list[Path]:
    return sorted((each for each in pictures.iterdir() if each.is_dir()), key=_by_number)


def _by_number(folder: Path) -> list[tuple[int, str]]:
    """The ninth state before the tenth."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in folder.name.split("-")]


def _order(device: str) -> tuple[bool, str]:
    """Telephones first."""
    return (not device.startswith("phone"), device)


def _width_of(device: str) -> int:
    return PHONE_PX if device.startswith("phone") else DESKTOP_PX


def _thumb(file: Path) -> Image.Image:
    with Image.open(file) as opened:
        picture = opened.convert("RGB")
    width = _width_of(file.stem)
    thumb = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    return thumb.crop((0, 0, width, min(thumb.height, THUMB_HEIGHT_PX_MAX)))


def _label(sheet: Image.Image, place: tuple[int, int], text: str, width: int) -> None:
    font = ImageFont.load_default(_FONT_PX)
    while text and font.getlength(text) > width:
        text = text[:-1]
    ImageDraw.Draw(sheet).text(place, text, fill=_INK, font=font)


def main(pictures: Path, target: Path) -> int:
    """Draw the sheet; exit with 2 where there is no picture."""
    if not pictures.is_dir() or not _states(pictures):
        print(f"no pictures in {pictures}: `make screenshots` takes them")
        return 2
    sheet = draw_sheet(pictures)
    sheet.save(target, "WEBP", quality=80) if target.suffix == ".webp" else sheet.save(target, optimize=True)
    print(f"{len(_states(pictures))} states in {target}, {sheet.width} x {sheet.height}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
