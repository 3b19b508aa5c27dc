"""A submission: a home endorses an ordered list of transactions."""

from collections.abc import Callable
from dataclasses import dataclass

from tongbao.coin.domain import HASH_BYTES, Domain
from tongbao.coin.encoding import Reader, count_u16, demand_bytes, demand_unsigned, sized_u16, sized_u32, u32
from tongbao.coin.suites import PublicKey, read_signature
from tongbao.coin.transaction import TRANSACTION_BYTES_MAX
from tongbao.errors import DecodingError, RequestError

__all__ = ["SUBMISSION_BYTES_MAX", "SUBMISSION_TRANSACTIONS_MAX", "Submission"]

SUBMISSION_TRANSACTIONS_MAX = 1024
"""So that refusing a submission whole costs its home little, and one submission fits several times in a batch."""

SUBMISSION_BYTES_MAX = 1000 * 1024
"""So that every submission fits into a batch, which has 24 KiB more for its header and to spare."""

SUBMISSION_TAG = "tongbao/submission/1"


@dataclass(frozen=True, slots=True)
class Submission:
    """What a home hands to the registration centre.

    Attributes:
        network_id: 32 bytes.
        home: the home that endorses; 0 is the central bank.
        transactions: 1..1,024 encoded transactions, in the order in which they are to be applied.
        key: the endorser key.
        signature: by that key over everything before.
    """

    network_id: bytes
    home: int
    transactions: tuple[bytes, ...]
    key: PublicKey
    signature: bytes

    def __post_init__(self) -> None:
        demand_bytes("network_id", self.network_id, length=HASH_BYTES)
        demand_unsigned("home", self.home, bits=32)
        count = len(self.transactions)
        if not 1 <= count <= SUBMISSION_TRANSACTIONS_MAX:
            raise RequestError(
                f"transactions must be 1..{SUBMISSION_TRANSACTIONS_MAX}, were {count}", field="transactions"
            )

    def _signed_part(self) -> bytes:
        listed = count_u16([sized_u32(transaction) for transaction in self.transactions])
        return self.network_id + u32(self.home) + listed + self.key.encode()

    def signing_digest(self, domain: Domain) -> bytes:
        """What the home signs, 32 bytes."""
        return domain.hash(SUBMISSION_TAG, self._signed_part())

    def encode(self) -> bytes:
        """The signed part and the signature."""
        return self._signed_part() + sized_u16(self.signature)

    @staticmethod
    def sign(
        domain: Domain,
        transactions: tuple[bytes, ...],
        *,
        home: int,
        key: PublicKey,
        sign: Callable[[bytes], bytes],
    ) -> "Submission":
        """Endorse `transactions` for `home`; `sign` signs a digest with the endorser key."""
        unsigned = Submission(domain.network_id, home, transactions, key, b"")
        return Submission(domain.network_id, home, transactions, key, sign(unsigned.signing_digest(domain)))

    @staticmethod
    def decode(data: bytes) -> "Submission":
        """The submission whose whole encoding is `data`; its transactions are not looked into."""
        if len(data) > SUBMISSION_BYTES_MAX:
            raise DecodingError(
                f"a submission has at most {SUBMISSION_BYTES_MAX} bytes, this one {len(data)}", field="submission"
            )
        reader = Reader(data, "submission")
        network_id, home = reader.take(HASH_BYTES), reader.u32()
        transactions = tuple([reader.sized_u32(length_max=TRANSACTION_BYTES_MAX) for _ in range(reader.u16())])
        key, signature = PublicKey.read(reader), read_signature(reader)
        reader.finish()
        return reader.build(Submission, network_id, home, transactions, key, signature)
