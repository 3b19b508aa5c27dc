"""`tongbao log`: how far it is cosigned, and proof that it ever said two things."""

import time
from pathlib import Path

import pytest

from tests.command_line import json_of, tongbao
from tests.log_histories import LOG, ORIGIN, LogHistory
from tongbao.evidence import SignatureKind, SigningKey, VerifierKey
from tongbao.evidence.fork import Fork
from tongbao.service.key_file import read_key

HONEST = LogHistory()
FORGED = HONEST.rewritten_at(3)
WITNESS = SigningKey("w.example", SignatureKind.COSIGNATURE_ED25519, b"w" * 32)
OTHER = SigningKey("v.example", SignatureKind.COSIGNATURE_ED25519, b"v" * 32)
STRANGER = SigningKey(ORIGIN, SignatureKind.ED25519, b"s" * 32)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "registration" / "log").mkdir(parents=True)
    (tmp_path / "log.vkey").write_text(f"# of the log\n{LOG.verifier_key.encode()}\n")
    (tmp_path / "log.policy").write_text(
        f"log {LOG.verifier_key.encode()}\nwitness w {WITNESS.verifier_key.encode()}\n"
        f"witness v {OTHER.verifier_key.encode()}\nquorum w\n"
    )
    return tmp_path


def publish(data: Path, name: str, content: bytes) -> None:
    (data / "registration" / "log" / name).write_bytes(content)


def test_the_status_says_who_cosigned_how_much_and_when(data: Path) -> None:
    older = HONEST.checkpoint(7)
    publish(data, "checkpoint", HONEST.checkpoint(20).encode())
    cosigned = older.with_signatures(WITNESS.sign(older.text, time_s=int(time.time()) - 30))
    publish(data, "checkpoint.cosigned", cosigned.encode())

    told = json_of(tongbao("log", "status", "--data", str(data), "--json"))

    assert (told["origin"], told["size"], told["ok"]) == (ORIGIN, 20, True)
    assert (told["cosigned"]["size"], told["cosigned"]["is_quorum"]) == (7, True)
    (witness,) = told["cosigned"]["witnesses"]
    assert witness["name"] == "w"
    assert 30 <= witness["age_s"] < 60
    assert told["missing"] == ["v"]


def test_a_log_that_nobody_cosigned_has_no_quorum(data: Path) -> None:
    publish(data, "checkpoint", HONEST.checkpoint(20).encode())

    ended = tongbao("log", "status", "--data", str(data))

    assert ended.exit_code == 0
    assert "no checkpoint is cosigned by a quorum" in ended.stdout


def test_a_checkpoint_that_the_log_has_not_signed_ends_with_3(data: Path) -> None:
    publish(data, "checkpoint", LogHistory(key=STRANGER).checkpoint(20).encode())

    assert tongbao("log", "status", "--data", str(data)).exit_code == 3


def test_a_place_without_a_log_is_named(data: Path) -> None:
    ended = tongbao("log", "status", "--data", str(data), "--json")

    assert ended.exit_code == 4
    assert "holds no checkpoint" in json_of(ended)["message"]


def check(data: Path, content: bytes) -> "tuple[int, dict[str, object]]":
    (data / "fork.json").write_bytes(content)
    ended = tongbao("log", "check-fork", str(data / "fork.json"), "--vkey", str(data / "log.vkey"), "--json")
    return ended.exit_code, json_of(ended)


def test_two_histories_under_the_logs_key_are_proven_with_that_key_alone(data: Path) -> None:
    fork = Fork(HONEST.checkpoint(7), FORGED.checkpoint(20), FORGED.proof(7, 20))

    code, told = check(data, fork.encode())

    assert (code, told["forked"]) == (0, True)


@pytest.mark.parametrize(
    "fork",
    [
        Fork(HONEST.checkpoint(7), HONEST.checkpoint(20), HONEST.proof(7, 20)),
        Fork(HONEST.checkpoint(7), HONEST.checkpoint(20), FORGED.proof(7, 20)),
        Fork(HONEST.checkpoint(20), LogHistory(FORGED.entries, STRANGER).checkpoint(20)),
    ],
)
def test_an_honest_log_cannot_be_convicted(data: Path, fork: Fork) -> None:
    code, told = check(data, fork.encode())

    assert (code, told["forked"]) == (3, False)


def test_what_is_no_file_of_a_fork_is_refused(data: Path) -> None:
    code, told = check(data, b"{}")

    assert (code, told["error"]) == (1, "MALFORMED")


def test_a_witness_gets_a_key_that_cosigns_under_its_name(tmp_path: Path) -> None:
    words = ("log", "witness-key", tmp_path / "witness.key", "--name", "w.example/1", "--json")

    made = json_of(tongbao(*words))

    key = VerifierKey.decode(made["verifier_key"])
    assert (key.name, key.kind) == ("w.example/1", SignatureKind.COSIGNATURE_ED25519)
    assert key.key == read_key(tmp_path / "witness.key").public_key
    assert tongbao(*words).exit_code == 4


def test_a_name_that_no_key_can_have_makes_no_file(tmp_path: Path) -> None:
    assert tongbao("log", "witness-key", tmp_path / "witness.key", "--name", "a b").exit_code == 1
    assert not (tmp_path / "witness.key").exists()
