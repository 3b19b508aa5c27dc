"""Watchers: keys that see a wallet and can sign nothing of it, as for its holder's accountant.

| request | by | answer |
|---|---|---|
| `POST /v1/wallets/{wallet_id}/watchers` | the wallet | `Watcher` |
| `GET  /v1/wallets/{wallet_id}/watchers` | the wallet | `WatcherList` |
| `POST /v1/wallets/{wallet_id}/watchers/{public_key}/end` | the wallet | `Watcher` |

A watcher signs its requests as `watcher:<public key>`. It may ask for the wallet's account, coins and history, and for
nothing else. What it has seen it has seen; once it is ended it sees nothing new.
"""

from typing import Annotated

from pydantic import Field

from tongbao.protocol.wire import Hash, LedgerTime, Message, WalletId

__all__ = ["Watcher", "WatcherEnd", "WatcherList", "WatcherRequest"]


class WatcherRequest(Message):
    """Let the holder of this Ed25519 key see the wallet; the same key and name again are the same watcher."""

    name: Annotated[str, Field(min_length=1, max_length=64)]
    public_key: Hash


class WatcherEnd(Message):
    """Let a watcher see nothing any more; there is nothing to say about it."""


class Watcher(Message):
    """A watcher; `number` counts those of the wallet from 1."""

    wallet_id: WalletId
    number: int
    name: str
    public_key: Hash
    since_ms: LedgerTime
    ended_at_ms: LedgerTime | None


class WatcherList(Message):
    """A wallet's watchers, ended ones included, oldest first."""

    watchers: list[Watcher]
