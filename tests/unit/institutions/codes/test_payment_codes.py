"""A payment code is of one half minute and counts once; a shop asks by it within a home and across homes."""

from dataclasses import replace

import pytest

from tests.institution_people import refusal
from tests.wallets_at_home import Residents
from tongbao.institutions.codes.payment_codes import BOOK_LIFE_MS, BOOKS_MAX, WRONG_MAX
from tongbao.protocol.money_request import MoneyRequest, MoneyRequestState
from tongbao.protocol.payment_code import STEP_MS, CodeBook, OpenCodeBook
from tongbao.wallets import Wallet
from tongbao.wallets.payment_codes import ShownBook

LATER_MS = 3 * STEP_MS


def shown_by(wallet: Wallet, book: ShownBook) -> str:
    """What stands on the wallet's screen now."""
    return str(book.code(now_ms=wallet.payment_codes.now_ms))


async def charged(shop: Wallet, code: str, amount_fen: int = 300, *, number: str = "") -> MoneyRequest:
    """What the shop asks of whoever shows the code."""
    return await shop.money_requests.charge(code, amount_fen, request_number=number)


@pytest.mark.parametrize("home", [1, 2], ids=["within a home", "across homes"])
async def test_a_shop_asks_by_a_code_and_is_paid(residents: Residents, home: int) -> None:
    alice, shop = await residents.open("alice", 1_000), await residents.shop("Tea", home=home)
    book = await alice.payment_codes.open_book()

    sent = await charged(shop, shown_by(alice, book))

    request = await alice.payment_codes.asked_by(book)
    assert request is not None
    await alice.money_requests.accept(request)
    await residents.world.catch_up()
    assert (request.requester_name, request.amount_fen, alice.balance_fen) == ("Tea", 300, 700)
    assert (await shop.money_requests.named(sent.request_id)).state is MoneyRequestState.PAID


async def test_a_shop_does_not_learn_whom_it_has_asked(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    code = shown_by(alice, await alice.payment_codes.open_book())

    sent = await charged(shop, code)

    assert (sent.payer_address, sent.payment_code) == ("", code)
    assert alice.wallet_id.hex() not in sent.model_dump_json()


@pytest.mark.parametrize("home", [1, 2], ids=["within a home", "across homes"])
async def test_a_code_counts_once_whoever_shows_it_again(residents: Residents, home: int) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea", home=home)
    thief, book = await residents.shop("Thief"), await alice.payment_codes.open_book()
    code = shown_by(alice, book)
    await charged(shop, code, number="1")

    refused = [await refusal(charged(who, code, number="2")) for who in (shop, thief)]
    await residents.world.clock.advance(STEP_MS)
    next_code = await refusal(charged(thief, shown_by(alice, book), number="3"))
    repeated = await refusal(charged(shop, code, number="1"))

    assert (refused, next_code, repeated) == (["CODE_REFUSED"] * 2, "CODE_REFUSED", "")
    assert len((await alice.money_requests.received()).requests) == 1


async def test_a_code_is_worth_nothing_a_minute_later(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    book = await alice.payment_codes.open_book()
    code = shown_by(alice, book)
    await residents.world.clock.advance(LATER_MS)

    late = await refusal(charged(shop, code, number="1"))
    in_time = await refusal(charged(shop, shown_by(alice, book), number="2"))

    assert (late, in_time) == ("CODE_REFUSED", "")


async def test_nobody_guesses_the_next_codes_of_a_book(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    book = await alice.payment_codes.open_book()
    right = book.code(now_ms=alice.payment_codes.now_ms)
    wrong = str(replace(right, proof=f"{(int(right.proof) + 1) % 10**8:08d}"))
    for number in range(WRONG_MAX):
        assert await refusal(charged(shop, wrong, number=f"guess {number}")) == "CODE_REFUSED"

    refused = await refusal(charged(shop, str(right), number="right"))

    assert refused == "CODE_REFUSED"


async def test_a_code_of_nobody_is_refused_and_the_request_is_closed(residents: Residents) -> None:
    shop = await residents.shop("Tea", home=2)
    nobody = "71" + "0000000001" + "0" * 20

    refused = await refusal(charged(shop, nobody))

    closed = (await shop.money_requests.sent()).requests[0]
    assert (refused, closed.state, closed.reason) == ("CODE_REFUSED", "cancelled", "CODE_REFUSED")
    assert await refusal(charged(shop, "12345")) == "CODE_INVALID"


async def test_a_book_is_closed_after_an_hour(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    book = await alice.payment_codes.open_book()

    await residents.world.pass_time(BOOK_LIFE_MS + 1)

    assert await refusal(charged(shop, shown_by(alice, book))) == "CODE_REFUSED"


async def test_the_same_secret_is_the_same_book_and_two_books_have_nothing_in_common(residents: Residents) -> None:
    alice = await residents.open("alice")
    request, path = OpenCodeBook(secret=bytes(32)), f"/v1/wallets/{alice.wallet_id.hex()}/payment-codes"

    same = {(await alice._home.post(path, request, CodeBook, f"key-{number}")).handle for number in range(2)}
    other = (await alice.payment_codes.open_book()).book.handle

    assert len(same) == 1
    assert other not in same


async def test_a_wallet_has_few_books_open_and_the_newest_count(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    books = []
    for _ in range(BOOKS_MAX + 1):
        await residents.world.pass_time(1)
        books.append(await alice.payment_codes.open_book())

    oldest = await refusal(charged(shop, shown_by(alice, books[0]), number="1"))
    newest = await refusal(charged(shop, shown_by(alice, books[-1]), number="2"))
    second = await refusal(charged(shop, shown_by(alice, books[1]), number="3"))

    assert (oldest, newest, second) == ("CODE_REFUSED", "", "")


async def test_a_wallet_opens_books_of_its_own_alone(residents: Residents) -> None:
    alice, eve = await residents.open("alice"), await residents.open("eve")
    path = f"/v1/wallets/{alice.wallet_id.hex()}/payment-codes"

    assert await refusal(eve._home.post(path, OpenCodeBook(secret=bytes(32)), CodeBook, "k")) == "FORBIDDEN"
