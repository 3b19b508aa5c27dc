"""Disasters of the currency: lawful whatever strikes, the same again from the same seed, and red with a bug in it."""

from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tongbao.simulation.disasters.faults import FAULTS
from tongbao.simulation.disasters.planted import NAMES, PLANTED, PlantedBug, find, find_named
from tongbao.simulation.disasters.running import run_one
from tongbao.simulation.disasters.story import run_disaster

SEEDS = range(1000, 1024)
ONCE_FAILED = {72: "a bit that rotted where nobody reads at a start was taken for a law that broke"}
PAGE = Path(__file__).parents[2] / "docs" / "internals" / "planted-bugs.md"
QUICKLY_FOUND = ("answers run ahead", "absence believed before expiry")


@pytest.fixture(autouse=True)
def quiet(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """What the dying complain of is kept out of the report."""
    del caplog, capsys


def test_one_seed_is_one_disaster_and_breaks_no_law() -> None:
    first, again = run_one(6), run_one(6)

    assert first.failure == ""
    assert first.digest == again.digest
    assert first.events > 500
    assert first.answers > 20
    assert first.settled > 5


@pytest.mark.slow
@pytest.mark.parametrize("seed", [*SEEDS, *ONCE_FAILED])
def test_no_disaster_breaks_a_law(seed: int) -> None:
    assert run_one(seed).failure == ""


@pytest.mark.slow
def test_a_few_seeds_meet_every_fault_and_replicas_take_over() -> None:
    results = [run_disaster(str(seed)).result for seed in range(2024, 2048)]

    assert {name for result in results for name in result.faults} == set(FAULTS)
    assert {result.replicas for result in results} == {1, 2, 3}
    assert any(result.takeovers > 1 for result in results if result.replicas > 1)


@pytest.mark.parametrize("name", QUICKLY_FOUND)
def test_a_planted_bug_is_found_and_taken_out_again(name: str) -> None:
    finding = find_named(name, range(1, 4))
    healthy = run_one(1)

    assert finding.seeds is not None
    assert finding.law.startswith("LawBrokenError")
    assert healthy.failure == ""


@pytest.mark.slow
@pytest.mark.parametrize("bug", PLANTED, ids=NAMES)
def test_every_planted_bug_is_found(bug: PlantedBug) -> None:
    finding = find(bug, range(1, 61))

    assert finding.seeds is not None


def test_the_page_tells_of_every_planted_bug() -> None:
    rows = [line.split("|")[1].strip() for line in PAGE.read_text(encoding="utf-8").splitlines() if "| " in line]

    assert [row for row in rows if row in NAMES] == list(NAMES)
    assert "not found" not in PAGE.read_text(encoding="utf-8")


def test_the_command_adds_up_what_seeds_came_to() -> None:
    ended = tongbao("simulate", "disasters", "--seeds", "6..7", "--jobs", 1, "--json")

    content = json_of(ended)
    assert ended.exit_code == 0
    assert (content["seeds"], content["failures"], content["undecided"]) == (2, 0, 0)
    assert content["events"] == sum(run["events"] for run in content["runs"])
    assert content["virtual_seconds"] > 200


@pytest.mark.parametrize("seeds", ["9..3", "a..b", "..4", "", "1..", "1..999999999"])
def test_what_is_no_range_of_seeds_is_refused_with_the_way_to_write_one(seeds: str) -> None:
    ended = tongbao("simulate", "disasters", "--seeds", seeds)

    assert ended.exit_code == 2
    assert "--seeds" in ended.stderr


def test_an_unknown_planted_bug_is_refused_with_the_names_of_those_that_there_are() -> None:
    ended = tongbao("simulate", "planted", "no such bug")

    assert ended.exit_code == 2
    assert "fence removed" in ended.stderr
