"""`tongbao central-bank` makes networks, lists proposals, and lets officers approve only what they are shown."""

from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest

from tests.builders import ALICE, GENESIS, coin, control, issue
from tests.command_line import json_of, tongbao
from tests.desks import Desks
from tongbao.centres.central_bank.bodies import value_of
from tongbao.centres.central_bank.description import describe
from tongbao.centres.registration.answers import status_of
from tongbao.centres.registration.opening import standing_of
from tongbao.coin import Approval, PublicKey, Transaction, approve_digest
from tongbao.coin.control import AuthorityKind, SuspendInstitution
from tongbao.coin.ed25519 import verify_fast
from tongbao.coin.encoding import Reader
from tongbao.errors import RefusedError
from tongbao.kernel import ReferenceKernel
from tongbao.protocol.issuance import Proposal, ProposalPage, ProposalState
from tongbao.protocol.registration import LedgerStatus
from tongbao.service.command_line.proposal import cure_of
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key


def _proposal(desks: Desks, transaction: Transaction, /, **changes: Any) -> Proposal:  # noqa: ANN401 - any field
    fields: dict[str, Any] = {
        "proposal_id": "1f2e",
        "kind": transaction.body.kind.name.lower(),
        "home": 1,
        "value_fen": value_of(transaction.body),
        "description": describe(transaction.body, home=1),
        "state": ProposalState.PENDING,
        "transaction_id": transaction.id(desks.data.genesis().domain()),
        "transaction": transaction.encode(),
        "approvals": 0,
        "threshold": 2,
        "expiry_ms": 1,
        "status": "",
        "receipt": None,
    }
    return Proposal(**{**fields, **changes})


def _issue(desks: Desks, *, home: int = 1) -> Transaction:
    domain = desks.data.genesis().domain()
    return issue([coin(500, owner=ALICE, home=home, domain=domain)], approvers=(), domain=domain)


def _lay_ready(desks: Desks, proposal: Proposal) -> None:
    desks.answers["GET", "/v1/proposals/1f2e"] = proposal
    desks.answers["POST", "/v1/proposals/1f2e/approvals"] = proposal.model_copy(update={"approvals": 1})


def _approve(desks: Desks, *options: object, typed: str | None = None) -> Any:  # noqa: ANN401
    """Approve without being asked, or with `typed` as the answer."""
    words = ("central-bank", "approve", "1f2e", "--officer", desks.officer(), "--data", desks.root, *options)
    return tongbao(*words, "--yes") if typed is None else tongbao(*words, typed=typed)


def test_a_network_is_made_with_a_place_for_every_role(tmp_path: Path) -> None:
    words = ("--institution", "北京银行", "--institution", "Second", "--institution", "Third", "--port", 8000)

    ended = tongbao("central-bank", "init", "--data", tmp_path / "pilot", "--name", "Pilot", *words, "--json")

    made = DataDirectory.open(tmp_path / "pilot")
    assert ended.exit_code == 0
    assert json_of(ended) == made.network.model_dump(mode="json")
    assert [url.rpartition(":")[2] for _, url in made.roles().values()] == ["8001", "8002", "8003", "8004", "8005"]
    assert [place.title for place in made.network.institutions] == ["北京银行", "Second", "Third"]
    assert (made.network.name, made.network.test_network) == ("Pilot", False)


def test_people_are_told_where_roles_answer_and_where_the_officers_keys_lie(tmp_path: Path) -> None:
    ended = tongbao("central-bank", "init", "--data", tmp_path / "pilot")

    assert "institution-2   http://127.0.0.1:7304" in ended.stdout
    assert f"officers' keys: {tmp_path / 'pilot' / 'central-bank' / 'officers'}" in ended.stdout


