"""Which tests run: the default ones unless a tier is asked for by `-m`, or a test by its full name."""

import os

import hypothesis
import pytest

# A tier's limit for one test, in seconds; the limit of a default test stands in pyproject.toml.
TIERS_TIMEOUT_S = {"slow": 900, "fault": 900, "fuzz": 300, "browser": 300, "card": 300, "cluster": 600, "node": 120}

# No deadline: two cores shared with a running currency say nothing about one example's speed.
# In CI a property always meets the same examples, so that a change is judged by what it changed.
hypothesis.settings.register_profile("tongbao", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("tongbao")


def tiers_of(item: pytest.Item) -> list[str]:
    """The tiers that a test is marked with; none for a default test."""
    return [tier for tier in TIERS_TIMEOUT_S if item.get_closest_marker(tier)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the tiers out of a run that did not ask for one, and give each tier's tests their time."""
    asked_for = bool(config.option.markexpr) or any("::" in argument for argument in config.args)
    kept: list[pytest.Item] = []
    left_out: list[pytest.Item] = []
    for item in items:
        tiers = tiers_of(item)
        if len(tiers) > 1:
            raise pytest.UsageError(f"{item.nodeid} is in {' and '.join(tiers)}; a test has one tier, or it runs twice")
        if tiers and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(TIERS_TIMEOUT_S[tiers[0]]))
        (kept if asked_for or not tiers else left_out).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
