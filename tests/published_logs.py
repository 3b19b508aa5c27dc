"""A transparency log in files, written as plainly as its definition, for auditors to read."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.kernel_builders import Ledger
from tests.supply_history import LOG_KEY
from tongbao.coin import Batch, Domain, Submission, Transaction
from tongbao.coin.encoding import u16, u64
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.signed_text import SignedText
from tongbao.evidence.signing import SigningKey
from tongbao.evidence.supply_statement import SupplyStatement, sign_statement
from tongbao.evidence.tiles import ENTRIES, TILE_WIDTH, Tile, entry_row
from tongbao.evidence.tree import leaf_hash, subtree_root

KEYS = (LOG_KEY.verifier_key,)


def entries_of(ledger: Ledger, statements: Sequence[SupplyStatement] = ()) -> list[bytes]:
    """An entry for each verdict, and behind those of a batch one for each statement on it."""
    domain, entries = ledger.domain, []
    for sequence, (batch, statuses) in enumerate(zip(ledger.batches, ledger.statuses, strict=True), 1):
        for identity, status in zip(_ids(batch, domain), statuses, strict=True):
            entries.append(domain.hash("tongbao/receipt-leaf/1", identity + u16(status) + u64(sequence)))
        entries += [each.entry() for each in statements if each.sequence == sequence]
    return entries


def _ids(batch: bytes, domain: Domain) -> Iterator[bytes]:
    for submission in Batch.decode(batch).submissions:
        for transaction in Submission.decode(submission).transactions:
            yield Transaction.decode(transaction).id(domain)


def checkpoint(size: int, root: bytes, *, key: SigningKey = LOG_KEY) -> bytes:
    """A signed checkpoint of the log."""
    text = Checkpoint(LOG_KEY.name, size, root).encode()
    return SignedText(text, (key.sign(text),)).encode()


def publish_log(directory: Path, ledger: Ledger, statements: Sequence[SupplyStatement] = ()) -> bytes:
    """Write the whole log with its statements, and return its root."""
    entries = entries_of(ledger, statements)
    hashes = [leaf_hash(entry) for entry in entries]
    root = subtree_root(hashes)
    _write(directory, "checkpoint", checkpoint(len(entries), root))
    _write_level(directory, ENTRIES, [entry_row(entry) for entry in entries])
    level = 0
    while hashes:
        _write_level(directory, level, hashes)
        whole = len(hashes) // TILE_WIDTH * TILE_WIDTH
        hashes = [subtree_root(hashes[start : start + TILE_WIDTH]) for start in range(0, whole, TILE_WIDTH)]
        level += 1
    for each in statements:
        publish_statement(directory, each)
    return root


def publish_statement(directory: Path, statement: SupplyStatement) -> None:
    """Write a signed statement, which is the newest."""
    for name in (f"supply/{statement.number}", "supply/latest"):
        _write(directory, name, sign_statement(statement, LOG_KEY).encode())


def _write_level(directory: Path, level: int, parts: Sequence[bytes]) -> None:
    for number, start in enumerate(range(0, len(parts), TILE_WIDTH)):
        piece = parts[start : start + TILE_WIDTH]
        _write(directory, Tile(level, number, len(piece)).path, b"".join(piece))


def _write(directory: Path, name: str, content: bytes) -> None:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
