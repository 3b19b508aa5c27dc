"""What institutions, the central bank and anybody who asks say to the registration centre.

| request | by | answer |
|---|---|---|
| `GET  /v1/status` | anyone | `LedgerStatus` |
| `GET  /v1/genesis` | anyone | `GenesisAnswer` |
| `GET  /v1/institutions` | anyone | `Directory` |
| `GET  /v1/supply` | anyone | `SupplyReport` |
| `GET  /v1/supply/events?wait_s=` | anyone | `EventStream` |
| `GET  /v1/supply/statements?after=&limit=` | anyone | `SupplyStatementPage` |
| `POST /v1/supply/statements` | the central bank | `NewestStatement` |
| `GET  /v1/supply/coins/{opening}` | whoever knows the coin | `CoinProofAnswer` |
| `GET  /v1/pulse` | anyone | `Pulse` |
| `GET  /v1/pulse/events?wait_s=` | anyone | `EventStream` |
| `POST /v1/submissions` | the home that endorsed it | `SubmissionAnswer` |
| `POST /v1/submissions/encoded` | the home that endorsed it | `Verdicts` |
| `GET  /v1/outcomes/{transaction_id}` | whoever knows the id | `OutcomeAnswer` |
| `GET  /v1/receipts/{transaction_id}` | whoever knows the id | `ReceiptAnswer` |
| `GET  /v1/coins?after=&limit=&wait_s=` | a home, of its own coins | `CoinPage` |
| `POST /v1/coins/search` | a home, of its own coins | `CoinPage` |
| `GET  /v1/serials/{authority}/{subject}` | the central bank | `SerialAnswer` |
| `POST /v1/heartbeats` | the central bank | `LedgerStatus` |
"""

from typing import Annotated

from pydantic import Field

from tongbao.coin.coin import Coin, Input
from tongbao.protocol.wire import Base64, Cursor, Fen, Hash, Home, LedgerTime, Message, SequenceNumber

__all__ = [
    "PULSE_SERIES_S",
    "STATEMENTS_PAGE_MAX",
    "AssetAtHome",
    "AssetInCirculation",
    "AuthorityEntry",
    "Circulation",
    "CoinPage",
    "CoinProofAnswer",
    "CoinRecord",
    "CoinSearch",
    "Directory",
    "DirectoryEntry",
    "GenesisAnswer",
    "HeartbeatRequest",
    "LedgerStatus",
    "NewestStatement",
    "OutcomeAnswer",
    "Pulse",
    "ReceiptAnswer",
    "SerialAnswer",
    "SettlementLatency",
    "SubmissionAnswer",
    "SubmissionRequest",
    "SupplyReport",
    "SupplyStatementPage",
    "Verdict",
]

SEARCHED_LOCKS_MAX = 1000
"""One search answers within a few milliseconds."""

COINS_PAGE_MAX = 1000
"""The most coins in one page, and what a search puts into one: about 400 KiB."""

STATEMENTS_PAGE_MAX = 100
"""A statement of a network with ten homes has about 2 KiB, one of the largest 1 MB."""

WAIT_S_MAX = 20
"""How long a reader of the feed may wait for the next coin: shorter than the time-outs that proxies have."""

MINIMUM_SEQUENCE_HEADER = "tongbao-minimum-sequence"
"""A reader that knows of batch n asks for an answer that is no older than n."""


class LedgerStatus(Message):
    """Where the ledger stands."""

    network_id: Hash
    name: str
    test_network: bool
    sequence: SequenceNumber
    time_ms: LedgerTime
    chain_head: Hash
    rules: int
    kernel: str


class GenesisAnswer(Message):
    """The genesis of the network."""

    genesis: Base64


class DirectoryEntry(Message):
    """One home and the keys that speak for it now (in the encoding of a key)."""

    home: Home
    keys: list[Base64]
    suspended: bool
    served_by: Home


class AuthorityEntry(Message):
    """The officers of one authority now: 1 issuance, 2 control, 3 offices."""

    authority: Annotated[int, Field(ge=1, le=255)]
    threshold: int
    keys: list[Base64]


class Directory(Message):
    """Every home, the officers, and the keys with which the registration centre signs."""

    institutions: list[DirectoryEntry]
    authorities: list[AuthorityEntry]
    receipt_keys: list[Base64]
    sequence: SequenceNumber
    time_ms: LedgerTime


class AssetAtHome(Message):
    """Totals of one asset at one home, in its smallest unit, since genesis."""

    asset: int
    home: Home
    issued: int
    redeemed: int
    inflow: int
    outflow: int
    unspent: int
    quota: int