def test_a_seed_makes_the_same_keys_again_on_test_networks(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tongbao("central-bank", "init", "--data", tmp_path / name, "--test-network", "--seed", "7")

    keys = [read_key(tmp_path / name / "institution-1" / "vault.key").public_key for name in ("a", "b")]

    assert keys[0] == keys[1]


def test_without_a_seed_no_two_networks_have_a_key_in_common(tmp_path: Path) -> None:
    for name in ("a", "b"):
        tongbao("central-bank", "init", "--data", tmp_path / name, "--test-network")

    keys = [read_key(tmp_path / name / "institution-1" / "vault.key").public_key for name in ("a", "b")]

    assert keys[0] != keys[1]


def test_a_seed_is_refused_where_money_would_be_real(tmp_path: Path) -> None:
    ended = tongbao("central-bank", "init", "--data", tmp_path / "pilot", "--seed", "7")

    assert ended.exit_code == 2
    assert "add --test-network" in ended.stderr
    assert not (tmp_path / "pilot").exists()


def test_a_network_is_never_made_over_another(tmp_path: Path) -> None:
    tongbao("central-bank", "init", "--data", tmp_path / "pilot")

    ended = tongbao("central-bank", "init", "--data", tmp_path / "pilot", "--json")

    assert ended.exit_code == 4
    assert "holds a network already" in json_of(ended)["message"]


def test_proposals_of_one_state_are_listed_where_one_is_asked_for(desks: Desks) -> None:
    desks.answers["GET", "/v1/proposals"] = ProposalPage(proposals=[_proposal(desks, _issue(desks))], next="")
    words = ("central-bank", "proposals", "--officer", desks.officer(), "--data", desks.root)

    ended = tongbao(*words, "--state", "pending")
    tongbao(*words, "--state", "settled")
    tongbao(*words, "--state", "")

    assert ended.stdout == "1f2e  0 of 2 approvals  pending  issue ¥5.00 in 1 coin, home 1\n"
    assert [asked.operation for asked in desks.asked] == [
        "GET /v1/proposals?state=pending",
        "GET /v1/proposals?state=settled",
        "GET /v1/proposals",
    ]


def test_what_may_still_need_somebody_is_listed_by_itself(desks: Desks) -> None:
    # The desk answers every question with the same page, so each proposal of it stands here three times.
    day_ms, now_ms = 86_400_000, 10 * 86_400_000
    late, old = now_ms - day_ms + 1, now_ms - day_ms
    page = [
        _proposal(desks, _issue(desks), proposal_id=str(expiry_ms), expiry_ms=expiry_ms) for expiry_ms in (late, old)
    ]
    desks.answers["GET", "/v1/proposals"] = ProposalPage(proposals=page, next="")
    desks.answers["GET", "/v1/status"] = _ledger_at(now_ms)

    ended = tongbao("central-bank", "proposals", "--officer", desks.officer(), "--data", desks.root, "--json")

    shown = [int(each["proposal_id"]) for each in json_of(ended)["proposals"]]
    assert shown == [late, old, late, old, late]
    assert [asked.operation for asked in desks.asked] == [
        "GET /v1/proposals?state=pending",
        "GET /v1/proposals?state=approved",
        "GET /v1/proposals?state=refused",
        "GET /v1/status",
    ]


def _ledger_at(time_ms: int) -> LedgerStatus:
    kernel = ReferenceKernel(GENESIS)
    return status_of(kernel, standing_of(kernel)).model_copy(update={"time_ms": time_ms})


def test_a_proposal_that_waits_for_another_says_for_which(desks: Desks) -> None:
    waiting = _proposal(desks, _issue(desks), waits_for={"serial": 3, "proposal_id": "p0"})
    desks.answers["GET", "/v1/proposals"] = ProposalPage(proposals=[waiting], next="")
    words = ("--officer", desks.officer(), "--data", desks.root, "--state", "pending")

    ended = tongbao("central-bank", "proposals", *words)

    assert ended.stdout.endswith("  (waits for proposal p0, which comes before it: serial 3)\n")


def test_a_refused_proposal_says_why(desks: Desks) -> None:
    refused = _proposal(desks, _issue(desks), state=ProposalState.REFUSED, status="QUOTA_EXCEEDED")
    desks.answers["GET", "/v1/proposals"] = ProposalPage(proposals=[refused], next="")

    ended = tongbao("central-bank", "proposals", "--officer", desks.officer(), "--data", desks.root, "--state", "")

    assert ended.stdout == (
        "1f2e  0 of 2 approvals  refused QUOTA_EXCEEDED  issue ¥5.00 in 1 coin, home 1"
        "  (ask for less, redeem first, or have the quota raised)\n"
    )


def test_a_refusal_without_a_cure_here_names_the_page_that_has_it() -> None:
    assert cure_of("HOME_SUSPENDED") == "see HOME_SUSPENDED in docs/reference/statuses.md"


def test_no_proposals_are_said_to_be_none(desks: Desks) -> None:
    desks.answers["GET", "/v1/proposals"] = ProposalPage(proposals=[], next="")

    ended = tongbao("central-bank", "proposals", "--officer", desks.officer(), "--data", desks.root)

    assert ended.stdout == "none\n"


def test_an_officer_signs_the_transaction_of_the_proposal(desks: Desks) -> None:
    transaction = _issue(desks)
    _lay_ready(desks, _proposal(desks, transaction))

    ended = _approve(desks, "--json")

    domain, key = desks.data.genesis().domain(), read_key(desks.officer()).public_key
    sent = Proposal.model_validate(json_of(ended))
    approval = _approval(desks)
    assert (ended.exit_code, sent.approvals) == (0, 1)
    assert approval.key == PublicKey.ed25519(key)
    assert verify_fast(key, approval.signature, approve_digest(transaction.id(domain), domain))
    assert desks.asked[-1].caller == f"officer:{key.hex()}"


def _approval(desks: Desks) -> Approval:
    reader = Reader(b64decode(desks.asked[-1].message["approval"]), "approval")
    return Approval.read(reader)


def test_an_officer_is_shown_what_the_transaction_does_before_anything_is_signed(desks: Desks) -> None:
    transaction = _issue(desks)
    _lay_ready(desks, _proposal(desks, transaction))

    ended = _approve(desks, typed="n\n")

    [made] = transaction.body.outputs
    assert ended.exit_code == 1
    assert ended.stderr.splitlines()[:6] == [
        "issue ¥5.00 in 1 coin, home 1",
        "  proposal     1f2e, 0 of 2 approvals",
        f"  transaction  {transaction.id(desks.data.genesis().domain()).hex()}",
        "  expires      2026-01-01 00:02:00 UTC",
        "  serial       1",
        f"  makes        ¥5.00 under lock {made.lock_id.hex()} at home 1",
    ]
    assert "approve? [y/N]" in ended.stderr
    assert [asked.operation.split()[0] for asked in desks.asked] == ["GET"]


def test_an_officer_who_agrees_has_approved(desks: Desks) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks)))

    ended = _approve(desks, typed="y\n")

    assert ended.exit_code == 0
    assert ended.stdout.endswith("\n1f2e  1 of 2 approvals  pending  issue ¥5.00 in 1 coin, home 1\n")
    assert [asked.operation.split()[0] for asked in desks.asked] == ["GET", "POST"]


