"""What stands in the log for a verdict."""

import pytest

from tests.builders import DOMAIN
from tongbao.coin import Domain
from tongbao.coin.domain import HashKind
from tongbao.coin.receipt import receipt_entry, receipt_leaf
from tongbao.evidence.entries import verdict_rows
from tongbao.evidence.tiles import entry_row, leaves_of
from tongbao.kernel.applied import VERDICT

VERDICTS = [(bytes([number]) * 32, number * 300) for number in range(5)]


@pytest.mark.parametrize("kind", HashKind)
def test_an_entry_is_what_the_receipts_leaf_is_the_hash_of(kind: HashKind) -> None:
    domain = Domain(DOMAIN.network_id, kind)

    rows = verdict_rows(b"".join(VERDICT.pack(*verdict) for verdict in VERDICTS), 9, domain)

    assert rows == b"".join(entry_row(receipt_entry(*verdict, 9, domain)) for verdict in VERDICTS)


def test_where_the_ledger_hashes_with_sha256_the_logs_leaf_is_the_receipts() -> None:
    rows = verdict_rows(b"".join(VERDICT.pack(*verdict) for verdict in VERDICTS), 9, DOMAIN)

    assert leaves_of(rows) == b"".join(receipt_leaf(*verdict, 9, DOMAIN) for verdict in VERDICTS)
