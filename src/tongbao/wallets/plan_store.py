"""Where the plans of one wallet are kept."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import sqlalchemy as sa

from tongbao.wallets.payment import WalletPayment
from tongbao.wallets.plan import Occurrence, OccurrenceState, Plan
from tongbao.wallets.ports import Store
from tongbao.wallets.schedule import Every, Schedule, read_zone
from tongbao.wallets.store import WalletStore
from tongbao.wallets.tables import PLAN_ENDS, PLANS

__all__ = ["PlanStore"]

_WALLET: Final = sa.bindparam("wallet", type_=sa.LargeBinary(16))
_READ: Final = sa.select(PLANS).where(PLANS.c.wallet_id == _WALLET).order_by(PLANS.c.first, PLANS.c.plan_id)
_CANCEL: Final = (
    PLANS.update().where(PLANS.c.wallet_id == _WALLET, PLANS.c.plan_id == sa.bindparam("plan")).values(cancelled=1)
)
_REMOVE: Final = PLANS.delete().where(PLANS.c.wallet_id == _WALLET, PLANS.c.plan_id == sa.bindparam("plan"))
_READ_ENDS: Final = sa.select(PLAN_ENDS).where(
    PLAN_ENDS.c.wallet_id == _WALLET, PLAN_ENDS.c.plan_id == sa.bindparam("plan")
)
# Whoever was stopped in the middle of a write does not know whether it happened, and writes again.
_INSERT_END: Final = sa.text(
    "INSERT INTO wallet_plan_ends (wallet_id, plan_id, number, day, state, transaction_id) "
    "VALUES (:wallet, :plan, :number, :day, :state, :transaction_id) "
    "ON CONFLICT (wallet_id, plan_id, number) DO NOTHING"
)


class PlanStore:
    """The rows of one wallet's plans. Each method that writes is one operation, durable when it returns."""

    def __init__(self, store: Store, wallet: WalletStore, *, wallet_id: bytes) -> None:
        self._store = store
        self._kept = wallet
        self._wallet = {"wallet": wallet_id}

    async def save(self, plan: Plan) -> None:
        """Keep a new plan."""
        row = self._row(plan)
        await self._store.write(lambda connection: connection.execute(PLANS.insert(), row).rowcount)

    async def take_over(self, plan: Plan, ended: Sequence[Occurrence]) -> None:
        """Keep a plan that another database has kept until now, with the payments of it that are over."""
        row, ends = self._row(plan), [self._end_row(each) for each in ended]

        def write(connection: sa.Connection) -> None:
            known = connection.execute(_READ, self._wallet).all()
            if plan.plan_id not in {each.plan_id for each in known}:
                connection.execute(PLANS.insert(), row)
            for each in ends:
                connection.execute(_INSERT_END, each)

        await self._store.write(write)

    async def cancel(self, plan_id: str) -> None:
        """Let a plan pay no more."""
        named = {**self._wallet, "plan": plan_id}
        await self._store.write(lambda connection: connection.execute(_CANCEL, named).rowcount)

    async def hand_over(self, plan_id: str) -> None:
        """Keep a plan no longer, as another database keeps it; should it come back, its ends are still known."""
        named = {**self._wallet, "plan": plan_id}
        await self._store.write(lambda connection: connection.execute(_REMOVE, named).rowcount)

    async def plans(self) -> list[Plan]:
        """All plans, those that began first before the others."""
        rows = await self._store.read(lambda connection: connection.execute(_READ, self._wallet).all())
        return [_plan(row) for row in rows]

    async def ended(self, plan: Plan) -> dict[int, Occurrence]:
        """The payments of a plan whose end has been told, by number."""
        named = {**self._wallet, "plan": plan.plan_id}
        rows = await self._store.read(lambda connection: connection.execute(_READ_ENDS, named).all())
        return {row.number: _occurrence(plan, row) for row in rows}

    async def end(self, occurrence: Occurrence) -> None:
        """Keep how a payment ended."""
        row = self._end_row(occurrence)
        await self._store.write(lambda connection: connection.execute(_INSERT_END, row).rowcount)

    def _row(self, plan: Plan) -> dict[str, object]:
        schedule = plan.schedule
        return {
            "wallet_id": self._wallet["wallet"],
            "plan_id": plan.plan_id,
            "address": plan.address,
            "payee": plan.payee,
            "amount_fen": plan.amount_fen,
            "first": schedule.first.isoformat(),
            "every": schedule.every.value,
            "times": schedule.times,
            "zone": schedule.zone.key,
            "grace_days": plan.grace_days,
            "purpose": plan.purpose,
            "cancelled": int(plan.cancelled),
        }

    def _end_row(self, occurrence: Occurrence) -> dict[str, object]:
        return {
            **self._wallet,
            "plan": occurrence.plan.plan_id,
            "number": occurrence.number,
            "day": occurrence.day.isoformat(),
            "state": occurrence.state.value,
            "transaction_id": occurrence.transaction_id,
        }

    async def payments(self, name: str) -> list[WalletPayment]:
        """Whatever the wallet signed under this name."""
        return await self._kept.payments(name=name)


def _plan(row: sa.Row[tuple[object, ...]]) -> Plan:
    return Plan(
        plan_id=row.plan_id,
        address=row.address,
        payee=row.payee,
        amount_fen=row.amount_fen,
        schedule=Schedule(date.fromisoformat(row.first), Every(row.every), row.times, read_zone(row.zone)),
        grace_days=row.grace_days,
        purpose=row.purpose,
        cancelled=bool(row.cancelled),
    )


def _occurrence(plan: Plan, row: sa.Row[tuple[object, ...]]) -> Occurrence:
    return Occurrence(
        plan=plan,
        number=row.number,
        day=date.fromisoformat(row.day),
        state=OccurrenceState(row.state),
        transaction_id=row.transaction_id,
        told=True,
    )
