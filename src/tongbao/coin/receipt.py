"""Receipts and outcomes: what a party keeps to prove, offline and for ever, what the registration centre said."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tongbao.coin import merkle
from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u8, demand_bytes, demand_unsigned, sized_u16, u8, u16, u32, u64
from tongbao.coin.suites import PublicKey, read_signature, verify_signature
from tongbao.errors import RequestError

__all__ = ["BatchHead", "Outcome", "Receipt", "ReceiptInvalidError", "SignedHead", "receipt_entry", "receipt_leaf"]

RECEIPT_VERSION = 1
PATH_MAX = 32  # a batch holds far fewer than 2**32 transactions


class ReceiptInvalidError(RequestError):
    """A receipt or an outcome that does not prove what it says."""

    code = "RECEIPT_INVALID"


@dataclass(frozen=True, slots=True)
class BatchHead:
    """What the centre signs once per batch.

    Attributes:
        network_id: 32 bytes.
        sequence: the batch.
        time_ms: its ledger time.
        chain_head: 32 bytes; commits to all history up to the batch.
        receipts_root: 32 bytes, the Merkle root over its receipts' leaves.
        count: number of leaves.
    """

    network_id: bytes
    sequence: int
    time_ms: int
    chain_head: bytes
    receipts_root: bytes
    count: int

    def __post_init__(self) -> None:
        for name in ("network_id", "chain_head", "receipts_root"):
            demand_bytes(name, getattr(self, name), length=HASH_BYTES)
        demand_unsigned("sequence", self.sequence, bits=64)
        demand_unsigned("time_ms", self.time_ms, bits=64)
        demand_unsigned("count", self.count, bits=32)

    def encode(self) -> bytes:
        """116 bytes."""
        head = self.network_id + u64(self.sequence) + u64(self.time_ms)
        return head + self.chain_head + self.receipts_root + u32(self.count)

    @staticmethod
    def read(reader: Reader) -> "BatchHead":
        """The head that starts at the reader's place."""
        return BatchHead(
            reader.take(HASH_BYTES),
            reader.u64(),
            reader.u64(),
            reader.take(HASH_BYTES),
            reader.take(HASH_BYTES),
            reader.u32(),
        )


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A batch head with the centre's signature.

    Attributes:
        head: what is signed.
        key: a receipt key of the registration centre.
        signature: by that key.
    """

    head: BatchHead
    key: PublicKey
    signature: bytes

    @staticmethod
    def sign(head: BatchHead, domain: Domain, *, key: PublicKey, sign: Callable[[bytes], bytes]) -> "SignedHead":
        """Sign `head`; `sign` signs a digest with the receipt key."""
        return SignedHead(head, key, sign(_head_digest(head, key, domain)))

    def verify(self, domain: Domain) -> None:
        """Return if the signature holds for this network, else raise `ReceiptInvalidError`."""
        if self.head.network_id != domain.network_id:
            raise ReceiptInvalidError("the receipt is of another network", field="network_id")
        _demand_signature(self.key, self.signature, _head_digest(self.head, self.key, domain))


def _head_digest(head: BatchHead, key: PublicKey, domain: Domain) -> bytes:
    return domain.hash("tongbao/batch-head/1", head.encode() + key.encode())


def _demand_signature(key: PublicKey, signature: bytes, digest: bytes) -> None:
    try:
        verify_signature(key, signature, digest)
    except RequestError as error:
        raise ReceiptInvalidError(f"the centre's signature does not hold: {error}", field="signature") from None


def receipt_entry(transaction_id: bytes, status: int, sequence: int, domain: Domain) -> bytes:
    """What stands for one verdict in its batch's tree and in the transparency log, 32 bytes."""
    return domain.hash("tongbao/receipt-leaf/1", transaction_id + u16(status) + u64(sequence))


