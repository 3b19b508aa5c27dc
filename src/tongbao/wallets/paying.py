"""Paying: reserve, prepare, check, sign, keep, send; and after any interruption the same bytes again.

What can go wrong, and what then:

- No answer: the same bytes again, now or after a restart. They settle once, however often they arrive.
- A refusal: none is final before the transaction expires, so it stays open, and asking again sends the same bytes.
- Past its expiry without proof: a new attempt spends the same coins, so that at most one of the two can settle.
- Proven absent by the centre past its expiry, or a coin of it spent by another payment with a receipt: it is closed.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from tongbao.coin import Limits
from tongbao.errors import BusyError, NetworkError, PeerError, RefusedError, RequestError
from tongbao.kernel.status import Status
from tongbao.protocol.payment import Payment, PaymentRequest, PaymentState, Preparation, PrepareRequest
from tongbao.vaults.purse import CoinsReservedError, Reservation
from tongbao.vaults.selection import CoinsInsufficientError, CoinsTooSmallError
from tongbao.wallets.centre import Centre
from tongbao.wallets.coins import CoinStock
from tongbao.wallets.home import Home
from tongbao.wallets.keys import WalletKeys
from tongbao.wallets.ledger_time import TimeCheck
from tongbao.wallets.merging import Merging
from tongbao.wallets.owing import demand_owed
from tongbao.wallets.payment import (
    Intent,
    OwnCoin,
    RefusedForNowError,
    WalletPayment,
    WalletPaymentState,
    check_preparation,
    in_doubt,
    open_until_proven,
    sign_payment,
)
from tongbao.wallets.ports import Clock
from tongbao.wallets.receipts import CentreKeys
from tongbao.wallets.reserving import Reserving, Turns
from tongbao.wallets.stock import LockBook
from tongbao.wallets.store import WalletStore

__all__ = ["Payments"]

SENDINGS_MAX: Final = 6
ANCHOR_SPENT: Final = "ANCHOR_SPENT"
"""What a home says to a preparation that names a coin which is no longer unspent."""

PAUSE_S: Final = 0.25
"""A home that has recorded a payment hears of its batch within a second; six askings wait five."""


class Payments:
    """All payments of one wallet.

    Attributes:
        count: payments signed so far.
        time_check: of what the home says of ledger time.
    """

    def __init__(
        self,
        *,
        keys: WalletKeys,
        home: Home,
        locks: LockBook,
        coins: CoinStock,
        store: WalletStore,
        centre_keys: CentreKeys,
        centre: Centre | None,
        clock: Clock,
        limits: Limits,
    ) -> None:
        self.count = 0
        self.time_check = TimeCheck(centre_keys.time, centre, clock)
        self._keys = keys
        self._home = home
        self._locks = locks
        self._coins = coins
        self._store = store
        self._centre_keys = centre_keys
        self._centre = centre
        self._clock = clock
        self._limits = limits
        self._signed: dict[str, list[WalletPayment]] = {}
        self._reserving = Reserving(home, coins)
        self._turns = Turns()
        self._merging = Merging(
            keys=keys, home=home, locks=locks, coins=coins, inputs_max=limits.inputs_max, pay=self.pay
        )
        coins.change_on_its_way = self._change_on_its_way

    def restore(self, signed: Iterable[WalletPayment]) -> None:
        """Take up payments that were signed before the start; their coins stay reserved until they expire."""
        for payment in signed:
            self._signed.setdefault(payment.name, []).append(payment)
            # One that replaces another spends the same coins; the newest has the longest claim on them.
            self._coins.purse.release(payment.name)
            try:
                self._coins.purse.reserve_these(payment.name, payment.coin_ids, now_ms=0, until_ms=payment.expiry_ms)
            except (CoinsInsufficientError, CoinsReservedError):
                continue  # spent elsewhere, or promised anew after its expiry: only one of the two can settle

    @property
    def merging(self) -> Merging:
        """What keeps the coins few; its transactions are payments like others."""
        return self._merging

    @property
    def in_doubt(self) -> bool:
        """Whether a payment is signed of which nobody has said how it ended."""
        return bool(self._signed)

    def _change_on_its_way(self) -> set[bytes]:
        signed = [payment for payments in self._signed.values() for payment in payments]
        return {payment.change.held.coin_id for payment in signed if payment.change is not None}

    async def pay(self, intent: Intent) -> WalletPayment:
        """Pay it, or find that it is paid already.

        Raises:
            RefusedForNowError: it is signed and refused, and may settle until it expires; asking again sends it again.
            RefusedError: any other refusal; nothing was signed.
            PeerError: the home prepared something else; nothing was signed.
            InDoubtError: it was sent, and nobody can say yet.
        """
        async with self._turns.of(intent.name):
            await self._demand_same_or_expired(intent)
            settled = await self._conclude_all(intent.name)
            if settled is not None:
                self._demand_same(intent, [settled])
                return settled
            self._demand_same(intent, self._signed.get(intent.name, ()))
            try:
                return await self._pay_anew(intent)
            except CoinsTooSmallError:
                await self._merging.make_payable(intent.amount_fen)
                return await self._pay_anew(intent)
            except RefusedError:
                paid = await self._paid_before(intent)
                if paid is None:
                    raise
                return paid

    async def resume(self) -> list[WalletPayment]:
        """Bring every open payment to an end that can be; return those that settled and those still open."""
        found = []
        for name in list(self._signed):
            async with self._turns.of(name):
                try:
                    settled = await self._conclude_all(name)
                except (RequestError, PeerError, NetworkError, BusyError):
                    settled = None  # it stays open, and whoever asks for it by name hears why
                found += [settled] if settled else self._signed.get(name, [])
        return found

    async def _demand_same_or_expired(self, intent: Intent) -> None:
        """What asks for another amount does not send the bytes of an earlier one, as of another tip, that may settle.

        One that has expired is asked about first: where it never settles, the new amount is as good as any.
        """
        different = [each for each in self._signed.get(intent.name, ()) if each.amount_fen != intent.amount_fen]
        if any(self._home.time_ms <= each.expiry_ms for each in different):
            await self._home.account()
        self._demand_same(intent, [each for each in different if self._home.time_ms <= each.expiry_ms])

    def _demand_same(self, intent: Intent, earlier: Iterable[WalletPayment]) -> None:
        for payment in earlier:
            if payment.amount_fen != intent.amount_fen:
                raise RequestError(
                    f"this was asked for before with {payment.amount_fen} fen, now with {intent.amount_fen}",
                    field="amount_fen",
                    cure="give another payment another request id",
                    code="REQUEST_REUSED",
                )

    async def _paid_before(self, intent: Intent) -> WalletPayment | None:
        """A payment of this name that settled in an earlier life of the wallet."""
        payments = await self._store.payments(name=intent.name)
        settled = [payment for payment in payments if payment.state is WalletPaymentState.SETTLED]
        self._demand_same(intent, settled)
        return settled[0] if settled else None

    # --- a new attempt ------------------------------------------------------------------------------------------------

    async def _pay_anew(self, intent: Intent) -> WalletPayment:
        replaced = list(self._signed.get(intent.name, ()))
        try:
            return await self._attempt(intent, replaced)
        except RefusedError as error:
            if error.code != ANCHOR_SPENT or replaced or isinstance(error, RefusedForNowError):
                raise
        # The same phrase has paid with that coin elsewhere. Nothing was signed yet.
        await self._coins.resync()
        return await self._attempt(intent, replaced)

    async def _attempt(self, intent: Intent, replaced: list[WalletPayment]) -> WalletPayment:
        try:
            reservation = await self._reserving.reserve(intent, replaced)
        except (CoinsInsufficientError, CoinsTooSmallError, CoinsReservedError):
            await demand_owed(intent, self._home)
            raise
        with self._reserving.holding():
            payment = await self._sign(intent, reservation)
            other = await self._keep(payment, replaced)
            if other is None:
                return await self._deliver(payment)
            self._demand_same(intent, [other])
            return other if other.state is WalletPaymentState.SETTLED else await self._deliver(other)

    async def _sign(self, intent: Intent, reservation: Reservation) -> WalletPayment:
        """Prepare, check and sign; whatever goes wrong, the coins are free again and nothing is signed."""
        try:
            preparation = await self._prepare(intent, reservation)
        except BaseException:
            self._coins.purse.release(intent.name)
            raise
        self.count += 1
        return sign_payment(
            preparation,
            intent,
            self._coins.reserved(reservation),
            home=self._home.number,
            keys=self._keys,
            number=self.count,
            change_index=self._locks.next_index,
        )

    async def _prepare(self, intent: Intent, reservation: Reservation) -> Preparation:
        anchor = reservation.coins[0].coin_id
        request = PrepareRequest(
            payee=intent.payee,
            amount_fen=intent.amount_fen - intent.tip_fen,
            tip_fen=intent.tip_fen,
            anchor=anchor,
        )
        preparation = await self._home.prepare(request)
        check_preparation(
            preparation, intent, anchor=anchor, home=self._home.number, keys=self._keys, limits=self._limits
        )
        await self.time_check.demand_not_ahead(preparation.time_ms)
        held = self._coins.purse.extend(intent.name, until_ms=preparation.expiry_ms)
        if held is None or held.coins != reservation.coins:
            raise BusyError("ledger time went on so far that other payments took the coins; ask again")
        return preparation

    async def _keep(self, payment: WalletPayment, replaced: list[WalletPayment]) -> WalletPayment | None:
        """Keep the signed bytes before anybody sees them; returns another payment of the name that was there before."""
        if payment.change is not None:
            self._locks.take_for_change()
        other: WalletPayment | None = None

        async def write(new: list[OwnCoin]) -> None:
            nonlocal other
            numbers = [each.number for each in replaced]
            next_index = self._locks.next_index
            other = await self._store.save_signed(payment, replaced=numbers, new=new, next_lock_index=next_index)

        # From here on only proof takes it off the list: if this is cancelled, the bytes may be kept all the same.
        self._signed.setdefault(payment.name, []).append(payment)
        try:
            await self._coins.save_along(write)
        except Exception:
            self._drop(payment)
            self._coins.purse.release(payment.name)
            raise
        if other is not None:
            self._drop(payment)
            self._coins.purse.release(payment.name)
            if other.state is WalletPaymentState.SIGNED:
                self._signed.setdefault(payment.name, []).append(other)
        return other

    # --- to an end ----------------------------------------------------------------------------------------------------

    async def _conclude_all(self, name: str) -> WalletPayment | None:
        """The payment of this name that settled; None where there is none, and a new attempt may be made.

        Raises:
            RefusedForNowError: one may still settle, and is refused for now.
            InDoubtError: one may have settled or still settle.
        """
        for payment in list(self._signed.get(name, ())):
            with open_until_proven(payment):
                settled = await self._conclude(payment)
            if settled is not None:
                return settled
        return None

    async def _conclude(self, payment: WalletPayment) -> WalletPayment | None:
        answer = await self._send_again(payment) if self._home.time_ms <= payment.expiry_ms else None
        if answer is None:
            answer = await self._ask(payment)
        if answer is not None and answer.state is PaymentState.SETTLED:
            return await self._settle(payment, answer)
        if answer is not None and self._home.time_ms <= payment.expiry_ms:
            raise _refused(payment, answer)
        if self._centre is not None and await self._centre.proves_absence(payment):
            await self._close([replace(payment, state=WalletPaymentState.NEVER, status=Status.EXPIRED.name)])
        return None

    async def _send_again(self, payment: WalletPayment) -> Payment | None:
        """What the home says to the bytes; None where it refuses them and they have expired while nobody looked."""
        try:
            return await self._send(payment)
        except RequestError:
            await self._home.account()
            if self._home.time_ms <= payment.expiry_ms:
                raise
            return None

    async def _ask(self, payment: WalletPayment) -> Payment | None:
        """What the home says of a payment that can no longer settle; None where it does not know of it."""
        try:
            return await self._home.payment(payment.payment_id)
        except RequestError:
            return None

    async def _deliver(self, payment: WalletPayment) -> WalletPayment:
        """Send a payment that was just kept."""
        with open_until_proven(payment):
            try:
                answer = await self._send(payment)
                if answer.state is PaymentState.SETTLED:
                    return await self._settle(payment, answer)
                raise _refused(payment, answer)
            except RefusedError as error:
                if error.code == Status.INPUT_NOT_UNSPENT.name:
                    await self._coins.resync()
                raise

    async def _send(self, payment: WalletPayment) -> Payment:
        """Hand over the bytes until the home says more than that it has them."""
        request = PaymentRequest(payment_id=payment.payment_id, transaction=payment.transaction)
        for attempt in range(1, SENDINGS_MAX + 1):
            answer = await self._home.pay(request)
            if answer.transaction_id != payment.transaction_id:
                raise in_doubt(payment, "the home answers for another one")
            if answer.state not in {PaymentState.ENDORSED, PaymentState.PREPARED}:
                return answer
            await self._clock.sleep(PAUSE_S * attempt)
        raise in_doubt(payment, "its home has it and does not know yet")

    async def _settle(self, payment: WalletPayment, answer: Payment) -> WalletPayment:
        if self._centre is not None and not self._centre_keys.knows_key_of(answer.receipt):
            await self._centre.learn_keys()
        receipt = self._centre_keys.check_settled(answer.receipt, transaction_id=payment.transaction_id)
        settled = replace(
            payment,
            state=WalletPaymentState.SETTLED,
            status=Status.SETTLED.name,
            receipt=answer.receipt,
            time_ms=receipt.signed_head.head.time_ms,
        )
        never = self._ruled_out_by(payment)
        self._coins.spend(payment.coin_ids)
        if payment.change is not None:
            self._coins.take_in([payment.change])
        await self._close([settled, *never], gone=payment.coin_ids)
        return settled

    def _ruled_out_by(self, settled: WalletPayment) -> list[WalletPayment]:
        """Open payments that spend a coin of the settled one, and so can never settle."""
        spent = set(settled.coin_ids)
        return [
            replace(payment, state=WalletPaymentState.NEVER, status=Status.INPUT_NOT_UNSPENT.name)
            for payments in self._signed.values()
            for payment in payments
            if payment.number != settled.number and not spent.isdisjoint(payment.coin_ids)
        ]

    async def _close(self, payments: list[WalletPayment], *, gone: tuple[bytes, ...] = ()) -> None:
        """Keep how payments ended, then let go of what they reserve."""

        async def write(new: list[OwnCoin]) -> None:
            await self._store.save_outcomes(payments, new=new, gone=gone)

        await self._coins.save_along(write)
        for payment in payments:
            self._drop(payment)
            if payment.name not in self._signed:
                self._coins.purse.release(payment.name)

    def _drop(self, payment: WalletPayment) -> None:
        left = [each for each in self._signed.get(payment.name, ()) if each.number != payment.number]
        if left:
            self._signed[payment.name] = left
        else:
            self._signed.pop(payment.name, None)


def _refused(payment: WalletPayment, answer: Payment) -> RefusedForNowError:
    return RefusedForNowError(answer.status or answer.state, payment=payment, code=answer.status or "REFUSED")
