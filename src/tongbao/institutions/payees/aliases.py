"""Telephone numbers by which wallets are found: claimed, proven by a code, released.

Kept of a number are its hash under the institution's secret and a masked form. Neither a thief of the database nor
whoever asks can list customers with it.
"""

import hmac
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.payees.allowance import Allowance
from tongbao.institutions.payees.codes import CodeSender
from tongbao.institutions.payees.naming import masked_phone
from tongbao.institutions.payees.tables import alias_claims, aliases
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.payee import (
    CODE_DIGITS,
    Alias,
    AliasClaim,
    AliasClaimRequest,
    AliasConfirmation,
    AliasList,
    SentCode,
    SentCodes,
    alias_id,
    read_phone,
)

__all__ = ["Aliases"]

ALIASES_MAX = 5
"""Of one wallet: people have two telephones, and a shop has a few."""

_CODE_LIFE_MS = 600_000
"""Messages take a minute on a bad day, and looking for the telephone takes the rest."""

_ATTEMPTS_MAX = 5
"""Of a million codes: who guesses is right once in 200,000 claims, and has twenty a day."""

_RANDOM_BYTES = 8  # so many more than six digits need that no code is likelier than another

_CLAIM = sa.text(
    "INSERT INTO alias_claims (wallet_id, alias_key, masked, code_hash, attempts, expires_ms) "
    "VALUES (:wallet_id, :alias_key, :masked, :code_hash, 0, :expires_ms) ON CONFLICT (wallet_id, alias_key) "
    "DO UPDATE SET code_hash = excluded.code_hash, attempts = 0, expires_ms = excluded.expires_ms"
)
_OF_CLAIM = (
    alias_claims.c.wallet_id == sa.bindparam("wallet"),
    alias_claims.c.alias_key == sa.bindparam("named"),
)
_READ_CLAIM = sa.select(alias_claims).where(*_OF_CLAIM)
_COUNT_ATTEMPT = sa.update(alias_claims).where(*_OF_CLAIM).values(attempts=alias_claims.c.attempts + 1)
_END_CLAIM = sa.delete(alias_claims).where(*_OF_CLAIM)
_FORGET_CLAIMS = sa.delete(alias_claims).where(alias_claims.c.expires_ms < sa.bindparam("now_ms"))

# A number changes hands: whoever has proven it last is meant.
_KEEP = sa.text(
    "INSERT INTO aliases (alias_key, wallet_id, masked, since_ms) VALUES (:alias_key, :wallet_id, :masked, :since_ms) "
    "ON CONFLICT (alias_key) DO UPDATE SET wallet_id = excluded.wallet_id, since_ms = excluded.since_ms"
)
_OWN = (
    sa.select(aliases)
    .where(aliases.c.wallet_id == sa.bindparam("wallet"))
    .order_by(aliases.c.since_ms, aliases.c.alias_key)
)
_RELEASE = sa.delete(aliases).where(
    aliases.c.alias_key == sa.bindparam("named"), aliases.c.wallet_id == sa.bindparam("wallet")
)


@dataclass(frozen=True, slots=True)
class _Tried:
    """What a code opened, or how many attempts are left; None for no claim."""

    alias: Alias | None
    attempts_left: int | None


