"""Proposals in the database, where two requests race or one repeats."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.builders import ALICE, DOMAIN, OFFICERS, bytes32, coin, issue, public_key
from tests.central_bank_world import asked
from tongbao.adapters.migration import upgrade
from tongbao.adapters.sql_group import open_engine
from tongbao.centres.central_bank import migrations, proposals
from tongbao.centres.central_bank.bodies import Subject, subject_of_issue
from tongbao.centres.central_bank.proposals import Draft, StoredProposal
from tongbao.coin import Approval, Transaction
from tongbao.coin.control import AuthorityKind
from tongbao.protocol.issuance import ProposalState

SUBJECT = subject_of_issue(1)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sa.Connection]:
    engine = open_engine(f"sqlite:///{tmp_path}/office.sqlite")
    upgrade(engine, migrations)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def proposed(connection: sa.Connection, serial: int, *, subject: Subject = SUBJECT) -> StoredProposal:
    transaction = Transaction(issue([coin(5, owner=ALICE)], serial=serial, reference=serial).body)
    draft = Draft(transaction, transaction.id(DOMAIN), 1, subject, 5, "issue")
    return proposals.record(connection, draft, asked(f"{subject.name.hex()} {serial}"))


def test_serials_go_on_behind_the_ledger_and_around_what_is_open(connection: sa.Connection) -> None:
    assert proposals.next_serial(connection, SUBJECT, last=4) == (5, 0)
    proposed(connection, 5)
    proposed(connection, 7)

    assert proposals.next_serial(connection, SUBJECT, last=4) == (6, 2)
    assert proposals.next_serial(connection, SUBJECT, last=6) == (8, 2)
    assert proposals.next_serial(connection, subject_of_issue(2), last=0) == (1, 0)


def test_a_serial_that_just_settled_is_not_given_again_before_the_ledger_says_so(connection: sa.Connection) -> None:
    settled = proposed(connection, 1)
    proposals.close(connection, settled, ProposalState.SETTLED, status="SETTLED", receipt=b"receipt")

    assert proposals.next_serial(connection, SUBJECT, last=0) == (2, 1)


def test_approvals_stand_in_the_transaction_in_the_order_of_their_keys(connection: sa.Connection) -> None:
    proposal = proposed(connection, 1)
    given = [Approval(public_key(number), bytes32(number) * 2) for number in OFFICERS[AuthorityKind.ISSUANCE]]
    for approval in (*given, given[0]):
        proposals.record_approval(connection, proposal.proposal_id, approval)

    kept = proposals.approvals_of(connection, proposal.proposal_id)
    proposals.seal(connection, proposal, kept)

    found = proposals.find(connection, proposal.proposal_id)
    assert found is not None
    assert found.state == ProposalState.APPROVED
    assert Transaction.decode(found.transaction).approvals == tuple(sorted(given, key=lambda each: each.key.encode()))
    assert Transaction.decode(found.transaction).id(DOMAIN) == proposal.transaction_id


def test_what_has_ended_is_no_longer_open(connection: sa.Connection) -> None:
    first, second = proposed(connection, 1), proposed(connection, 2)

    proposals.close(connection, first, ProposalState.REFUSED, status="QUOTA_EXCEEDED", receipt=None)

    assert proposals.open_proposals(connection) == [second]
    assert proposals.open_count(connection, home=1) == 1
    assert proposals.open_count(connection, home=None) == 0
