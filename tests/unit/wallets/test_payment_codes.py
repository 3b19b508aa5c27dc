"""A wallet takes a request for one by its code only where it has shown that very code."""

from tests.wallets_at_home import Residents
from tongbao.protocol.payment_code import STEP_MS


async def test_a_request_by_address_is_none_by_the_code(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    book = await alice.payment_codes.open_book()

    await shop.money_requests.ask(str(alice.address), 300)

    assert await alice.payment_codes.asked_by(book) is None


async def test_a_request_by_the_code_of_another_book_is_none_of_this_book(residents: Residents) -> None:
    alice, shop = await residents.open("alice"), await residents.shop("Tea")
    books = [await alice.payment_codes.open_book() for _ in range(2)]
    code = books[0].code(now_ms=alice.payment_codes.now_ms)

    await shop.money_requests.charge(str(code), 300)

    found = [await alice.payment_codes.asked_by(book) for book in books]
    assert [each is not None for each in found] == [True, False]


async def test_a_code_that_was_never_shown_is_not_believed(residents: Residents) -> None:
    alice = await residents.open("alice")
    book, now_ms = await alice.payment_codes.open_book(), alice.payment_codes.now_ms

    shown = [
        book.has_shown(str(book.code(now_ms=now_ms + steps * STEP_MS)), now_ms=now_ms + 2 * STEP_MS)
        for steps in (-1, 0, 2, 3)
    ]

    assert shown == [False, True, True, False]


async def test_a_request_that_is_answered_is_not_found_again(residents: Residents) -> None:
    alice, shop = await residents.open("alice", 1_000), await residents.shop("Tea")
    book = await alice.payment_codes.open_book()
    await shop.money_requests.charge(str(book.code(now_ms=alice.payment_codes.now_ms)), 300)
    request = await alice.payment_codes.asked_by(book)
    assert request is not None

    await alice.money_requests.accept(request)

    assert await alice.payment_codes.asked_by(book) is None
