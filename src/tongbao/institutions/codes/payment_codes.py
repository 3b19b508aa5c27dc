"""Payment codes: the books that wallets open, and the wallet that shows a code."""

import sqlalchemy as sa

from tongbao.errors import RefusedError
from tongbao.institutions.codes.tables import code_books
from tongbao.institutions.premises import Premises
from tongbao.institutions.tables import AnyRow
from tongbao.protocol.payment_code import HANDLE_DIGITS, CodeBook, OpenCodeBook, PaymentCode, step_at

__all__ = ["PaymentCodes"]

BOOK_LIFE_MS = 3_600_000
"""An hour by ledger time: who still shows codes then opens another book."""

BOOKS_MAX = 8
"""Books that a wallet has open at a time, one for each device that shows codes; the oldest is closed for a new one."""

WRONG_MAX = 5
"""Codes of a book that were not of now: a shop may be late, and nobody guesses one of a hundred million in five."""

_BOOK = sa.select(code_books).where(code_books.c.handle == sa.bindparam("named"))
_OF_WALLET = (
    sa.select(code_books.c.handle, code_books.c.expires_ms)
    .where(code_books.c.wallet_id == sa.bindparam("wallet"))
    .order_by(code_books.c.expires_ms.desc(), code_books.c.handle)
)
_INSERT = sa.insert(code_books)
_DELETE = sa.delete(code_books).where(code_books.c.handle == sa.bindparam("named"))
_COUNT_WRONG = (
    sa.update(code_books).where(code_books.c.handle == sa.bindparam("named")).values(wrong=code_books.c.wrong + 1)
)
_CLAIM = (
    sa.update(code_books)
    .where(code_books.c.handle == sa.bindparam("named"))
    .values(claimed_home=sa.bindparam("by_home"), claimed_request=sa.bindparam("by_request"))
)


class PaymentCodes:
    """Keeps this home's books."""

    def __init__(self, premises: Premises) -> None:
        self._premises = premises

    async def open_book(self, wallet_id: bytes, request: OpenCodeBook) -> CodeBook:
        """A book for the wallet, or the one with this secret again."""

        def open_book(connection: sa.Connection) -> tuple[str, int]:
            premises = self._premises
            facts = premises.wallets.find(connection, wallet_id)
            handle = self._handle(facts.wallet_id, request.secret)
            known = connection.execute(_BOOK, {"named": handle}).one_or_none()
            if known is not None:
                return handle, int(known.expires_ms)
            self._close_oldest(connection, wallet_id)
            expires_ms = premises.ledger.time_ms + BOOK_LIFE_MS
            row = {"handle": handle, "wallet_id": wallet_id, "secret": request.secret, "wrong": 0}
            connection.execute(_INSERT, {**row, "expires_ms": expires_ms})
            return handle, expires_ms

        handle, expires_ms = await self._premises.ports.store.write(open_book)
        ledger = self._premises.ledger
        return CodeBook(
            home=self._premises.settings.home,
            handle=handle,
            expires_at_ms=expires_ms,
            sequence=ledger.sequence,
            time_ms=ledger.time_ms,
        )

    def _handle(self, wallet_id: bytes, secret: bytes) -> str:
        """Says nothing of the wallet; another wallet's book has it once in a million million."""
        named = self._premises.secrets.derive("payment code handle", wallet_id, secret)
        return f"{int.from_bytes(named) % 10**HANDLE_DIGITS:0{HANDLE_DIGITS}d}"

    def _close_oldest(self, connection: sa.Connection, wallet_id: bytes) -> None:
        now_ms = self._premises.ledger.time_ms
        books = connection.execute(_OF_WALLET, {"wallet": wallet_id}).all()
        expired = [book.handle for book in books if book.expires_ms < now_ms]
        for handle in {*expired, *[book.handle for book in books[BOOKS_MAX - 1 :]]}:
            connection.execute(_DELETE, {"named": handle})

    async def claim(self, code: PaymentCode, *, home: int, request_id: bytes) -> bytes:
        """The wallet that shows the code, whose book is closed by that; the same request again finds it again.

        Raises:
            RefusedError: CODE_REFUSED where it is not of now, or was used before.
        """
        step = step_at(self._premises.ports.clock.now_ms())

        # What is wrong is counted, and so cannot be raised inside the write, which would undo it.
        def claim(connection: sa.Connection) -> bytes | None:
            book = connection.execute(_BOOK, {"named": code.handle}).one_or_none()
            if book is None or book.expires_ms < self._premises.ledger.time_ms or book.wrong >= WRONG_MAX:
                return None
            if book.claimed_request is not None:
                is_same = (book.claimed_home, book.claimed_request) == (home, request_id)
                return bytes(book.wallet_id) if is_same else None
            return self._claimed(connection, book, code, step, (home, request_id))

        wallet_id = await self._premises.ports.store.write(claim)
        if wallet_id is None:
            raise RefusedError(
                "the payment code is not valid, or not any more",
                code="CODE_REFUSED",
                field="payment_code",
                cure="have the payer's wallet show a new code, and scan it at once",
            )
        return wallet_id

    def _claimed(
        self, connection: sa.Connection, book: AnyRow, code: PaymentCode, step: int, by: tuple[int, bytes]
    ) -> bytes | None:
        if not code.is_of(step, secret=book.secret):
            connection.execute(_COUNT_WRONG, {"named": code.handle})
            return None
        connection.execute(_CLAIM, {"named": code.handle, "by_home": by[0], "by_request": by[1]})
        return bytes(book.wallet_id)
