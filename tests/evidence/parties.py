"""Who holds what, and whether that finds a lie: the columns of the table in docs/reference/supply-proof.md.

Each party uses the program's own checks on what it holds, and on nothing else.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.builders import CENTRE, DOMAIN, GENESIS, public_key
from tests.published_logs import HastyClock, MemoryCopy
from tests.supply_history import LOG_KEY
from tongbao.adapters.disk import FileDisk
from tongbao.adapters.file_journal import FileJournal
from tongbao.coin import Receipt
from tongbao.errors import DamageError, RequestError
from tongbao.evidence.coin_proof import CoinProof, prove_counted
from tongbao.evidence.supply_order import SupplyOrder
from tongbao.evidence.supply_statement import SupplyStatement, open_statement
from tongbao.service.supply_by_journal import check_journal
from tongbao.service.supply_evidence import SupplyEvidence
from tongbao.service.supply_log import check_log

__all__ = ["PARTIES", "Told"]

LOG_KEYS = [LOG_KEY.verifier_key]
RECEIPT_KEYS = [public_key(CENTRE)]


@dataclass
class Told:
    """What a centre, honest or not, hands out.

    Attributes:
        statements: signed, as everybody gets them now.
        kept: signed statements that the parties got before, and have kept.
        orders: what the central bank publishes.
        kept_receipt: the receipt that one party got before, and has kept.
        receipt: what the centre answers now when it asks for that transaction's receipt.
        coin: the proof for one party's own coin; None where the centre can give none.
        records: the journal, genesis first.
        log: the files of the transparency log, by their paths.
    """

    statements: list[bytes]
    orders: list[SupplyOrder]
    kept_receipt: Receipt
    receipt: Receipt | None
    coin: CoinProof | None
    records: list[bytes]
    log: dict[str, bytes]
    kept: list[bytes] = field(default_factory=list)


Party = Callable[[Told, Path], Awaitable[bool]]
"""Whether the party finds that something is wrong."""


async def statements_alone(told: Told, _directory: Path) -> bool:
    """Somebody who has the statements, now and before, and the log's key."""
    return not SupplyEvidence(LOG_KEYS, None).judge([*told.kept, *told.statements], None).holds


async def statements_and_log(told: Told, _directory: Path) -> bool:
    """The same with the transparency log as it is now."""
    judgement = SupplyEvidence(LOG_KEYS, None).judge([*told.kept, *told.statements], None)
    logged = await check_log(MemoryCopy(told.log), judgement.statements, LOG_KEYS, clock=HastyClock())
    return bool([*judgement.findings, *logged.findings])


async def statements_and_orders(told: Told, _directory: Path) -> bool:
    """Somebody who has the statements, genesis and the published orders."""
    orders = [(each.transaction.encode(), each.receipt.encode()) for each in told.orders]
    return not SupplyEvidence(LOG_KEYS, GENESIS).judge([*told.kept, *told.statements], orders).holds


async def one_receipt(told: Told, _directory: Path) -> bool:
    """A payer or payee who kept a receipt, and asks the centre for it again."""
    try:
        told.kept_receipt.verify(DOMAIN, keys=RECEIPT_KEYS)
        if told.receipt is None:
            return True
        told.receipt.verify(DOMAIN, keys=RECEIPT_KEYS)
    except RequestError:
        return True
    return _said(told.receipt) != _said(told.kept_receipt)


def _said(receipt: Receipt) -> tuple[object, ...]:
    return receipt.transaction_id, receipt.status, receipt.signed_head.head


async def own_coin(told: Told, _directory: Path) -> bool:
    """A holder who has one coin unspent, and asks that it be proven to be counted in the newest statement."""
    if told.coin is None:
        return True
    try:
        prove_counted(told.coin.encode(), told.statements[-1], LOG_KEYS)
    except RequestError:
        return True
    return False


async def whole_journal(told: Told, directory: Path) -> bool:
    """An auditor or a supervisor who has every record, the genesis and the statements, and judges all of it anew."""
    await _write(told.records, directory)
    try:
        opened = _opened([*told.kept, *told.statements])
        return bool(await check_journal(directory, opened, genesis=GENESIS.encode()))
    except (RequestError, DamageError):
        return True


def _opened(statements: Sequence[bytes]) -> list[SupplyStatement]:
    return [open_statement(each, LOG_KEYS) for each in statements]


async def _write(records: Sequence[bytes], directory: Path) -> None:
    disk = FileDisk()
    journal = await FileJournal.open(disk, str(directory), network_id=DOMAIN.network_id, entropy=bytes)
    await journal.append(0, records)
    await journal.close()
    disk.close()


PARTIES: dict[str, Party] = {
    "statements": statements_alone,
    "statements and log": statements_and_log,
    "statements and orders": statements_and_orders,
    "one receipt": one_receipt,
    "one's own coin": own_coin,
    "the whole journal": whole_journal,
}
