"""A disk without room, a real one: new work is refused with a clear error, nothing is lost, room ends it."""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

from tests.fault.judge import demand_exact_supply, demand_settled
from tests.fault.network import Network, network_of
from tests.fault.town import Resident, found_town, wallets_of
from tongbao.adapters.store import SqlStore
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError, RefusedError, WorldError
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.protocol.order import OrderRequest
from tongbao.protocol.registration import HeartbeatRequest, LedgerStatus
from tongbao.protocol.wallet import Deposit, DepositRequest, WalletClass
from tongbao.service.connections import Connections, connected
from tongbao.service.data_directory import DataDirectory
from tongbao.service.key_file import read_key
from tongbao.service.sandbox import issue
from tongbao.wallets import Wallet, WalletPayment, prepare_store

BEATS_MAX, ORDERS_MAX = 100, 3_000
REFUSED_FOR_S = 1.5

pytestmark = pytest.mark.fault


@contextmanager
def small_disk(folder: Path, *, size: str) -> Iterator[Path]:
    """A file system of its own with hardly any room."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tongbao-test", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"only root can mount a small disk: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """Take all the room; the file that does is returned, to be removed again."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return ballast


async def ask(  # a request's own words
    connections: Connections, url: str, path: str, body: bytes, *, key_id: str, key: SigningKey
) -> tuple[int, dict[str, object]]:
    """Post once; return status and problem as they came."""
    headers = {"content-type": "application/json", "idempotency-key": connections.new_key()}
    request = signable("POST", url + path, headers=headers, body=body)
    signed = sign_request(request, key_id=key_id, created_s=connections.clock.now_ms() // 1000, sign=key.sign)
    answer = await connections.network.request(
        "POST", url + path, headers={**headers, **signed}, body=body, timeout_s=10
    )
    return answer.status, json.loads(answer.body)


@asynccontextmanager
async def people(connections: Connections, folder: Path) -> AsyncIterator[tuple[Wallet, Wallet]]:
    """A payer with money, and a shop, both at home 1."""
    store = SqlStore.open(f"sqlite:///{folder}/wallets.sqlite")
    await prepare_store(store)
    residents = [Resident("payer", 1, bytes(31) + b"1"), Resident("shop", 1, bytes(31) + b"2")]
    wallets = wallets_of(connections, residents, store)
    payer, shop = wallets["payer"], wallets["shop"]
    try:
        await issue(connections, 1, 100_000)
        await payer.open(holder_name="payer", wallet_class=WalletClass.I)
        await shop.open(holder_name="shop", wallet_class=WalletClass.I)
        await shop.sales.register("shop")
        request = DepositRequest(wallet_id=payer.wallet_id, amount_fen=10_000)
        await connections.as_teller(1).post("/v1/deposits", request, Deposit, idempotency_key="cash")
        await payer.exchange(10_000)
        yield payer, shop
    finally:
        await store.close()


async def insist(wallet: Wallet, shop: Wallet, number: str) -> WalletPayment:
    """Pay an order, asking again until there is an answer."""
    while True:
        try:
            return await wallet.pay_order(await shop.sales.create_order(100, number))
        except (WorldError, PeerError, RefusedError):
            pass  # whatever the wallet says, asking again is safe
        await asyncio.sleep(0.1)


def alive(network: Network) -> dict[str, int]:
    """Process ids of the roles that live."""
    return {name: role.process.pid for name, role in network.roles.items() if role.process.returncode is None}


def lies_on(data: DataDirectory, role: str, old: str, new: str) -> None:
    """Change a path in a role's configuration."""
    text = data.config(role).read_text()
    assert old in text
    data.config(role).write_text(text.replace(old, new))


async def test_a_centre_without_room_refuses_and_goes_on_with_room(tmp_path: Path) -> None:
    data = found_town(tmp_path / "town", 3)
    with small_disk(data.root / "small", size="1m") as disk:
        data.journal.symlink_to("small")
        async with (
            network_of(data) as network,
            connected(data.root) as connections,
            people(connections, tmp_path) as (payer, shop),
        ):
            processes = alive(network)
            paid = await payer.pay_order(await shop.sales.create_order(100, "before"))
            ballast = fill(disk)
            status, problem = await beat_until_refused(connections)
            paying = asyncio.create_task(insist(payer, shop, "while full"))
            await asyncio.sleep(REFUSED_FOR_S)
            waits = not paying.done()
            await demand_settled(connections, [paid.transaction_id])
            ballast.unlink()
            later = await asyncio.wait_for(paying, 30)

            assert (status, problem["code"], bool(problem["cure"])) == (507, "DISK_FULL", True)
            assert waits
            assert alive(network) == processes
            await demand_settled(connections, [paid.transaction_id, later.transaction_id])
            await demand_exact_supply(connections)


async def test_an_institution_without_room_refuses_and_goes_on_with_room(tmp_path: Path) -> None:
    data = found_town(tmp_path / "town", 4)
    lies_on(data, "institution-1", "sqlite:///institution.sqlite", "sqlite:///../small/institution.sqlite")
    with small_disk(data.root / "small", size="8m") as disk:
        async with (
            network_of(data) as network,
            connected(data.root) as connections,
            people(connections, tmp_path) as (payer, shop),
        ):
            processes = alive(network)
            paid = await payer.pay_order(await shop.sales.create_order(100, "before"))
            ballast = fill(disk)
            acknowledged, problem = await order_until_refused(connections, shop)
            paying = asyncio.create_task(insist(payer, shop, "while full"))
            await asyncio.sleep(REFUSED_FOR_S)
            waits = not paying.done()
            ballast.unlink()
            later = await asyncio.wait_for(paying, 30)

            assert (problem["status"], problem["code"], bool(problem["cure"])) == (507, "DISK_FULL", True)
            assert waits
            assert alive(network) == processes
            for order_id in acknowledged:
                assert (await shop.sales.order(order_id)).order_id == order_id
            await demand_settled(connections, [paid.transaction_id, later.transaction_id])
            await demand_exact_supply(connections)


async def beat_until_refused(connections: Connections) -> tuple[int, dict[str, object]]:
    """Let ledger time go on until that is refused: a file has some room within its last block."""
    ledger = await connections.registration().get("/v1/status", LedgerStatus)
    url, key = connections.data.network.registration.url, connections.data.root / "central-bank" / "operator.key"
    for number in range(1, BEATS_MAX):
        body = HeartbeatRequest(time_ms=ledger.time_ms + number).encode()
        status, answer = await ask(connections, url, "/v1/heartbeats", body, key_id="home:0", key=read_key(key))
        if status != 200:
            return status, answer
    raise AssertionError("the journal never said that its disk was full")


async def order_until_refused(connections: Connections, shop: Wallet) -> tuple[list[str], dict[str, object]]:
    """Make orders until one is refused: a database has some room within its files. Returns ids, and the problem."""
    made: list[str] = []
    for number in range(ORDERS_MAX):
        body = OrderRequest(amount_fen=1, order_number=f"order {number}", description="x" * 250).encode()
        status, answer = await ask(
            connections,
            connections.data.institution(1).url,
            "/v1/orders",
            body,
            key_id=f"wallet:{shop.wallet_id.hex()}",
            key=shop.keys.main,
        )
        if status != 200:
            return made, answer
        made.append(str(answer["order_id"]))
    raise AssertionError("the database never said that it was full")
