"""The guides' pictures are put together from those of the states, and every one of them stands in a page."""

from pathlib import Path

from PIL import Image

from tools.guide_pictures import GAP_PX, PHONE_PX, PICTURES_OF_GUIDES, main

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]


def take_all(pictures: Path) -> None:
    """A picture of each state that a guide shows."""
    for shown in {each for row in PICTURES_OF_GUIDES.values() for each in row}:
        file = pictures / shown.state / f"{shown.device}.png"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (390, 844) if "phone" in shown.device else (1280, 800), "red").save(file)


def test_each_picture_holds_its_states_beside_each_other(tmp_path: Path) -> None:
    take_all(tmp_path / "taken")

    ended = main(tmp_path / "taken", tmp_path / "images")

    assert ended == 0
    assert {file.name for file in (tmp_path / "images").iterdir()} == set(PICTURES_OF_GUIDES)
    with Image.open(tmp_path / "images" / "wallet.webp") as wallet:
        assert wallet.width == 3 * PHONE_PX + 2 * GAP_PX
        drawn = wallet.convert("RGBA")
    within, corner, between = (drawn.getpixel((left, top)) for left, top in ((150, 300), (0, 0), (PHONE_PX + 5, 300)))
    assert [isinstance(each, tuple) and each[3] for each in (within, corner, between)] == [255, 0, 0]


def test_without_the_states_nothing_is_written(tmp_path: Path) -> None:
    ended = main(tmp_path / "taken", tmp_path / "images")

    assert ended == 2
    assert not (tmp_path / "images").exists()


def test_every_picture_is_kept_and_stands_in_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)

    kept = {file.name for file in (ROOT / "docs/images").iterdir()}

    assert kept == set(PICTURES_OF_GUIDES)
    assert [name for name in PICTURES_OF_GUIDES if f"images/{name})" not in text] == []
