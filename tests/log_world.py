"""Keys of a transparency log, and what anybody can check of its files."""

import asyncio
from hashlib import sha256

from tests.builders import CENTRE, DOMAIN, signer
from tongbao.adapters.store import SqlStore
from tongbao.centres.registration.index import Index, Standing
from tongbao.centres.registration.log_opening import LogPlaces, open_log
from tongbao.centres.registration.log_writer import LogKeys, LogWriter
from tongbao.centres.registration.receipts import ReceiptTree
from tongbao.coin import BatchHeader
from tongbao.coin.batch import BatchKind
from tongbao.evidence import Checkpoint, SignatureKind, SignedText, SigningKey, verify
from tongbao.evidence.entries import verdict_rows
from tongbao.evidence.log_proof import origin_of
from tongbao.evidence.tiles import ENTRIES, ENTRY_ROW_BYTES, TILE_WIDTH, Tile, TileTail
from tongbao.kernel import AppliedBatch
from tongbao.kernel.applied import VERDICT
from tongbao.simulation.disk import Platter

__all__ = ["LOG", "ROUND_MS", "LogWorld", "entries_in", "log_keys", "published", "written_tiles"]

LOG = "data/log"
ROUND_MS = 1_000


def log_keys(network_id: bytes, *, seed: int = 1) -> LogKeys:
    """Keys of a network's log."""
    origin = origin_of(network_id)
    return LogKeys(
        SigningKey(origin, SignatureKind.ED25519, bytes([seed]) * 32),
        SigningKey(origin, SignatureKind.COSIGNATURE_ML_DSA_44, bytes([seed + 1]) * 32),
    )


def published(platter: Platter, keys: LogKeys, directory: str) -> Checkpoint | None:
    """The checkpoint that readers find, if there is one; its signatures hold."""
    path = f"{directory}/checkpoint"
    if path not in platter.paths():
        return None
    signed = SignedText.decode(platter.content(path))
    assert len(verify(signed, [each.verifier_key for each in (keys.key, keys.cosigner) if each])) == 2
    return Checkpoint.decode(signed.text)


def entries_in(platter: Platter, directory: str, size: int) -> bytes:
    """The entries of a log's first `size`, as rows, read from its bundles as an outsider would."""
    rows = b""
    for number in range(-(-size // TILE_WIDTH)):
        tile = Tile(ENTRIES, number, min(TILE_WIDTH, size - number * TILE_WIDTH))
        rows += platter.content(f"{directory}/{tile.path}")
    assert len(rows) == size * ENTRY_ROW_BYTES
    return rows


def written_tiles(rows: bytes) -> tuple[TileTail, dict[Tile, bytes]]:
    """The end of a log of these entries, and all tiles that a log of that size has."""
    tail = TileTail()
    tiles = dict(tail.extend(rows))
    return tail, {**tiles, **dict(tail.partial())}


class LogWorld:
    """A log beside an index that a test fills, on a simulated disk; `open` after a crash is the next writer.

    Attributes:
        platter: the disk of the log.
        index: what was settled.
        rows: all entries that were settled, as rows of a bundle; statements are not among them.
    """

    def __init__(self, store: SqlStore, platter: Platter, *, seed: int = 1) -> None:
        self.platter = platter
        self.index = Index(store, DOMAIN)
        self.keys = log_keys(DOMAIN.network_id, seed=seed)
        self.rows = b""
        self._sequence = 0

    async def open(self) -> LogWriter:
        """A writer on what the last one left."""
        await self.index.open()
        places = LogPlaces(self.platter.mount(), LOG)
        return await open_log(places, self.index, DOMAIN, self.keys, _Clock())

    async def settle(self, count: int, writer: LogWriter | None = None) -> None:
        """One more batch of so many verdicts in the index; the writer is told, if there is one."""
        self._sequence += 1
        sequence = self._sequence
        verdicts = b"".join(
            VERDICT.pack(sha256(b"%d/%d" % (sequence, number)).digest(), number % 3) for number in range(count)
        )
        header = BatchHeader(
            kind=BatchKind.MONEY,
            network_id=DOMAIN.network_id,
            sequence=sequence,
            previous=bytes(32),
            time_ms=sequence,
            rules=1,
            applied_sequence=0,
            applied_statuses=bytes(32),
            body_hash=bytes(32),
        )
        applied = AppliedBatch(header, sha256(b"%d" % sequence).digest(), verdicts, b"", b"")
        tree = ReceiptTree.sign(applied, DOMAIN, signer(CENTRE))
        await self.index.advance([(applied, tree)], Standing(sequence, sequence, applied.chain_head))
        self.rows += verdict_rows(verdicts, sequence, DOMAIN)
        if writer is not None:
            writer.take(sequence, verdicts, tree.levels[0])

    def checkpoint(self) -> Checkpoint | None:
        """The published checkpoint, its signatures verified."""
        return published(self.platter, self.keys, LOG)


class _Clock:
    def now_ms(self) -> int:
        return 1_767_225_600_000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0 * seconds)
