"""Pockets: money that this wallet and another one can open, the one at any time and the other from a ledger time on.

Nothing of a pocket is kept on this machine: its home keeps the words about it, sealed for each of the two, so that the
phrase alone gives it back. A payment into a pocket is a payment like others. Whoever takes the money out spends the
whole coin to a lock of his own; of all attempts, his and the other one's, one can settle, so any may be made again.
"""

from dataclasses import dataclass
from hashlib import sha256

from tongbao.coin import Address, Path, PublicKey, TimedLock, Transaction
from tongbao.errors import PeerError, RefusedError, RequestError
from tongbao.protocol.payment import Payee
from tongbao.protocol.pocket import Pocket, PocketRequest
from tongbao.protocol.stock import wallet_id_of
from tongbao.wallets.asking import demand_amount
from tongbao.wallets.derivation import INDEX_MAX
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.payees import Payees
from tongbao.wallets.paying import Payments
from tongbao.wallets.payment import Intent, PaymentKind
from tongbao.wallets.pocket_shelf import OwnPocket, PocketShelf
from tongbao.wallets.pocket_taking import TakingOut
from tongbao.wallets.pocket_words import PURPOSE_BYTES_MAX, PocketWords
from tongbao.wallets.ports import Entropy
from tongbao.wallets.sealing import EPHEMERAL_BYTES, seal

