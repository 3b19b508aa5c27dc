"""The bank vault: the coins that an institution owns itself, under one key, each behind a salt of its own.

reservation = vault.purse.reserve("exchange 7", 250, now_ms=ledger_time_ms, until_ms=expiry_ms)
body = vault.transfer(reservation.coins, outputs, change_salt=salt, expiry_ms=expiry_ms, reference=reference)
transaction = vault.sign(body)
"""

from collections.abc import Iterable, Sequence

from tongbao.coin.coin import CURRENCY, Coin, Input
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.lock import KeyLock, Path
from tongbao.coin.suites import PublicKey
from tongbao.coin.transaction import Body, Kind, Transaction, Witness, spend_digest
from tongbao.vaults.purse import NEVER_MS, Purse, PurseCoin

__all__ = ["BankVault"]


class BankVault:
    """A purse with the key and the salts that open its coins.

    Attributes:
        purse: the coins.
        key: who owns them.
    """

    def __init__(self, signing_key: SigningKey, *, home: int, domain: Domain, inputs_max: int) -> None:
        self.purse = Purse(inputs_max=inputs_max)
        self.key = PublicKey.ed25519(signing_key.public_key)
        self._signing_key = signing_key
        self._home = home
        self._domain = domain
        self._salts: dict[bytes, bytes] = {}

    def lock_id(self, salt: bytes) -> bytes:
        """The id of the vault's lock with that salt."""
        return KeyLock(self.key, salt).id(self._domain)

    def coin(self, value: int, salt: bytes) -> Coin:
        """A coin of the currency for the vault."""
        return Coin(CURRENCY, value, self._home, self.lock_id(salt))

    def add(self, opening: Input, salt: bytes) -> bool:
        """Take a coin in; False where it is here already or was spent lately."""
        coin_id = opening.coin_id(self._domain)
        added = self.purse.add(PurseCoin(coin_id, opening))
        if added:
            self._salts[coin_id] = salt
        return added

    def hold(self, holder: str, coin_ids: Iterable[bytes]) -> None:
        """Keep coins for a holder until they are spent or released, whatever the time."""
        self.purse.release(holder)
        self.purse.reserve_these(holder, coin_ids, now_ms=0, until_ms=NEVER_MS)

    def spend(self, coin_ids: Iterable[bytes]) -> None:
        """Let coins go for good."""
        for coin in self.purse.spend(coin_ids):
            del self._salts[coin.coin_id]

    def transfer(
        self,
        coins: Sequence[PurseCoin],
        outputs: Sequence[Coin],
        *,
        change_salt: bytes,
        expiry_ms: int,
        reference: bytes,
    ) -> Body:
        """The transfer of coins to `outputs`; what is left over comes back behind `change_salt`, as the last output."""
        left = sum(coin.value for coin in coins) - sum(coin.value for coin in outputs)
        change = (self.coin(left, change_salt),) if left else ()
        inputs = tuple(coin.opening for coin in coins)
        return Body(Kind.TRANSFER, expiry_ms, reference, inputs=inputs, outputs=(*outputs, *change))

    def sign(self, body: Body, *, salts: Sequence[bytes] = ()) -> Transaction:
        """The transaction with a witness for each input.

        Without `salts` the inputs must be coins of the vault; with them, one each, they may be coins to come.
        """
        # All coins are under one key and all witnesses sign the same digest, so one signature serves.
        signature = self._signing_key.sign(spend_digest(body.transaction_id(self._domain), self._domain))
        known = salts or [self._salts[spent.coin_id(self._domain)] for spent in body.inputs]
        return Transaction(body, tuple(Witness(KeyLock(self.key, salt), Path.A, signature) for salt in known))
