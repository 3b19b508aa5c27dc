"""The past as the home tells it, with no receipt in it but such as the registration centre has signed."""

import logging

from tongbao.errors import PeerError, WorldError
from tongbao.protocol.wallet import HistoryEntry, HistoryPage
from tongbao.wallets.centre import Centre
from tongbao.wallets.receipts import CentreKeys

__all__ = ["verified_history"]

_log = logging.getLogger(__name__)


async def verified_history(page: HistoryPage, *, centre_keys: CentreKeys, centre: Centre | None) -> HistoryPage:
    """The page with those receipts alone that prove that their entries settled.

    One under a key that nobody knows here is left out: it may be the centre's new one, and counts once that is known.

    Raises:
        PeerError: a receipt under the centre's key proves something else.
    """
    if centre is not None and not all(centre_keys.knows_key_of(entry.receipt) for entry in page.entries):
        try:
            await centre.learn_keys()
        except (WorldError, PeerError) as error:
            _log.warning("the keys of the registration centre are not known anew: %s", error)
    return page.model_copy(update={"entries": [_verified(entry, centre_keys) for entry in page.entries]})


def _verified(entry: HistoryEntry, centre_keys: CentreKeys) -> HistoryEntry:
    if entry.receipt is None:
        return entry
    if entry.state != "settled" or entry.transaction_id is None or not centre_keys.knows_key_of(entry.receipt):
        return entry.model_copy(update={"receipt": None})
    centre_keys.check_settled(entry.receipt, transaction_id=entry.transaction_id)
    return entry