@pytest.mark.parametrize("typed", ["", "\n"])
def test_who_says_nothing_does_not_approve(desks: Desks, typed: str) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks)))

    ended = _approve(desks, typed=typed)

    assert ended.exit_code == 1
    assert [asked.operation.split()[0] for asked in desks.asked] == ["GET"]


def test_a_program_that_did_not_agree_is_not_taken_at_its_silence(desks: Desks) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks)))

    ended = _approve(desks, "--json", typed="y\n")

    assert (ended.exit_code, json_of(ended)["error"]) == (1, "CONFIRMATION_MISSING")
    assert json_of(ended)["cure"] == "add --yes to approve without asking"
    assert [asked.operation.split()[0] for asked in desks.asked] == ["GET"]


def test_approving_twice_is_the_same_request(desks: Desks) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks)))

    for _ in range(2):
        _approve(desks)

    first, second = (asked for asked in desks.asked if asked.operation.startswith("POST"))
    assert first == second


@pytest.mark.parametrize(
    "lie",
    [
        {"transaction_id": bytes(32)},
        {"value_fen": 5},
        {"kind": "redeem"},
        {"description": "issue ¥0.05 in 1 coin, home 1"},
        {"home": 2, "description": "issue ¥5.00 in 1 coin, home 2"},
    ],
)
def test_an_officer_does_not_sign_what_the_office_describes_otherwise(desks: Desks, lie: dict[str, Any]) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks), **lie))

    ended = _approve(desks)

    assert ended.exit_code == 5
    assert "do not approve it" in ended.stderr
    assert [asked.operation.split()[0] for asked in desks.asked] == ["GET"]


def test_an_officer_does_not_sign_bytes_that_are_no_transaction(desks: Desks) -> None:
    _lay_ready(desks, _proposal(desks, _issue(desks), transaction=b"\x00"))

    ended = _approve(desks)

    assert ended.exit_code == 5
    assert "the office's transaction cannot be read" in ended.stderr


def test_a_control_operation_is_approved_by_its_description(desks: Desks) -> None:
    transaction = control(SuspendInstitution(1, suspended=True), approvers=(), domain=desks.data.genesis().domain())
    _lay_ready(desks, _proposal(desks, transaction))

    ended = _approve(desks)

    assert ended.exit_code == 0
    assert "pending  suspend home 1\n" in ended.stdout


def test_a_refused_approval_keeps_its_name(desks: Desks) -> None:
    desks.answers["GET", "/v1/proposals/1f2e"] = _proposal(desks, _issue(desks))
    desks.answers["POST", "/v1/proposals/1f2e/approvals"] = RefusedError("it has expired", code="EXPIRED")

    ended = _approve(desks)

    assert (ended.exit_code, ended.stderr) == (1, "EXPIRED: it has expired\n")


def test_a_proposals_id_reaches_the_office_as_it_was_typed(desks: Desks) -> None:
    words = ("--officer", desks.officer(), "--data", desks.root)

    ended = tongbao("central-bank", "approve", "a/b?c d", *words)

    assert ended.exit_code == 1
    assert "NOT_FOUND" in ended.stderr
    assert desks.asked[0].operation == "GET /v1/proposals/a/b?c d"


@pytest.mark.parametrize("command", [("proposals",), ("approve", "1f2e")])
def test_a_key_file_that_is_not_there_is_a_wrong_command_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    ended = tongbao("central-bank", *command, "--officer", tmp_path / "missing.key")

    assert ended.exit_code == 2
    assert "--officer" in ended.stderr


def test_a_key_file_that_others_may_read_is_refused(desks: Desks) -> None:
    path = desks.officer(AuthorityKind.ISSUANCE)
    path.chmod(0o644)

    ended = tongbao("central-bank", "proposals", "--officer", path, "--data", desks.root)

    assert ended.exit_code == 4
    assert "run chmod 600 on it" in ended.stderr
