"""What is in doubt at the command line: a signed payment that is refused for now, and cash whose answer was lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.command_line import json_of, tongbao
from tongbao.coin.control import AuthorityKind
from tongbao.service.data_directory import DataDirectory

IN_DOUBT = 6


def _ask(data: DataDirectory, *words: object) -> dict[str, Any]:
    ended = _run(data, *words)
    assert ended.exit_code == 0, ended.output
    return json_of(ended)


def _run(data: DataDirectory, *words: object, as_json: bool = True) -> Any:  # noqa: ANN401 - typer's
    form = ("--json",) if as_json else ()
    return tongbao(*words, "--data", data.root, *form, TONGBAO_WALLET_PASSWORD="open sesame")


@contextmanager
def _suspended(data: DataDirectory, home: int) -> Iterator[None]:
    """A home that neither endorses nor receives until the block ends."""
    officers = data.officer_keys(AuthorityKind.CONTROL)[:2]

    def order(what: str) -> None:
        proposed = _ask(data, "central-bank", "control", what, home, "--officer", officers[0])
        for officer in officers:
            _ask(data, "central-bank", "approve", proposed["proposal_id"], "--officer", officer, "--yes")

    order("suspend")
    try:
        yield
    finally:
        order("resume")


def test_a_signed_payment_that_is_refused_for_now_is_in_doubt_and_settles_later(network: DataDirectory) -> None:
    alice = _ask(network, "wallet", "open", "doubting-alice", "--home", 1, "--class", "II")
    bob = _ask(network, "wallet", "open", "doubting-bob", "--home", 2, "--class", "II")
    _ask(network, "bank", "deposit", alice["wallet_id"], 100, "--home", 1)
    _ask(network, "wallet", "exchange", "doubting-alice", 100)
    pay = ("wallet", "pay", "doubting-alice", bob["address"], 50, "--yes")

    with _suspended(network, 2):
        ended, again = _run(network, *pay), _run(network, *pay, as_json=False)
        held = _ask(network, "wallet", "show", "doubting-alice")
    told = json_of(ended)
    resumed = _ask(network, "wallet", "resume", "doubting-alice")["payments"]

    assert (ended.exit_code, again.exit_code) == (IN_DOUBT, IN_DOUBT)
    assert (told["error"], told["state"], told["reason"]) == ("IN_DOUBT", "in_doubt", "OUTPUT_HOME_INACTIVE")
    assert "tongbao wallet resume doubting-alice" in told["cure"]
    assert "may still settle by itself until" in again.stderr
    assert (held["balance_fen"], held["free_fen"]) == (10_000, 0)
    assert (told["payment"]["state"], resumed[0]["state"]) == ("signed", "settled")
    assert [each["payment_id"] for each in resumed] == [told["payment"]["payment_id"]]
    assert _ask(network, "wallet", "show", "doubting-alice")["balance_fen"] == 5_000


def test_cash_whose_answer_was_lost_is_credited_once_by_its_request_id(network: DataDirectory) -> None:
    carol = _ask(network, "wallet", "open", "repeating-carol", "--home", 1, "--class", "II")
    deposit = ("bank", "deposit", carol["wallet_id"], 30, "--home", 1, "--request-id", "till-7-no.4")

    first, again = _ask(network, *deposit), _ask(network, *deposit)

    assert first == again
    assert _ask(network, "wallet", "show", "repeating-carol")["deposit_fen"] == 3_000
