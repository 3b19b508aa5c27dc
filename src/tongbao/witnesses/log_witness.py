"""A witness of logs: keeps the last checkpoint of each, and cosigns what continues it once that is durable."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from tongbao.errors import DamageError, RefusedError, RequestError
from tongbao.evidence.checkpoint import Checkpoint
from tongbao.evidence.fork import Fork
from tongbao.evidence.signed_text import SignatureLine, SignedText
from tongbao.evidence.signing import SigningKey, VerifierKey, verify
from tongbao.protocol.log_witness import CheckpointSubmission
from tongbao.witnesses.judging import Judgement, Verdict, judge
from tongbao.witnesses.metrics import WitnessMetrics
from tongbao.witnesses.ports import Clock, History, Records

__all__ = ["KeptFork", "LogWitness", "OtherSizeError", "WitnessedLog"]

FORKS_KEPT_MAX = 100  # one is enough to convict; more only fill the disk of a witness that is shown them on purpose
MS_PER_S = 1000

_log = logging.getLogger(__name__)


class OtherSizeError(RequestError):
    """The witness's last checkpoint is another than the log believes, or has another root.

    Attributes:
        size: of the last that it cosigned.
    """

    code = "OTHER_CHECKPOINT"

    def __init__(self, message: str, *, size: int) -> None:
        super().__init__(message, field="old", cure="send the proof from the size that the witness names")
        self.size = size


@dataclass(frozen=True, slots=True)
class WitnessedLog:
    """A log as its witness last saw it; `checkpoint` is None before it cosigned any."""

    origin: str
    checkpoint: Checkpoint | None


@dataclass(frozen=True, slots=True)
class KeptFork:
    """A fork that was shown, and the name of the file that proves it."""

    name: str
    fork: Fork


class LogWitness:
    """Cosigns checkpoints of the logs whose keys it knows.

    Attributes:
        verifier_keys: with which others verify what it signs.
    """

    def __init__(
        self,
        keys: Sequence[SigningKey],
        logs: Sequence[VerifierKey],
        *,
        records: Records,
        clock: Clock,
        history: History | None = None,
        metrics: WitnessMetrics | None = None,
    ) -> None:
        self.verifier_keys = [key.verifier_key for key in keys]
        self._keys = list(keys)
        self._logs = _by_origin(logs)
        self._records = records
        self._clock = clock
        self._history = history
        self._metrics = metrics or WitnessMetrics()
        self._turns = {origin: asyncio.Lock() for origin in self._logs}
        self._forks: dict[str, Fork] = {}

    async def open(self) -> None:
        """Read what an earlier run kept.

        Raises:
            DamageError: it is not what was written; to go on from nothing would be to forget what was cosigned.
        """
        for origin in self._logs:
            known = await self._last(origin)
            self._metrics.cosigned(origin, None if known is None else Checkpoint.decode(known.text))
        for name in await self._records.names():
            data = await self._records.read(name) if name.startswith("fork-") else None
            if data is not None:
                self._forks[name] = Fork.decode(data)
        self._metrics.forks.set(len(self._forks))

    @property
    def forks(self) -> list[KeptFork]:
        """Every fork that was shown and kept; the first of them ends all trust in the log."""
        return [KeptFork(name, fork) for name, fork in self._forks.items()]

    async def logs(self) -> list[WitnessedLog]:
        """Each log with the last checkpoint."""
        last = {origin: await self._last(origin) for origin in self._logs}
        return [
            WitnessedLog(origin, None if signed is None else Checkpoint.decode(signed.text))
            for origin, signed in last.items()
        ]

    async def add_checkpoint(self, submission: CheckpointSubmission) -> tuple[SignatureLine, ...]:
        """Cosign the checkpoint, after it is durably the last.

        Raises:
            RefusedError: LOG_UNKNOWN; what the journal's replay gives is not what the log holds.
            SignedTextInvalidError: the log has not signed it.
            OtherSizeError: another checkpoint is the last.
            RequestError: PROOF_INVALID.
            BusyError: the copy of the journal does not reach so far yet.
            StorageError: it could not be made durable, and nothing was signed.
        """
        checkpoint = submission.checkpoint
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            raise RefusedError("the log is unknown to this witness", code="LOG_UNKNOWN", field="origin")
        known_signatures = tuple(each.line for each in verify(submission.signed, keys))
        # What others signed is neither verified here nor kept: the record holds the log's own words.
        submission = CheckpointSubmission.of(
            SignedText(submission.signed.text, known_signatures), old_size=submission.old_size, proof=submission.proof
        )
        async with self._turns[checkpoint.origin]:
            await self._demand_continuation(submission)
            if self._history is not None:
                await self._history.demand(checkpoint)
            await self._records.write(_record_name(checkpoint.origin), submission.signed.encode())
            self._metrics.cosigned(checkpoint.origin, checkpoint)
        time_s = self._clock.now_ms() // MS_PER_S
        return tuple(key.sign(submission.signed.text, time_s=time_s) for key in self._keys)

    async def _demand_continuation(self, submission: CheckpointSubmission) -> None:
        known = await self._last(submission.checkpoint.origin)
        judgement = judge(known, submission)
        if judgement.fork is not None:
            await self._raise_alarm(judgement.fork)
        if judgement.verdict is Verdict.COSIGN:
            return
        self._metrics.refused.labels(judgement.verdict.name.lower()).inc()
        raise _refusal(judgement, 0 if known is None else Checkpoint.decode(known.text).size)

    async def _raise_alarm(self, fork: Fork) -> None:
        second = Checkpoint.decode(fork.second.text)
        name = f"fork-{second.size}-{sha256(fork.second.text.encode()).hexdigest()[:8]}.json"
        _log.critical("the log %s has signed two histories: see %s", second.origin, name)
        if name not in self._forks and len(self._forks) < FORKS_KEPT_MAX:
            self._forks[name] = fork
            self._metrics.forks.set(len(self._forks))
            await self._records.write(name, fork.encode())

    async def _last(self, origin: str) -> SignedText | None:
        name = _record_name(origin)
        data = await self._records.read(name)
        if data is None:
            return None
        try:
            signed = SignedText.decode(data)
            verify(signed, self._logs[origin])
        except RequestError as error:
            raise DamageError(f"the record {name} is not what was written: {error}") from None
        return signed


def _by_origin(logs: Sequence[VerifierKey]) -> Mapping[str, list[VerifierKey]]:
    found: dict[str, list[VerifierKey]] = {}
    for key in logs:
        found.setdefault(key.name, []).append(key)
    return found


def _record_name(origin: str) -> str:
    return f"log-{sha256(origin.encode()).hexdigest()[:16]}.checkpoint"


def _refusal(judgement: Judgement, size: int) -> RequestError:
    match judgement.verdict:
        case Verdict.OTHER_SIZE:
            return OtherSizeError(f"the last checkpoint here has {size} entries", size=size)
        case Verdict.OTHER_ROOT:
            return OtherSizeError(f"the checkpoint of {size} entries that was cosigned has another root", size=size)
        case _:
            return RequestError(
                "the proof does not lead from the last checkpoint to this one", code="PROOF_INVALID", field="proof"
            )
