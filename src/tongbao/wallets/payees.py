"""Whom a holder pays: whose name stands behind an address, and who is found by a telephone number."""

from tongbao.coin import Address, Domain
from tongbao.errors import PeerError
from tongbao.protocol.payee import (
    Alias,
    AliasClaim,
    AliasClaimRequest,
    AliasConfirmation,
    AliasList,
    AliasRelease,
    AliasRequest,
    FoundPayee,
    PayeeName,
    PayeeRequest,
    alias_id,
    read_phone,
)
from tongbao.wallets.asking import asked
from tongbao.wallets.home import Home

__all__ = ["Payees"]


class Payees:
    """Looks payees up, and lets this wallet be found."""

    def __init__(self, home: Home, domain: Domain) -> None:
        self._home = home
        self._domain = domain

    async def check(self, address: str, *, name: str = "") -> PayeeName:
        """The masked name of whoever is paid at the address; with `name` also whether it is his."""
        written = str(Address.parse(address))
        request = asked(PayeeRequest, address=written, name=name)
        answer = await self._home.post("/v1/payees", request, PayeeName, self._home.new_request())
        if answer.address != written:
            raise PeerError("the home tells the name of another wallet than was asked for")
        return answer

    async def find(self, phone: str, *, name: str = "") -> FoundPayee:
        """Who is found by a telephone number; the number itself does not leave the wallet.

        Raises:
            RequestError: PHONE_INVALID, ALIAS_UNKNOWN.
        """
        request = asked(AliasRequest, alias_id=self._identity(phone), name=name)
        answer = await self._home.post("/v1/payees/aliases", request, FoundPayee, self._home.new_request())
        if Address.parse(answer.payee.address).home != answer.home:
            raise PeerError("the home finds somebody whose address is of another home")
        return answer

    async def claim(self, phone: str) -> AliasClaim:
        """Let a code go to a number by which this wallet is to be found."""
        request = AliasClaimRequest(phone=read_phone(phone))
        return await self._home.post("/v1/aliases/claims", request, AliasClaim, self._home.new_request())

    async def confirm(self, phone: str, code: str) -> Alias:
        """Be found by the number that the code went to."""
        request = asked(AliasConfirmation, alias_id=self._identity(phone), code=code)
        return await self._home.post("/v1/aliases", request, Alias, self._home.new_request())

    async def aliases(self) -> list[Alias]:
        """The numbers by which this wallet is found."""
        return (await self._home.get("/v1/aliases", AliasList)).aliases

    async def release(self, phone: str) -> list[Alias]:
        """Be found by a number no more; what is left."""
        request = AliasRelease(alias_id=self._identity(phone))
        return (await self._home.post("/v1/aliases/release", request, AliasList, self._home.new_request())).aliases

    def _identity(self, phone: str) -> bytes:
        return alias_id(read_phone(phone), self._domain)
