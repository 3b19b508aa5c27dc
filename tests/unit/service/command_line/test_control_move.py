"""`tongbao central-bank control move` names the coin, where it goes and what stays, and nothing else."""

import asyncio
from base64 import b64decode
from collections.abc import Sequence
from typing import Any

import pytest
from typer.testing import Result

from tests.builders import ALICE, BOB, GENESIS, bytes32, coin, issue
from tests.command_line import json_of, tongbao
from tests.desks import Desks
from tests.journals import write_journal
from tests.kernel_builders import Ledger
from tongbao.coin import CURRENCY, Coin, Input
from tongbao.coin.control import AuthorityKind, OrderedMove, read_operation
from tongbao.coin.encoding import Reader
from tongbao.protocol.issuance import Proposal, ProposalState

MOVED = Coin(CURRENCY, 500, 1, bytes32(7))
OPENED = Input(bytes32(1), 3, MOVED)
LOCK = bytes32(8)


@pytest.fixture(autouse=True)
def _lay_ready(desks: Desks) -> None:
    desks.answers["POST", "/v1/control"] = Proposal(
        proposal_id="1f2e",
        kind="control",
        home=0,
        value_fen=500,
        description="what it does",
        state=ProposalState.PENDING,
        transaction_id=bytes32(2),
        transaction=b"",
        approvals=0,
        threshold=2,
        expiry_ms=1,
        status="",
        receipt=None,
    )


def _move(desks: Desks, coin: bytes, *options: object) -> Result:
    officer = desks.officer(AuthorityKind.OFFICES)
    words = ("central-bank", "control", "move", coin.hex(), LOCK.hex(), "--officer", officer, "--data", desks.root)
    return tongbao(*words, *options)


def _asked(desks: Desks) -> tuple[Any, Sequence[bytes], Sequence[bytes]]:
    message = desks.asked[0].message
    operation = read_operation(Reader(b64decode(message["operation"]), "operation"))
    return operation, [b64decode(each) for each in message["inputs"]], [b64decode(each) for each in message["outputs"]]


@pytest.mark.parametrize(
    ("options", "outputs"),
    [
        ([], [Coin(CURRENCY, 500, 1, LOCK)]),
        (["--home", "2"], [Coin(CURRENCY, 500, 2, LOCK)]),
        (["--amount", "5"], [Coin(CURRENCY, 500, 1, LOCK)]),
        (["--home", "2", "--amount", "1.20"], [Coin(CURRENCY, 120, 2, LOCK), Coin(CURRENCY, 380, 1, MOVED.lock_id)]),
    ],
)
def test_a_coin_that_is_given_opened_moves_whole_or_in_part(
    desks: Desks, options: list[str], outputs: list[Coin]
) -> None:
    ended = _move(desks, OPENED.encode(), *options)

    operation, inputs, made = _asked(desks)
    assert ended.stdout == "what it does: proposal 1f2e, 0 of 2 approvals\n"
    assert operation == OrderedMove(OPENED.coin_id(desks.data.genesis().domain()))
    assert inputs == [OPENED.encode()]
    assert made == [coin.encode() for coin in outputs]


def test_a_coin_that_is_named_by_its_id_is_opened_from_the_journal(desks: Desks) -> None:
    ledger, transaction = Ledger(), issue([coin(5, owner=ALICE), coin(6, owner=BOB)])
    ledger.settle(transaction, home=0)
    asyncio.run(write_journal(desks.data.journal, [GENESIS.encode(), *ledger.batches]))
    domain = desks.data.genesis().domain()
    wanted = Input(transaction.id(domain), 1, transaction.body.outputs[1])

    ended = _move(desks, wanted.coin_id(domain), "--json")

    assert (ended.exit_code, json_of(ended)["proposal_id"]) == (0, "1f2e")
    assert _asked(desks)[1] == [wanted.encode()]


def test_more_than_the_coin_is_worth_is_refused_before_anybody_is_asked(desks: Desks) -> None:
    ended = _move(desks, OPENED.encode(), "--amount", "5.01", "--json")

    assert ended.exit_code == 1
    assert (json_of(ended)["field"], desks.asked) == ("amount", [])


def test_an_amount_in_yuan_says_nothing_about_another_asset(desks: Desks) -> None:
    bond = Input(bytes32(1), 0, Coin(CURRENCY + 1, 500, 1, bytes32(7)))

    ended = _move(desks, bond.encode(), "--amount", "1", "--json")

    assert (ended.exit_code, json_of(ended)["cure"]) == (1, "move the whole coin")
