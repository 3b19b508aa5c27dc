"""Receipts of what other homes submitted: asked of the registration centre when somebody wants to see them, and kept.

Who pays gets the receipt with the verdict. The payee's home learns of the coin alone, and most payees never ask for
more, so that a receipt costs nothing before one does.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable

import sqlalchemy as sa

from tongbao.errors import InvariantError, PeerError, TongbaoError, WorldError
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.ledger import Ledger
from tongbao.kernel.status import Status

__all__ = ["Proving", "ask_receipt"]

RECEIPTS_WAIT_S = 2.0
"""How long a reader waits for receipts, which the centre tells within milliseconds; the rest comes another time."""

ASKED_AT_ONCE = 8
"""Enough that a page of 200 takes 25 round trips, and few beside the submissions that the centre is there for."""

_log = logging.getLogger(__name__)

# Two readers may have asked at once; a receipt that proves the same is as good.
_KEEP = sa.text(
    "INSERT INTO receipts (transaction_id, receipt) VALUES (:transaction_id, :receipt) "
    "ON CONFLICT (transaction_id) DO NOTHING"
)


async def ask_receipt(ledger: Ledger, transaction_id: bytes) -> bytes:
    """The centre's receipt of a transaction that has settled, checked.

    Raises:
        PeerError: there is none, or what there is proves something else.
        WorldError: the centre does not answer.
    """
    _, receipt = await ledger.outcome(transaction_id)
    if receipt is None:
        raise PeerError(f"the centre made coins by {transaction_id.hex()}, and has no receipt that it settled")
    if not ledger.receipts.knows_key_of(receipt):
        await ledger.refresh_directory()
    ledger.receipts.check(receipt, transaction_id=transaction_id, status=Status.SETTLED)
    return receipt


class Proving:
    """Finds receipts for those who read."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def find(self, transaction_ids: Iterable[bytes]) -> dict[bytes, bytes]:
        """Those receipts that the centre gives now, by transaction; each is kept and need not be asked for again."""
        waiting = deque(dict.fromkeys(transaction_ids))
        found: dict[bytes, bytes] = {}
        try:
            async with asyncio.timeout(RECEIPTS_WAIT_S):
                await asyncio.gather(*[self._ask(waiting, found) for _ in range(min(ASKED_AT_ONCE, len(waiting)))])
        except TimeoutError:
            _log.warning("the registration centre has not given all receipts in %s s", RECEIPTS_WAIT_S)
        if found:
            rows = [{"transaction_id": identity, "receipt": receipt} for identity, receipt in found.items()]
            await self._premises.ports.store.write(lambda connection: connection.execute(_KEEP, rows).rowcount)
        return found

    async def _ask(self, waiting: deque[bytes], found: dict[bytes, bytes]) -> None:
        while waiting:
            identity = waiting.popleft()
            try:
                found[identity] = await ask_receipt(self._premises.ledger, identity)
            except InvariantError:
                raise
            except TongbaoError as error:
                _log.warning("%s has no receipt yet: %s", identity.hex(), error)
                if isinstance(error, WorldError):
                    return
