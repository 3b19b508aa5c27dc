"""The verdicts on a whole submission with what proves them, sharing what they have in common.

The answer of the registration centre to a submission that comes in bytes.

Transactions that stand one behind the other in the submission and in a batch are a *stretch*. Its leaves follow from
the submission itself, so a few hashes beside them prove all of its verdicts, and each receipt follows from them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tongbao.coin import merkle
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u8, count_u16, demand_unsigned, sized_u16, u8, u16, u32, u64
from tongbao.coin.receipt import BatchHead, Receipt, ReceiptInvalidError, SignedHead, receipt_leaf
from tongbao.coin.submission import SUBMISSION_TRANSACTIONS_MAX
from tongbao.coin.suites import PublicKey, read_signature
from tongbao.errors import RequestError

__all__ = ["Stretch", "Verdicts"]

VERSION = 1
BORDER_MAX = 64  # two beside each level of a tree of 2**32 leaves


@dataclass(frozen=True, slots=True)
class Stretch:
    """Verdicts on transactions that follow each other in a submission and in a batch.

    Attributes:
        head: which of the answer's heads is that of the batch.
        index: the first one's place in the batch.
        statuses: two bytes each, numbers of kernel statuses; 0 is settled.
        border: the Merkle nodes beside those over the leaves; see `tongbao.coin.merkle.border_of`.
    """

    head: int
    index: int
    statuses: bytes
    border: tuple[bytes, ...]

    def __post_init__(self) -> None:
        demand_unsigned("index", self.index, bits=32)
        if not self.statuses or len(self.statuses) % 2:
            raise RequestError("a stretch has a status of two bytes for each transaction", field="statuses")
        if len(self.border) > BORDER_MAX:
            raise RequestError(f"a border has at most {BORDER_MAX} hashes", field="border")

    def __len__(self) -> int:
        """How many transactions it is about."""
        return len(self.statuses) // 2

    def status(self, number: int) -> int:
        """The status of the transaction of that number in the stretch."""
        return int.from_bytes(self.statuses[2 * number : 2 * number + 2], "big")

    def encode(self) -> bytes:
        """Head, index, statuses, border."""
        listed = u16(len(self)) + self.statuses
        return u16(self.head) + u32(self.index) + listed + count_u8(list(self.border))

    @staticmethod
    def read(reader: Reader) -> "Stretch":
        """The stretch that starts at the reader's place."""
        head, index = reader.u16(), reader.u32()
        statuses = reader.take(2 * reader.u16())
        border = tuple([reader.take(HASH_BYTES) for _ in range(reader.u8())])
        return reader.build(Stretch, head, index, statuses, border)


@dataclass(frozen=True, slots=True)
class Verdicts:
    """A verdict on each transaction of a submission, with what proves it.

    Attributes:
        sequence: the latest batch that the answer takes into account.
        time_ms: the ledger time of that batch.
        heads: of the batches in which the transactions stand, signed.
        stretches: they are about all transactions of the submission, in its order.
    """

    sequence: int
    time_ms: int
    heads: tuple[SignedHead, ...]
    stretches: tuple[Stretch, ...]

    def __post_init__(self) -> None:
        demand_unsigned("sequence", self.sequence, bits=64)
        demand_unsigned("time_ms", self.time_ms, bits=64)
        if len(self) > SUBMISSION_TRANSACTIONS_MAX:
            raise RequestError(
                f"a submission has at most {SUBMISSION_TRANSACTIONS_MAX} transactions", field="stretches"
            )
        if any(stretch.head >= len(self.heads) for stretch in self.stretches):
            raise RequestError("a stretch names a head that is not there", field="stretches")

    def __len__(self) -> int:
        """How many transactions it is about."""
        return sum(map(len, self.stretches))

    def verify(self, transaction_ids: Sequence[bytes], domain: Domain, *, keys: Sequence[PublicKey]) -> None:
        """Return if all verdicts are the centre's on these transactions, given its public keys.

        Raises:
            ReceiptInvalidError: they are not.
        """
        for signed_head in self.heads:
            if signed_head.key not in keys:
                raise ReceiptInvalidError("a head is signed by a key that is not the centre's", field="key")
            signed_head.verify(domain)
        for _ in self._rows(transaction_ids, domain):
            pass

    def receipts(self, transaction_ids: Sequence[bytes], domain: Domain) -> list[Receipt]:
        """A receipt for each transaction; their paths lead to their heads, whose signatures are not verified here.

        Raises:
            ReceiptInvalidError: they are about other transactions.
        """
        found = []
        for start, stretch, rows in self._rows(transaction_ids, domain):
            head = self.heads[stretch.head]
            for number in range(len(stretch)):
                index = stretch.index + number
                path = tuple(merkle.path_in(rows, index, count=head.head.count))
                found.append(Receipt(transaction_ids[start + number], stretch.status(number), index, path, head))
        return found

    def _rows(
        self, transaction_ids: Sequence[bytes], domain: Domain
    ) -> Iterator[tuple[int, Stretch, list[tuple[int, list[bytes]]]]]:
        """Each stretch with the number of its first transaction and the part of its batch's tree over it."""
        if len(transaction_ids) != len(self):
            raise ReceiptInvalidError(f"these are {len(self)} verdicts on {len(transaction_ids)} transactions")
        start = 0
        for stretch in self.stretches:
            head = self.heads[stretch.head].head
            leaves = [
                receipt_leaf(transaction_ids[start + number], stretch.status(number), head.sequence, domain)
                for number in range(len(stretch))
            ]
            try:
                rows = merkle.rows_from_border(
                    leaves, stretch.border, first=stretch.index, count=head.count, domain=domain
                )
            except RequestError as error:
                raise ReceiptInvalidError(str(error), field=error.field) from None
            if rows[-1][1] != [head.receipts_root]:
                raise ReceiptInvalidError("the verdicts do not lead to the signed root", field="border")
            yield start, stretch, rows
            start += len(stretch)

    def encode(self) -> bytes:
        """Version, place of the ledger, heads, stretches."""
        heads = [each.head.encode() + each.key.encode() + sized_u16(each.signature) for each in self.heads]
        stretches = [each.encode() for each in self.stretches]
        return u8(VERSION) + u64(self.sequence) + u64(self.time_ms) + count_u16(heads) + count_u16(stretches)

    @staticmethod
    def decode(data: bytes) -> "Verdicts":
        """The verdicts whose whole encoding is `data`; `verify` says whether they prove anything."""
        reader = Reader(data, "verdicts")
        if reader.u8() != VERSION:
            raise reader.error("the version is unknown")
        sequence, time_ms = reader.u64(), reader.u64()
        heads = tuple(
            [
                SignedHead(BatchHead.read(reader), PublicKey.read(reader), read_signature(reader))
                for _ in range(reader.u16())
            ]
        )
        stretches = tuple([Stretch.read(reader) for _ in range(reader.u16())])
        reader.finish()
        return reader.build(Verdicts, sequence, time_ms, heads, stretches)
