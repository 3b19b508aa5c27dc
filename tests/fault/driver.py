"""The town's load, as a process of its own that may be killed at any moment: `python -m tests.fault.driver DATA SEED`.

A line with a round's number on standard input starts the round. On standard output, one JSON object per line: `ready`
once the wallets are open; `settled` with a transaction's id for each deed that was answered as settled; `trouble` for
what had to be asked again; `done` at the round's end. A round that is started again goes on where it stopped.
"""

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from tests.fault.town import (
    BANK_DEEDS_PER_ROUND,
    FUNDED_FEN,
    FUNDED_IN_COINS,
    HOMES,
    ISSUED_FEN,
    REDEEMED_FEN,
    Deed,
    Resident,
    deeds_of,
    residents_of,
    wallet_store,
    wallets_of,
)
from tongbao.adapters.store import SqlStore
from tongbao.errors import PeerError, RefusedError, RequestError, WorldError
from tongbao.protocol.banking import BankOperation, BankOperationState, RequestIssuance, RequestRedemption
from tongbao.protocol.wallet import ExchangeBatchAnswer, ExchangeBatchRequest, ExchangeItem, ExchangeState, WalletClass
from tongbao.service.connections import Connections, connected
from tongbao.service.sandbox import approve
from tongbao.wallets import PaymentKind, Wallet, WalletPayment, prepare_store

T = TypeVar("T")

AT_ONCE = 24
GIVES_UP_AFTER_S = 40.0
PAUSE_S = 0.05
ORDERS_LIVE_S = 86_400  # a round lets hours of ledger time pass


