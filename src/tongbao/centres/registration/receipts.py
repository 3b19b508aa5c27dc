"""Receipts: one signed head and one Merkle tree per batch, from which paths are taken whenever somebody asks."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tongbao.centres.registration.waiting import Place
from tongbao.coin import BatchHead, Domain, PublicKey, Receipt, SignedHead
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.encoding import Reader, sized_u16
from tongbao.coin.merkle import border_of, root_of
from tongbao.coin.suites import read_signature
from tongbao.coin.verdicts import Stretch, Verdicts
from tongbao.errors import InvariantError
from tongbao.kernel import AppliedBatch
from tongbao.kernel.applied import VERDICT
from tongbao.kernel.rows import PLAIN_ROWS, Rows

__all__ = ["ReceiptBook", "ReceiptTree", "Span", "spans_of"]

TREE_BYTES_KEPT = 32 * 1024 * 1024
"""The batches of the last seconds under full load, of the last hours otherwise; few questions are about others."""

_STATUS_BYTES = 2

Span = tuple[Place, int]
"""Verdicts that follow each other in a batch: the place of the first, and how many there are."""


def spans_of(places: Sequence[Place]) -> list[Span]:
    """The places in as few spans as keep their order."""
    spans: list[Span] = []
    for place in places:
        if spans:
            first, count = spans[-1]
            if place == Place(first.sequence, first.index + count):
                spans[-1] = (first, count + 1)
                continue
        spans.append((place, 1))
    return spans


@dataclass(frozen=True, slots=True)
class ReceiptTree:
    """All receipts of one batch.

    Attributes:
        signed_head: the batch's head, signed once.
        verdicts: rows of `VERDICT`: id and status of each transaction, in the batch's order.
        levels: of the Merkle tree over them, leaves first, the hashes of each joined.
    """

    signed_head: SignedHead
    verdicts: bytes
    levels: list[bytes]

    @staticmethod
    def sign(applied: AppliedBatch, domain: Domain, key: SigningKey, rows: Rows = PLAIN_ROWS) -> "ReceiptTree":
        """The receipts of a batch that was just applied."""
        header = applied.header
        levels = rows.receipt_levels(applied.verdicts, header.sequence, domain)
        root = levels[-1] or root_of([], domain)
        head = BatchHead(domain.network_id, header.sequence, header.time_ms, applied.chain_head, root, len(applied))
        signed = SignedHead.sign(head, domain, key=PublicKey.ed25519(key.public_key), sign=key.sign)
        return ReceiptTree(signed, applied.verdicts, levels)

    def __len__(self) -> int:
        """How many transactions the batch has."""
        return len(self.verdicts) // VERDICT.size

    @property
    def size_bytes(self) -> int:
        """About what it takes in memory."""
        return len(self.verdicts) + sum(map(len, self.levels))

    def receipt(self, index: int) -> Receipt:
        """The receipt of the transaction at `index`."""
        identity, status = VERDICT.unpack_from(self.verdicts, VERDICT.size * index)
        return Receipt(identity, status, index, tuple(border_of(self.levels, index, 1)), self.signed_head)

    def stretch(self, index: int, count: int, *, head: int) -> Stretch:
        """The verdicts on `count` transactions from `index` on, in an answer whose head number `head` is this one's."""
        verdicts = self.verdicts[VERDICT.size * index : VERDICT.size * (index + count)]
        statuses = bytearray(_STATUS_BYTES * count)
        for byte in range(_STATUS_BYTES):
            statuses[byte::_STATUS_BYTES] = verdicts[VERDICT.size - _STATUS_BYTES + byte :: VERDICT.size]
        return Stretch(head, index, bytes(statuses), tuple(border_of(self.levels, index, count)))

    def encode_head(self) -> bytes:
        """The signed head as an index keeps it; with the verdicts, everything else follows from it."""
        signed = self.signed_head
        return signed.head.encode() + signed.key.encode() + sized_u16(signed.signature)

    @staticmethod
    def decode(head: bytes, verdicts: bytes, domain: Domain, rows: Rows = PLAIN_ROWS) -> "ReceiptTree":
        """The receipts that an index keeps."""
        reader = Reader(head, "signed head")
        signed = SignedHead(BatchHead.read(reader), PublicKey.read(reader), read_signature(reader))
        reader.finish()
        return ReceiptTree(signed, verdicts, rows.receipt_levels(verdicts, signed.head.sequence, domain))


class ReceiptBook:
    """The receipts of every batch: of late ones from memory, of the others from what `load` finds."""

    def __init__(self, load: Callable[[int], Awaitable[ReceiptTree | None]]) -> None:
        self._load = load
        self._trees: OrderedDict[int, ReceiptTree] = OrderedDict()
        self._bytes = 0

    def keep(self, tree: ReceiptTree) -> None:
        """Remember a batch's receipts for a while."""
        self._trees[tree.signed_head.head.sequence] = tree
        self._bytes += tree.size_bytes
        while self._bytes > TREE_BYTES_KEPT and len(self._trees) > 1:
            self._bytes -= self._trees.popitem(last=False)[1].size_bytes

    async def tree(self, sequence: int) -> ReceiptTree:
        """The receipts of a batch that was settled."""
        tree = self._trees.get(sequence)
        if tree is None:
            tree = await self._load(sequence)
            if tree is None:
                raise InvariantError(f"batch {sequence} was settled, and its head is not in the index")
            self.keep(tree)
        return tree

    async def receipt(self, place: Place) -> Receipt:
        """The receipt of the transaction at a place that has one."""
        return (await self.tree(place.sequence)).receipt(place.index)

    async def receipts(self, spans: Sequence[Span], *, sequence: int, time_ms: int) -> Verdicts:
        """The verdicts in the spans, together; `sequence` and `time_ms` say what they account for."""
        numbers: dict[int, int] = {}
        trees: list[ReceiptTree] = []
        stretches: list[Stretch] = []
        for first, count in spans:
            if first.sequence not in numbers:
                numbers[first.sequence] = len(trees)
                trees.append(await self.tree(first.sequence))
            number = numbers[first.sequence]
            stretches.append(trees[number].stretch(first.index, count, head=number))
        return Verdicts(sequence, time_ms, tuple([tree.signed_head for tree in trees]), tuple(stretches))
