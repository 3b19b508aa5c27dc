"""What a batch did, in rows of bytes: a fast kernel fills them at once, and a database takes them without objects."""

import struct
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tongbao.coin.batch import BatchHeader
from tongbao.coin.coin import Coin, Input
from tongbao.errors import RequestError
from tongbao.kernel.status import Status

__all__ = ["CREATED", "SPENT", "VERDICT", "AppliedBatch", "AppliedTransaction", "BatchInvalidError", "Created"]

VERDICT = struct.Struct(">32sH")
"""Transaction id and status, as receipts commit to them."""

CREATED = struct.Struct(">32s32sHIQI32s")
"""Coin id, then the coin's opening: origin, index, asset, value, home, lock id."""

SPENT = struct.Struct(">32s32s")
"""Coin id, and the id of the transaction that ended the coin."""

Created = tuple[bytes, int, Coin]
"""A new coin: its id, which output it is, the coin."""


class BatchInvalidError(RequestError):
    """A batch that cannot follow: nothing of it was applied. A journal that holds it is damaged or forged."""

    code = "BATCH_INVALID"


@dataclass(frozen=True, slots=True)
class AppliedTransaction:
    """One verdict.

    Attributes:
        id: of the transaction.
        status: SETTLED or the reason why not.
        created: the coins that it made; none where it was refused.
        spent: the ids of the coins that it ended; none where it was refused.
    """

    id: bytes
    status: Status
    created: Sequence[Created] = ()
    spent: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True)
class AppliedBatch:
    """What a batch did.

    Attributes:
        header: of the batch.
        chain_head: 32 bytes.
        verdicts: rows of `VERDICT` in the batch's order, over all its submissions.
        created: rows of `CREATED`, one for each coin that the batch made, in the order of making.
        spent: rows of `SPENT`, one for each coin that the batch ended.
    """

    header: BatchHeader
    chain_head: bytes
    verdicts: bytes
    created: bytes
    spent: bytes

    @staticmethod
    def of(header: BatchHeader, chain_head: bytes, transactions: Iterable[AppliedTransaction]) -> "AppliedBatch":
        """The batch that gave its transactions these verdicts."""
        verdicts, created, spent = [], [], []
        for each in transactions:
            verdicts.append(VERDICT.pack(each.id, each.status))
            created += [coin_id + Input(each.id, index, coin).encode() for coin_id, index, coin in each.created]
            spent += [SPENT.pack(coin_id, each.id) for coin_id in each.spent]
        return AppliedBatch(header, chain_head, b"".join(verdicts), b"".join(created), b"".join(spent))

    @property
    def statuses(self) -> list[int]:
        """The statuses alone."""
        return [status for _, status in VERDICT.iter_unpack(self.verdicts)]

    @property
    def transactions(self) -> list[AppliedTransaction]:
        """The verdicts as objects, made anew whenever they are asked for."""
        created: dict[bytes, list[Created]] = {}
        for coin_id, opening in self.created_coins():
            created.setdefault(opening.origin, []).append((coin_id, opening.index, opening.coin))
        spent: dict[bytes, list[bytes]] = {}
        for coin_id, spender in SPENT.iter_unpack(self.spent):
            spent.setdefault(spender, []).append(coin_id)
        return [
            # A transaction may stand in a batch twice, and settles once.
            AppliedTransaction(identity, Status(status), created.get(identity, ()), spent.get(identity, ()))
            if status == Status.SETTLED
            else AppliedTransaction(identity, Status(status))
            for identity, status in VERDICT.iter_unpack(self.verdicts)
        ]

    def __len__(self) -> int:
        """How many transactions it has."""
        return len(self.verdicts) // VERDICT.size

    def created_coins(self) -> Iterator[tuple[bytes, Input]]:
        """Id and opening of each coin that was made."""
        for coin_id, origin, index, asset, value, home, lock_id in CREATED.iter_unpack(self.created):
            yield coin_id, Input(origin, index, Coin(asset, value, home, lock_id))

    def spent_ids(self) -> list[bytes]:
        """The ids of the coins that were ended."""
        return [coin_id for coin_id, _ in SPENT.iter_unpack(self.spent)]
