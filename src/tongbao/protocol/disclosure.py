"""What a wallet's holder asks for to know what is known of him: everything that his institution holds about him.

| request | by | answer |
|---|---|---|
| `GET /v1/wallets/{wallet_id}/data` | the wallet | `Disclosure` |
"""

from tongbao.protocol.wire import Base64, LedgerTime, Message, SequenceNumber, WalletId

__all__ = ["DisclosedTable", "Disclosure"]


class DisclosedTable(Message):
    """One of the archive's files, and how many rows it has."""

    name: str
    rows: int


class Disclosure(Message):
    """Everything that the institution holds about a wallet's holder.

    `archive` is a ZIP archive: `data/NAME.json` for each table, `fields.json` with what each field means, `about.json`
    with whose data it is and as of when, and `README.txt`.
    """

    wallet_id: WalletId
    tables: list[DisclosedTable]
    archive: Base64
    sequence: SequenceNumber
    time_ms: LedgerTime
