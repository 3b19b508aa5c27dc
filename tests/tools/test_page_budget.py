"""The tool that weighs the pages' scripts counts what a page loads at its start, once each, and no more."""

import gzip
from pathlib import Path

import pytest

from tools.page_budget import WALLET_BYTES_MAX, main, weigh

HTML = '<script src="/early.js"></script><script type="module" crossorigin src="/assets/wallet-1.js"></script>'
SCRIPTS = {
    "early.js": "early()",
    "assets/wallet-1.js": 'import{a as b}from"./shared-2.js";import"./side-3.js";const c=import("./later-4.js");b()',
    "assets/shared-2.js": 'export*from"./deep-5.js";import"./wallet-1.js"',
    "assets/side-3.js": "side()",
    "assets/deep-5.js": "deep()",
    "assets/later-4.js": "later()",
}


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    for folder in ("wallet", "assets"):
        (tmp_path / folder).mkdir()
    (tmp_path / "wallet" / "index.html").write_text(HTML)
    for path, text in SCRIPTS.items():
        (tmp_path / path).write_text(text)
    return tmp_path


def test_a_page_weighs_what_it_loads_at_its_start(pages: Path) -> None:
    expected = sorted(SCRIPTS.keys() - {"assets/later-4.js"})

    [weight] = weigh(pages)

    assert (weight.page, list(weight.scripts)) == ("wallet", expected)
    assert weight.gzip_bytes == sum(len(gzip.compress(SCRIPTS[path].encode(), 9)) for path in expected)


def test_scripts_that_are_preloaded_count_once(pages: Path) -> None:
    before = weigh(pages)
    preload = '<link rel="modulepreload" crossorigin href="/assets/deep-5.js">'

    (pages / "wallet" / "index.html").write_text(HTML + preload)

    assert weigh(pages) == before


def test_a_page_over_its_budget_is_told_and_fails(pages: Path, capsys: pytest.CaptureFixture[str]) -> None:
    within = main(pages)
    (pages / "early.js").write_text("".join(map(str, range(WALLET_BYTES_MAX))))

    over = main(pages)

    assert (within, over) == (0, 1)
    assert "OVER" in capsys.readouterr().out


def test_no_pages_is_a_failure_of_its_own(tmp_path: Path) -> None:
    assert main(tmp_path) == 2
