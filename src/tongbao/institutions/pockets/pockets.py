"""Pockets as wallets and other homes ask for them: described, looked at, and taken."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa

from tongbao.coin.address import Address
from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError, RequestError
from tongbao.institutions.orders.receiving import Payer, Receiving
from tongbao.institutions.payments.accepting import Accepting
from tongbao.institutions.payments.neighbours import Neighbours
from tongbao.institutions.payments.payment_outcomes import PaymentKind
from tongbao.institutions.pockets.delivering import Delivering
from tongbao.institutions.pockets.pocket_book import PocketBook, pocket_unknown
from tongbao.institutions.pockets.tables import pockets, received_pockets
from tongbao.institutions.pockets.taking import Taking
from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.submitter import Submitter
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.cursor import read_place
from tongbao.protocol.payment import AcceptanceRequest, Payment
from tongbao.protocol.pocket import (
    SEALED_BYTES_MAX,
    Pocket,
    PocketDelivered,
    PocketDelivery,
    PocketPage,
    PocketParty,
    PocketRequest,
    PocketState,
    PocketTaken,
    PocketTaking,
    PocketTerms,
)

__all__ = ["POCKETS_OPEN_MAX", "Pockets"]

POCKETS_OPEN_MAX: Final = 200
"""Open pockets of one wallet, empty ones included: as many as a page lists, and more than anybody keeps in mind."""

_MADE = (
    sa.select(pockets)
    .where(pockets.c.wallet_id == sa.bindparam("wallet"), pockets.c.number < sa.bindparam("before"))
    .order_by(pockets.c.number.desc())
    .limit(sa.bindparam("count"))
)
_RECEIVED = (
    sa.select(received_pockets)
    .where(received_pockets.c.wallet_id == sa.bindparam("wallet"), received_pockets.c.number < sa.bindparam("before"))
    .order_by(received_pockets.c.number.desc())
    .limit(sa.bindparam("count"))
)


class Pockets:
    """The pockets of this home's wallets, and those that others made for them."""

    def __init__(
        self,
        premises: Premises,
        neighbours: Neighbours,
        receiving: Receiving,
        accepting: Accepting,
        submitter: Submitter,
    ) -> None:
        self._premises = premises
        self._own = premises.settings.home
        self._neighbours = neighbours
        self._receiving = receiving
        self._accepting = accepting
        self._book = PocketBook(premises)
        self._taking = Taking(premises, self._book, submitter)
        self.delivering = Delivering(premises, self._book, neighbours)

    # --- made ---------------------------------------------------------------------------------------------------------

    async def describe(self, wallet_id: bytes, request: PocketRequest) -> Pocket:
        """Keep what a wallet says of a pocket before it pays into it; the same again changes nothing.

        Raises:
            RequestError: INVALID_FIELD, CONFLICT where it was described in another way.
            RefusedError: POCKETS_TOO_MANY; WALLET_CLOSED where the wallet is closing.
        """
        other = self._other(wallet_id, request)

        def keep(connection: sa.Connection) -> Pocket:
            known = self._book.find(connection, request.pocket_id)
            if known is None:
                self._premises.wallets.find(connection, wallet_id).demand_payable()
                self._insert(connection, wallet_id, other, request)
            else:
                _demand_same(known, wallet_id, other, request)
            row = self._book.demand(connection, request.pocket_id)
            return self._book.describe(connection, row, PocketParty.MAKER)

        return await self._premises.ports.store.write(keep)

    def _other(self, wallet_id: bytes, request: PocketRequest) -> Address:
        other = Address.parse(request.other_address)
        if other.test_network != self._premises.genesis.test_network:
            raise _wrong("other_address", "the address is of another network")
        if other.home != self._own and other.home not in self._premises.settings.peers:
            raise _wrong("other_address", f"this institution knows no home {other.home}")
        if other.wallet_id == wallet_id:
            raise _wrong("other_address", "a pocket is opened by two wallets: name another one")
        if max(len(request.sealed_for_maker), len(request.sealed_for_other)) > SEALED_BYTES_MAX:
            raise _wrong("sealed_for_maker", f"what is sealed has at most {SEALED_BYTES_MAX} bytes")
        return other

    def _insert(self, connection: sa.Connection, wallet_id: bytes, other: Address, request: PocketRequest) -> None:
        if self._book.open_count(connection, wallet_id) >= POCKETS_OPEN_MAX:
            raise RefusedError(
                f"a wallet has at most {POCKETS_OPEN_MAX} pockets whose money nobody has taken",
                code="POCKETS_TOO_MANY",
                cure="take the money out of one first",
            )
        row = {
            "pocket_id": request.pocket_id,
            "wallet_id": wallet_id,
            "other_home": other.home,
            "other_wallet_id": other.wallet_id,
            "amount_fen": request.amount_fen,
            "sealed": request.sealed_for_maker,
            "sealed_for_other": request.sealed_for_other,
            "since_ms": self._premises.ledger.time_ms,
        }
        self._book.insert(connection, row)

    def noticed(self, payment: Payment) -> Payment:
        """A payment of a wallet here; where it filled a pocket, the other wallet's home is told soon."""
        if payment.kind == PaymentKind.POCKET:
            self.delivering.soon()
        return payment

    # --- looked at ----------------------------------------------------------------------------------------------------

    async def made(self, wallet_id: bytes, *, after: str, count: int) -> PocketPage:
        """The pockets that the wallet has made, newest first."""
        wanted = {"wallet": wallet_id, "before": read_place(after, newest_first=True), "count": count}

        def read(connection: sa.Connection) -> PocketPage:
            rows = connection.execute(_MADE, wanted).all()
            found = [self._book.describe(connection, row, PocketParty.MAKER) for row in rows]
            return _page(found, rows, count)

        self.delivering.soon()
        return await self._premises.ports.store.read(read)

    async def received(self, wallet_id: bytes, *, after: str, count: int) -> PocketPage:
        """The pockets that others have made for the wallet, newest first, as they were last heard of."""
        wanted = {"wallet": wallet_id, "before": read_place(after, newest_first=True), "count": count}
        rows = await self._premises.ports.store.read(lambda connection: connection.execute(_RECEIVED, wanted).all())
        return _page([self._book.describe_received(row) for row in rows], rows, count)

    async def find(self, wallet_id: bytes, home: int, pocket_id: bytes) -> Pocket:
        """A pocket that the wallet has made or received, as it stands where it lies; raises NOT_FOUND."""
        if home == self._own:
            await self._hear_the_time()
            made = await self._made_by(wallet_id, pocket_id)
            if made is not None:
                return made
        kept = await self._premises.ports.store.read(
            lambda connection: self._book.received(connection, home, pocket_id)
        )
        if kept is None:
            return await self._claimed(wallet_id, home, pocket_id)
        if kept.wallet_id != wallet_id:
            raise pocket_unknown()
        if kept.taken_ms is not None:
            return self._book.describe_received(kept)
        return await self._refreshed(home, pocket_id)

    async def _made_by(self, wallet_id: bytes, pocket_id: bytes) -> Pocket | None:
        def read(connection: sa.Connection) -> Pocket | None:
            row = self._book.find(connection, pocket_id)
            if row is None or row.wallet_id != wallet_id:
                return None
            return self._book.describe(connection, row, PocketParty.MAKER)

        return await self._premises.ports.store.read(read)

    async def _refreshed(self, home: int, pocket_id: bytes) -> Pocket:
        """As its home tells it now; that it has ended is kept."""
        found = await self._asked(home, pocket_id)
        if found.state is PocketState.TAKEN:
            await self._premises.ports.store.write(lambda connection: self._book.received_ended(connection, found))
        return found

    async def _asked(self, home: int, pocket_id: bytes) -> Pocket:
        if home == self._own:
            return await self.told(pocket_id)
        headers, path = self._neighbours.minimum_sequence(), f"/v1/pockets/{pocket_id.hex()}"
        found = await self._neighbours.client(home).get(path, Pocket, headers=headers)
        if (found.home, found.pocket_id) != (home, pocket_id):
            raise PeerError(f"home {home} tells of another pocket than it was asked for")
        return found

    async def _claimed(self, wallet_id: bytes, home: int, pocket_id: bytes) -> Pocket:
        """A pocket of which this home has never heard: its wallet may have been at another home when it was made."""
        found = await self._asked(home, pocket_id)
        if Address.parse(found.other_address).wallet_id != wallet_id:
            raise pocket_unknown()
        delivery = PocketDelivery(
            maker_home=home,
            pocket_id=pocket_id,
            maker_address=found.maker_address,
            other_address=self._book.address(wallet_id),
            amount_fen=found.amount_fen,
            sealed=found.sealed,
            since_ms=found.since_ms,
        )
        await self.delivering.receive(delivery)
        return await self._refreshed(home, pocket_id)

    async def told(self, pocket_id: bytes) -> Pocket:
        """A pocket of this home for the other wallet's home; raises NOT_FOUND."""
        await self._hear_the_time()

        def read(connection: sa.Connection) -> Pocket:
            return self._book.describe(connection, self._book.demand(connection, pocket_id), PocketParty.OTHER)

        return await self._premises.ports.store.read(read)

    async def _hear_the_time(self) -> None:
        """Ask the centre what time it is: whether a pocket is open hangs on that, and a quiet home hears it late."""
        try:
            await self._premises.ledger.refresh()
        except (NetworkError, BusyError, PeerError):
            return  # what was heard last is told

    async def delivered(self, delivery: PocketDelivery) -> PocketDelivered:
        """Another home tells of a pocket that is filled for a wallet here."""
        return await self.delivering.receive(delivery)

    # --- taken --------------------------------------------------------------------------------------------------------

    async def terms(self, wallet_id: bytes, home: int, pocket_id: bytes) -> PocketTerms:
        """Where the money of a pocket may go in this wallet, within its limits.

        Raises:
            RefusedError: POCKET_TAKEN, POCKET_EMPTY, LIMIT_BALANCE, WALLET_CLOSED, WALLET_MOVED.
        """
        pocket = await self.find(wallet_id, home, pocket_id)
        demand_filled(pocket)
        anchor = b"" if pocket.coin is None else pocket.coin.coin_id
        if home == self._own:
            payer = Payer(home, pocket_id.hex(), anchor)
            found = await self._premises.ports.store.write(
                lambda connection: self._receiving.for_person(connection, wallet_id, pocket.amount_fen, payer)
            )
            return self._terms(pocket, proof=found.proof, reference=found.reference, expiry_ms=found.expiry_ms)
        answer = await self._accepting.accept(
            AcceptanceRequest(
                address=self._book.address(wallet_id),
                amount_fen=pocket.amount_fen,
                anchor=anchor,
                payer_home=home,
                payer_handle=pocket_id.hex(),
            )
        )
        return self._terms(
            pocket,
            proof=answer.proof,
            reference=answer.reference,
            expiry_ms=answer.expiry_ms,
            acceptance=answer.acceptance,
        )

    def _terms(self, pocket: Pocket, **agreed: object) -> PocketTerms:
        ledger = self._premises.ledger
        return PocketTerms.model_validate(
            {
                "amount_fen": pocket.amount_fen,
                "acceptance": None,
                "sequence": ledger.sequence,
                "time_ms": ledger.time_ms,
                **agreed,
            }
        )

    async def take(self, wallet_id: bytes, home: int, pocket_id: bytes, taking: PocketTaking) -> PocketTaken:
        """Have a wallet's signed transaction settled at the home where the pocket lies."""
        await self.find(wallet_id, home, pocket_id)
        if home == self._own:
            return await self._taking.take(pocket_id, taking.transaction)
        taken = await self._neighbours.client(home).post(
            f"/v1/pockets/{pocket_id.hex()}/takings",
            taking,
            PocketTaken,
            idempotency_key=self._premises.ports.entropy.bytes(16).hex(),
            headers=self._neighbours.minimum_sequence(),
        )
        await self._hear_end(home, pocket_id)
        return taken

    async def _hear_end(self, home: int, pocket_id: bytes) -> None:
        try:
            await self._refreshed(home, pocket_id)
        except (NetworkError, PeerError, RequestError):
            return  # whoever looks next hears of it

    async def take_for(self, pocket_id: bytes, taking: PocketTaking) -> PocketTaken:
        """Have the transaction settled that another home brings for its wallet."""
        return await self._taking.take(pocket_id, taking.transaction)


