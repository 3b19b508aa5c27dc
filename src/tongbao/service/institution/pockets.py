"""Operations for pockets."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.pocket import (
    Pocket,
    PocketDelivered,
    PocketDelivery,
    PocketPage,
    PocketParty,
    PocketRequest,
    PocketTaken,
    PocketTaking,
    PocketTerms,
    PocketTermsRequest,
)
from tongbao.protocol.wire import Hash
from tongbao.service.institution.callers import RecentKeys, demand_home, home_of_caller, reach, wallet_of
from tongbao.service.institution.parameters import HomeInPath, ListQuery
from tongbao.service.operation import Call, Nothing, Operations, Parameters

__all__ = ["add_pockets"]


class PocketPath(Parameters):
    """Which pocket of this home."""

    pocket_id: Hash


class HomePocketPath(PocketPath):
    """Which pocket, at which home."""

    home: HomeInPath


class PocketListQuery(ListQuery):
    """Whose making, from where on, and how many."""

    made_by: PocketParty = PocketParty.MAKER


def add_pockets(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what wallets ask about pockets, and other homes for them."""
    _add_made(operations, institution, keys)
    _add_taking(operations, institution, keys)
    _add_homes(operations, institution, keys)


def _add_made(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/pockets")
    async def describe_pocket(call: Call[PocketRequest, Nothing]) -> Pocket:
        """Describe a pocket, sealed for the two that can open it, before anything is paid into it."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.pockets.describe(wallet_id, call.message)

    @operations.get("/v1/pockets")
    async def pockets(call: Call[Nothing, PocketListQuery]) -> PocketPage:
        """The pockets that the asking wallet has made, or those that another one has made for it, newest first."""
        wallet_id, query = wallet_of(call.caller), call.parameters
        await reach(institution, call.request, with_coins=True)
        asked = institution.pockets.made if query.made_by is PocketParty.MAKER else institution.pockets.received
        return await asked(wallet_id, after=query.after, count=query.limit)

    @operations.get("/v1/homes/{home}/pockets/{pocket_id}")
    async def pocket(call: Call[Nothing, HomePocketPath]) -> Pocket:
        """A pocket that the asking wallet can open, as it stands at the home where it lies."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await reach(institution, call.request, with_coins=True)
        return await institution.pockets.find(wallet_id, path.home, path.pocket_id)


def _add_taking(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/homes/{home}/pockets/{pocket_id}/terms")
    async def pocket_terms(call: Call[PocketTermsRequest, HomePocketPath]) -> PocketTerms:
        """Where the money of a pocket goes in the asking wallet, within the wallet's limits."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.pockets.terms(wallet_id, path.home, path.pocket_id)

    @operations.post("/v1/homes/{home}/pockets/{pocket_id}/takings")
    async def take_pocket(call: Call[PocketTaking, HomePocketPath]) -> PocketTaken:
        """Take the money out; the first taking that is ordered settles, and the same bytes have the same answer."""
        wallet_id, path = wallet_of(call.caller), call.parameters
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.pockets.take(wallet_id, path.home, path.pocket_id, call.message)


def _add_homes(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/pockets/deliveries")
    async def deliver_pocket(call: Call[PocketDelivery, Nothing]) -> PocketDelivered:
        """Another home tells of a pocket that is filled for a wallet here."""
        demand_home(call.caller, call.message.maker_home)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.pockets.delivered(call.message)

    @operations.get("/v1/pockets/{pocket_id}")
    async def home_pocket(call: Call[Nothing, PocketPath]) -> Pocket:
        """Another home asks how a pocket stands that lies here."""
        home_of_caller(call.caller)
        await reach(institution, call.request, with_coins=True)
        return await institution.pockets.told(call.parameters.pocket_id)

    @operations.post("/v1/pockets/{pocket_id}/takings")
    async def take_pocket_for(call: Call[PocketTaking, PocketPath]) -> PocketTaken:
        """Another home brings what its wallet has signed to take the money out."""
        home_of_caller(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request, with_coins=True)
        return await institution.pockets.take_for(call.parameters.pocket_id, call.message)
