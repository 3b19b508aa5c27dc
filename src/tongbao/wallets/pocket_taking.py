"""Taking the money out of a pocket into this wallet; the other one may do so, too, and whoever is first has it."""

from typing import Final

from tongbao.coin import (
    CURRENCY,
    Acceptance,
    Authorisation,
    Body,
    Coin,
    Input,
    Kind,
    TimedLock,
    Transaction,
    Witness,
    spend_digest,
)
from tongbao.errors import NetworkError, PeerError, RefusedError
from tongbao.kernel.status import Status
from tongbao.protocol.payment import PaymentState
from tongbao.protocol.pocket import (
    PocketParty,
    PocketState,
    PocketTaken,
    PocketTaking,
    PocketTerms,
    PocketTermsRequest,
)
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.pocket_shelf import OwnPocket, PocketShelf, pocket_path
from tongbao.wallets.pocket_words import PocketWords
from tongbao.wallets.ports import Clock
from tongbao.wallets.receipts import CentreKeys

__all__ = ["TakingOut"]

TAKINGS_MAX: Final = 6
PAUSE_S: Final = 0.25
"""As for payments: six askings of a home that has it and does not know yet wait five seconds."""

_NOT_SETTLED: Final = frozenset({PaymentState.REFUSED, PaymentState.ABSENT})


