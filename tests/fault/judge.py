"""What must hold after every round: nothing that was answered is lost, nothing happened twice, every sum is exact."""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from tests.fault.town import deeds_of, expected_fen, residents_of, wallet_store, wallets_of
from tongbao.adapters.store import SqlStore
from tongbao.coin import Outcome, Receipt
from tongbao.protocol.banking import BankReport
from tongbao.protocol.order import OrderPage, OrderState
from tongbao.protocol.registration import OutcomeAnswer
from tongbao.service.connections import Connections
from tongbao.service.recount import recount_supply
from tongbao.service.sandbox import read_supply
from tongbao.service.supply_recount import Supply
from tongbao.wallets import PaymentKind, Wallet, WalletPaymentState

CAUGHT_UP_WITHIN_S = 20.0
ASKED_AT_ONCE = 16


async def demand_settled(connections: Connections, transaction_ids: Iterable[bytes]) -> None:
    """Demand that the centre signs for each of the transactions that it has settled, with a receipt that says so."""
    genesis = connections.data.genesis()
    domain, centre = genesis.domain(), connections.registration()
    at_once = asyncio.Semaphore(ASKED_AT_ONCE)

    async def demand(identity: bytes) -> None:
        async with at_once:
            answer = await centre.get(f"/v1/outcomes/{identity.hex()}", OutcomeAnswer)
        outcome = Outcome.decode(answer.outcome)
        outcome.verify(domain, keys=genesis.receipt_keys)
        assert outcome.settled, f"{identity.hex()} was answered as settled, and is absent"
        assert answer.receipt is not None
        receipt = Receipt.decode(answer.receipt)
        receipt.verify(domain, keys=genesis.receipt_keys)
        assert (receipt.transaction_id, receipt.status) == (identity, 0)

    await asyncio.gather(*(demand(identity) for identity in transaction_ids))


async def demand_exact_supply(connections: Connections) -> Supply:
    """Demand that journal, centre and institutions count the same money, and that no book is off by a fen."""
    centre = await read_supply(connections)
    supply = await recount_supply(connections.data)
    assert supply.holds
    assert sum(total.issued for total in centre.totals) == supply.issued
    assert sum(total.redeemed for total in centre.totals) == supply.redeemed
    net = {total.home: total.issued - total.redeemed for total in centre.totals}
    for place in connections.data.network.institutions:
        report = await _caught_up(connections, place.home, supply.sequence)
        assert report.balanced
        assert sum(each.balance_fen for each in report.accounts) == 0
        assert report.vault_fen + report.circulating_fen == supply.by_home.get(place.home, 0)
        assert report.reserves_fen == net[place.home]
    return supply


async def _caught_up(connections: Connections, home: int, sequence: int) -> BankReport:
    """The institution's report once it has heard of everything and has nothing on its way."""
    teller = connections.as_teller(home)
    headers = {"tongbao-minimum-sequence": str(sequence)}
    report = await teller.get("/v1/bank/report", BankReport, headers=headers)
    for _ in range(int(CAUGHT_UP_WITHIN_S / 0.1)):
        if not report.in_flight:
            return report
        await asyncio.sleep(0.1)
        report = await teller.get("/v1/bank/report", BankReport, headers=headers)
    raise AssertionError(f"home {home} still has {report.in_flight} payments on their way")


async def demand_whole_wallets(
    connections: Connections, seed: int, rounds: Sequence[int], copy: Path
) -> Mapping[str, Sequence[bytes]]:
    """Demand of every wallet, started anew from a copy of what it keeps, that it has what the plan says.

    Returns the ids of the transactions that the wallets hold for settled, by resident.
    """
    _copy(wallet_store(connections.data), copy)
    residents = residents_of(seed)
    wanted = expected_fen(seed, rounds)
    store = SqlStore.open(f"sqlite:///{copy}", durable=False)
    try:
        wallets = wallets_of(connections, residents, store)
        settled = {}
        for name, wallet in wallets.items():
            settled[name] = await _demand_whole(wallet, wanted[name])
        await _demand_orders(wallets, seed, rounds[-1])
        return settled
    finally:
        await store.close()


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as original, sqlite3.connect(target) as copied:
        original.backup(copied)
    original.close()
    copied.close()


async def _demand_whole(wallet: Wallet, wanted_fen: int) -> Sequence[bytes]:
    assert await wallet.start()
    await wallet.sync()
    account = await wallet.account()
    assert (wallet.balance_fen, account.balance_fen) == (wanted_fen, wanted_fen)
    before = wallet.balance_fen
    await wallet.resync()
    assert wallet.balance_fen == before
    payments = await wallet.payments()
    settled = [each for each in payments if each.state is WalletPaymentState.SETTLED]
    names = Counter(each.name for each in settled)
    assert [name for name, times in names.items() if times > 1] == []
    return [each.transaction_id for each in settled]


async def _demand_orders(wallets: Mapping[str, Wallet], seed: int, number: int) -> None:
    """Demand of the round's orders that each is paid, and refunded by just what was planned."""
    wanted = {
        deed.name: (deed.amount_fen, deed.refund_fen)
        for deed in deeds_of(seed, number)
        if deed.kind is PaymentKind.ORDER
    }
    found: dict[str, tuple[int, int]] = {}
    for name, wallet in wallets.items():
        if name.startswith("shop"):
            page: OrderPage = await wallet.sales.orders(limit=100)
            paid = [order for order in page.orders if order.state in {OrderState.PAID, OrderState.REFUNDED}]
            found |= {order.order_number: (order.amount_fen, order.refunded_fen) for order in paid}
    assert wanted == {number: found.get(number) for number in wanted}
