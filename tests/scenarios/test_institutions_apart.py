"""Two institutions never see each other's customers, but for what these let the other side know themselves.

Customers of the first deal with those of the second in every way that there is. Then everything that the second one
stores, logs and answers is searched for whatever the first one knows of its customers. What may be found is named here,
person by person, with the reason.
"""

import io
import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.scenarios.running import ISSUED_FEN, Town, make_network, town_of
from tongbao.protocol.banking import BankReport
from tongbao.protocol.payee import SentCodes
from tongbao.protocol.refund import RefundPolicy
from tongbao.service.data_directory import DataDirectory
from tongbao.service.processes import start_all, stop_all
from tongbao.service.sandbox import issue
from tongbao.wallets import Wallet

pytestmark = pytest.mark.slow

STRANGERS = 2
"""The home whose eyes are searched."""


@dataclass
class Person:
    """A customer of the first institution, and what it knows of him.

    Attributes:
        known: what is known, by what it is.
        shown: the keys of `known` that the other side may have, since he let it know; each with the reason in the test.
    """

    who: str
    known: dict[str, str | bytes] = field(default_factory=dict)
    shown: frozenset[str] = frozenset()

    @classmethod
    def of(cls, who: str, wallet: Wallet, *, shown: frozenset[str] = frozenset(), **more: str) -> "Person":
        """Whose wallet it is."""
        known: dict[str, str | bytes] = {
            "name": who,
            "wallet id": wallet.wallet_id,
            "address": str(wallet.address),
            "main key": wallet.keys.main.public_key,
        }
        return cls(who, {**known, **more}, shown)

    def forms(self) -> Iterator[tuple[str, bytes]]:
        """What is known, in every form in which it could stand somewhere."""
        for what, value in self.known.items():
            if isinstance(value, bytes):
                yield what, value
                yield what, value.hex().encode()
            else:
                yield what, value.lower().encode()


@pytest.fixture
async def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DataDirectory]:
    """A network whose roles log everything that can be logged."""
    monkeypatch.setenv("TONGBAO_LOG_LEVEL", "debug")
    made = make_network(tmp_path / "data", "apart")
    processes = await start_all(made.roles(), logs=made.logs)
    try:
        yield made
    finally:
        await stop_all(processes)


async def shop_at(town: Town, who: str, *, home: int) -> Wallet:
    shop = await town.open(who, home=home)
    await shop.sales.register(who)
    return shop


async def prove_phone(town: Town, wallet: Wallet, phone: str) -> None:
    await wallet.payees.claim(phone)
    sent = await town.connections.as_teller(1).get("/v1/bank/codes", SentCodes)
    [code] = [each.code for each in sent.codes if each.wallet_id == wallet.wallet_id]
    await wallet.payees.confirm(phone, code)


async def live(town: Town) -> tuple[list[Person], list[Wallet]]:
    """Everybody deals with everybody; returns the first home's people, and the wallets of the second one's."""
    for home in (1, 2):
        await issue(town.connections, home, ISSUED_FEN)
    quiet, inkstone = await town.open("Su Xiaoxiao", 100_00), await shop_at(town, "Inkstone Studio", home=1)
    buyer, asker = await town.open("Ouyang Xiu", 300_00), await town.open("Mei Yaochen", 100_00)
    guest, teahouse = await town.open("Lu Tong", 200_00, home=2), await shop_at(town, "Teahouse of the South", home=2)
    await prove_phone(town, quiet, "+8613711112222")
    await prove_phone(town, buyer, "+8613733334444")
    secret_order = await inkstone.sales.create_order(7_00, "ink-4711", description="an inkstick of pine soot")
    await quiet.pay_order(secret_order)

    at_teahouse = await teahouse.sales.create_order(30_00, "tea-1", description="spring tea")
    await buyer.pay_order(at_teahouse)
    await settled(teahouse, 30_00)
    await teahouse.refund(at_teahouse.order_id, 5_00)
    await teahouse.refunds.set_policy(RefundPolicy(answer_within_s=86_400))
    offered = await teahouse.sales.create_order(10_00, "tea-2")
    await buyer.pay_order(offered)
    await settled(teahouse, 35_00)
    await teahouse.refunds.offer(offered.order_id, 2_00, reason="a leaf too many")
    await buyer.refunds.accept((await buyer.refunds.received()).refunds[0])
    await teahouse.refunds.carry_out()
    await buyer.payees.check(str(guest.address), name="Lu Tong")
    await buyer.pay_person(str(guest.address), 3_00)
    at_inkstone = await inkstone.sales.create_order(4_00, "ink-1", description="paper")
    await guest.pay_order(at_inkstone)
    request = await asker.money_requests.ask(str(guest.address), 2_00, description="half of the boat")
    await guest.money_requests.accept(await guest.money_requests.named(request.request_id))
    people = [
        # He has dealt with nobody of the other institution, and bought what nobody else knows of.
        Person.of("Su Xiaoxiao", quiet, phone="13711112222", bought="an inkstick of pine soot", number="ink-4711"),
        # A refund names the payer's wallet to the shop, as a payment names the shop's to the payer.
        Person.of("Ouyang Xiu", buyer, shown=frozenset({"wallet id"}), phone="13733334444"),
        # Who asks for money says who he is, and where it goes.
        Person.of("Mei Yaochen", asker, shown=frozenset({"name", "wallet id"})),
        # A shop's name is on its sign.
        Person.of("Inkstone Studio", inkstone, shown=frozenset({"name", "wallet id"})),
    ]
    return people, [guest, teahouse]


