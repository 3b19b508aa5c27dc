"""What happened to a wallet, as its home tells it."""

from typing import Final

from tongbao.protocol.event import EventPage
from tongbao.wallets.home import Home

__all__ = ["Events"]

_EVENTS_PER_PAGE: Final = 50


class Events:
    """Reads the wallet's events, and waits for new ones."""

    def __init__(self, home: Home, wallet_id: bytes) -> None:
        self._home = home
        self._path = f"/v1/wallets/{wallet_id.hex()}/events"

    async def page(self, *, after: str = "", limit: int = _EVENTS_PER_PAGE, wait_s: int = 0) -> EventPage:
        """What happened after a place, oldest first; where there is nothing, it is waited for.

        A wait must be shorter than the wallet's patience with a request, which is ten seconds unless it was set.
        """
        query: dict[str, str | int] = {"after": after, "limit": limit, "wait_s": wait_s}
        return await self._home.get(self._path, EventPage, query)
