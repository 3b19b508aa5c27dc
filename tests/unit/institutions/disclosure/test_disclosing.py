import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
import sqlalchemy as sa

from tests.institution_people import Holder, batch, item
from tests.institution_world import InstitutionWorld
from tongbao.errors import RequestError
from tongbao.institutions.codes.tables import code_books
from tongbao.institutions.disclosure import disclosing
from tongbao.protocol.disclosure import Disclosure
from tongbao.protocol.payment import Payee


async def disclosed(holder: Holder) -> Disclosure:
    return await holder.client.get(f"{holder.path}/data", Disclosure, headers=await holder.headers())


def opened(told: Disclosure) -> dict[str, Any]:
    """The archive's files, read as JSON."""
    with ZipFile(io.BytesIO(told.archive)) as archive:
        assert archive.testzip() is None
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


async def test_a_holder_learns_what_is_known_of_him_with_the_meaning_of_each_field(shop: Holder) -> None:
    alice = await Holder.open(shop.world, 101)
    await alice.fund(500)
    await alice.pay_order(await shop.order(120))

    told = await disclosed(alice)

    files = opened(told)
    assert [row["name"] for row in files["data/customers.json"]] == ["Holder 101"]
    assert [row["amount_fen"] for row in files["data/history.json"]] == [500, -120]
    assert files["data/wallets.json"][0]["main_key"] == files["data/wallets.json"][0]["main_key"].lower()
    assert len(files["data/transactions.json"]) == len(files["data/payments.json"]) == 1
    assert {each.name: each.rows for each in told.tables} == {
        name.removeprefix("data/").removesuffix(".json"): len(rows)
        for name, rows in files.items()
        if name.startswith("data/")
    }
    for name, described in files["fields.json"].items():
        assert all(set(row) == set(described["fields"]) for row in files[f"data/{name}.json"])
    assert files["about.json"]["wallet_id"] == alice.wallet_id.hex()


async def test_nothing_of_another_customer_is_in_it(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)
    await batch(rich, [item(alice, 500), item(bob, 777)])
    bobs = await bob.coins()
    await bob.pay(
        await bob.prepare(Payee(address=(await alice.account()).address), amount_fen=70, anchor=bobs[0].coin.coin_id)
    )

    files = opened(await disclosed(alice))

    told = json.dumps(files)
    assert [row["amount_fen"] for row in files["data/history.json"]] == [500, 70]
    assert "Holder 102" not in told
    assert bob.wallet_id.hex() not in told
    assert "777" not in {str(row.get("amount_fen")) for rows in files.values() for row in rows if isinstance(row, dict)}
    assert bobs[0].coin.coin_id.hex() not in {row.get("coin_id") for row in files["data/coins.json"]}


async def test_a_shop_learns_its_orders_and_a_bytes_field_stands_in_hexadecimal(shop: Holder) -> None:
    order = await shop.order(120)

    files = opened(await disclosed(shop))

    assert [row["order_id"] for row in files["data/orders.json"]] == [order.order_id]
    assert files["data/merchants.json"][0]["name"] == "Tea"


async def test_a_secret_is_named_and_kept_back(rich: InstitutionWorld) -> None:
    alice = await Holder.open(rich, 101)
    row = {"handle": "h", "wallet_id": alice.wallet_id, "secret": b"\xaa" * 32, "expires_ms": 1, "wrong": 0}
    await rich.stores[1].write(lambda connection: connection.execute(sa.insert(code_books), row).rowcount)

    files = opened(await disclosed(alice))

    [book] = files["data/code_books.json"]
    assert (book["handle"], book["secret"]) == ("h", None)
    assert "aa" * 32 not in json.dumps(files)


async def test_an_archive_that_no_answer_can_carry_is_refused(shop: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disclosing, "ARCHIVE_BYTES_MAX", 1_000)

    with pytest.raises(RequestError) as refused:
        await disclosed(shop)

    assert refused.value.code == "DISCLOSURE_TOO_LARGE"


async def test_the_same_data_are_the_same_bytes(shop: Holder) -> None:
    assert (await disclosed(shop)).archive == (await disclosed(shop)).archive


async def test_nobody_learns_what_is_known_of_another(rich: InstitutionWorld) -> None:
    alice, bob = await Holder.open(rich, 101), await Holder.open(rich, 102)

    with pytest.raises(RequestError) as refused:
        await bob.client.get(f"{alice.path}/data", Disclosure)

    assert refused.value.code == "FORBIDDEN"
