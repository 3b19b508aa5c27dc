from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from tests.builders import ALICE, DOMAIN, bytes32, public_key, signer
from tests.institution_database import database_of_alice
from tongbao.errors import InvariantError, RefusedError
from tongbao.institutions.customers import lock_book
from tongbao.institutions.customers.lock_book import GivenLock, LockBook
from tongbao.institutions.secret import InstitutionSecrets
from tongbao.protocol.stock import LockStock, sign_stock, stock_proof, wallet_id_of

KEY = public_key(ALICE)
WALLET = wallet_id_of(KEY, DOMAIN)


@pytest.fixture
def connection() -> Iterator[sa.Connection]:
    """A database with Alice's wallet."""
    with database_of_alice(WALLET) as connection:
        yield connection


@pytest.fixture
def book() -> LockBook:
    return LockBook(DOMAIN, InstitutionSecrets(DOMAIN, bytes(32)))


def stock(*numbers: int) -> LockStock:
    return sign_stock(tuple(bytes32(number) for number in numbers), DOMAIN, sign=signer(ALICE).sign)


def given(book: LockBook, connection: sa.Connection, subject: bytes, purpose: str = "person") -> GivenLock:
    return book.hand_out(connection, WALLET, KEY, purpose=purpose, subject=subject)


def test_each_lock_of_the_stock_comes_with_the_proof_that_the_wallet_would_give(
    book: LockBook, connection: sa.Connection
) -> None:
    for count in (1, 2, 3, 5, 8, 13):
        added = stock(*range(100 * count, 100 * count + count))
        book.add_stock(connection, WALLET, added)

        for index in range(count):
            lock = given(book, connection, b"%d-%d" % (count, index))
            assert book.proof(connection, WALLET, KEY, lock) == stock_proof(added, index, KEY, DOMAIN)


def test_a_lock_that_was_used_before_the_wallet_sent_it_again_is_passed_over(
    book: LockBook, connection: sa.Connection
) -> None:
    book.add_stock(connection, WALLET, stock(1, 2))
    first = [given(book, connection, subject).lock_id for subject in (b"a", b"b")]
    book.add_stock(connection, WALLET, stock(2, 3))

    third = given(book, connection, b"c").lock_id

    assert [*first, third] == [bytes32(1), bytes32(2), bytes32(3)]


def test_without_a_stock_the_same_subject_gets_the_same_lock_and_another_one_another(
    book: LockBook, connection: sa.Connection
) -> None:
    locks = [given(book, connection, subject) for subject in (b"a", b"a", b"b")]
    locks.append(given(book, connection, b"a", purpose="refund"))

    assert locks[0] == locks[1]
    assert len({lock.lock_id for lock in locks}) == 3
    book.proof(connection, WALLET, KEY, locks[0]).verify(DOMAIN, wallet_id=WALLET)


def test_a_lock_over_the_main_key_never_means_two_things(book: LockBook, connection: sa.Connection) -> None:
    lock = given(book, connection, b"a")
    connection.exec_driver_sql("UPDATE locks SET purpose = 'other'")

    with pytest.raises(InvariantError, match=lock.lock_id.hex()):
        given(book, connection, b"a")


def test_a_wallet_may_not_fill_its_home_with_locks(
    book: LockBook, connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_book, "STOCKED_LOCKS_MAX", 3)
    book.add_stock(connection, WALLET, stock(1, 2))

    with pytest.raises(RefusedError) as refused:
        book.add_stock(connection, WALLET, stock(3, 4))

    assert refused.value.code == "STOCK_FULL"


def test_stocks_that_are_not_at_hand_are_read_again(
    book: LockBook, connection: sa.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_book, "_WALLETS_REMEMBERED", 0)
    book.add_stock(connection, WALLET, stock(1, 2))

    locks = [given(book, connection, subject) for subject in (b"a", b"b")]

    assert [lock.lock_id for lock in locks] == [bytes32(1), bytes32(2)]
    assert [book.proof(connection, WALLET, KEY, lock).index for lock in locks] == [0, 1]


def test_a_place_that_no_stock_has_is_a_fault_of_ours(book: LockBook, connection: sa.Connection) -> None:
    with pytest.raises(InvariantError, match="in no stock"):
        book.proof(connection, WALLET, KEY, GivenLock(bytes(32), 7, None))
