"""How much may be looked up in a day: what costs a payer nothing costs whoever tries out numbers nearly everything.

A lookup costs a point, and one that finds nobody ten, as does one with a name that is not the payee's: so numbers, and
hidden parts of names, would be guessed. So a wallet's day is 200 payees or 20 misses. Each is taken for a miss
until it is known to be none: of many at one time, every one has been paid for. Days are those of ledger time in the
policy's zone. The figures are for people; who pays hundreds has a payroll, and a company's wallet.
"""

import sqlalchemy as sa

from tongbao.coin.encoding import u32
from tongbao.errors import RefusedError
from tongbao.institutions.payees.tables import lookups
from tongbao.institutions.premises import Premises
from tongbao.protocol.wallet import WalletKind

__all__ = ["Allowance"]

_FOUND = 1
_MISSED = 10

_OF_WALLET = {WalletKind.PERSONAL: 200, WalletKind.CORPORATE: 5_000}
_OF_HOME = 200_000
"""For all customers of another home together; that home counts each of them itself."""
_OF_CLAIMS = 20
"""Codes that one wallet may ask for: for five numbers, with slips."""
_OF_PHONE = 5
"""Codes that go to one number, whoever asks for them: nobody's telephone is to ring all day."""

# Both databases speak this form of "insert or add"; SQLAlchemy has no single construct for it.
_TAKE = sa.text(
    "INSERT INTO lookups (kind, asker, day, points) VALUES (:kind, :asker, :day, :points) "
    "ON CONFLICT (kind, asker, day) DO UPDATE SET points = lookups.points + excluded.points RETURNING points"
)
_GIVE_BACK = (
    sa.update(lookups)
    .where(
        lookups.c.kind == "payees",
        lookups.c.asker == sa.bindparam("of"),
        # A day that has gone meanwhile needs nothing back.
        lookups.c.day == sa.bindparam("on"),
    )
    .values(points=lookups.c.points - (_MISSED - _FOUND))
)
_FORGET = sa.delete(lookups).where(
    lookups.c.kind == sa.bindparam("of_kind"),
    lookups.c.asker == sa.bindparam("of"),
    lookups.c.day < sa.bindparam("before"),
)


class Allowance:
    """Counts lookups; everything runs inside a write of the store, and a refusal takes nothing."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    def take(self, connection: sa.Connection, wallet_id: bytes) -> None:
        """Let a wallet look something up, at the cost of a miss."""
        facts = self._premises.wallets.find(connection, wallet_id)
        # Whoever has enough left for a payee that is there may look.
        most = _OF_WALLET[WalletKind(facts.kind)] + _MISSED - _FOUND
        self._take(connection, "payees", wallet_id, _MISSED, most=most)

    def give_back(self, connection: sa.Connection, wallet_id: bytes) -> None:
        """It was no miss."""
        connection.execute(_GIVE_BACK, {"of": wallet_id, "on": self._today()})

    def take_for_home(self, connection: sa.Connection, home: int) -> None:
        """Let another home look something up for a customer."""
        self._take(connection, "home", u32(home), _FOUND, most=_OF_HOME)

    def take_for_code(self, connection: sa.Connection, wallet_id: bytes, alias_key: bytes) -> None:
        """Let a code go to a number."""
        self._take(connection, "codes", wallet_id, _FOUND, most=_OF_CLAIMS)
        self._take(connection, "phone", alias_key, _FOUND, most=_OF_PHONE)

    def _take(self, connection: sa.Connection, kind: str, asker: bytes, points: int, *, most: int) -> None:
        day = self._today()
        used = connection.execute(_TAKE, {"kind": kind, "asker": asker, "day": day, "points": points}).scalar_one()
        if used == points:
            connection.execute(_FORGET, {"of_kind": kind, "of": asker, "before": day})
        if used > most:
            raise RefusedError(
                "too much was looked up today",
                code="LOOKUPS_USED_UP",
                cure="go on tomorrow, or pay by the address that the payee shows you",
            )

    def _today(self) -> int:
        return self._premises.settings.policy.periods(self._premises.ledger.time_ms).day
