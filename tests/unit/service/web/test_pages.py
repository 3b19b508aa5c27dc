"""The built pages as they lie on the disk and as they are found by the path that a browser asks for."""

import gzip
from pathlib import Path

import pytest

from tongbao.errors import ConfigurationError
from tongbao.service.web.pages import Pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a build leaves, made small."""
    (tmp_path / "wallet").mkdir()
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text("<title>door</title>")
    (tmp_path / "wallet" / "index.html").write_text("<title>wallet</title>")
    (tmp_path / "assets" / "door-AbC123.js").write_text("say();" * 100)
    (tmp_path / "assets" / "coin-AbC123.png").write_bytes(bytes(1000))
    return tmp_path


def test_a_folder_is_found_with_its_slash_and_a_file_by_its_name(folder: Path) -> None:
    pages = Pages.read(folder)

    found = {path: pages.find(path) is not None for path in ("/", "/wallet/", "/wallet", "/index.html", "/wallet/x")}

    assert found == {"/": True, "/wallet/": True, "/wallet": False, "/index.html": False, "/wallet/x": False}


@pytest.mark.parametrize(
    "path",
    [
        "/../secret",
        "/wallet/../../secret",
        "//secret",
        "/assets/..%2f..%2fsecret",
        "/assets/\0",
        "",
        "secret",
        "/.sources",
    ],
)
def test_no_path_leads_out_of_the_folder(folder: Path, path: str) -> None:
    (folder.parent / "secret").write_text("key")
    (folder / ".sources").write_text("digest")

    assert Pages.read(folder).find(path) is None


def test_what_has_a_digest_in_its_name_is_kept_for_ever_and_the_rest_is_asked_for_again(folder: Path) -> None:
    pages = Pages.read(folder)

    asset, page = pages.find("/assets/door-AbC123.js"), pages.find("/")

    assert asset is not None
    assert asset.cache_control == "public, max-age=31536000, immutable"
    assert page is not None
    assert page.cache_control == "no-cache"


def test_a_file_is_packed_where_that_makes_it_smaller(folder: Path) -> None:
    pages = Pages.read(folder)

    script, image, page = pages.find("/assets/door-AbC123.js"), pages.find("/assets/coin-AbC123.png"), pages.find("/")

    assert script is not None
    assert script.packed is not None
    assert gzip.decompress(script.packed) == script.body
    assert image is not None
    assert image.packed is None, "its format packs already"
    assert page is not None
    assert page.packed is None, "twenty bytes grow"


def test_another_content_has_another_tag(folder: Path) -> None:
    before = Pages.read(folder).find("/")
    (folder / "index.html").write_text("<title>gate</title>")

    after = Pages.read(folder).find("/")

    assert before is not None
    assert after is not None
    assert before.tag != after.tag


def test_without_a_folder_there_are_no_pages(tmp_path: Path) -> None:
    assert not Pages.read(tmp_path / "nowhere")


def test_a_folder_that_cannot_be_read_is_named(folder: Path) -> None:
    (folder / "wallet" / "loop").symlink_to(folder / "wallet" / "loop")
    (folder / "wallet" / "loop").unlink()
    (folder / "index.html").unlink()
    (folder / "index.html").symlink_to("/proc/self/mem")

    with pytest.raises(ConfigurationError, match=f"cannot read the pages in {folder}"):
        Pages.read(folder)
