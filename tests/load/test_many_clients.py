"""Sixty-four clients at one time, restarts in the middle, and every fen is where everybody says it is.

Ten minutes of it: `python -m tests.load.run`.
"""

from pathlib import Path

import pytest

from tests.load.crowd import Deed
from tests.load.run import Plan, run

CLIENTS, SECONDS, RESTARTS = 64, 40.0, 2


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_sixty_four_clients_and_two_restarts_leave_books_ledger_and_diaries_in_agreement(tmp_path: Path) -> None:
    report = await run(Plan(CLIENTS, SECONDS, RESTARTS, seed=1), tmp_path)

    assert report["payments"] >= CLIENTS
    assert set(report["deeds"]) == set(Deed)
    assert len(report["restarts"]) == RESTARTS
    # Otherwise the restarts and the lost patience have not met anybody.
    assert report["asked_again"]
