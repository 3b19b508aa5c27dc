"""Who has an alias: asked here and of every other home at once, since no list of people is kept in one place."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import InvariantError, RequestError, TongbaoError
from tongbao.institutions.payees.aliases import Aliases
from tongbao.institutions.payees.allowance import Allowance
from tongbao.institutions.payees.checking import PayeeChecking
from tongbao.institutions.payees.tables import aliases
from tongbao.institutions.premises import Premises
from tongbao.protocol.client import SignedClient
from tongbao.protocol.payee import AliasHolder, AliasRequest, FoundPayee, HolderAnswer

__all__ = ["AliasDirectory"]

_HOLDER = sa.select(aliases.c.wallet_id, aliases.c.since_ms).where(aliases.c.alias_key == sa.bindparam("named"))

_AHEAD_MAX_MS = 60_000
"""By how much another home may know a later ledger time than this one."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a home said; None of `holder` for nobody, and of `answer` for no answer."""

    home: int
    answer: HolderAnswer | None


class AliasDirectory:
    """Finds the holders of aliases; `neighbours` are those that must answer at once or not at all."""

    def __init__(
        self,
        premises: Premises,
        allowance: Allowance,
        own: Aliases,
        checking: PayeeChecking,
        neighbours: Mapping[int, SignedClient],
    ) -> None:
        self._premises = premises
        self._allowance = allowance
        self._own = own
        self._checking = checking
        self._neighbours = neighbours

    async def find(self, asker: bytes, request: AliasRequest) -> FoundPayee:
        """Whoever has proven the alias last, at whichever home.

        Raises:
            RequestError: ALIAS_UNKNOWN.
        """
        write = self._premises.ports.store.write
        await write(lambda connection: self._allowance.take(connection, asker))
        here = _Answered(self._premises.settings.home, await self._holder(request))
        elsewhere = await asyncio.gather(*[self._ask(home, request) for home in sorted(self._neighbours)])
        unanswered = [each.home for each in elsewhere if each.answer is None]
        held = [(each.answer.holder, each.home) for each in (here, *elsewhere) if each.answer is not None]
        found = [(holder, home) for holder, home in held if holder is not None]
        if not found:
            raise _unknown(unanswered)
        holder, home = max(found, key=lambda each: (each[0].since_ms, -each[1]))
        if holder.payee.matches is not False:
            await write(lambda connection: self._allowance.give_back(connection, asker))
        return FoundPayee(payee=holder.payee, home=home, since_ms=holder.since_ms, unanswered=unanswered)

    async def _ask(self, home: int, request: AliasRequest) -> _Answered:
        key = self._premises.ports.entropy.bytes(16).hex()
        try:
            client = self._neighbours[home]
            answer = await client.post("/v1/payees/holders", request, HolderAnswer, idempotency_key=key)
        except InvariantError:
            raise
        except TongbaoError as error:
            _log.warning("home %s does not say who has an alias: %s", home, error)
            return _Answered(home, None)
        if answer.holder is not None and not self._is_of(home, answer.holder):
            _log.warning("home %s names a holder of an alias who is not its own", home)
            return _Answered(home, None)
        return _Answered(home, answer)

    def _is_of(self, home: int, holder: AliasHolder) -> bool:
        """Whether the holder is a customer of the home that says so, and has proven the alias in the past."""
        try:
            address = Address.parse(holder.payee.address)
        except RequestError:
            return False
        claimed = address.home, address.test_network
        latest_ms = self._premises.ledger.time_ms + _AHEAD_MAX_MS
        return claimed == (home, self._premises.genesis.test_network) and holder.since_ms <= latest_ms

    async def tell(self, home: int, request: AliasRequest) -> HolderAnswer:
        """What another home hears for its customer."""
        await self._premises.ports.store.write(lambda connection: self._allowance.take_for_home(connection, home))
        return await self._holder(request)

    async def _holder(self, request: AliasRequest) -> HolderAnswer:
        named = {"named": self._own.key_of(request.alias_id)}

        def read(connection: sa.Connection) -> HolderAnswer:
            row = connection.execute(_HOLDER, named).one_or_none()
            if row is None:
                return HolderAnswer(holder=None)
            payee = self._premises.wallets.find(connection, row.wallet_id)
            name = self._checking.name_of(payee, request.name)
            return HolderAnswer(holder=AliasHolder(payee=name, since_ms=row.since_ms))

        return await self._premises.ports.store.read(read)


def _unknown(unanswered: list[int]) -> RequestError:
    silent = f"; no answer came from home {', '.join(map(str, unanswered))}" if unanswered else ""
    return RequestError(
        f"nobody is found by this number{silent}",
        code="ALIAS_UNKNOWN",
        field="alias_id",
        cure="ask the payee for an address, or to claim the number",
    )