def demand_filled(pocket: Pocket) -> None:
    """Return if the pocket's money is there.

    Raises:
        RefusedError: POCKET_EMPTY, POCKET_TAKEN.
    """
    if pocket.state is PocketState.EMPTY:
        raise RefusedError(
            "nothing is in the pocket yet",
            code="POCKET_EMPTY",
            field="pocket_id",
            cure="wait until it is filled; its maker can ask the wallet to resume",
        )
    if pocket.state is PocketState.TAKEN:
        raise RefusedError(
            "the money of this pocket has been taken",
            code="POCKET_TAKEN",
            field="pocket_id",
            cure="the pocket says who took it, and when",
        )


def _demand_same(known: AnyRow, wallet_id: bytes, other: Address, request: PocketRequest) -> None:
    found = (known.wallet_id, known.other_home, known.other_wallet_id, known.amount_fen)
    if found != (wallet_id, other.home, other.wallet_id, request.amount_fen):
        raise RequestError(
            "this pocket was described in another way",
            code="CONFLICT",
            field="pocket_id",
            cure="make another lock for another pocket",
        )


def _page(found: list[Pocket], rows: Sequence[AnyRow], count: int) -> PocketPage:
    return PocketPage(pockets=found, next=str(rows[-1].number) if len(rows) == count else "")


def _wrong(field: str, cure: str) -> RequestError:
    return RequestError(f"{field}: {cure}", code="INVALID_FIELD", field=field, cure=cure)
