"""What follows when issued coins arrive, when the vault's split has settled, and when a redemption has."""

from collections.abc import Sequence

import sqlalchemy as sa

from tongbao.coin.coin import Coin, Input
from tongbao.institutions.books.bank_ledger import Account, Entry, book
from tongbao.institutions.customers.coin_book import NewCoin, Owner, add_coins, spend_coins
from tongbao.institutions.exchange.exchange_planning import CHANGE_SALT
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.outgoing import Settlement
from tongbao.institutions.settlement.settling import VaultNews
from tongbao.institutions.tables import bank_operations
from tongbao.protocol.banking import BankOperationState

__all__ = [
    "ISSUANCE",
    "REDEMPTION_SALT",
    "SPLIT_SUFFIX",
    "RedemptionOutcomes",
    "SplitOutcomes",
    "issued",
    "redemption_holder",
    "set_state",
]

ISSUANCE = "issuance"
"""The purpose of the vault's locks on which issued coins arrive."""

REDEMPTION_SALT = "vault redemption"
"""The purpose of the salt of the coin that a split makes for a redemption; the subject is the operation."""

SPLIT_SUFFIX = b"/split"
"""Behind the id of a redemption, the subject of the split that it needs."""

_ARRIVED = (
    sa.update(bank_operations)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"))
    .values(
        missing_fen=bank_operations.c.missing_fen - sa.bindparam("value"),
        transaction_id=sa.bindparam("identity"),
    )
    .returning(bank_operations.c.missing_fen)
)
_SET_STATE = (
    sa.update(bank_operations)
    .where(bank_operations.c.operation_id == sa.bindparam("operation"))
    .values(state=sa.bindparam("new_state"), status=sa.bindparam("new_status"))
)


def redemption_holder(operation_id: bytes) -> str:
    """By what name a redemption holds coins of the vault."""
    return f"redemption {operation_id.hex()}"


def set_state(connection: sa.Connection, operation_id: bytes, state: BankOperationState, status: str) -> None:
    """Write down how far an operation is."""
    connection.execute(_SET_STATE, {"operation": operation_id, "new_state": state.value, "new_status": status})


def issued(connection: sa.Connection, operation_id: bytes, value: int, *, origin: bytes, time_ms: int) -> Entry:
    """Count an issued coin for its operation, and return what it means for the books."""
    row = {"operation": operation_id, "value": value, "identity": origin}
    missing = connection.execute(_ARRIVED, row).scalar_one()
    if missing <= 0:
        set_state(connection, operation_id, BankOperationState.SETTLED, "SETTLED")
    lines = ((Account.VAULT, -value), (Account.RESERVES, value))
    return Entry("issued", operation_id, time_ms, lines)


class SplitOutcomes:
    """Consequences of splits: the vault has a coin of just the amount, which waits for its redemption."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Change the coins."""
        news = VaultNews()
        for settlement in settlements:
            outgoing = settlement.outgoing
            operation_id = outgoing.subject.removesuffix(SPLIT_SUFFIX)
            derive = self._premises.secrets.derive
            salts = (derive(REDEMPTION_SALT, operation_id), derive(CHANGE_SALT, outgoing.coin_ids[0]))
            made = [
                self._coin(settlement, index, coin, salt)
                for index, (coin, salt) in enumerate(zip(outgoing.body.outputs, salts, strict=False))
            ]
            add_coins(connection, made)
            spend_coins(connection, outgoing.coin_ids)
            news.spent += outgoing.coin_ids
            news.added += [(coin.opening, coin.salt) for coin in made if coin.salt]
            news.held.append((redemption_holder(operation_id), made[0].coin_id))
        return news

    def _coin(self, settlement: Settlement, index: int, coin: Coin, salt: bytes) -> NewCoin:
        opening = Input(settlement.outgoing.transaction_id, index, coin)
        coin_id = opening.coin_id(self._premises.domain)
        return NewCoin(coin_id, opening, Owner.VAULT, None, salt, settlement.sequence)

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """Give the redemption up; the coins are free again."""
        news = VaultNews()
        for settlement in settlements:
            operation_id = settlement.outgoing.subject.removesuffix(SPLIT_SUFFIX)
            set_state(connection, operation_id, BankOperationState.EXPIRED, settlement.status)
            news.released.append(redemption_holder(operation_id))
        return news


class RedemptionOutcomes:
    """Consequences of redemptions."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def settled(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """The coins are gone, and reserves come back for them."""
        news = VaultNews()
        for settlement in settlements:
            outgoing = settlement.outgoing
            spend_coins(connection, outgoing.coin_ids)
            total = sum(spent.coin.value for spent in outgoing.body.inputs)
            lines = ((Account.VAULT, total), (Account.RESERVES, -total))
            book(connection, [Entry("redeemed", outgoing.subject, settlement.time_ms, lines)])
            set_state(connection, outgoing.subject, BankOperationState.SETTLED, settlement.status)
            news.spent += outgoing.coin_ids
        return news

    def absent(self, connection: sa.Connection, settlements: Sequence[Settlement]) -> VaultNews:
        """The coins are free again."""
        news = VaultNews()
        for settlement in settlements:
            operation_id = settlement.outgoing.subject
            set_state(connection, operation_id, BankOperationState.EXPIRED, settlement.status)
            news.released.append(redemption_holder(operation_id))
        return news