def tell(**line: object) -> None:
    """One line for whoever started this process."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


async def insist(what: str, action: Callable[[], Awaitable[T]]) -> T:
    """Ask until there is an answer: every one of these actions is one that may be repeated."""
    deadline_s = time.monotonic() + GIVES_UP_AFTER_S
    while True:
        try:
            return await action()
        except (WorldError, PeerError, RefusedError) as error:
            code = getattr(error, "code", "")
            tell(trouble=what, error=type(error).__name__, code=code, message=str(error))
            if time.monotonic() > deadline_s:
                raise
        await asyncio.sleep(PAUSE_S)


class Driver:
    """Lets the residents do what is planned."""

    def __init__(self, connections: Connections, seed: int, store: SqlStore) -> None:
        self._connections = connections
        self._seed = seed
        self._residents = residents_of(seed)
        self._wallets = wallets_of(connections, self._residents, store)
        self._at_once = asyncio.Semaphore(AT_ONCE)

    async def open(self) -> None:
        """Open or take up again every wallet."""
        await asyncio.gather(*(self._open(each) for each in self._residents))

    async def _open(self, resident: Resident) -> None:
        wallet = self._wallets[resident.name]
        if await wallet.start():
            await insist("resume", wallet.resume)
        else:
            await insist("open", lambda: wallet.open(holder_name=resident.name, wallet_class=WalletClass.I))
        if resident.is_shop:
            await insist("register", lambda: wallet.sales.register(resident.name))

    async def run(self, number: int) -> None:
        """One round, from wherever it stopped."""
        await asyncio.gather(*(self._fund(number, home) for home in range(1, HOMES + 1)))
        for name, wallet in self._wallets.items():
            await insist(f"refill {name}", wallet.refill)
        await asyncio.gather(*(self._do(deed) for deed in deeds_of(self._seed, number)), self._bank(number))

    async def _fund(self, number: int, home: int) -> None:
        persons = [each for each in self._residents if each.home == home and not each.is_shop]
        for turn in range(FUNDED_IN_COINS):
            items = [
                ExchangeItem(
                    wallet_id=self._wallets[each.name].wallet_id, amount_fen=FUNDED_FEN, deposit_fen=FUNDED_FEN
                )
                for each in persons
            ]
            answer = await insist("fund", lambda: self._exchange(number, home, turn=turn, items=items))  # noqa: B023
            for each, exchange in zip(persons, answer.exchanges, strict=True):
                await self._wallets[each.name].receive(exchange)

    async def _exchange(self, number: int, home: int, *, turn: int, items: list[ExchangeItem]) -> ExchangeBatchAnswer:
        answer = await self._connections.as_teller(home).post(
            "/v1/exchanges",
            ExchangeBatchRequest(items=items),
            ExchangeBatchAnswer,
            idempotency_key=f"fund-{number}-{turn}",
        )
        if any(each.state is not ExchangeState.SETTLED for each in answer.exchanges):
            raise WorldError("not every exchange has settled yet")
        return answer

    # --- deeds --------------------------------------------------------------------------------------------------------

    async def _do(self, deed: Deed) -> None:
        async with self._at_once:
            payer = self._wallets[deed.payer]
            match deed.kind:
                case PaymentKind.ORDER:
                    await self._buy(deed, payer)
                case PaymentKind.PERSON:
                    address = str(self._wallets[deed.payee].address)
                    pay = lambda: payer.pay_person(address, deed.amount_fen, request_id=deed.name)  # noqa: E731
                    self._settled(deed.name, await insist(deed.name, pay))
                case _:
                    pay = lambda: payer.deposit(deed.amount_fen, request_id=deed.name)  # noqa: E731
                    self._settled(deed.name, await insist(deed.name, pay))

    async def _buy(self, deed: Deed, payer: Wallet) -> None:
        shop = self._wallets[deed.payee]
        order = await insist(
            deed.name, lambda: shop.sales.create_order(deed.amount_fen, deed.name, expires_in_s=ORDERS_LIVE_S)
        )
        self._settled(deed.name, await insist(deed.name, lambda: payer.pay_order(order)))
        if deed.refund_fen:
            refund = lambda: shop.refund(order.order_id, deed.refund_fen, request_id=deed.name)  # noqa: E731
            self._settled(f"{deed.name} back", await insist(f"{deed.name} back", refund))

    def _settled(self, deed: str, payment: WalletPayment) -> None:
        tell(settled=payment.transaction_id.hex(), deed=deed)

    # --- the institutions' own money ----------------------------------------------------------------------------------

    async def _bank(self, number: int) -> None:
        for turn in range(BANK_DEEDS_PER_ROUND):
            home = (number + turn) % HOMES + 1
            await self._operate(home, f"issue-{number}-{turn}", RequestIssuance(amount_fen=ISSUED_FEN // 1000))
            await self._operate(home, f"redeem-{number}-{turn}", RequestRedemption(amount_fen=REDEEMED_FEN))

    async def issue_first(self) -> None:
        """The money that everything else moves."""
        for home in range(1, HOMES + 1):
            await self._operate(home, "issue-first", RequestIssuance(amount_fen=ISSUED_FEN))

    async def _operate(self, home: int, name: str, request: RequestIssuance | RequestRedemption) -> None:
        """Ask until it settles; one that expired because nobody approved it in time is asked for anew."""
        for attempt in itertools.count():
            if await self._operated(home, f"{name}-{attempt}", request):
                return

    async def _operated(self, home: int, name: str, request: RequestIssuance | RequestRedemption) -> bool:
        teller = self._connections.as_teller(home)
        kind = "issuance" if isinstance(request, RequestIssuance) else "redemption"
        asking = lambda: teller.post(f"/v1/bank/{kind}", request, BankOperation, idempotency_key=name)  # noqa: E731
        operation = await insist(name, asking)
        path = f"/v1/bank/operations/{operation.operation_id.hex()}"
        deadline_s = time.monotonic() + GIVES_UP_AFTER_S
        while operation.state is not BankOperationState.SETTLED:
            if operation.state in {BankOperationState.REFUSED, BankOperationState.EXPIRED}:
                tell(trouble=name, error=operation.state, code=operation.status, message="")
                return False
            if operation.state is BankOperationState.PROPOSED:
                await self._approve(operation.proposal_id)
            if time.monotonic() > deadline_s:
                raise WorldError(f"{name} at home {home} does not end: {operation}")
            await asyncio.sleep(PAUSE_S)
            operation = await insist(name, lambda: teller.get(path, BankOperation))
        if operation.transaction_id is not None:
            tell(settled=operation.transaction_id.hex(), deed=f"{name} at {home}")
        return True

    async def _approve(self, proposal_id: str) -> None:
        try:
            await approve(self._connections, proposal_id)
        except (WorldError, PeerError, RequestError) as error:  # the operation tells what came of it
            tell(trouble=proposal_id, error=type(error).__name__, code=getattr(error, "code", ""), message=str(error))


async def main(root: Path, seed: int) -> None:
    """Open the town, then run the rounds that are asked for."""
    async with connected(root) as connections:
        store = SqlStore.open(f"sqlite:///{wallet_store(connections.data)}")
        await prepare_store(store)
        driver = Driver(connections, seed, store)
        await driver.issue_first()
        await driver.open()
        tell(ready=True)
        while line := await asyncio.to_thread(sys.stdin.readline):
            await driver.run(int(line))
            tell(done=int(line))
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
