"""Receipts: one signed head per batch, and a Merkle path per transaction, made anew whenever somebody asks."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tongbao.centres.registration.waiting import Place
from tongbao.coin import BatchHead, Domain, PublicKey, Receipt, SignedHead, receipt_leaf
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.encoding import Reader, sized_u16, u16
from tongbao.coin.merkle import inclusion_path, root_of, tree_levels
from tongbao.coin.suites import read_signature
from tongbao.errors import InvariantError
from tongbao.kernel import AppliedBatch
from tongbao.kernel.applied import VERDICT

__all__ = ["ReceiptBook", "ReceiptTree"]

TREES_KEPT = 256  # the batches of the last seconds, where nearly all questions are about; some megabytes
ID_BYTES = 32
VERDICT_BYTES = ID_BYTES + 2


@dataclass(frozen=True, slots=True)
class ReceiptTree:
    """All receipts of one batch.

    Attributes:
        signed_head: the batch's head, signed once.
        verdicts: id and status of each transaction, in the batch's order.
        levels: of the Merkle tree over them.
    """

    signed_head: SignedHead
    verdicts: Sequence[tuple[bytes, int]]
    levels: list[list[bytes]]

    @staticmethod
    def sign(applied: AppliedBatch, domain: Domain, key: SigningKey) -> "ReceiptTree":
        """The receipts of a batch that was just applied."""
        header = applied.header
        verdicts = list(VERDICT.iter_unpack(applied.verdicts))
        leaves = _leaves(verdicts, header.sequence, domain)
        levels = tree_levels(leaves, domain)
        root = levels[-1][0] if leaves else root_of(leaves, domain)
        head = BatchHead(domain.network_id, header.sequence, header.time_ms, applied.chain_head, root, len(leaves))
        signed = SignedHead.sign(head, domain, key=PublicKey.ed25519(key.public_key), sign=key.sign)
        return ReceiptTree(signed, verdicts, levels)

    def receipt(self, index: int) -> Receipt:
        """The receipt of the transaction at `index`."""
        identity, status = self.verdicts[index]
        return Receipt(identity, status, index, tuple(inclusion_path(self.levels, index)), self.signed_head)

    def encode(self) -> tuple[bytes, bytes]:
        """The signed head and the verdicts, as an index keeps them; the tree follows from them."""
        signed = self.signed_head
        head = signed.head.encode() + signed.key.encode() + sized_u16(signed.signature)
        return head, b"".join([identity + u16(status) for identity, status in self.verdicts])

    @staticmethod
    def decode(head: bytes, verdicts: bytes, domain: Domain) -> "ReceiptTree":
        """The receipts that `encode` put away."""
        reader = Reader(head, "signed head")
        signed = SignedHead(BatchHead.read(reader), PublicKey.read(reader), read_signature(reader))
        reader.finish()
        listed = [
            (verdicts[at : at + ID_BYTES], int.from_bytes(verdicts[at + ID_BYTES : at + VERDICT_BYTES], "big"))
            for at in range(0, len(verdicts), VERDICT_BYTES)
        ]
        return ReceiptTree(signed, listed, tree_levels(_leaves(listed, signed.head.sequence, domain), domain))


def _leaves(verdicts: Sequence[tuple[bytes, int]], sequence: int, domain: Domain) -> list[bytes]:
    return [receipt_leaf(identity, status, sequence, domain) for identity, status in verdicts]


class ReceiptBook:
    """The receipts of every batch: of late ones from memory, of the others from what `load` finds."""

    def __init__(self, load: Callable[[int], Awaitable[ReceiptTree | None]]) -> None:
        self._load = load
        self._trees: OrderedDict[int, ReceiptTree] = OrderedDict()

    def keep(self, tree: ReceiptTree) -> None:
        """Remember a batch's receipts for a while."""
        self._trees[tree.signed_head.head.sequence] = tree
        if len(self._trees) > TREES_KEPT:
            self._trees.popitem(last=False)

    async def receipt(self, place: Place) -> Receipt:
        """The receipt of the transaction at a place that has one."""
        tree = self._trees.get(place.sequence)
        if tree is None:
            tree = await self._load(place.sequence)
            if tree is None:
                raise InvariantError(f"batch {place.sequence} was settled, and its head is not in the index")
            self.keep(tree)
        return tree.receipt(place.index)
