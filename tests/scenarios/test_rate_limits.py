"""A wallet that asks without end is sent away by a real institution, and nobody else notices."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fault.network import network_of
from tests.fault.town import Resident, found_town, wallets_of
from tongbao.adapters.store import SqlStore
from tongbao.errors import BusyError
from tongbao.protocol.banking import BankReport
from tongbao.protocol.client import Patience, SignedClient
from tongbao.protocol.wallet import WalletAccount, WalletClass
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory
from tongbao.wallets import Wallet, prepare_store

GREEDY, MODEST = Resident("greedy", 1, bytes(31) + b"8"), Resident("modest", 1, bytes(31) + b"9")
BURST = 10
ALLOWANCE = f"\n[rate_limits.wallet]\nper_s = 0.5\nburst = {BURST}\n"
AT_ONCE = Patience(timeout_s=10.0, attempts_max=1)


@pytest.fixture
async def connections(tmp_path: Path) -> AsyncIterator[Connections]:
    """A running network whose first institution is strict with wallets."""
    data = found_town(tmp_path / "town", 8)
    configuration = data.roles()["institution-1"][0]
    configuration.write_text(configuration.read_text(encoding="utf-8") + ALLOWANCE, encoding="utf-8")
    async with network_of(data), connected(data.root) as connections:
        yield connections


def desk_of(wallet: Wallet, connections: Connections) -> SignedClient:
    """The wallet's way to its home, which asks once and gives up."""
    data: DataDirectory = connections.data
    return SignedClient(
        network=connections.network,
        clock=connections.clock,
        base_url=data.institution(1).url,
        key_id=f"wallet:{wallet.wallet_id.hex()}",
        sign=wallet.keys.main.sign,
        patience=AT_ONCE,
    )


async def ask_until_sent_away(desk: SignedClient, path: str) -> tuple[int, BusyError]:
    """How often there was an answer, and what came instead of one."""
    for count in range(10 * BURST):
        try:
            await desk.get(path, WalletAccount)
        except BusyError as error:
            return count, error
    raise AssertionError("it was never sent away")


async def test_who_asks_without_end_waits_and_the_others_are_served(connections: Connections, tmp_path: Path) -> None:
    store = SqlStore.open(f"sqlite:///{tmp_path}/wallets.sqlite")
    await prepare_store(store)
    wallets = wallets_of(connections, [GREEDY, MODEST], store)
    for name, wallet in wallets.items():
        await wallet.open(holder_name=name, wallet_class=WalletClass.IV)
    greedy, modest = wallets["greedy"], wallets["modest"]
    path = f"/v1/wallets/{greedy.wallet_id.hex()}"

    answered, sent_away = await ask_until_sent_away(desk_of(greedy, connections), path)
    report = await connections.as_teller(1).get("/v1/bank/report", BankReport)
    other = await desk_of(modest, connections).get(f"/v1/wallets/{modest.wallet_id.hex()}", WalletAccount)
    await connections.clock.sleep(sent_away.retry_after_s)
    again = await desk_of(greedy, connections).get(path, WalletAccount)

    assert BURST / 2 <= answered <= 2 * BURST
    assert sent_away.retry_after_s in {1, 2}
    assert (other.wallet_id, again.wallet_id) == (modest.wallet_id, greedy.wallet_id)
    assert report.accounts
    await store.close()