class TakingOut:
    """Empties pockets into one wallet."""

    def __init__(
        self,
        keys: WalletKeys,
        shelf: PocketShelf,
        *,
        home: Home,
        coins: CoinStock,
        centre_keys: CentreKeys,
        clock: Clock,
    ) -> None:
        self._keys = keys
        self._shelf = shelf
        self._home = home
        self._coins = coins
        self._centre_keys = centre_keys
        self._clock = clock

    async def take(self, home: int, pocket_id: bytes) -> OwnPocket:
        """Take the money out into this wallet; done before, it stays done.

        Raises:
            RequestError: NOT_FOUND.
            RefusedError: POCKET_NOT_YET_OPEN, POCKET_TAKEN (by the other one), POCKET_EMPTY, POCKET_RESTRICTED,
                POCKET_UNREADABLE, or a limit of this wallet. The money is where it was.
            NetworkError: nobody can say; asking again is safe.
        """
        pocket = await self._shelf.find(home, pocket_id)
        if pocket.told.state is not PocketState.TAKEN:
            await self._settled(home, pocket, await self.sign(pocket))
            pocket = await self._shelf.find(home, pocket_id)
        self._demand_mine(pocket)
        await self._coins.sync()
        return pocket

    async def sign(self, pocket: OwnPocket) -> Transaction:
        """The transaction that takes the money out, on terms of this wallet's home; nothing is sent.

        Raises:
            RefusedError: as `take`.
        """
        words = self._openable(pocket)
        path = f"{pocket_path(pocket.told.home, pocket.pocket_id)}/terms"
        terms = await self._home.post(path, PocketTermsRequest(), PocketTerms, self._home.new_request())
        self._check(self._home.dated(terms), pocket, words)
        return self._signed(pocket, terms, words)

    def _openable(self, pocket: OwnPocket) -> PocketWords:
        """What opens it now; or else why it does not open."""
        words = pocket.words
        if words is None:
            raise RefusedError(
                "what was sealed for this wallet cannot be read, so nobody knows what opens the lock",
                code="POCKET_UNREADABLE",
                field="pocket_id",
                cure="ask who made the pocket; its money goes back there when the time has come",
            )
        opens_at_ms = words.lock.opens_at_ms(words.path)
        left_ms = opens_at_ms - pocket.told.time_ms
        if left_ms > 0:
            raise RefusedError(
                f"the pocket opens for this wallet in {-(-left_ms // 1000):,} seconds of ledger time",
                code="POCKET_NOT_YET_OPEN",
                field="pocket_id",
                cure="wait until then; until then only the other one can take the money",
            )
        if words.lock.is_restricted and not words.lock.locks and self._home.number not in words.lock.homes:
            raise _restricted(words.lock)
        return words

    def _check(self, terms: PocketTerms, pocket: OwnPocket, words: PocketWords) -> None:
        """See that the terms pay this wallet, so that nothing that is signed pays anybody else."""
        terms.proof.verify(self._keys.domain, wallet_id=self._keys.wallet_id)
        if terms.amount_fen != pocket.told.amount_fen:
            raise PeerError("the home names terms for another amount than lies in the pocket; nothing was signed")
        output = Coin(CURRENCY, terms.amount_fen, self._home.number, terms.proof.lock_id)
        if not words.lock.permits(output, lock_id=pocket.pocket_id):
            raise _restricted(words.lock)

    def _signed(self, pocket: OwnPocket, terms: PocketTerms, words: PocketWords) -> Transaction:
        spent = self._coin_in(pocket)
        body = Body(
            Kind.TRANSFER,
            terms.expiry_ms,
            terms.reference,
            inputs=(spent,),
            outputs=(Coin(CURRENCY, spent.coin.value, self._home.number, terms.proof.lock_id),),
            authorisations=(Authorisation.of(Acceptance.decode(terms.acceptance)),) if terms.acceptance else (),
        )
        digest = spend_digest(body.transaction_id(self._keys.domain), self._keys.domain)
        return Transaction(body, (Witness(words.lock, words.path, self._shelf.signer(words).sign(digest)),))

    @staticmethod
    def _coin_in(pocket: OwnPocket) -> Input:
        if pocket.told.coin is None:
            raise RefusedError(
                "nothing is in the pocket yet",
                code="POCKET_EMPTY",
                field="pocket_id",
                cure="wait until it is filled; its maker can ask the wallet to resume",
            )
        return pocket.told.coin.opening()

    async def _settled(self, home: int, pocket: OwnPocket, transaction: Transaction) -> None:
        """Return once it has settled; a taking that loses against another one is no error here, but what is found."""
        path, identity = f"{pocket_path(home, pocket.pocket_id)}/takings", transaction.id(self._keys.domain)
        taking = PocketTaking(transaction=transaction.encode())
        for attempt in range(1, TAKINGS_MAX + 1):
            try:
                taken = self._home.dated(await self._home.post(path, taking, PocketTaken, self._home.new_request()))
            except RefusedError as error:
                if error.code == "POCKET_TAKEN":
                    return
                raise
            if taken.state is PaymentState.SETTLED:
                self._centre_keys.check_settled(taken.receipt, transaction_id=identity)
                return
            if taken.state in _NOT_SETTLED and taken.status != Status.INPUT_NOT_UNSPENT.name:
                raise _refused(taken.status)
            await self._clock.sleep(PAUSE_S * attempt)
            if (await self._shelf.find(home, pocket.pocket_id)).told.state is PocketState.TAKEN:
                return
        raise NetworkError("nobody can say yet whether the money was taken out of the pocket; asking again is safe")

    def _demand_mine(self, pocket: OwnPocket) -> None:
        if pocket.told.taken_by is not pocket.party:
            whose = pocket.told.maker_address if pocket.party is PocketParty.OTHER else pocket.told.other_address
            raise RefusedError(
                f"{whose} has taken the money of this pocket",
                code="POCKET_TAKEN",
                field="pocket_id",
                cure="only one of the two can have it, and the other one was first",
            )


def _restricted(lock: TimedLock) -> RefusedError:
    homes = ", ".join(str(home) for home in lock.homes) or "none"
    return RefusedError(
        f"the money of this pocket may go to these homes only: {homes}; and to {len(lock.locks)} locks that it names",
        code="POCKET_RESTRICTED",
        field="pocket_id",
        cure="take it out with a wallet of the same phrase at one of those homes",
    )


def _refused(status: str) -> RefusedError:
    return RefusedError(
        f"the registration centre refuses it for now: {status}",
        code=status,
        field="pocket_id",
        cure="ask again; the money is where it was",
    )
