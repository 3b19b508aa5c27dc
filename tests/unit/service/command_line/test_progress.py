"""Progress is for people at a terminal; programs and files see nothing of it."""

import io

import pytest
from rich.console import Console

from tongbao.service.command_line import progress
from tongbao.service.command_line.progress import progress_bar


def test_nothing_is_shown_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with progress_bar() as report:
        report("judging", 5, 10)

    assert capsys.readouterr() == ("", "")


def test_a_terminal_shows_each_stage_with_what_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    monkeypatch.setattr(progress, "console", Console(file=shown, force_terminal=True, width=100))

    with progress_bar() as report:
        for done in (5, 10, 12):
            report("judging", done, 10)
        report("applying", 3, 4)

    last = shown.getvalue()
    assert "judging" in last
    assert "10/10" in last
    assert "12/10" not in last
    assert "3/4" in last
