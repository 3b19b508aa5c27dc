"""A transparency log in files, written as plainly as its definition, for auditors to read."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.kernel_builders import Ledger
from tests.supply_history import LOG_KEY
from tongbao.adapters.journal_copy import FileMissingError
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


def files_of(entries: Sequence[bytes]) -> dict[str, bytes]:
    """The files of a log with these entries, by their paths."""
    hashes = [leaf_hash(entry) for entry in entries]
    files = {"checkpoint": checkpoint(len(entries), subtree_root(hashes))}
    files |= _level(ENTRIES, [entry_row(entry) for entry in entries])
    level = 0
    while hashes:
        files |= _level(level, hashes)
        whole = len(hashes) // TILE_WIDTH * TILE_WIDTH
        hashes = [subtree_root(hashes[start : start + TILE_WIDTH]) for start in range(0, whole, TILE_WIDTH)]
        level += 1
    return files


def publish_log(directory: Path, ledger: Ledger, statements: Sequence[SupplyStatement] = ()) -> bytes:
    """Write the whole log with its statements, and return its root."""
    entries = entries_of(ledger, statements)
    write_files(directory, files_of(entries))
    for each in statements:
        publish_statement(directory, each)
    return subtree_root([leaf_hash(entry) for entry in entries])


def publish_statement(directory: Path, statement: SupplyStatement) -> None:
    """Write a signed statement, which is the newest."""
    signed = sign_statement(statement, LOG_KEY).encode()
    write_files(directory, {f"supply/{statement.number}": signed, "supply/latest": signed})


def _level(level: int, parts: Sequence[bytes]) -> dict[str, bytes]:
    pieces = [parts[start : start + TILE_WIDTH] for start in range(0, len(parts), TILE_WIDTH)]
    return {Tile(level, number, len(piece)).path: b"".join(piece) for number, piece in enumerate(pieces)}


def write_files(directory: Path, files: Mapping[str, bytes]) -> None:
    """Write files by their paths below a directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@dataclass
class MemoryCopy:
    """A log's files in memory, as a copy of it.

    Attributes:
        files: by their paths.
        read_names: every path that was read, in order.
    """

    files: Mapping[str, bytes]
    read_names: list[str] = field(default_factory=list)

    async def names(self) -> list[str]:
        """All paths."""
        return sorted(self.files)

    async def read(self, name: str) -> bytes:
        """What a file holds."""
        self.read_names.append(name)
        if name not in self.files:
            raise FileMissingError(name)
        return self.files[name]

    async def size(self, name: str) -> int:
        """How many bytes a file has."""
        return len(self.files[name])


@dataclass
class HastyClock:
    """Time goes by as soon as somebody waits for it.

    Attributes:
        meanwhile: what happens then.
        waits: how often somebody waited.
    """

    meanwhile: Callable[[], None] = lambda: None
    waits: int = 0

    async def sleep(self, _seconds: float) -> None:
        """Wait."""
        self.waits += 1
        self.meanwhile()
