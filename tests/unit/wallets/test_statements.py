"""A wallet shows a statement only where it adds up."""

import pytest

from tests.wallet_people import People
from tongbao.errors import BusyError, PeerError
from tongbao.protocol.statement import Movement, Statement, StatementAccount
from tongbao.protocol.wire import Message
from tongbao.wallets import Wallet


def movement(number: int, amount_fen: int, balance_fen: int) -> Movement:
    return Movement(
        number=str(number),
        kind="received",
        amount_fen=amount_fen,
        balance_fen=balance_fen,
        counterparty="",
        transaction_id=None,
        time_ms=number,
    )


def page(wallet: Wallet, *movements: Movement, closing_fen: int, goes_on_after: str = "") -> Statement:
    return Statement(
        wallet_id=wallet.wallet_id,
        address=str(wallet.address),
        home=1,
        institution="Bank",
        holder_name="alice",
        account=StatementAccount.WALLET,
        from_ms=0,
        until_ms=9,
        opening_fen=100,
        movements=list(movements),
        closing_fen=closing_fen,
        final=True,
        next=goes_on_after,
        sequence=0,
        time_ms=0,
    )


async def read(people: People, alice: Wallet, *pages: Statement) -> Statement:
    left = list(pages)

    def bend(path: str, answer: Message) -> Message:
        return left.pop(0) if path.endswith("/statement") else answer

    people.world.bend = bend
    return await alice.statements.read(StatementAccount.WALLET, from_ms=0, until_ms=9)


async def test_the_pages_of_a_statement_become_one(people: People) -> None:
    alice = await people.open("alice")
    first, second = movement(1, 30, 130), movement(2, -40, 90)

    shown = await read(
        people,
        alice,
        page(alice, first, closing_fen=90, goes_on_after="1"),
        page(alice, second, closing_fen=90),
    )

    assert shown.movements == [first, second]
    assert shown.next == ""


@pytest.mark.parametrize(
    ("balance_fen", "closing_fen"),
    [(130, 131), (129, 129)],
)
async def test_a_statement_that_does_not_add_up_is_the_homes_fault(
    people: People, balance_fen: int, closing_fen: int
) -> None:
    alice = await people.open("alice")

    with pytest.raises(PeerError, match="does not add up"):
        await read(people, alice, page(alice, movement(1, 30, balance_fen), closing_fen=closing_fen))


async def test_pages_of_different_moments_are_read_anew(people: People) -> None:
    alice = await people.open("alice")
    first, second, third = movement(1, 30, 130), movement(2, 1, 131), movement(3, 1, 132)

    shown = await read(
        people,
        alice,
        page(alice, first, closing_fen=131, goes_on_after="1"),
        page(alice, second, third, closing_fen=132),
        page(alice, first, closing_fen=132, goes_on_after="1"),
        page(alice, second, third, closing_fen=132),
    )

    assert shown.closing_fen == 132


async def test_an_account_that_never_stands_still_is_to_be_read_later(people: People) -> None:
    alice = await people.open("alice")
    pages = [
        each
        for total in (130, 140, 150)
        for each in (page(alice, closing_fen=total, goes_on_after="1"), page(alice, closing_fen=total + 1))
    ]

    with pytest.raises(BusyError):
        await read(people, alice, *pages)
