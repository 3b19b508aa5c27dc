"""The pictures of README and guides, put together from those that `make screenshots` takes of every state.

`python tools/guide_pictures.py PICTURES IMAGES` writes one file for each row of `PICTURES_OF_GUIDES`.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw

PHONE_PX, DESKTOP_PX = 300, 920  # wide: what a page of text has room for, three telephones or one window
PHONE_HEIGHT_PX, DESKTOP_HEIGHT_PX = 650, 575  # as much as the device shows without scrolling
GAP_PX = 10
QUALITY = 82  # from here on letters look as they do on the screen
_CORNER_PX = 22
_EDGE = "#cfc6b8"


@dataclass(frozen=True, slots=True)
class Shown:
    """One state on one device, such as "wallet-3-home" on "phone-en-light"."""

    state: str
    device: str

    def picture(self, pictures: Path) -> Image.Image:
        """What the device shows, with the device's round corners."""
        is_phone = self.device.startswith("phone")
        width, height = (PHONE_PX, PHONE_HEIGHT_PX) if is_phone else (DESKTOP_PX, DESKTOP_HEIGHT_PX)
        with Image.open(pictures / self.state / f"{self.device}.png") as opened:
            taken = opened.convert("RGB")
        taken = taken.resize((width, round(taken.height * width / taken.width)), Image.Resampling.LANCZOS)
        return _rounded(taken.crop((0, 0, width, min(taken.height, height))))


PICTURES_OF_GUIDES: dict[str, tuple[Shown, ...]] = {
    "wallet.webp": (
        Shown("wallet-3-home", "phone-en-light"),
        Shown("wallet-pay-1-agree", "phone-en-light"),
        Shown("wallet-pay-2-paid", "phone-en-light"),
    ),
    "wallet-more.webp": (
        Shown("wallet-4-receive", "phone-en-dark"),
        Shown("wallet-pay-3-receipt", "phone-en-dark"),
        Shown("wallet-9-offline", "phone-en-dark"),
    ),
    "wallet-zh.webp": (
        Shown("wallet-3-home", "phone-zh-CN-light"),
        Shown("wallet-pay-1-agree", "phone-zh-CN-light"),
        Shown("wallet-pay-2-paid", "phone-zh-CN-light"),
    ),
    "shop.webp": tuple(Shown(f"shop-{state}", "phone-en-light") for state in ("2-charge", "3-code", "4-paid")),
    "shop-zh.webp": tuple(Shown(f"shop-{state}", "phone-zh-CN-light") for state in ("2-charge", "3-code", "4-paid")),
    "shop-day.webp": (Shown("shop-7-day", "desktop-en-light"),),
    "door.webp": (Shown("door", "desktop-en-light"),),
    "door-zh.webp": (Shown("door", "desktop-zh-CN-light"),),
    "mall.webp": (Shown("mall", "desktop-en-light"),),
    "currency.webp": (Shown("currency", "desktop-en-dark"),),
}
"""Each picture's file, and what stands in it, from left to right."""


def _rounded(picture: Image.Image) -> Image.Image:
    """The picture with round corners and a thin edge, on nothing."""
    box = (0, 0, picture.width - 1, picture.height - 1)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).rounded_rectangle(box, _CORNER_PX, fill=255)
    ImageDraw.Draw(picture).rounded_rectangle(box, _CORNER_PX, outline=_EDGE, width=2)
    picture.putalpha(mask)
    return picture


def draw(shown: tuple[Shown, ...], pictures: Path) -> Image.Image:
    """The states beside each other."""
    parts = [each.picture(pictures) for each in shown]
    width = sum(part.width for part in parts) + GAP_PX * (len(parts) - 1)
    drawn = Image.new("RGBA", (width, max(part.height for part in parts)))
    left = 0
    for part in parts:
        drawn.paste(part, (left, 0))
        left += part.width + GAP_PX
    return drawn


def main(pictures: Path, images: Path) -> int:
    """Write all of them; exit with 2 where a state was not taken."""
    wanted = {each for shown in PICTURES_OF_GUIDES.values() for each in shown}
    missing = sorted(
        f"{each.state}/{each.device}.png"
        for each in wanted
        if not (pictures / each.state / f"{each.device}.png").exists()
    )
    if missing:
        print(f"{pictures} lacks {', '.join(missing)}: `make screenshots` takes them")
        return 2
    images.mkdir(parents=True, exist_ok=True)
    for name, shown in PICTURES_OF_GUIDES.items():
        draw(shown, pictures).save(images / name, "WEBP", quality=QUALITY, method=6)
    print(f"{len(PICTURES_OF_GUIDES)} pictures in {images}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
