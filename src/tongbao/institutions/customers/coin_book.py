"""The coins at this home by owner, and the balances that follow from them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from tongbao.coin.coin import CURRENCY, Coin, Input
from tongbao.institutions.tables import AnyRow, coins, wallets
from tongbao.protocol.registration import CoinRecord
from tongbao.protocol.wallet import WalletCoin
from tongbao.statements import Statement

__all__ = [
    "COIN_COLUMNS",
    "NewCoin",
    "Owner",
    "add_coins",
    "change_balances",
    "opening_of",
    "spend_coins",
    "wallet_coin",
]


class Owner(StrEnum):
    """Whose a coin is."""

    WALLET = "wallet"
    """A wallet's; without a wallet's id it lies in a pocket, which two wallets can open."""
    VAULT = "vault"
    UNKNOWN = "unknown"
    """Under a lock that nobody handed out here; its owner may show up."""


@dataclass(frozen=True, slots=True)
class NewCoin:
    """A coin that was made at this home.

    Attributes:
        coin_id: 32 bytes.
        opening: what spends it.
        owner: see `Owner`.
        wallet_id: of its owner, where that is a wallet.
        salt: of its lock, where the home knows it.
        sequence: the batch that made it.
    """

    coin_id: bytes
    opening: Input
    owner: Owner
    wallet_id: bytes | None
    salt: bytes | None
    sequence: int

    def row(self) -> dict[str, object]:
        """The coin as its row."""
        coin = self.opening.coin
        return {
            "coin_id": self.coin_id,
            "origin": self.opening.origin,
            "output_index": self.opening.index,
            "asset": coin.asset,
            "value": coin.value,
            "home": coin.home,
            "lock_id": coin.lock_id,
            "owner": self.owner.value,
            "wallet_id": self.wallet_id,
            "salt": self.salt,
            "sequence": self.sequence,
        }


# A coin that was kept without an owner is kept anew once it is known better: wallets read the listing on from the
# number that they have seen last, so it must get a new one.
_FORGET = Statement(
    sa.delete(coins).where(coins.c.coin_id == sa.bindparam("coin_id"), coins.c.owner == Owner.UNKNOWN.value)
)
_INSERT = Statement(
    "INSERT INTO coins (coin_id, origin, output_index, asset, value, home, lock_id, owner, wallet_id, salt, sequence, "
    "spent) VALUES (:coin_id, :origin, :output_index, :asset, :value, :home, :lock_id, :owner, :wallet_id, :salt, "
    ":sequence, 0) "
    "ON CONFLICT (coin_id) DO NOTHING"
)
_SPEND = Statement(sa.update(coins).where(coins.c.coin_id == sa.bindparam("coin")).values(spent=1))
_CHANGE = Statement(
    sa.update(wallets)
    .where(wallets.c.wallet_id == sa.bindparam("wallet"))
    .values(balance_fen=wallets.c.balance_fen + sa.bindparam("change"))
)

COIN_COLUMNS = (
    coins.c.number,
    coins.c.coin_id,
    coins.c.origin,
    coins.c.output_index,
    coins.c.asset,
    coins.c.value,
    coins.c.home,
    coins.c.lock_id,
    coins.c.salt,
    coins.c.sequence,
)


def add_coins(connection: sa.Connection, made: Sequence[NewCoin]) -> None:
    """Keep coins that were made."""
    rows = [coin.row() for coin in made]
    _FORGET.run_many(connection, rows)
    _INSERT.run_many(connection, rows)


def spend_coins(connection: sa.Connection, coin_ids: Iterable[bytes]) -> None:
    """Mark coins as spent; they stay, so that late news of one does not bring it back."""
    _SPEND.run_many(connection, [{"coin": coin_id} for coin_id in coin_ids])


def change_balances(connection: sa.Connection, changes: Mapping[bytes, int]) -> None:
    """Add to what wallets hold, in fen."""
    rows = [{"wallet": wallet_id, "change": change} for wallet_id, change in changes.items() if change]
    _CHANGE.run_many(connection, rows)


def opening_of(row: AnyRow) -> Input:
    """The opening of the coin in a row of `COIN_COLUMNS`."""
    return Input(row.origin, row.output_index, Coin(row.asset, row.value, row.home, row.lock_id))


def wallet_coin(coin: NewCoin) -> WalletCoin:
    """The coin as its wallet sees it; made without validation, as it is ours."""
    opening = coin.opening
    record = CoinRecord.model_construct(
        coin_id=coin.coin_id,
        origin=opening.origin,
        index=opening.index,
        asset=opening.coin.asset,
        value=opening.coin.value,
        home=opening.coin.home,
        lock_id=opening.coin.lock_id,
        sequence=coin.sequence,
        spent=False,
    )
    return WalletCoin.model_construct(coin=record, salt=coin.salt)


def value_in_currency(coin: Coin) -> int:
    """What the coin adds to a balance: coins of other assets are kept and not counted."""
    return coin.value if coin.asset == CURRENCY else 0
