import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.builders import INSTITUTIONS, control, public_key, signer
from tests.institution_people import Holder, refusal
from tests.institution_world import TELLER, InstitutionWorld, home_url
from tests.registration_world import hand_in
from tongbao.coin.control import RekeyInstitution, SubstituteKey
from tongbao.errors import InvariantError
from tongbao.protocol.client import SignedClient
from tongbao.protocol.message_signature import sign_request, signable
from tongbao.protocol.order import Order
from tongbao.protocol.payment import AcceptanceAnswer, AcceptanceRequest
from tongbao.protocol.registration import HeartbeatRequest
from tongbao.protocol.wallet import Deposit, WalletAccount
from tongbao.simulation.asgi import deliver

ALICE = 101
SUBSTITUTE = 16


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[InstitutionWorld]:
    """Two institutions whose vaults are empty."""
    world = await InstitutionWorld.open(tmp_path)
    yield world
    await world.close()


async def shop_of(world: InstitutionWorld) -> Holder:
    shop = await Holder.open(world, ALICE)
    await shop.become_merchant()
    return shop


@pytest.mark.parametrize("amount", [0, -1, 1.5, "100", 2**63, None, True])
async def test_an_amount_is_a_positive_whole_number_of_fen(world: InstitutionWorld, amount: object) -> None:
    shop = await shop_of(world)
    body = {"amount_fen": amount, "order_number": "1"}

    refused = await refusal(shop.client.post("/v1/orders", body, Order, idempotency_key="a"))

    assert refused == "INVALID_FIELD"


async def test_every_amount_that_is_wrong_is_answered_with_422_and_its_field(world: InstitutionWorld) -> None:
    shop = await shop_of(world)
    answers = [
        await raw(world, shop.client, "POST", "/v1/orders", {"amount_fen": 0, "order_number": "1"}),
        await raw(world, shop.client, "POST", "/v1/payments/prepare", {"payee": {}, "amount_fen": 1.5, "anchor": "00"}),
        await raw(world, world.teller(), "POST", "/v1/deposits", {"wallet_id": "00" * 16, "amount_fen": -5}),
        await raw(world, world.teller(), "POST", "/v1/exchanges", {"items": []}),
    ]

    assert [(status, problem["code"]) for status, problem in answers] == [(422, "INVALID_FIELD")] * 4
    assert [problem["field"] for _, problem in answers] == ["amount_fen", "amount_fen", "amount_fen", "items"]


