"""Requests that may be sent twice and happen once: the table behind the header Idempotency-Key.

```python
def record(connection):                                    # inside one `Store.write`
    if (answer := repeats.begin(connection, request, now_ms=now_ms)) is not None:
        return answer                                      # a repeat: the first answer, word for word
    ...record the intent...                                # in the same transaction, or neither is recorded

repeats.finish(connection, request, answer=answer)         # in the transaction that records what came of it
```

Between the two the intent is recorded and running: a repeat is told to wait. After a crash the role takes up its own
intents and finishes them; nothing here is undone by time.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import sqlalchemy as sa

from tongbao.errors import InvariantError, RequestError

__all__ = ["IdempotencyTable", "RepeatableRequest"]

_RETRY_CURE: Final = "wait, then send the same request with the same Idempotency-Key again"


class _Request(Protocol):
    @property
    def caller(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def request_hash(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class RepeatableRequest:
    """What makes two requests the same: who asks, under which key, for what."""

    caller: str
    key: str
    request_hash: bytes
    """Of method, target and body."""


class IdempotencyTable:
    """A table of a role's own database; its functions run inside `Store.write`."""

    def __init__(self, metadata: sa.MetaData, *, name: str = "idempotency") -> None:
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("caller", sa.Text, primary_key=True),
            sa.Column("key", sa.Text, primary_key=True),
            sa.Column("request_hash", sa.LargeBinary(32), nullable=False),
            sa.Column("begun_ms", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
            # NULL while the request runs.
            sa.Column("answer", sa.LargeBinary),
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
        self._here = sa.and_(
            self.table.c.caller == sa.bindparam("of_caller"), self.table.c.key == sa.bindparam("of_key")
        )
        # Built once: building a statement takes longer than SQLite takes to run it.
        self._find = sa.select(self.table.c.request_hash, self.table.c.answer).where(self._here)
        self._insert = self.table.insert()
        self._finish = self.table.update().where(self._here).values(answer=sa.bindparam("new_answer"))
        self._forget = self.table.delete().where(self._here, self.table.c.answer.is_(None))

    def begin(self, connection: sa.Connection, request: _Request, *, now_ms: int) -> bytes | None:
        """Return None for a new request, which is recorded as running, or the answer that a repeat of it gets.

        Raises:
            RequestError: IDEMPOTENCY_KEY_IN_USE while the first one runs; IDEMPOTENCY_KEY_REUSED when it was another.
        """
        found = connection.execute(self._find, _place_of(request)).one_or_none()
        if found is None:
            row = {
                "caller": request.caller,
                "key": request.key,
                "request_hash": request.request_hash,
                "begun_ms": now_ms,
                "answer": None,
            }
            connection.execute(self._insert, row)
            return None
        if found.request_hash != request.request_hash:
            raise _refused(
                "IDEMPOTENCY_KEY_REUSED",
                "this Idempotency-Key came with another request before",
                cure="choose a new key for a new change",
            )
        if found.answer is None:
            raise _refused("IDEMPOTENCY_KEY_IN_USE", "the request with this Idempotency-Key is running", _RETRY_CURE)
        return bytes(found.answer)

    def finish(self, connection: sa.Connection, request: _Request, *, answer: bytes) -> None:
        """Record what every repeat is answered from now on."""
        changed = connection.execute(self._finish, {**_place_of(request), "new_answer": answer}).rowcount
        if changed != 1:
            raise InvariantError("a request was finished that had not begun")

    def forget(self, connection: sa.Connection, request: _Request) -> None:
        """Drop a request that had no effect, so that the same key may try again; an answered one stays."""
        connection.execute(self._forget, _place_of(request))

    def forget_before(self, connection: sa.Connection, *, begun_ms: int) -> int:
        """Drop answers to requests that began before a time, and return how many; those that run stay."""
        old = self.table.delete().where(self.table.c.begun_ms < begun_ms, self.table.c.answer.is_not(None))
        return int(connection.execute(old).rowcount)


def _place_of(request: _Request) -> dict[str, str]:
    return {"of_caller": request.caller, "of_key": request.key}


def _refused(code: str, message: str, cure: str) -> RequestError:
    return RequestError(message, code=code, field="idempotency-key", cure=cure)
