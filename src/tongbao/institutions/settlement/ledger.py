"""What the institution knows of the ledger, and how it asks the registration centre.

Time in everything that concerns money is ledger time, as the centre's answers tell it. It never goes back here, and
whoever asks for an answer that is no older than a batch waits until that batch is known.
"""

import asyncio
import logging
from collections.abc import Sequence
from hashlib import sha256

from tongbao.coin.coin import CURRENCY
from tongbao.coin.domain import Domain
from tongbao.coin.ed25519 import SigningKey
from tongbao.coin.genesis import Genesis
from tongbao.coin.receipt import Outcome
from tongbao.coin.submission import Submission
from tongbao.coin.suites import PublicKey, Suite
from tongbao.errors import BusyError, ConfigurationError, PeerError, WorldError
from tongbao.institutions.ports import Clock
from tongbao.institutions.settlement.receipts import ReceiptChecker
from tongbao.kernel.judge import Judging
from tongbao.kernel.rules import RULES
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import (
    CoinPage,
    Directory,
    LedgerStatus,
    OutcomeAnswer,
    SubmissionAnswer,
    SubmissionRequest,
    SupplyReport,
)

__all__ = ["Ledger"]

# Requests that name keys nobody knows must not become a flood of requests for the directory.
_DIRECTORY_PAUSE_MS = 1_000
# How long a key that control has replaced may still speak for its home here.
_DIRECTORY_AGE_MS = 60_000

_log = logging.getLogger(__name__)


