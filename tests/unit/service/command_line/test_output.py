"""Answers go to standard output, complaints to standard error, and every failure has its documented exit code."""

import json
from typing import NoReturn

import pytest
import typer

from tongbao.errors import (
    BusyError,
    ConfigurationError,
    DamageError,
    DecodingError,
    InvariantError,
    NetworkError,
    PeerError,
    RefusedError,
    RequestError,
    TongbaoError,
)
from tongbao.service.command_line.output import EXIT_CODES, StillOpenError, answer, count_text, fen_text, run


def _exit_code(error: BaseException, *, as_json: bool = False) -> int:
    async def work() -> NoReturn:
        raise error

    with pytest.raises(typer.Exit) as ended:
        run(work, as_json=as_json)
    return ended.value.exit_code


async def _done() -> int:
    return 7


def test_the_works_result_comes_back() -> None:
    assert run(_done) == 7


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RequestError("wrong"), 1),
        (DecodingError("wrong"), 1),
        (RefusedError("no"), 1),
        (DamageError("bits"), 3),
        (NetworkError("silence"), 4),
        (BusyError("later"), 4),
        (ConfigurationError("port"), 4),
        (PeerError("nonsense"), 5),
        (StillOpenError("who knows", cure="look", told={}), 6),
        (InvariantError("impossible"), 70),
        (TongbaoError("of no family"), 70),
        (KeyboardInterrupt(), 130),
    ],
)
def test_every_family_of_errors_has_a_documented_exit_code(error: BaseException, code: int) -> None:
    assert _exit_code(error) == code
    assert code in EXIT_CODES


def test_an_error_that_nobody_foresaw_comes_out_as_it_is() -> None:
    async def work() -> NoReturn:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(work)


def test_a_complaint_for_people_names_code_field_and_cure(capsys: pytest.CaptureFixture[str]) -> None:
    _exit_code(RequestError("too much", code="LIMIT_DAY", field="amount", cure="pay less"))

    told = capsys.readouterr()
    assert told.err == "LIMIT_DAY (amount): too much\n  → pay less\n"
    assert told.out == ""


def test_a_complaint_for_programs_is_one_json_object(capsys: pytest.CaptureFixture[str]) -> None:
    _exit_code(RefusedError("too much", code="LIMIT_DAY", field="amount", cure="pay less"), as_json=True)

    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "error": "LIMIT_DAY",
        "message": "too much",
        "field": "amount",
        "cure": "pay less",
    }
    assert told.err == ""


def test_what_is_in_doubt_says_so_to_programs_and_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    error = StillOpenError("it may have happened", cure="look", told={"request_id": "r1"})

    _exit_code(error, as_json=True)
    _exit_code(error)

    told = capsys.readouterr()
    assert json.loads(told.out) == {
        "error": "IN_DOUBT",
        "message": "it may have happened",
        "field": "",
        "cure": "look",
        "state": "in_doubt",
        "request_id": "r1",
    }
    assert told.err == "IN_DOUBT: it may have happened\n  → look\n"


def test_people_read_amounts_in_yuan_and_programs_in_fen(capsys: pytest.CaptureFixture[str]) -> None:
    error = RefusedError("2000 fen are asked of 1 fen; 12.50 fen and x3 fen are none", code="NO", cure="pay 5 fen")

    _exit_code(error)
    _exit_code(error, as_json=True)

    told = capsys.readouterr()
    assert told.err == "NO: ¥20.00 are asked of ¥0.01; 12.50 fen and x3 fen are none\n  → pay ¥0.05\n"
    assert json.loads(told.out)["cure"] == "pay 5 fen"


@pytest.mark.parametrize(("count", "text"), [(0, "0 coins"), (1, "1 coin"), (1_234, "1,234 coins")])
def test_one_thing_is_not_many(count: int, text: str) -> None:
    assert count_text(count, "coin") == text


def test_an_error_of_the_world_is_named_by_its_kind(capsys: pytest.CaptureFixture[str]) -> None:
    _exit_code(ConfigurationError("port 80 is in use"), as_json=True)

    assert json.loads(capsys.readouterr().out)["error"] == "ConfigurationError"


def test_what_others_sent_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    long = "/a/very/long/path" * 12

    _exit_code(RequestError(f"[/bold] [section] {long}", field="[red]", cure="write [x]"))

    assert capsys.readouterr().err == f"BAD_REQUEST ([red]): [/bold] [section] {long}\n  → write [x]\n"


def test_an_answer_is_json_text_or_a_line_per_entry(capsys: pytest.CaptureFixture[str]) -> None:
    content = {"name": "农业", "fen": 5, "valid": True, "torn": False}

    answer(content, as_json=True, text="ignored")
    answer(content, as_json=False, text="for people\n\n")
    answer(content, as_json=False)

    assert capsys.readouterr().out == (
        '{"name": "农业", "fen": 5, "valid": true, "torn": false}\n'
        "for people\n"
        "name: 农业\nfen: 5\nvalid: yes\ntorn: no\n"
    )


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "¥0.00"), (5, "¥0.05"), (123_456_789, "¥1,234,567.89"), (-1, "-¥0.01"), (-12_345, "-¥123.45")],
)
def test_fen_are_shown_as_yuan(fen: int, text: str) -> None:
    assert fen_text(fen) == text