async def settled(wallet: Wallet, balance_fen: int) -> None:
    """Wait until the wallet's home has heard of what came."""
    while wallet.balance_fen < balance_fen:
        await wallet.sync()


def stored(data: DataDirectory) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, and every file, of the second institution."""
    place = data.root / f"institution-{STRANGERS}"
    for path in sorted(place.rglob("*")):
        if path.is_file() and path.suffix not in {".key", ".toml"}:
            yield str(path.relative_to(data.root)), path.read_bytes()
    with closing(sqlite3.connect(place / "institution.sqlite")) as connection:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        for table in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608 - the database's own names
                for value in row:
                    yield f"table {table}", value if isinstance(value, bytes) else str(value).encode()


async def answered(town: Town, wallets: list[Wallet]) -> list[tuple[str, bytes]]:
    """What the second institution tells its customers and its tellers."""
    found = []
    for wallet in wallets:
        disclosure = await wallet.disclosure()
        with ZipFile(io.BytesIO(disclosure.archive)) as archive:
            found += [(f"disclosed {name}", archive.read(name)) for name in archive.namelist()]
        pages = [
            await wallet.history(),
            await wallet.money_requests.received(),
            await wallet.money_requests.sent(),
            await wallet.refunds.received(),
            await wallet.refunds.offered(),
            await wallet.account(),
        ]
        found += [(type(page).__name__, page.model_dump_json().encode()) for page in pages]
    found.append(("orders", (await wallets[1].sales.orders()).model_dump_json().encode()))
    teller = town.connections.as_teller(STRANGERS)
    found.append(("report", (await teller.get("/v1/bank/report", BankReport)).model_dump_json().encode()))
    return found


async def test_nothing_of_one_institutions_customers_is_known_to_the_other(data: DataDirectory, tmp_path: Path) -> None:
    async with town_of(data, "apart", tmp_path) as town:
        people, strangers = await live(town)
        seen = await answered(town, strangers)
    seen += stored(data)
    seen += [(path.name, path.read_bytes()) for path in data.logs.glob(f"*{STRANGERS}*.log")]

    found = {
        (person.who, what): where
        for person in people
        for what, form in person.forms()
        for where, content in seen
        if form in (content if what in {"wallet id", "main key"} else content.lower())
    }

    # Neither more nor less: what is let known is let known on purpose.
    let_known = {(person.who, what) for person in people for what in person.shown}
    assert {pair: where for pair, where in found.items() if pair not in let_known} == {}
    assert set(found) == let_known
    places = {where for where, _ in seen}
    assert {"table payments", "table orders", "orders", "disclosed data/history.json", "institution-2.log"} <= places
    assert any(where.startswith(f"institution-{STRANGERS}/redo/") for where in places)
    # The search finds what is there: the other side's own customers, and a shop's name by which it was paid.
    everything = b"".join(content for _, content in seen)
    assert all(name in everything for name in (b"Lu Tong", b"Teahouse of the South", b"Inkstone Studio"))
    assert json.dumps("Mei Yaochen").strip('"').encode() in everything