class Aliases:
    """Keeps the numbers of this home's wallets; `sender` is None where no code can be sent."""

    def __init__(self, premises: Premises, allowance: Allowance, sender: CodeSender | None) -> None:
        self._premises = premises
        self._allowance = allowance
        self._sender = sender

    def key_of(self, identity: bytes) -> bytes:
        """Under what an alias stands in the database."""
        return self._premises.secrets.derive("alias", identity)

    # --- claimed ------------------------------------------------------------------------------------------------------

    async def claim(self, wallet_id: bytes, request: AliasClaimRequest) -> AliasClaim:
        """Send a code to the number; a later claim of it has a code of its own."""
        premises, sender = self._premises, self._demand_sender()
        phone = read_phone(request.phone)
        alias_key = self.key_of(alias_id(phone, premises.domain))
        code = f"{int.from_bytes(premises.ports.entropy.bytes(_RANDOM_BYTES)) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
        expires_ms = premises.ledger.time_ms + _CODE_LIFE_MS
        row = {
            "wallet_id": wallet_id,
            "alias_key": alias_key,
            "masked": masked_phone(phone),
            "code_hash": self._code_hash(wallet_id, alias_key, code),
            "expires_ms": expires_ms,
        }

        def write(connection: sa.Connection) -> None:
            self._allowance.take_for_code(connection, wallet_id, alias_key)
            self._demand_room(connection, wallet_id, alias_key)
            connection.execute(_FORGET_CLAIMS, {"now_ms": premises.ledger.time_ms})
            connection.execute(_CLAIM, row)

        await premises.ports.store.write(write)
        masked = masked_phone(phone)
        await sender.send(phone, SentCode(wallet_id=wallet_id, masked=masked, code=code, expires_ms=expires_ms))
        return AliasClaim(masked=masked, expires_ms=expires_ms)

    def _demand_sender(self) -> CodeSender:
        if self._sender is None:
            raise RefusedError(
                "this institution sends no codes to telephones",
                code="ALIASES_OFF",
                field="phone",
                cure="be paid by address, or have the institution configure a gateway for text messages",
            )
        return self._sender

    def _demand_room(self, connection: sa.Connection, wallet_id: bytes, alias_key: bytes) -> None:
        own = [row.alias_key for row in connection.execute(_OWN, {"wallet": wallet_id})]
        if len(own) >= ALIASES_MAX and alias_key not in own:
            raise RefusedError(
                f"a wallet is found by at most {ALIASES_MAX} numbers",
                code="ALIASES_FULL",
                field="phone",
                cure="release one of the others first",
            )

    def _code_hash(self, wallet_id: bytes, alias_key: bytes, code: str) -> bytes:
        return self._premises.secrets.derive("alias code", wallet_id, alias_key, code.encode())

    # --- proven -------------------------------------------------------------------------------------------------------

    async def confirm(self, wallet_id: bytes, request: AliasConfirmation) -> Alias:
        """Take the number for the wallet, if the code is the one that was sent.

        Raises:
            RefusedError: CODE_WRONG, ALIASES_FULL, or CLAIM_UNKNOWN where a new code must be asked for.
        """
        tried = await self._premises.ports.store.write(lambda connection: self._try(connection, wallet_id, request))
        if tried.alias is not None:
            return tried.alias
        if tried.attempts_left:
            raise RefusedError(
                f"that is not the code that was sent; attempts left: {tried.attempts_left}",
                code="CODE_WRONG",
                field="code",
                cure="look at the message again, or claim the number anew for another code",
            )
        raise RefusedError(
            "no code is awaited for this number",
            code="CLAIM_UNKNOWN",
            field="alias_id",
            cure="claim the number anew; a code counts for ten minutes and five attempts",
        )

    def _try(self, connection: sa.Connection, wallet_id: bytes, request: AliasConfirmation) -> _Tried:
        """Judge one attempt, and keep that it was made: it must not raise, which would forget it."""
        alias_key = self.key_of(request.alias_id)
        named = {"wallet": wallet_id, "named": alias_key}
        claim = connection.execute(_READ_CLAIM, named).one_or_none()
        if claim is None or claim.expires_ms < self._premises.ledger.time_ms:
            # Whoever did not hear that the code was right says it again.
            return _Tried(self._proven(connection, wallet_id, alias_key), None)
        if not hmac.compare_digest(claim.code_hash, self._code_hash(wallet_id, alias_key, request.code)):
            connection.execute(_COUNT_ATTEMPT, named)
            left = _ATTEMPTS_MAX - claim.attempts - 1
            if not left:
                connection.execute(_END_CLAIM, named)
            return _Tried(None, left)
        # Several numbers may have been claimed while there was room for one.
        self._demand_room(connection, wallet_id, alias_key)
        connection.execute(_END_CLAIM, named)
        now_ms = self._premises.ledger.time_ms
        row = {"alias_key": alias_key, "wallet_id": wallet_id, "masked": claim.masked, "since_ms": now_ms}
        connection.execute(_KEEP, row)
        return _Tried(Alias(masked=claim.masked, since_ms=now_ms), None)

    @staticmethod
    def _proven(connection: sa.Connection, wallet_id: bytes, alias_key: bytes) -> Alias | None:
        own = connection.execute(_OWN, {"wallet": wallet_id})
        return next((_alias(row) for row in own if row.alias_key == alias_key), None)

    # --- kept ---------------------------------------------------------------------------------------------------------

    async def own(self, wallet_id: bytes) -> AliasList:
        """By which numbers the wallet is found."""
        return await self._premises.ports.store.read(lambda connection: self._own(connection, wallet_id))

    def _own(self, connection: sa.Connection, wallet_id: bytes) -> AliasList:
        return AliasList(aliases=[_alias(row) for row in connection.execute(_OWN, {"wallet": wallet_id})])

    async def release(self, wallet_id: bytes, identity: bytes) -> AliasList:
        """Be found by it no more; once more changes nothing."""

        def release(connection: sa.Connection) -> AliasList:
            connection.execute(_RELEASE, {"named": self.key_of(identity), "wallet": wallet_id})
            return self._own(connection, wallet_id)

        return await self._premises.ports.store.write(release)

    def sent_codes(self) -> SentCodes:
        """What a teller may hand over."""
        if self._sender is None:
            return SentCodes(codes=[])
        return self._sender.sent()


def _alias(row: AnyRow) -> Alias:
    return Alias(masked=row.masked, since_ms=row.since_ms)
