"""`tongbao central-bank control` proposes the operation that its words say, as the officer whose key is named."""

from base64 import b64decode
from pathlib import Path

import pytest

from tests.builders import public_key
from tests.command_line import json_of, tongbao
from tests.desks import Desks
from tongbao.coin import CURRENCY
from tongbao.coin.control import OPERATIONS as NUMBERS
from tongbao.coin.control import (
    ActivateRules,
    AuthorityKind,
    ClockOperation,
    ControlOperation,
    Freeze,
    FreezeTarget,
    Officers,
    OrderedMove,
    Quota,
    ReceiptKey,
    RegisterAsset,
    RegisterInstitution,
    RekeyInstitution,
    SetSuccessor,
    SubstituteKey,
    SuspendInstitution,
    Unfreeze,
    read_operation,
)
from tongbao.coin.encoding import Reader
from tongbao.protocol.issuance import Proposal, ProposalState
from tongbao.service.command_line.control import app

KEY, KEYS = public_key(1), [public_key(number) for number in (1, 2, 3)]
KEY_TEXT, KEYS_TEXT = KEY.key.hex(), [key.key.hex() for key in KEYS]
ID = bytes(range(32))

OPERATIONS: list[tuple[list[str], ControlOperation]] = [
    (["register", "3", KEY_TEXT], RegisterInstitution(3, KEY)),
    (["suspend", "2"], SuspendInstitution(2, suspended=True)),
    (["resume", "2"], SuspendInstitution(2, suspended=False)),
    (["rekey", "2", KEY_TEXT], RekeyInstitution(2, KEY)),
    (["substitute", "2", KEY_TEXT], SubstituteKey(2, KEY)),
    (["successor", "2", "1"], SetSuccessor(2, 1)),
    (["quota", "2", "5,000,000.05"], Quota(CURRENCY, 2, 500_000_005)),
    (["officers", "offices", "2", *KEYS_TEXT], Officers(AuthorityKind.OFFICES, 2, tuple(KEYS))),
    (["freeze", "coin", ID.hex()], Freeze(FreezeTarget.COIN, ID)),
    (["freeze", "lock", ID.hex()], Freeze(FreezeTarget.LOCK, ID)),
    (["unfreeze", "lock", ID.hex()], Unfreeze(FreezeTarget.LOCK, ID)),
    (["asset", "1", "BOND-2027"], RegisterAsset(1, active=True, code="BOND-2027")),
    (["suspend-asset", "1", "BOND-2027"], RegisterAsset(1, active=False, code="BOND-2027")),
    (["rules", "1"], ActivateRules(1)),
    (["receipt-key", KEY_TEXT], ReceiptKey(KEY, active=True)),
    (["end-receipt-key", KEY_TEXT], ReceiptKey(KEY, active=False)),
    (["clock", "1790000000000"], ClockOperation(1_790_000_000_000)),
]

PROPOSAL = Proposal(
    proposal_id="1f2e",
    kind="control",
    home=0,
    value_fen=0,
    description="what it does",
    state=ProposalState.PENDING,
    transaction_id=ID,
    transaction=b"",
    approvals=1,
    threshold=2,
    expiry_ms=1,
    status="",
    receipt=None,
)


@pytest.mark.parametrize(("words", "operation"), OPERATIONS, ids=[" ".join(words[:2]) for words, _ in OPERATIONS])
def test_the_operation_that_the_words_say_is_proposed(
    desks: Desks, words: list[str], operation: ControlOperation
) -> None:
    desks.answers["POST", "/v1/control"] = PROPOSAL
    officer = desks.officer(AuthorityKind.CONTROL)

    ended = tongbao("central-bank", "control", *words, "--officer", officer, "--data", desks.root)

    assert ended.exit_code == 0
    assert ended.stdout == "what it does: proposal 1f2e, 1 of 2 approvals\n"
    reader = Reader(b64decode(desks.asked[0].message["operation"]), "operation")
    assert read_operation(reader) == operation
    reader.finish()
    assert (desks.asked[0].role, desks.asked[0].caller[:8]) == ("central-bank", "officer:")


def test_every_operation_that_there_is_has_a_command() -> None:
    proposed = {type(operation).NUMBER for _, operation in OPERATIONS} | {OrderedMove.NUMBER}

    assert proposed == set(NUMBERS)


def test_every_command_of_the_desk_is_tried_above() -> None:
    tried = {words[0] for words, _ in OPERATIONS} | {"move"}

    assert tried == {command.name for command in app.registered_commands}


def test_programs_get_the_proposal_itself(desks: Desks) -> None:
    desks.answers["POST", "/v1/control"] = PROPOSAL

    ended = tongbao(
        "central-bank", "control", "suspend", "2", "--officer", desks.officer(), "--data", desks.root, "--json"
    )

    assert json_of(ended) == PROPOSAL.model_dump(mode="json")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["register", "0", KEY_TEXT], "HOME"),
        (["register", str(2**32), KEY_TEXT], "HOME"),
        (["register", "3", KEY_TEXT[:-2]], "an Ed25519 key has 64 hexadecimal digits"),
        (["freeze", "coin", "00"], "an id has 64 hexadecimal digits"),
        (["freeze", "wallet", ID.hex()], "name a lock or a coin"),
        (["unfreeze", "wallet", ID.hex()], "name a lock or a coin"),
        (["officers", "tellers", "1", KEY_TEXT], "authority must be one of issuance, control, offices"),
        (["officers", "control", "0", KEY_TEXT], "THRESHOLD"),
        (["quota", "2", "-1"], ""),
        (["clock", "-1"], ""),
        (["rules", "0"], "VERSION"),
        (["asset", str(2**32), "CNY"], "ASSET"),
        (["receipt-key", "00"], "an Ed25519 key has 64 hexadecimal digits"),
        (["move", "00", ID.hex()], "a coin is named by its id, 64 hexadecimal digits, or opened, 164 of them"),
        (["move", "coin", ID.hex()], "a coin is named by its id, 64 hexadecimal digits, or opened, 164 of them"),
        (["move", ID.hex(), "00"], "a lock's id has 64 hexadecimal digits"),
        (["move", ID.hex(), ID.hex(), "--home", "0"], "--home"),
        (["move", ID.hex(), ID.hex(), "--amount", "-5"], "out of range"),
    ],
)
def test_words_that_no_operation_has_are_a_wrong_command_line(tmp_path: Path, words: list[str], message: str) -> None:
    officer = tmp_path / "officer.key"
    officer.touch()

    ended = tongbao("central-bank", "control", *words, "--officer", officer, "--data", tmp_path)

    assert ended.exit_code == 2
    assert message.lower() in ended.stderr.lower()


@pytest.mark.parametrize(
    "words",
    [
        ["officers", "control", "3", KEY_TEXT],
        ["officers", "control", "1", KEY_TEXT, KEY_TEXT],
        ["clock", str(2**64)],
        ["asset", "1", ""],
        ["asset", "1", "债券"],
    ],
)
def test_an_operation_that_cannot_be_is_refused_before_anybody_is_asked(tmp_path: Path, words: list[str]) -> None:
    officer = tmp_path / "officer.key"
    officer.touch()

    ended = tongbao("central-bank", "control", *words, "--officer", officer, "--data", tmp_path, "--json")

    assert ended.exit_code == 1
    assert json_of(ended)["message"]