class Ledger:
    """The registration centre as one institution sees it.

    Attributes:
        sequence: the latest batch known.
        seen_sequence: the batch up to which all coins made at this home have been read.
        seen_ms: its ledger time; money that expired before it and has not been seen never came.
        receipts: checks what the centre has signed.
    """

    def __init__(
        self,
        client: SignedClient,
        *,
        feed: SignedClient,
        genesis: Genesis,
        home: int,
        endorser: SigningKey,
        clock: Clock,
    ) -> None:
        self.domain: Domain = genesis.domain()
        self.sequence = 0
        self.seen_sequence = 0
        self.seen_ms = 0
        self.receipts = ReceiptChecker(self.domain, genesis.receipt_keys)
        self._client = client
        self._feed = feed
        self._genesis = genesis
        self._home = home
        self._endorser = endorser
        self._clock = clock
        self._time_ms: int | None = None
        self._judging = Judging(self.domain, genesis.limits, RULES[genesis.rules])
        self._moved = asyncio.Event()
        self._refreshing = asyncio.Lock()
        self._homes: dict[int, tuple[bytes, ...]] = {}
        self._directory_ms = 0

    @property
    def is_known(self) -> bool:
        """Whether the centre has ever answered since the start."""
        return self._time_ms is not None

    @property
    def time_ms(self) -> int:
        """Ledger time; raises `BusyError` before the centre has answered once."""
        if self._time_ms is None:
            raise BusyError("the registration centre has not answered since this institution started")
        return self._time_ms

    @property
    def judging(self) -> Judging:
        """What the kernel's first stage depends on now."""
        return self._judging

    def observe(self, *, sequence: int, time_ms: int) -> None:
        """Learn from an answer how far the ledger is."""
        if self._time_ms is not None and sequence <= self.sequence and time_ms <= self._time_ms:
            return
        self.sequence = max(sequence, self.sequence)
        self._time_ms = max(time_ms, self._time_ms or 0)
        self.wake()

    @property
    def movement(self) -> asyncio.Event:
        """Is set as soon as more of the ledger is known than now."""
        return self._moved

    def wake(self) -> None:
        """Let whoever waits for movement look again."""
        self._moved.set()
        self._moved = asyncio.Event()

    async def refresh(self) -> None:
        """Ask where the ledger stands."""
        status = await self._client.get("/v1/status", LedgerStatus)
        if status.network_id != self.domain.network_id:
            raise ConfigurationError(
                f"the registration centre serves the network {status.name} ({status.network_id.hex()}), "
                f"and this institution's data are of {self._genesis.name} ({self.domain.network_id.hex()})"
            )
        if status.rules not in RULES:
            raise PeerError(
                f"rules {status.rules} are in force, which this software does not know: install a newer one"
            )
        self._judging = Judging(self.domain, self._genesis.limits, RULES[status.rules])
        self.observe(sequence=status.sequence, time_ms=status.time_ms)

    async def reach(self, sequence: int) -> None:
        """Return once batch `sequence` is known; raises `BusyError` where the centre does not know it either."""
        if sequence <= self.sequence and self.is_known:
            return
        async with self._refreshing:
            if sequence <= self.sequence and self.is_known:
                return
            await self.refresh()
        if sequence > self.sequence:
            raise BusyError(f"the registration centre is at batch {self.sequence}, and {sequence} is asked for")

    async def submit(self, transactions: Sequence[bytes]) -> SubmissionAnswer:
        """Endorse transactions and hand them to the centre, in this order."""
        key = PublicKey.ed25519(self._endorser.public_key)
        submission = Submission.sign(
            self.domain, tuple(transactions), home=self._home, key=key, sign=self._endorser.sign
        ).encode()
        request = SubmissionRequest.model_construct(submission=submission)
        answer = await self._client.post(
            "/v1/submissions", request, SubmissionAnswer, idempotency_key=sha256(submission).hexdigest()
        )
        if len(answer.verdicts) != len(transactions):
            raise PeerError(f"the centre answered {len(answer.verdicts)} verdicts on {len(transactions)} transactions")
        self.observe(sequence=answer.sequence, time_ms=answer.time_ms)
        return answer

    async def outcome(self, transaction_id: bytes) -> tuple[Outcome, bytes | None]:
        """The centre's signed word on a transaction, checked, and the receipt where it has settled."""
        answer = await self._client.get(f"/v1/outcomes/{transaction_id.hex()}", OutcomeAnswer)
        outcome = Outcome.decode(answer.outcome)
        if outcome.transaction_id != transaction_id:
            raise PeerError("the centre answered the outcome of another transaction")
        if outcome.key not in self.receipts.keys:
            await self.refresh_directory()
        self.receipts.check_outcome(outcome)
        if not outcome.settled:
            self.observe(sequence=outcome.sequence, time_ms=outcome.time_ms)
        return outcome, answer.receipt

    async def coins(self, after: str, *, limit: int, wait_s: int) -> CoinPage:
        """Coins made at this home after the cursor; waits up to `wait_s` where there are none yet."""
        return await self._feed.get("/v1/coins", CoinPage, query={"after": after, "limit": limit, "wait_s": wait_s})

    async def issued_here(self) -> int:
        """What the ledger has issued into this home less what it has redeemed, of the currency."""
        supply = await self._client.get("/v1/supply", SupplyReport)
        self.observe(sequence=supply.sequence, time_ms=supply.time_ms)
        here = [each for each in supply.totals if (each.asset, each.home) == (CURRENCY, self._home)]
        return sum(each.issued - each.redeemed for each in here)

    async def refresh_directory(self) -> bool:
        """Learn the homes' keys and the centre's anew; False where that happened a moment ago."""
        now_ms = self._clock.now_ms()
        if self._homes and now_ms - self._directory_ms < _DIRECTORY_PAUSE_MS:
            return False
        self._directory_ms = now_ms
        directory = await self._client.get("/v1/institutions", Directory)
        self.receipts.learn([PublicKey.decode(key) for key in directory.receipt_keys])
        self._homes = {
            entry.home: tuple(key.key for key in map(PublicKey.decode, entry.keys) if key.suite == Suite.ED25519)
            for entry in directory.institutions
        }
        self.observe(sequence=directory.sequence, time_ms=directory.time_ms)
        return True

    async def keys_of_home(self, home: int) -> tuple[bytes, ...]:
        """The Ed25519 keys that speak for a home, its own and its substitute; none where there is no such home."""
        if home not in self._homes:
            await self.refresh_directory()
        elif self._clock.now_ms() - self._directory_ms >= _DIRECTORY_AGE_MS:
            try:
                await self.refresh_directory()
            except (WorldError, PeerError) as error:
                _log.warning("the keys of other homes are not known anew: %s", error)
        return self._homes.get(home, ())
