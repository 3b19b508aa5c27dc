"""Looking at pockets: what their homes tell of them, and what is sealed for this wallet."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from tongbao.coin import Address, PublicKey
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import NetworkError, PeerError, RequestError
from tongbao.protocol.pocket import Pocket, PocketPage, PocketParty, PocketState
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.pocket_words import PocketWords

__all__ = ["OwnPocket", "PocketShelf", "pocket_path"]

POCKETS_PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class OwnPocket:
    """A pocket that this wallet can open.

    Attributes:
        told: what its home says of it.
        party: whether this wallet made it, or the other one.
        words: what was sealed for this wallet; None where it cannot be read or is about another lock.
    """

    told: Pocket
    party: PocketParty
    words: PocketWords | None

    @property
    def pocket_id(self) -> bytes:
        """The id of its lock, 32 bytes."""
        return self.told.pocket_id

    @property
    def opens_at_ms(self) -> int | None:
        """The ledger time from which this wallet opens it, 0 for any time; None where that cannot be read."""
        return None if self.words is None else self.words.lock.opens_at_ms(self.words.path)

    @property
    def is_mine(self) -> bool:
        """Whether money is in it that this wallet may take out at any time: savings, and gifts that wait."""
        return self.told.state is PocketState.FILLED and self.opens_at_ms == 0


class PocketShelf:
    """Reads the pockets of one wallet."""

    def __init__(self, keys: WalletKeys, home: Home) -> None:
        self._keys = keys
        self._home = home

    async def all(self) -> list[OwnPocket]:
        """Every pocket whose money can still be taken, as it stands where it lies, newest first; made ones first.

        One whose home does not answer is told of as it was last heard of.
        """
        made = [each for each in await self._listed(PocketParty.MAKER) if each.state is not PocketState.TAKEN]
        received = [each for each in await self._listed(PocketParty.OTHER) if each.state is not PocketState.TAKEN]
        found = [self._own(each, PocketParty.MAKER) for each in made]
        for each in received:
            now = await self._as_it_stands(each)
            if now.state is not PocketState.TAKEN:
                found.append(self._own(now, PocketParty.OTHER))
        return found

    async def past(self) -> list[OwnPocket]:
        """Every pocket that there ever was, as last heard of."""
        return [
            self._own(each, party)
            for party in (PocketParty.MAKER, PocketParty.OTHER)
            for each in await self._listed(party)
        ]

    async def find(self, home: int, pocket_id: bytes) -> OwnPocket:
        """A pocket as it stands at the home where it lies; raises NOT_FOUND."""
        found = await self._told(home, pocket_id)
        mine = Address.parse(found.maker_address).wallet_id == self._keys.wallet_id
        return self._own(found, PocketParty.MAKER if mine else PocketParty.OTHER)

    async def aside_fen(self) -> int:
        """What lies in pockets that this wallet has made, and nobody has taken."""
        made = await self._listed(PocketParty.MAKER)
        return sum(each.amount_fen for each in made if each.state is PocketState.FILLED)

    async def _as_it_stands(self, listed: Pocket) -> Pocket:
        try:
            return await self._told(listed.home, listed.pocket_id)
        except (NetworkError, PeerError):
            return listed

    async def _told(self, home: int, pocket_id: bytes) -> Pocket:
        found = self._home.dated(await self._home.get(pocket_path(home, pocket_id), Pocket))
        if (found.home, found.pocket_id) != (home, pocket_id):
            raise PeerError("the home tells of another pocket than was asked for")
        return found

    async def _listed(self, made_by: PocketParty) -> Sequence[Pocket]:
        listed: list[Pocket] = []
        after = ""
        while True:
            query: dict[str, str | int] = {"made_by": made_by.value, "after": after, "limit": POCKETS_PER_PAGE}
            page = await self._home.get("/v1/pockets", PocketPage, query)
            listed += page.pockets
            if not page.next or page.next == after:
                return listed
            after = page.next

    def _own(self, told: Pocket, party: PocketParty) -> OwnPocket:
        try:
            words = PocketWords.decode(self._keys.open_sealed(told.sealed, context=told.pocket_id))
        except (PeerError, RequestError):
            return OwnPocket(told, party, None)
        mine = PublicKey.ed25519(self.signer(words).public_key)
        fits = words.lock.id(self._keys.domain) == told.pocket_id and words.lock.key_for(words.path) == mine
        return OwnPocket(told, party, words if fits else None)

    def signer(self, words: PocketWords) -> SigningKey:
        """The key of this wallet that opens the lock."""
        return self._keys.main if words.number is None else self._keys.pocket_key(words.number).signer


def pocket_path(home: int, pocket_id: bytes) -> str:
    """Where a home tells of a pocket, its own or another home's."""
    return f"/v1/homes/{home}/pockets/{pocket_id.hex()}"
