"""All pictures of the pages on one sheet: a row for each state, a column for each device, language and theme.

`make screenshots` takes the pictures and calls `python tools/contact_sheet.py PICTURES SHEET`.
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

PHONE_PX, DESKTOP_PX = 280, 560  # wide: the words can still be read
THUMB_HEIGHT_PX_MAX = 1000  # of a long page, the beginning
GAP_PX = 16
LABEL_PX = 26
_PAPER, _INK = "#e9e4da", "#2a2622"
_FONT_PX = 18


def draw_sheet(pictures: Path) -> Image.Image:
    """The sheet of a folder that holds a folder per state with a picture per device in each."""
    rows = {folder.name: {file.stem: _thumb(file) for file in folder.glob("*.png")} for folder in _states(pictures)}
    devices = sorted({device for row in rows.values() for device in row}, key=_order)
    widths = [_width_of(device) for device in devices]
    heights = [LABEL_PX + max(thumb.height for thumb in row.values()) + GAP_PX for row in rows.values()]
    sheet = Image.new("RGB", (GAP_PX + sum(width + GAP_PX for width in widths), GAP_PX + sum(heights)), _PAPER)
    top = GAP_PX
    for (state, row), height in zip(rows.items(), heights, strict=True):
        left = GAP_PX
        for device, width in zip(devices, widths, strict=True):
            if device in row:
                _label(sheet, (left, top), f"{state} · {device}", width)
                sheet.paste(row[device], (left, top + LABEL_PX))
            left += width + GAP_PX
        top += height
    return sheet


def _states(pictures: Path) -> list[Path]:
    return sorted(each for each in pictures.iterdir() if each.is_dir())


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
