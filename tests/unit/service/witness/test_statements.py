"""Statements of the supply in a copy of a log: taken where the log has them, and only if it signed them."""

from pathlib import Path

import pytest

from tests.supply_history import LOG_KEY, SupplyHistory, signed
from tongbao.evidence.signing import SigningKey
from tongbao.evidence.supply_statement import SupplyStatement, sign_statement
from tongbao.evidence.tiles import ENTRIES, Tile, entry_row
from tongbao.service.witness.statements import PublishedStatements

VERDICT = bytes(range(32))


@pytest.fixture(scope="module")
def statement() -> SupplyStatement:
    history = SupplyHistory()
    history.issue(500, home=1)
    return history.state()


def publish(directory: Path, entries: list[bytes]) -> None:
    path = directory / Tile(ENTRIES, 0, len(entries)).path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(map(entry_row, entries)))


def state(directory: Path, content: bytes) -> None:
    (directory / "supply").mkdir()
    (directory / "supply" / "1").write_bytes(content)


def test_a_statement_is_found_where_the_log_has_it(tmp_path: Path, statement: SupplyStatement) -> None:
    state(tmp_path, signed(statement).encode())
    publish(tmp_path, [VERDICT, statement.entry(), VERDICT])
    statements = PublishedStatements(tmp_path, [LOG_KEY.verifier_key])

    found = [statements.at(statement.sequence, index) for index in range(4)]

    assert found == [None, statement.entry(), None, None]


def test_a_statement_does_not_stand_before_its_batch(tmp_path: Path, statement: SupplyStatement) -> None:
    state(tmp_path, signed(statement).encode())
    publish(tmp_path, [VERDICT, statement.entry()])
    statements = PublishedStatements(tmp_path, [LOG_KEY.verifier_key])

    assert statements.at(statement.sequence - 1, 1) is None


def test_a_statement_that_comes_later_is_found_then(tmp_path: Path, statement: SupplyStatement) -> None:
    publish(tmp_path, [VERDICT, statement.entry()])
    statements = PublishedStatements(tmp_path, [LOG_KEY.verifier_key])
    assert statements.at(statement.sequence, 1) is None

    state(tmp_path, signed(statement).encode())

    assert statements.at(statement.sequence, 1) == statement.entry()


def test_what_the_log_has_not_signed_is_no_statement(tmp_path: Path, statement: SupplyStatement) -> None:
    stranger = SigningKey(LOG_KEY.name, LOG_KEY.kind, b"s" * 32)
    state(tmp_path, sign_statement(statement, stranger).encode())
    publish(tmp_path, [VERDICT, statement.entry()])

    assert PublishedStatements(tmp_path, [LOG_KEY.verifier_key]).at(statement.sequence, 1) is None
