"""Operations about whom people pay: names, and telephone numbers in place of addresses."""

from tongbao.institutions.institution import Institution
from tongbao.protocol.payee import (
    Alias,
    AliasClaim,
    AliasClaimRequest,
    AliasConfirmation,
    AliasList,
    AliasRelease,
    AliasRequest,
    FoundPayee,
    HolderAnswer,
    PayeeName,
    PayeeRequest,
    SentCodes,
)
from tongbao.service.institution.callers import RecentKeys, demand_teller, home_of_caller, reach, wallet_of
from tongbao.service.operation import Call, Nothing, Operations

__all__ = ["add_payees"]


def add_payees(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    """Add what wallets ask about payees, other homes for them, and tellers about codes."""
    _add_names(operations, institution)
    _add_directory(operations, institution)
    _add_aliases(operations, institution, keys)
    _add_codes(operations, institution)


def _add_names(operations: Operations, institution: Institution) -> None:
    @operations.post("/v1/payees")
    async def check_payee(call: Call[PayeeRequest, Nothing]) -> PayeeName:
        """The masked name behind an address at any home, and whether it is the one that the payer has in mind."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.payees.checking.check(wallet_id, call.message)

    @operations.post("/v1/payees/names")
    async def payee_name(call: Call[PayeeRequest, Nothing]) -> PayeeName:
        """Another home asks for the name behind an address here."""
        home = home_of_caller(call.caller)
        await reach(institution, call.request)
        return await institution.payees.checking.tell(home, call.message)


def _add_directory(operations: Operations, institution: Institution) -> None:
    @operations.post("/v1/payees/aliases")
    async def find_alias(call: Call[AliasRequest, Nothing]) -> FoundPayee:
        """The wallet that a telephone number belongs to, at any home."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.payees.directory.find(wallet_id, call.message)

    @operations.post("/v1/payees/holders")
    async def alias_holder(call: Call[AliasRequest, Nothing]) -> HolderAnswer:
        """Another home asks whether a telephone number belongs to a wallet here."""
        home = home_of_caller(call.caller)
        await reach(institution, call.request)
        return await institution.payees.directory.tell(home, call.message)


def _add_aliases(operations: Operations, institution: Institution, keys: RecentKeys) -> None:
    @operations.post("/v1/aliases/claims")
    async def claim_alias(call: Call[AliasClaimRequest, Nothing]) -> AliasClaim:
        """Let a code go to a telephone number by which the asking wallet wants to be found."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.payees.aliases.claim(wallet_id, call.message)

    @operations.post("/v1/aliases")
    async def confirm_alias(call: Call[AliasConfirmation, Nothing]) -> Alias:
        """Be found by the number from now on, with the code that went there."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.payees.aliases.confirm(wallet_id, call.message)

    @operations.get("/v1/aliases")
    async def own_aliases(call: Call[Nothing, Nothing]) -> AliasList:
        """The numbers by which the asking wallet is found."""
        wallet_id = wallet_of(call.caller)
        await reach(institution, call.request)
        return await institution.payees.aliases.own(wallet_id)

    @operations.post("/v1/aliases/release")
    async def release_alias(call: Call[AliasRelease, Nothing]) -> AliasList:
        """Be found by the number no more."""
        wallet_id = wallet_of(call.caller)
        await keys.demand_same(call)
        await reach(institution, call.request)
        return await institution.payees.aliases.release(wallet_id, call.message.alias_id)


def _add_codes(operations: Operations, institution: Institution) -> None:
    @operations.get("/v1/bank/codes")
    async def sent_codes(call: Call[Nothing, Nothing]) -> SentCodes:
        """The latest codes for telephones, where tellers tell them to customers."""
        demand_teller(call.caller)
        await reach(institution, call.request)
        return institution.payees.aliases.sent_codes()
