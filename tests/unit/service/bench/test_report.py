"""The page of figures: every run is on it, and nothing on it comes from elsewhere."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tongbao.errors import ConfigurationError
from tongbao.service.bench.report import read_runs, report_page


def stage(per_second: float, p99_ms: float) -> dict[str, float]:
    return {"transactions": 1, "per_second": per_second, "p50_ms": 1, "p99_ms": p99_ms, "p999_ms": 9, "cpu_us": 2.5}


def run(name: str, *, coins: int, cores: int = 2, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - what JSON holds
    return {
        "name": name,
        "kernel": "native",
        "crypto": "ed25519 by <lanes>",
        "cpu": "EPYC",
        "machine": {"cores": cores},
        "suite": "ed25519",
        "coins": coins,
        "settle_unsigned": stage(1_000_000, 3),
        "limits": {"libsodium_verify_per_second": 54_000.0, "openssl_sm2_verify_per_second": None},
        **more,
    }


class Elements(HTMLParser):
    """Counts elements, and demands that all are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.attributes: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def elements(page: str) -> Elements:
    parsed = Elements()
    parsed.feed(page)
    assert parsed.open == []
    return parsed


def test_every_run_has_its_line_its_points_and_its_figures() -> None:
    loads: dict[str, Any] = {
        "end_to_end_at_1000": stage(1000, 9),
        "end_to_end_at_half": stage(26000, 40),
        "end_to_end": stage(52000, 90),
    }
    runs = [run("few", coins=100_000, **loads), run("many", coins=50_000_000), run("one core", coins=100_000, cores=1)]

    page = report_page(runs)

    parsed = elements(page)
    # Three loads of one run; cost and throughput of three runs.
    assert parsed.seen.count("circle") == 3 + 3 + 3
    assert parsed.seen.count("polyline") == 1 + 2 + 2
    for words in ("few: native, ed25519 by &lt;lanes&gt;", "52,000.00", "native, 1 core<", "10 M", "54,000.0"):
        assert words in page
    assert not {"href", "src"} & set(parsed.attributes)
    assert "http" not in page


def test_runs_without_a_journal_say_that_they_measured_no_way_there() -> None:
    assert "None of the runs has measured this." in report_page([run("a", coins=1000)])


def test_runs_are_read_by_the_names_of_their_files(tmp_path: Path) -> None:
    content = {name: each for name, each in run("x", coins=5).items() if name != "name"}
    for name in ("b", "a"):
        (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")

    assert [each["name"] for each in read_runs(tmp_path)] == ["a", "b"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"settle": 1}'])
def test_other_files_are_told_by_name(tmp_path: Path, content: str) -> None:
    (tmp_path / "other.json").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError, match=r"other\.json"):
        read_runs(tmp_path)


def test_a_directory_without_runs_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="bench ledger --json"):
        read_runs(tmp_path)
