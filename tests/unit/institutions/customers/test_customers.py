import pytest

from tests.builders import public_key, signer
from tests.institution_people import Holder, refusal
from tests.institution_world import InstitutionWorld, home_url
from tongbao.coin.address import Address
from tongbao.protocol.order import Merchant, MerchantRequest
from tongbao.protocol.stock import StockRequest, sign_stock, wallet_id_of
from tongbao.protocol.wallet import OpenWalletRequest, WalletAccount, WalletClass

ALICE = 101


async def opened(world: InstitutionWorld, holder_name: str = "Alice", **request: object) -> WalletAccount:
    """Alice's request to open a wallet."""
    asked = OpenWalletRequest.model_validate({"wallet_class": "II", "holder_name": holder_name, "locks": [], **request})
    client = world.client(home_url(1), f"key:{signer(ALICE).public_key.hex()}", ALICE)
    return await client.post("/v1/wallets", asked, WalletAccount, idempotency_key=world.new_key())


async def test_a_new_wallet_is_empty_and_has_an_address_at_its_home(world: InstitutionWorld) -> None:
    account = await opened(world)

    wallet_id = wallet_id_of(public_key(ALICE), world.genesis.domain())
    assert account.wallet_id == wallet_id
    assert account.address == str(Address(1, wallet_id, test_network=True))
    assert (account.balance_fen, account.deposit_fen, account.locks_left) == (0, 0, 0)
    assert account.wallet_class is WalletClass.II


async def test_a_wallet_that_is_opened_twice_is_the_same_wallet(world: InstitutionWorld) -> None:
    first = await opened(world)

    assert await opened(world) == first


@pytest.mark.parametrize("change", [{"wallet_class": "I"}, {"holder_name": "Bob"}, {"kind": "corporate"}])
async def test_an_open_wallet_is_not_opened_in_another_form(world: InstitutionWorld, change: dict[str, object]) -> None:
    await opened(world)

    assert await refusal(opened(world, **change)) == "CONFLICT"  # type: ignore[arg-type]


async def test_a_wallet_is_opened_by_its_own_key_alone(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    request = OpenWalletRequest(wallet_class=WalletClass.I, holder_name="Alice", locks=[])

    refused = await refusal(holder.client.post("/v1/wallets", request, WalletAccount, idempotency_key="a"))

    assert refused == "FORBIDDEN"


async def test_a_stock_of_locks_is_counted_once_however_often_it_is_sent(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    locks = [holder.new_lock() for _ in range(3)]
    stock = sign_stock(tuple(locks), world.genesis.domain(), sign=signer(ALICE).sign)
    request = StockRequest(lock_ids=locks, signature=stock.signature)

    counts = [
        (await holder.client.post(f"{holder.path}/locks", request, WalletAccount, idempotency_key=key)).locks_left
        for key in ("a", "b")
    ]

    assert counts == [3, 3]


async def test_a_stock_that_the_wallet_did_not_sign_is_refused(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    locks = [holder.new_lock()]
    stock = sign_stock(tuple(locks), world.genesis.domain(), sign=signer(ALICE + 1).sign)
    request = StockRequest(lock_ids=locks, signature=stock.signature)

    refused = await refusal(holder.client.post(f"{holder.path}/locks", request, WalletAccount, idempotency_key="a"))

    assert (refused, (await holder.account()).locks_left) == ("STOCK_INVALID", 0)


async def test_a_stock_that_names_a_lock_twice_is_refused(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    lock = holder.new_lock()
    request = StockRequest(lock_ids=[lock, lock], signature=bytes(64))

    refused = await refusal(holder.client.post(f"{holder.path}/locks", request, WalletAccount, idempotency_key="a"))

    assert refused == "STOCK_INVALID"


async def test_a_wallet_sees_itself_and_nobody_else(world: InstitutionWorld) -> None:
    alice, bob = await Holder.open(world, ALICE), await Holder.open(world, ALICE + 1)

    refused = await refusal(bob.client.get(alice.path, WalletAccount))

    assert refused == "FORBIDDEN"


async def test_an_unknown_wallet_is_nobody(world: InstitutionWorld) -> None:
    stranger = Holder(world, ALICE)

    assert await refusal(stranger.client.get(stranger.path, WalletAccount)) == "UNAUTHENTICATED"


async def test_a_shop_keeps_its_name(world: InstitutionWorld) -> None:
    holder = await Holder.open(world, ALICE)
    first = await holder.become_merchant("Tea")

    again = await holder.become_merchant("Tea")
    refused = await refusal(holder.become_merchant("Coffee"))

    assert first == again == Merchant(wallet_id=holder.wallet_id, name="Tea", category="5999")
    assert refused == "CONFLICT"


async def test_a_shop_has_a_category_of_four_digits() -> None:
    with pytest.raises(ValueError, match="category"):
        MerchantRequest(name="Tea", category="tea")