async def raw(
    world: InstitutionWorld, client: SignedClient, method: str, path: str, body: object
) -> tuple[int, dict[str, str]]:
    """Status and problem document of a request that its client signs."""
    url = home_url(1) + path
    content = json.dumps(body).encode()
    headers = {"content-type": "application/json", "idempotency-key": world.new_key()}
    request = signable(method, url, headers=headers, body=content)
    signed = sign_request(request, key_id=client._key_id, created_s=world.clock.now_ms() // 1000, sign=client._sign)
    answer = await deliver(world.network.apps["home1"], method, url, headers={**headers, **signed}, body=content)
    problem: dict[str, str] = json.loads(answer.body)
    return answer.status, problem


async def test_a_wallet_that_is_not_here_is_not_found(world: InstitutionWorld) -> None:
    deposit = {"wallet_id": "00" * 16, "amount_fen": 1}

    status, problem = await raw(world, world.teller(), "POST", "/v1/deposits", deposit)

    assert (status, problem["code"], problem["field"]) == (404, "WALLET_UNKNOWN", "wallet_id")


@pytest.mark.parametrize("other", ["/v1/orders", "/v1/merchants"])
async def test_a_key_does_not_serve_for_another_request(world: InstitutionWorld, other: str) -> None:
    shop = await shop_of(world)
    bodies = {"/v1/orders": {"amount_fen": 2, "order_number": "1"}, "/v1/merchants": {"name": "Tea"}}
    first = {"amount_fen": 1, "order_number": "1"}
    await shop.client.post("/v1/orders", first, Order, idempotency_key="k")

    again = await refusal(shop.client.post("/v1/orders", first, Order, idempotency_key="k"))
    mixed_up = await refusal(shop.client.post(other, bodies[other], Order, idempotency_key="k"))

    assert (again, mixed_up) == ("", "IDEMPOTENCY_KEY_REUSED")


async def test_keys_of_two_callers_have_nothing_to_do_with_each_other(world: InstitutionWorld) -> None:
    shop, other = await shop_of(world), await Holder.open(world, ALICE + 1)
    await other.become_merchant("Coffee")

    for number, holder in enumerate((shop, other)):
        body = {"amount_fen": 1 + number, "order_number": "1"}
        assert await refusal(holder.client.post("/v1/orders", body, Order, idempotency_key="k")) == ""


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/v1/wallets", "wallet"),
        ("/v1/orders", "teller"),
        ("/v1/merchants", "teller"),
        ("/v1/payments/prepare", "home"),
        ("/v1/payments", "teller"),
        ("/v1/acceptances", "wallet"),
        ("/v1/deposits", "home"),
    ],
)
async def test_each_operation_is_for_those_whom_the_protocol_names(
    world: InstitutionWorld, path: str, who: str
) -> None:
    holder = await Holder.open(world, ALICE)
    clients = {
        "wallet": holder.client,
        "teller": world.teller(),
        "home": world.client(home_url(1), "home:2", INSTITUTIONS[2]),
    }
    bodies: dict[str, object] = {
        "/v1/wallets": {"wallet_class": "I", "holder_name": "x"},
        "/v1/orders": {"amount_fen": 1, "order_number": "1"},
        "/v1/merchants": {"name": "x"},
        "/v1/payments/prepare": {"payee": {"deposit": True}, "amount_fen": 1, "anchor": "00" * 32},
        "/v1/payments": {"payment_id": "00", "transaction": ""},
        "/v1/acceptances": {"order_id": "x", "anchor": "00" * 32, "payer_home": 2, "payer_handle": "x"},
        "/v1/deposits": {"wallet_id": "00" * 16, "amount_fen": 1},
    }

    refused = await refusal(clients[who].post(path, bodies[path], Deposit, idempotency_key="a"))

    assert refused == "FORBIDDEN"


@pytest.mark.parametrize(
    "key_id",
    [
        *("wallet:00", "wallet:zz", f"wallet:{'0' * 32}"),
        *("home:9", "home:x", "home:01", "home:1.0", "home:"),
        *("key:00", f"key:{signer(TELLER).public_key.hex().upper()}", "officer:00", "nobody", "x:y", "Teller"),
    ],
)
async def test_who_is_not_known_is_not_heard(world: InstitutionWorld, key_id: str) -> None:
    client = world.client(home_url(1), key_id, TELLER)

    assert await refusal(client.get("/v1/bank/report", Deposit)) == "UNAUTHENTICATED"