def receipt_leaf(transaction_id: bytes, status: int, sequence: int, domain: Domain) -> bytes:
    """The leaf hash of one verdict in its batch's tree; in the log too, where the ledger's H is SHA-256."""
    return merkle.leaf_hash(receipt_entry(transaction_id, status, sequence, domain), domain)


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of the status of one transaction in one batch.

    Attributes:
        transaction_id: 32 bytes.
        status: number of a kernel status; 0 is settled.
        index: its place in the batch.
        path: Merkle siblings up to the head's root.
        signed_head: the batch's head, signed.
        log_proof: room for the inclusion proof of the transparency log; empty until there is one.
    """

    transaction_id: bytes
    status: int
    index: int
    path: tuple[bytes, ...]
    signed_head: SignedHead
    log_proof: bytes = b""

    def __post_init__(self) -> None:
        demand_bytes("transaction_id", self.transaction_id, length=HASH_BYTES)
        demand_unsigned("status", self.status, bits=16)
        demand_unsigned("index", self.index, bits=32)
        if len(self.path) > PATH_MAX:
            raise RequestError(f"a path has at most {PATH_MAX} hashes, this one {len(self.path)}", field="path")
        for sibling in self.path:
            demand_bytes("path", sibling, length=HASH_BYTES)

    def verify(self, domain: Domain, *, keys: Sequence[PublicKey]) -> None:
        """Return if the receipt proves its status, given the centre's public keys; needs nothing else.

        Raises:
            ReceiptInvalidError: it does not.
        """
        if self.signed_head.key not in keys:
            raise ReceiptInvalidError("the receipt is signed by a key that is not the centre's", field="key")
        self.signed_head.verify(domain)
        self.verify_path(domain)

    def verify_path(self, domain: Domain) -> None:
        """Return if the receipt belongs to its head, whose signature was verified before.

        Raises:
            ReceiptInvalidError: the path does not lead there.
        """
        head = self.signed_head.head
        leaf = receipt_leaf(self.transaction_id, self.status, head.sequence, domain)
        try:
            root = merkle.root_from_path(leaf, self.path, index=self.index, count=head.count, domain=domain)
        except RequestError as error:
            raise ReceiptInvalidError(str(error), field=error.field) from None
        if root != head.receipts_root:
            raise ReceiptInvalidError("the path does not lead to the signed root", field="path")

    def encode(self) -> bytes:
        """Version, verdict, path, signed head, log proof."""
        return b"".join(
            (
                u8(RECEIPT_VERSION),
                self.transaction_id,
                u16(self.status),
                u32(self.index),
                count_u8(list(self.path)),
                self.signed_head.head.encode(),
                self.signed_head.key.encode(),
                sized_u16(self.signed_head.signature),
                sized_u16(self.log_proof),
            )
        )

    @staticmethod
    def decode(data: bytes) -> "Receipt":
        """The receipt whose whole encoding is `data`; `verify` says whether it proves anything."""
        reader = Reader(data, "receipt")
        if reader.u8() != RECEIPT_VERSION:
            raise reader.error("the version is unknown")
        transaction_id, status, index = reader.take(HASH_BYTES), reader.u16(), reader.u32()
        path = tuple(reader.take(HASH_BYTES) for _ in range(reader.u8()))
        signed_head = SignedHead(BatchHead.read(reader), PublicKey.read(reader), read_signature(reader))
        log_proof = reader.sized_u16()
        reader.finish()
        return reader.build(Receipt, transaction_id, status, index, path, signed_head, log_proof)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The centre's signed word on whether a transaction has settled.

    Absence counts only where `time_ms` is past the transaction's expiry: until then it may still settle.

    Attributes:
        network_id: 32 bytes.
        transaction_id: 32 bytes.
        settled: whether any batch settled it.
        sequence: the batch that settled it; else the latest batch that the answer takes into account.
        time_ms: the ledger time of that batch.
        key: a receipt key of the registration centre.
        signature: by that key.
    """

    network_id: bytes
    transaction_id: bytes
    settled: bool
    sequence: int
    time_ms: int
    key: PublicKey
    signature: bytes

    def __post_init__(self) -> None:
        # Ids of other lengths would move the fields behind them, and one signature could be read as two outcomes.
        demand_bytes("network_id", self.network_id, length=HASH_BYTES)
        demand_bytes("transaction_id", self.transaction_id, length=HASH_BYTES)
        demand_unsigned("sequence", self.sequence, bits=64)
        demand_unsigned("time_ms", self.time_ms, bits=64)

    def _terms(self) -> bytes:
        place = u64(self.sequence) + u64(self.time_ms)
        return self.network_id + self.transaction_id + u8(self.settled) + place + self.key.encode()

    def signing_digest(self, domain: Domain) -> bytes:
        """What the centre signs, 32 bytes."""
        return domain.hash("tongbao/outcome/1", self._terms())

    def verify(self, domain: Domain, *, keys: Sequence[PublicKey]) -> None:
        """Return if the centre said this, else raise `ReceiptInvalidError`."""
        if self.network_id != domain.network_id:
            raise ReceiptInvalidError("the outcome is of another network", field="network_id")
        if self.key not in keys:
            raise ReceiptInvalidError("the outcome is signed by a key that is not the centre's", field="key")
        _demand_signature(self.key, self.signature, self.signing_digest(domain))

    def proves_absence(self, *, expiry_ms: int) -> bool:
        """Whether the transaction, which expires at `expiry_ms`, can never settle any more."""
        return not self.settled and self.time_ms > expiry_ms

    def encode(self) -> bytes:
        """Terms and signature."""
        return self._terms() + sized_u16(self.signature)

    @staticmethod
    def decode(data: bytes) -> "Outcome":
        """The outcome whose whole encoding is `data`."""
        reader = Reader(data, "outcome")
        network_id, transaction_id, settled = reader.take(HASH_BYTES), reader.take(HASH_BYTES), reader.flag()
        sequence, time_ms = reader.u64(), reader.u64()
        key, signature = PublicKey.read(reader), read_signature(reader)
        reader.finish()
        return Outcome(network_id, transaction_id, settled, sequence, time_ms, key, signature)
