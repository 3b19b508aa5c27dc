"""The log's vectors are what the code makes, proves and refuses."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import generate_log
from tongbao.coin import Receipt
from tongbao.errors import DecodingError, RequestError
from tongbao.evidence.log_proof import prove_logged
from tongbao.evidence.signing import VerifierKey

CONTENT: dict[str, Any] = json.loads((generate_log.FOLDER / generate_log.FILE).read_text(encoding="utf-8"))


def keys_of(case: dict[str, Any]) -> list[VerifierKey]:
    """The keys that whoever checks the case knows."""
    return [VerifierKey.decode(CONTENT["verifier_keys"][name]) for name in case["keys"]]


def receipt_of(case: dict[str, Any]) -> Receipt:
    return Receipt.decode(bytes.fromhex(case["receipt"]))


def test_the_file_is_what_the_code_makes(capsys: pytest.CaptureFixture[str]) -> None:
    status = generate_log.main(["--check"])

    assert (status, capsys.readouterr().err) == (0, "")


def test_a_file_that_differs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate_log, "FOLDER", tmp_path)

    before = generate_log.main(["--check"])
    written = generate_log.main([])
    after = generate_log.main(["--check"])

    assert (before, written, after) == (1, 0, 0)


def test_an_unknown_option_is_told() -> None:
    assert generate_log.main(["--chekc"]) == 2


@pytest.mark.parametrize("case", CONTENT["valid"], ids=lambda case: case["name"])
def test_a_receipt_proves_just_this(case: dict[str, Any]) -> None:
    proven = prove_logged(receipt_of(case), keys_of(case))

    shown, checkpoint = proven.receipt, proven.checkpoint
    told = {
        "transaction_id": shown.transaction_id.hex(),
        "status": shown.status,
        "sequence": str(shown.signed_head.head.sequence),
        "index": str(proven.index),
        "origin": checkpoint.origin,
        "size": str(checkpoint.size),
        "root": checkpoint.root.hex(),
    }
    assert told == {name: value for name, value in case["proves"].items() if name != "logged_by_s"}


@pytest.mark.parametrize("case", CONTENT["lies"], ids=lambda case: case["reason"])
def test_a_lie_is_refused_by_its_code(case: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as told:
        prove_logged(receipt_of(case), keys_of(case))

    assert told.value.code == case["code"]


@pytest.mark.parametrize("case", CONTENT["no_verifier_keys"], ids=lambda case: case["reason"])
def test_what_is_no_verifier_key_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(DecodingError):
        VerifierKey.decode(case["text"])
