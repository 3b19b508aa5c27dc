"""Standing orders and payments on a later day, carried out whenever the wallet is awake.

Nothing can be signed today for next month: a transaction lives an hour at most. So the wallet keeps plans, and whoever
runs it asks it now and then to pay what is due. What can go wrong, and what then:

- The wallet sleeps past a day: it pays when it wakes, as long as the plan's days of grace last. Then it tells that the
  payment was missed, and never pays it by itself.
- It is stopped in the middle: a payment is named after its plan and its number, and one name is one payment.
- There is not enough money, or a rule refuses: it stays due, and is tried again until its days of grace end.
- Nobody can say whether it settled: it is neither missed nor, once its days of grace have ended, paid anew.

Plans lie in the wallet's own database, on one machine: neither the home nor another device with the same phrase knows
of them, so no two machines pay for the same plan.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from typing import Final, Protocol

from tongbao.errors import BusyError, NetworkError, PeerError, RequestError
from tongbao.protocol.wallet import WalletAccount
from tongbao.wallets.ledger_time import TimeCheck
from tongbao.wallets.payment import InDoubtError, RefusedForNowError, WalletPayment, WalletPaymentState
from tongbao.wallets.plan import Occurrence, OccurrenceState, Plan, demand_plan
from tongbao.wallets.plan_store import PlanStore
from tongbao.wallets.ports import Entropy

__all__ = ["Plans"]

PLANS_MAX: Final = 200
"""Of one wallet: each is looked at whenever the wallet wakes."""

_PLAN_ID_BYTES: Final = 8


class _Home(Protocol):
    async def account(self) -> WalletAccount: ...


class _Payments(Protocol):
    async def resume(self) -> list[WalletPayment]: ...
    @property
    def time_check(self) -> TimeCheck: ...


Pay = Callable[[str, int, str], Awaitable[WalletPayment]]
"""Pays an address so much under a request id."""


class Plans:
    """The plans of one wallet."""

    def __init__(
        self, store: PlanStore, home: _Home, payments: _Payments, entropy: Entropy, *, pay: Pay, test_network: bool
    ) -> None:
        self._store = store
        self._home = home
        self._payments = payments
        self._entropy = entropy
        self._pay = pay
        self._test_network = test_network

    async def make(self, plan: Plan) -> Plan:
        """Keep a new plan, whose id is chosen here.

        Raises:
            RequestError: it cannot be carried out, or there are too many.
        """
        demand_plan(plan, test_network=self._test_network)
        kept = [each for each in await self._store.plans() if not each.cancelled]
        if len(kept) >= PLANS_MAX:
            raise RequestError(
                f"a wallet keeps at most {PLANS_MAX} plans",
                code="PLANS_FULL",
                field="plan",
                cure="cancel another first",
            )
        made = replace(plan, plan_id=self._entropy.bytes(_PLAN_ID_BYTES).hex(), cancelled=False)
        await self._store.save(made)
        return made

    async def cancel(self, plan_id: str) -> Plan:
        """Let a plan pay no more; what was signed for it may still settle."""
        found = next((each for each in await self._store.plans() if each.plan_id == plan_id), None)
        if found is None:
            raise RequestError(
                f"the wallet has no plan {plan_id}", code="PLAN_UNKNOWN", field="plan_id", cure="look at all plans"
            )
        await self._store.cancel(plan_id)
        return replace(found, cancelled=True)

    async def all(self) -> list[tuple[Plan, list[Occurrence]]]:
        """Each plan with what became of its payments up to now, and the one that comes next.

        Raises:
            PeerError: the home says that it is later than it can be.
        """
        now_ms = (await self._home.account()).time_ms
        await self._payments.time_check.demand_not_ahead(now_ms)
        return [(plan, await self._occurrences(plan, now_ms=now_ms)) for plan in await self._store.plans()]

    async def due(self) -> list[Occurrence]:
        """What `carry_out` would look at now: payments to be made, and ends that nobody has been told of."""
        found = [occurrence for _, each in await self.all() for occurrence in each]
        return [each for each in found if not each.told and each.state is not OccurrenceState.WAITING]

    async def carry_out(self) -> list[Occurrence]:
        """Pay what is due, and tell what was paid or missed since the last time; each end is told once."""
        await self._payments.resume()
        found = [await self._pay_one(each) if each.state is OccurrenceState.DUE else each for each in await self.due()]
        for each in found:
            if each.state in {OccurrenceState.PAID, OccurrenceState.MISSED}:
                await self._store.end(each)
        return found

    async def hand_over(self, other: "Plans") -> None:
        """Let another wallet of the phrase carry them out from now on: what is paid is paid, what is due is due there.

        Interrupted, it is done again: a plan is kept there before it is gone here. Its holder may come back with it.
        """
        for plan, occurrences in await self.all():
            if not plan.cancelled:
                over = [each for each in occurrences if each.told or each.state is OccurrenceState.PAID]
                await other._store.take_over(plan, over)  # noqa: SLF001 - one wallet's plans, in two places
                await self._store.hand_over(plan.plan_id)

    async def _pay_one(self, due: Occurrence) -> Occurrence:
        plan = due.plan
        try:
            paid = await self._pay(plan.address, plan.amount_fen, plan.request_id(due.number))
        except (InDoubtError, RefusedForNowError) as error:
            return replace(due, state=OccurrenceState.IN_DOUBT, reason=str(error))
        except (RequestError, PeerError, NetworkError, BusyError) as error:
            # Somewhere between signing and hearing of it the wallet may have failed.
            is_signed = WalletPaymentState.SIGNED in [each.state for each in await self._signed(due)]
            return replace(due, state=OccurrenceState.IN_DOUBT if is_signed else OccurrenceState.DUE, reason=str(error))
        return replace(due, state=OccurrenceState.PAID, transaction_id=paid.transaction_id)

    async def _signed(self, occurrence: Occurrence) -> list[WalletPayment]:
        return await self._store.payments(occurrence.plan.payment_name(occurrence.number))

    # --- what becomes of each -----------------------------------------------------------------------------------------

    async def _occurrences(self, plan: Plan, *, now_ms: int) -> list[Occurrence]:
        """What became of the payments of a plan up to now, and the one that comes next."""
        ended = await self._store.ended(plan)
        found = []
        for number, day in plan.schedule.days():
            occurrence = ended.get(number) or Occurrence(plan=plan, number=number, day=day)
            is_waiting = plan.schedule.begins_ms(day) > now_ms
            if not occurrence.told and not is_waiting:
                occurrence = await self._begun(occurrence, now_ms=now_ms)
            found.append(occurrence)
            if is_waiting:
                break
        return [each for each in found if each.told or not plan.cancelled or each.state in _OUTLIVES_ITS_PLAN]

    async def _begun(self, begun: Occurrence, *, now_ms: int) -> Occurrence:
        """A payment whose day has come, before its end has been told."""
        signed = await self._signed(begun)
        settled = [each for each in signed if each.state is WalletPaymentState.SETTLED]
        if settled:
            return replace(begun, state=OccurrenceState.PAID, transaction_id=settled[0].transaction_id)
        if begun.plan.lapses_ms(begun.day) > now_ms and not begun.plan.cancelled:
            return replace(begun, state=OccurrenceState.DUE)
        if any(each.state is WalletPaymentState.SIGNED for each in signed):
            return replace(begun, state=OccurrenceState.IN_DOUBT, reason="it was signed, and may have settled")
        return replace(begun, state=OccurrenceState.MISSED, reason="the wallet did not pay it in time")


_OUTLIVES_ITS_PLAN: Final = frozenset({OccurrenceState.PAID, OccurrenceState.IN_DOUBT})
"""What is worth knowing of a plan that was cancelled."""


def day_of(text: str) -> date:
    """A day as 2026-11-30; raises DAY_INVALID."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RequestError(
            f"{text} is no day", code="DAY_INVALID", field="first", cure="write it as 2026-11-30"
        ) from None
