"""The two languages of the concepts say the same things, and no page is lost."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"


def pages_of(entries: list[object]) -> Iterator[str]:
    """The paths in a navigation, however deep."""
    for entry in entries:
        if isinstance(entry, str):
            yield entry
        elif isinstance(entry, dict):
            for value in entry.values():
                yield from pages_of(value if isinstance(value, list) else [value])


def test_every_page_is_in_the_navigation() -> None:
    navigation = tomllib.loads((ROOT / "zensical.toml").read_text(encoding="utf-8"))["project"]["nav"]

    pages = {str(path.relative_to(DOCS)) for path in DOCS.rglob("*.md")}

    assert set(pages_of(navigation)) == pages


def test_every_concept_is_told_in_both_languages() -> None:
    english, chinese = ({path.name for path in (DOCS / folder).glob("*.md")} for folder in ("concepts", "zh/concepts"))

    assert english == chinese


def test_a_concept_has_the_same_sections_in_both_languages() -> None:
    for english in (DOCS / "concepts").glob("*.md"):
        chinese = DOCS / "zh/concepts" / english.name

        headings = [
            len(re.findall(r"^## ", page.read_text(encoding="utf-8"), re.MULTILINE)) for page in (english, chinese)
        ]

        assert headings[0] == headings[1], english.name


def test_both_glossaries_have_the_same_terms() -> None:
    english, chinese = (
        re.findall(
            r"^\| ([^|]+?) \| ([^|]+?) \|", (DOCS / folder / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE
        )
        for folder in ("concepts", "zh/concepts")
    )

    assert english == chinese


def test_the_terms_of_the_glossary_are_in_order_and_unique() -> None:
    glossary = (DOCS / "concepts/glossary.md").read_text(encoding="utf-8")

    terms = [term.lower() for term in re.findall(r"^\| ([^|]+?) \|", glossary, re.MULTILINE)[2:]]

    assert terms == sorted(set(terms))


def test_every_invariant_names_the_code_that_holds_it_and_the_tests_that_would_notice() -> None:
    page = (DOCS / "internals/invariants.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in page.splitlines() if re.match(r"\| I\d", line)]

    numbers = [row[0].strip() for row in rows]
    loose = [row[0].strip() for row in rows for path in re.findall(r"`(tests/[^`]+)`", row[3]) if not holds_cases(path)]

    assert numbers == [f"I{number}" for number in range(1, len(rows) + 1)]
    assert all(row[2].strip() and "`tests/" in row[3] for row in rows)
    assert not loose


def holds_cases(path: str) -> bool:
    """Whether it is a file of tests, or vectors; a folder of tests says too little."""
    place = ROOT / path
    if place.suffix == ".py":
        return "def test_" in place.read_text(encoding="utf-8")
    return place.suffix == ".json" or any(place.glob("*.json"))


def test_every_decision_is_in_the_index_and_has_its_four_headings() -> None:
    index = (DOCS / "decisions/index.md").read_text(encoding="utf-8")

    for record in sorted((DOCS / "decisions").glob("0*.md")):
        text = record.read_text(encoding="utf-8")

        assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Options", "Decision", "Cost"], record.name
        assert f"({record.name}) | {text.splitlines()[0].split('. ', 1)[1]} |" in index
