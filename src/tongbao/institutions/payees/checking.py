"""Whose address is it: the masked name behind it, here or at another home, before anything is paid."""

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import PeerError, RequestError, TongbaoError
from tongbao.institutions.payees.allowance import Allowance
from tongbao.institutions.payees.naming import masked_name, same_name
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.premises import Premises, WalletFacts
from tongbao.protocol.payee import PayeeName, PayeeRequest
from tongbao.protocol.wallet import WalletKind

__all__ = ["PayeeChecking"]

_UNKNOWN = "WALLET_UNKNOWN"


class PayeeChecking:
    """Tells names."""

    def __init__(self, premises: Premises, allowance: Allowance, neighbours: Neighbours) -> None:
        self._premises = premises
        self._allowance = allowance
        self._neighbours = neighbours

    async def check(self, asker: bytes, request: PayeeRequest) -> PayeeName:
        """Whom a wallet of this home would pay at that address; raises WALLET_UNKNOWN for nobody."""
        write = self._premises.ports.store.write
        address = self._read(request.address)
        await write(lambda connection: self._allowance.take(connection, asker))
        missed = True
        try:
            found = await self._name_at(address, request)
            missed = found.matches is False
        except TongbaoError as error:
            missed = isinstance(error, RequestError) and error.code == _UNKNOWN
            raise
        finally:
            if not missed:
                await write(lambda connection: self._allowance.give_back(connection, asker))
        return found

    async def _name_at(self, address: Address, request: PayeeRequest) -> PayeeName:
        if address.home == self._premises.settings.home:
            return await self._premises.ports.store.read(lambda connection: self._name(connection, address, request))
        neighbours = self._neighbours
        answer = await neighbours.client(address.home).post(
            "/v1/payees/names",
            request,
            PayeeName,
            # A question of its own each time: the name may have changed, and nothing else does.
            idempotency_key=self._premises.ports.entropy.bytes(16).hex(),
            headers=neighbours.minimum_sequence(),
        )
        if answer.address != str(address):
            raise PeerError(f"home {address.home} tells the name of another wallet")
        return answer

    async def tell(self, home: int, request: PayeeRequest) -> PayeeName:
        """What another home hears for its customer."""
        address = self._read(request.address)
        if address.home != self._premises.settings.home:
            raise RequestError(
                "the address is not of this home",
                code="INVALID_FIELD",
                field="address",
                cure="ask the home that the address names",
            )

        store = self._premises.ports.store
        # Counted by itself, so that a miss counts as well.
        await store.write(lambda connection: self._allowance.take_for_home(connection, home))
        return await store.read(lambda connection: self._name(connection, address, request))

    def _read(self, text: str) -> Address:
        address = Address.parse(text)
        if address.test_network != self._premises.genesis.test_network:
            raise RequestError(
                "the address is of another network",
                code="INVALID_FIELD",
                field="address",
                cure="ask the payee for the address of this network",
            )
        return address

    def _name(self, connection: sa.Connection, address: Address, request: PayeeRequest) -> PayeeName:
        payee = self._premises.wallets.find(connection, address.wallet_id)
        payee.demand_payable()
        return self.name_of(payee, request.name)

    def name_of(self, payee: WalletFacts, typed: str) -> PayeeName:
        """The payee as strangers may see him, and whether `typed` is his name."""
        kind = WalletKind(payee.kind)
        address = Address(self._premises.settings.home, payee.wallet_id, self._premises.genesis.test_network)
        return PayeeName(
            address=str(address),
            name=masked_name(payee.holder_name, kind),
            kind=kind,
            matches=same_name(typed, payee.holder_name) if typed else None,
            main_key=payee.main_key.key,
        )
