"""Whether everybody can use a page, as far as a program can tell: axe-core, run in the page."""

from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"

_RUN = """async () => {
  const { violations } = await axe.run(document, { resultTypes: ["violations"] });
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary})`).join("; ")}`);
}"""


@cache
def _source() -> str:
    if not SOURCE.exists():
        pytest.fail(f"{SOURCE} is missing: `npm ci` in web/ installs it")
    return SOURCE.read_text()


def violations(page: Page) -> list[str]:
    """Every rule that the page breaks as it stands, with where and why.

    The program comes in through the debugger, so that the page's own content security policy stays as it is.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_source())
    found: list[str] = page.evaluate(_RUN)
    return found