async def test_a_wallet_has_one_name(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    shouted = world.client(home_url(1), f"wallet:{holder.wallet_id.hex().upper()}", ALICE)

    assert await refusal(shouted.get(holder.path, WalletAccount)) == "UNAUTHENTICATED"


async def asked_by_home(world: InstitutionWorld, key: int) -> str:
    """How the first home answers when the second asks with that key: NOT_FOUND is a word to somebody who is known."""
    client = world.client(home_url(1), "home:2", key)
    order = AcceptanceRequest(order_id="00" * 16, anchor=bytes(32), payer_home=2, payer_handle="x")
    return await refusal(client.post("/v1/acceptances", order, AcceptanceAnswer, idempotency_key=world.new_key()))


async def test_a_homes_substitute_speaks_for_it_as_its_own_key_does(world: InstitutionWorld) -> None:
    before = [await asked_by_home(world, key) for key in (INSTITUTIONS[2], SUBSTITUTE)]
    await hand_in(world.centre, [control(SubstituteKey(2, public_key(SUBSTITUTE)))], home=0)
    await world.clock.advance(1_000)

    after = [await asked_by_home(world, key) for key in (INSTITUTIONS[2], SUBSTITUTE)]

    assert before == ["NOT_FOUND", "SIGNATURE_INVALID"]
    assert after == ["NOT_FOUND", "NOT_FOUND"]


async def test_a_key_that_was_replaced_speaks_for_a_minute_at_most(world: InstitutionWorld) -> None:
    before = await asked_by_home(world, INSTITUTIONS[2])
    await hand_in(world.centre, [control(RekeyInstitution(2, public_key(SUBSTITUTE)))], home=0)
    await world.clock.advance(60_000)

    after = [await asked_by_home(world, key) for key in (INSTITUTIONS[2], SUBSTITUTE)]

    assert (before, after) == ("NOT_FOUND", ["SIGNATURE_INVALID", "NOT_FOUND"])


async def test_signatures_that_fail_do_not_become_a_flood_of_questions_to_the_centre(world: InstitutionWorld) -> None:
    await asked_by_home(world, INSTITUTIONS[2])
    await world.clock.advance(1_000)
    world.network.asked.clear()

    refused = {await asked_by_home(world, SUBSTITUTE) for _ in range(5)}

    assert refused == {"SIGNATURE_INVALID"}
    assert len([url for url in world.network.asked if url.endswith("/v1/institutions")]) == 1


async def test_a_reader_may_ask_for_an_answer_that_knows_a_batch(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    await world.centre.heartbeat(HeartbeatRequest(time_ms=world.now_ms + 5_000))
    status = await world.centre.status()

    account = await holder.client.get(
        holder.path, WalletAccount, headers={"tongbao-minimum-sequence": str(status.sequence)}
    )

    assert (account.sequence, account.time_ms) == (status.sequence, status.time_ms)


@pytest.mark.parametrize("minimum", ["x", "-1", "1" * 19])
async def test_a_minimum_that_is_no_number_is_refused(world: InstitutionWorld, minimum: str) -> None:
    holder = await Holder.open(world, ALICE)

    refused = await refusal(
        holder.client.get(holder.path, WalletAccount, headers={"tongbao-minimum-sequence": minimum})
    )

    assert refused == "INVALID_FIELD"


async def test_the_description_names_every_operation_of_the_protocol(world: InstitutionWorld) -> None:
    answer = await deliver(world.network.apps["home1"], "GET", home_url(1) + "/openapi.json", headers={}, body=b"")

    described = json.loads(answer.body)["paths"]
    operations = {f"{method.upper()} {path}" for path, methods in described.items() for method in methods}
    assert {
        "POST /v1/wallets",
        "GET /v1/wallets/{wallet_id}",
        "POST /v1/wallets/{wallet_id}/locks",
        "GET /v1/wallets/{wallet_id}/coins",
        "GET /v1/wallets/{wallet_id}/history",
        "POST /v1/wallets/{wallet_id}/exchanges",
        "POST /v1/exchanges",
        "POST /v1/deposits",
        "POST /v1/merchants",
        "POST /v1/orders",
        "GET /v1/orders",
        "GET /v1/orders/{order_id}",
        "GET /v1/homes/{home}/orders/{order_id}",
        "POST /v1/payments/prepare",
        "POST /v1/payments",
        "GET /v1/payments/{payment_id}",
        "POST /v1/acceptances",
        "POST /v1/bank/issuance",
        "POST /v1/bank/redemption",
        "GET /v1/bank/operations/{operation_id}",
        "GET /v1/bank/report",
    } <= operations


async def test_a_home_is_ready_as_long_as_it_works(world: InstitutionWorld) -> None:
    app = world.network.apps["home1"]
    before = await deliver(app, "GET", home_url(1) + "/readyz", headers={}, body=b"")

    world.homes[1]._fail(InvariantError("the books do not balance"))

    after = await deliver(app, "GET", home_url(1) + "/readyz", headers={}, body=b"")
    assert (before.status, after.status) == (200, 503)
    assert str(await world.homes[1].failed()) == "the books do not balance"