class SupplyReport(Message):
    """Issued, redeemed and unspent, as the kernel counts them."""

    sequence: SequenceNumber
    time_ms: LedgerTime
    state_digest: Hash
    kernel: str
    totals: list[AssetAtHome]


class SupplyStatementPage(Message):
    """Statements of the supply, each a signed text, in the order of their numbers; `latest` is the newest number.

    `next` goes on behind the last of them, also with what is still to come.
    """

    statements: Annotated[list[str], Field(max_length=STATEMENTS_PAGE_MAX)]
    next: Cursor
    latest: Annotated[int, Field(ge=0)]


class NewestStatement(Message):
    """The newest statement of the supply, a signed text."""

    statement: str


class CoinProofAnswer(Message):
    """That a coin is counted: the signed statement, and the encoded proof."""

    statement: str
    proof: Base64


class AssetInCirculation(Message):
    """Totals of one asset over all homes, in its smallest unit, since genesis."""

    asset: int
    issued: int
    redeemed: int
    outstanding: int


class Circulation(Message):
    """How much of each asset there is."""

    assets: list[AssetInCirculation]
    sequence: SequenceNumber
    time_ms: LedgerTime


PULSE_SERIES_S = 120
"""Two minutes: enough to see whether the network is busier than a moment ago, on a screen that is narrow, too."""


class SettlementLatency(Message):
    """How long the transactions took that were answered in the last minute, from taking them in to answering them.

    On a busy network they are the latest thousands of these. Without any there is no latency: both are null.
    """

    transactions: int
    p50_ms: float | None
    p99_ms: float | None


class Pulse(Message):
    """How the ledger fares, of nobody in particular.

    `settled_per_s` counts the transactions that settled in each of the last 120 whole seconds, the oldest first.
    `supply` is as it was lately: the more coins there are, the longer it takes to look at it, and the less often it is.
    `second` counts seconds from anywhere, so that a reader who missed some sees how many.
    """

    name: str
    kernel: str
    second: Annotated[int, Field(ge=0)]
    chain_head: Hash
    settled_per_s: Annotated[list[int], Field(max_length=PULSE_SERIES_S)]
    latency: SettlementLatency
    supply: SupplyReport
    sequence: SequenceNumber
    time_ms: LedgerTime


class SubmissionRequest(Message):
    """A signed submission."""

    submission: Base64


class Verdict(Message):
    """The answer to one transaction: its status by name, and the receipt that proves it."""

    transaction_id: Hash
    status: str
    receipt: Base64


class SubmissionAnswer(Message):
    """One verdict per transaction, in the submission's order."""

    sequence: SequenceNumber
    time_ms: LedgerTime
    verdicts: list[Verdict]


class OutcomeAnswer(Message):
    """Whether a transaction has settled: the signed outcome, and the receipt where it has."""

    outcome: Base64
    receipt: Base64 | None


class ReceiptAnswer(Message):
    """The receipt of a settled transaction with its proof from the transparency log, which anybody verifies offline."""

    receipt: Base64


class CoinRecord(Message):
    """A coin as its home may see it."""

    coin_id: Hash
    origin: Hash
    index: Annotated[int, Field(ge=0, lt=2**16)]
    asset: Annotated[int, Field(ge=0, lt=2**32)]
    value: Fen
    home: Home
    lock_id: Hash
    sequence: SequenceNumber
    spent: bool

    def opening(self) -> Input:
        """The coin as a transaction opens it."""
        return Input(self.origin, self.index, Coin(self.asset, self.value, self.home, self.lock_id))


class CoinPage(Message):
    """Coins in the order in which they were made, the cursor for those after them, and what the answer accounts for.

    A page with fewer coins than its limit is the last for now. A search has pages of `COINS_PAGE_MAX`.
    """

    coins: list[CoinRecord]
    next: Cursor
    sequence: SequenceNumber
    time_ms: LedgerTime


class CoinSearch(Message):
    """Which locks to look for; `after` goes on behind a full page."""

    locks: Annotated[list[Hash], Field(min_length=1, max_length=SEARCHED_LOCKS_MAX)]
    after: Cursor = ""


class SerialAnswer(Message):
    """The last serial that was settled for a subject of an authority; 0 where there was none."""

    serial: Annotated[int, Field(ge=0, lt=2**64)]
    sequence: SequenceNumber
    time_ms: LedgerTime


class HeartbeatRequest(Message):
    """Let ledger time go on to `time_ms` with a heartbeat batch."""

    time_ms: LedgerTime
