"""A merchant's tills: opened and closed by the merchant's wallet; `order_desk` is what such a till does itself."""

from tongbao.errors import PeerError
from tongbao.protocol.till import Till, TillClosing, TillPage, TillRequest, till_id_of
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys

__all__ = ["Tills"]

TILLS_PER_PAGE = 50


class Tills:
    """Says which keys make orders of this merchant."""

    def __init__(self, home: Home, keys: WalletKeys) -> None:
        self._home = home
        self._keys = keys

    async def open(self, name: str, public_key: bytes) -> Till:
        """Let the holder of a key make orders, and nothing else; the same name and key are the same till."""
        request = asked(TillRequest, name=name, public_key=public_key)
        till = await self._home.post("/v1/tills", request, Till, self._home.new_request())
        if till.till_id != till_id_of(self._keys.wallet_id, public_key, self._keys.domain):
            raise PeerError("the home has opened another till than it was asked for")
        return till

    async def page(self, *, after: str = "", limit: int = TILLS_PER_PAGE) -> TillPage:
        """The tills, closed ones included, oldest first."""
        return await self._home.get("/v1/tills", TillPage, {"after": after, "limit": limit})

    async def close(self, till_id: bytes) -> Till:
        """Let a till make no orders any more; those that it made can still be paid."""
        path = f"/v1/tills/{till_id.hex()}/close"
        return await self._home.post(path, TillClosing(), Till, self._home.new_request())
