"""The registration centre, as the office asks it: time, officers, serials, outcomes; every proof is checked."""

from dataclasses import dataclass
from hashlib import sha256

from tongbao.centres.central_bank.ports import Clock
from tongbao.coin import CURRENCY, Domain, Genesis, Outcome, PublicKey, Receipt, Submission
from tongbao.coin.control import AuthorityKind, Officers
from tongbao.coin.ed25519 import SigningKey
from tongbao.errors import PeerError, RequestError
from tongbao.kernel import Status
from tongbao.kernel.rules import RULES
from tongbao.kernel.state import CENTRAL_BANK
from tongbao.protocol.client import SignedClient
from tongbao.protocol.registration import (
    Directory,
    GenesisAnswer,
    LedgerStatus,
    OutcomeAnswer,
    SerialAnswer,
    SubmissionAnswer,
    SubmissionRequest,
    SupplyReport,
)

__all__ = ["KnownOutcome", "LedgerLink", "SettledVerdict"]

DIRECTORY_MS_MAX = (
    2_000  # an officer who was replaced is heard this much longer, in words only: the ledger knows better
)


@dataclass(frozen=True, slots=True)
class SettledVerdict:
    """What the ledger said of one transaction.

    Attributes:
        status: its name.
        receipt: encoded, verified.
    """

    status: str
    receipt: bytes


@dataclass(frozen=True, slots=True)
class KnownOutcome:
    """A verified outcome.

    Attributes:
        outcome: what the centre signed.
        receipt: encoded and verified, where the transaction has settled.
    """

    outcome: Outcome
    receipt: bytes | None


class LedgerLink:
    """Asks the registration centre as home 0."""

    def __init__(self, client: SignedClient, clock: Clock, operator_key: SigningKey) -> None:
        self._client = client
        self._clock = clock
        self._operator_key = operator_key
        self._directory: Directory | None = None
        self._directory_asked_ms = 0

    async def genesis(self) -> Genesis:
        """The genesis of the centre's network."""
        answer = await self._client.get("/v1/genesis", GenesisAnswer)
        try:
            return Genesis.decode(answer.genesis)
        except RequestError as error:
            raise PeerError(f"the registration centre's genesis cannot be read: {error}") from None

    async def status(self) -> LedgerStatus:
        """Ledger time and rules."""
        status = await self._client.get("/v1/status", LedgerStatus)
        if status.rules not in RULES:
            raise PeerError(f"the ledger follows rules {status.rules}, which this version lacks: install a newer one")
        return status

    async def directory(self) -> Directory:
        """Homes, officers and receipt keys as they were a moment ago, or are now."""
        now_ms = self._clock.now_ms()
        if self._directory is None or not 0 <= now_ms - self._directory_asked_ms <= DIRECTORY_MS_MAX:
            self._directory = await self._client.get("/v1/institutions", Directory)
            self._directory_asked_ms = now_ms
        return self._directory

    async def officers(self) -> dict[AuthorityKind, Officers]:
        """The officers of each authority."""
        directory = await self.directory()
        try:
            found = [
                Officers(AuthorityKind(each.authority), each.threshold, tuple(map(PublicKey.decode, each.keys)))
                for each in directory.authorities
            ]
        except (RequestError, ValueError) as error:
            raise PeerError(f"the registration centre's officers cannot be read: {error}") from None
        return {each.authority: each for each in found}

    async def home_keys(self, home: int) -> tuple[PublicKey, ...]:
        """The keys that speak for a home; none where it is unknown."""
        directory = await self.directory()
        found = [entry.keys for entry in directory.institutions if entry.home == home]
        return tuple(PublicKey.decode(key) for key in found[0]) if found else ()

    async def quota_left(self, home: int) -> tuple[int, int]:
        """What may be issued into a home net of redemption, and how much of that is left; in fen."""
        directory = await self.directory()
        report = await self._client.get("/v1/supply", SupplyReport)
        served = {entry.home for entry in directory.institutions if entry.served_by == home}
        totals = [each for each in report.totals if each.asset == CURRENCY]
        quota = sum(each.quota for each in totals if each.home == home)
        net_issued = sum(each.issued - each.redeemed for each in totals if each.home in served)
        return quota, max(0, quota - net_issued)

    async def last_serial(self, authority: AuthorityKind, subject: bytes) -> SerialAnswer:
        """The last serial of a subject, with the ledger time at which it was."""
        return await self._client.get(f"/v1/serials/{int(authority)}/{subject.hex()}", SerialAnswer)

    async def submit(self, transaction: bytes, domain: Domain) -> SettledVerdict:
        """Hand in one transaction as home 0; the same transaction gives the same bytes each time.

        Raises:
            RequestError: the centre refuses the submission; nothing of it was written down.
            TongbaoError: it is not known what became of it.
        """
        key = PublicKey.ed25519(self._operator_key.public_key)
        endorsed = Submission.sign(domain, (transaction,), home=CENTRAL_BANK, key=key, sign=self._operator_key.sign)
        submission = endorsed.encode()
        answer = await self._client.post(
            "/v1/submissions",
            SubmissionRequest(submission=submission),
            SubmissionAnswer,
            idempotency_key=sha256(submission).hexdigest(),
        )
        if len(answer.verdicts) != 1 or answer.verdicts[0].status not in Status.__members__:
            raise PeerError("the registration centre's answer is not one verdict on one transaction")
        verdict = answer.verdicts[0]
        await self._verify(verdict.receipt, verdict.transaction_id, Status[verdict.status], domain)
        return SettledVerdict(verdict.status, verdict.receipt)

    async def outcome(self, transaction_id: bytes, domain: Domain) -> KnownOutcome:
        """Whether the transaction has settled."""
        answer = await self._client.get(f"/v1/outcomes/{transaction_id.hex()}", OutcomeAnswer)
        keys = await self._receipt_keys()
        try:
            outcome = Outcome.decode(answer.outcome)
            outcome.verify(domain, keys=keys)
        except RequestError as error:
            raise PeerError(f"the registration centre's outcome proves nothing: {error}") from None
        if outcome.transaction_id != transaction_id or outcome.settled != (answer.receipt is not None):
            raise PeerError("the registration centre's outcome is of something else")
        if answer.receipt is not None:
            await self._verify(answer.receipt, transaction_id, Status.SETTLED, domain)
        return KnownOutcome(outcome, answer.receipt)

    async def _receipt_keys(self) -> tuple[PublicKey, ...]:
        return tuple(PublicKey.decode(key) for key in (await self.directory()).receipt_keys)

    async def _verify(self, encoded: bytes, transaction_id: bytes, status: Status, domain: Domain) -> None:
        try:
            receipt = Receipt.decode(encoded)
            receipt.verify(domain, keys=await self._receipt_keys())
        except RequestError as error:
            raise PeerError(f"the registration centre's receipt proves nothing: {error}") from None
        if (receipt.transaction_id, receipt.status) != (transaction_id, status):
            raise PeerError("the registration centre's receipt is of something else")