__all__ = ["PocketWish", "Pockets"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PocketWish:
    """What a holder wants to put aside.

    Attributes:
        address: of the other one who can open it.
        amount_fen: how much.
        later_from_ms: the ledger time from which the later of the two opens it.
        savings: whether the money stays the holder's and the other one is the later of the two; else it is for the
            other one, and comes back to the holder.
        purpose: why, for both to read and nobody else.
        homes: the only homes where the money may go; empty for anywhere.
    """

    address: str
    amount_fen: int
    later_from_ms: int
    savings: bool = False
    purpose: str = ""
    homes: tuple[int, ...] = ()


class Pockets:
    """The pockets of one wallet: made here, looked at on the shelf, and emptied."""

    def __init__(
        self,
        keys: WalletKeys,
        shelf: PocketShelf,
        taking: TakingOut,
        *,
        home: Home,
        payments: Payments,
        payees: Payees,
        entropy: Entropy,
        address: Address,
    ) -> None:
        self._keys = keys
        self._shelf = shelf
        self._taking = taking
        self._home = home
        self._payments = payments
        self._payees = payees
        self._entropy = entropy
        self._address = address

    async def put(self, wish: PocketWish, *, request_id: str = "") -> OwnPocket:
        """Put money into a pocket; the same request id in the same words is the same pocket, paid into once.

        Raises:
            RequestError: INVALID_FIELD; REQUEST_REUSED where the request id was another pocket's.
            RefusedError: a limit, or the other one's home; nothing was paid.
            InDoubtError, RefusedForNowError: as for any payment.
        """
        other = self._other(wish)
        their_key = await self._key_of(other)
        await self._home.account()
        self._demand_later(wish)
        request_id = request_id or self._entropy.bytes(16).hex()
        number = int.from_bytes(sha256(b"tongbao/pocket-number/1" + request_id.encode()).digest()[:4]) & INDEX_MAX
        lock = self._lock(wish, their_key, number)
        pocket_id = lock.id(self._keys.domain)
        request = PocketRequest(
            pocket_id=pocket_id,
            other_address=wish.address,
            amount_fen=wish.amount_fen,
            sealed_for_maker=self._sealed(wish, lock, self._keys.main_key, number),
            sealed_for_other=self._sealed(wish, lock, their_key, None),
        )
        await self._home.post("/v1/pockets", request, Pocket, self._home.new_request())
        await self._fill(pocket_id, wish.amount_fen, f"{PaymentKind.POCKET} {request_id}")
        return await self._shelf.find(self._home.number, pocket_id)

    def _other(self, wish: PocketWish) -> Address:
        demand_amount(wish.amount_fen)
        other = Address.parse(wish.address)
        if other.test_network != self._address.test_network:
            raise _wrong("address", "the address is of another network: ask for another")
        if other.wallet_id == self._keys.wallet_id:
            raise _wrong("address", "a pocket is opened by two wallets: name another one")
        if wish.homes and not {other.home, self._home.number} <= set(wish.homes):
            raise _wrong("homes", "name the homes of both, or one of them could never take the money")
        if len(wish.purpose.encode()) > PURPOSE_BYTES_MAX:
            raise _wrong("purpose", f"say it in at most {PURPOSE_BYTES_MAX} bytes")
        return other

    def _demand_later(self, wish: PocketWish) -> None:
        if wish.later_from_ms <= self._home.time_ms:
            raise _wrong("later_from_ms", "name a time that is still to come")

    async def _key_of(self, other: Address) -> PublicKey:
        """The main key that the address stands for; that it is so, this wallet sees for itself."""
        found = await self._payees.check(str(other))
        if found.main_key is None:
            raise PeerError(f"home {other.home} does not tell the payee's key: it needs a newer version")
        key = PublicKey.ed25519(found.main_key)
        if wallet_id_of(key, self._keys.domain) != other.wallet_id:
            raise PeerError("the payee's home names a key that is not the address's")
        return key

    def _lock(self, wish: PocketWish, their_key: PublicKey, number: int) -> TimedLock:
        own = self._keys.pocket_key(number)
        mine = PublicKey.ed25519(own.signer.public_key)
        first, later = (mine, their_key) if wish.savings else (their_key, mine)
        return TimedLock(first, later, wish.later_from_ms, tuple(sorted(set(wish.homes))), (), own.salt)

    def _sealed(self, wish: PocketWish, lock: TimedLock, reader: PublicKey, number: int | None) -> bytes:
        """The words for the maker, who has a `number`, or for the other one."""
        path = Path.A if wish.savings == (number is not None) else Path.B
        words = PocketWords(lock, path, number, wish.purpose).encode()
        entropy = self._entropy.bytes(EPHEMERAL_BYTES)
        return seal(words, main_key=reader.key, context=lock.id(self._keys.domain), entropy=entropy)

    async def _fill(self, pocket_id: bytes, amount_fen: int, name: str) -> None:
        intent = Intent(
            name=name,
            kind=PaymentKind.POCKET,
            payee=Payee(pocket_id=pocket_id),
            amount_fen=amount_fen,
            payee_home=self._home.number,
            payee_wallet_id=None,
        )
        paid = await self._payments.pay(intent)
        if Transaction.decode(paid.transaction).body.outputs[0].lock_id != pocket_id:
            raise RequestError(
                "this request id was another pocket's, for somebody else or until another time",
                field="request_id",
                cure="give another pocket another request id",
                code="REQUEST_REUSED",
            )

    # --- look, and take out -------------------------------------------------------------------------------------------

    async def all(self) -> list[OwnPocket]:
        """Every pocket whose money can still be taken, as it stands where it lies; made ones first."""
        return await self._shelf.all()

    async def past(self) -> list[OwnPocket]:
        """Every pocket that there ever was, as last heard of."""
        return await self._shelf.past()

    async def find(self, home: int, pocket_id: bytes) -> OwnPocket:
        """A pocket as it stands at the home where it lies; raises NOT_FOUND."""
        return await self._shelf.find(home, pocket_id)

    async def aside_fen(self) -> int:
        """What lies in pockets that this wallet has made, and nobody has taken."""
        return await self._shelf.aside_fen()

    async def demand_none_filled(self) -> None:
        """Return if no money lies in a pocket that this wallet made, else raise what a home says to who closes."""
        aside_fen = await self.aside_fen()
        if aside_fen:
            raise RefusedError(
                f"{aside_fen} fen of this wallet lie in pockets, where they may come back from",
                code="POCKETS_OPEN",
                field="wallet_id",
                cure="take them back once the time has come, or wait until the other one takes them; then go",
            )

    async def take(self, home: int, pocket_id: bytes) -> OwnPocket:
        """Take the money out into this wallet, as `TakingOut.take` does."""
        return await self._taking.take(home, pocket_id)


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", field=field, cure=cure, code="INVALID_FIELD")
