"""Handing each checkpoint of the log to its witnesses, and publishing it once enough of them have cosigned it.

It goes on beside everything else: no payment waits for a witness, and a witness that is slow or gone costs a question
now and then.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge

from tongbao.centres.registration.ports import Clock, Network, Spawn
from tongbao.errors import PeerError, RequestError, TongbaoError, WorldError
from tongbao.evidence import Checkpoint, Policy, SignatureLine, SignedText, verify
from tongbao.evidence.checkpoint import read_size
from tongbao.evidence.policy import PolicyWitness
from tongbao.protocol.log_witness import CheckpointSubmission, read_cosignatures

__all__ = ["CosignedLog", "Cosigning", "CosigningMetrics"]

EVERY_S: Final = 1.0  # as often as there is a new checkpoint
AGAIN_S: Final = 60.0  # an idle log is cosigned anew, so that its cosignatures do not age with it
WITNESS_S_MAX: Final = 10.0  # a witness that replays takes five; the round waits for the slowest
BACK_OFF_S_MAX: Final = 60.0  # a witness that failed is left alone, twice as long each time
MISSED_S: Final = 8.0  # before, it may just be starting, or ending together with this centre
MS_PER_S: Final = 1000
CONFLICT: Final = 409
OK: Final = 200

_log = logging.getLogger(__name__)


class CosignedLog(Protocol):
    """What the log gives and takes."""

    async def checkpoint(self) -> bytes | None:
        """The checkpoint as the log signed it; None before the first."""
        ...

    async def consistency(self, old_size: int, size: int) -> Sequence[bytes]:
        """The proof that the tree of `size` entries begins with the first `old_size`, of which there are some."""
        ...

    async def publish_cosigned(self, checkpoint: bytes) -> None:
        """Durably put a checkpoint with enough cosignatures in the place of the one before."""
        ...


class CosigningMetrics:
    """How the witnesses answer.

    Attributes:
        cosigned: entries of the last checkpoint that each witness cosigned.
        quorum: entries of the last checkpoint that enough of them cosigned.
        failures: checkpoints that a witness did not cosign.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self.cosigned = Gauge(
            "tongbao_registration_log_cosigned_entries", "Entries that the witness cosigned.", ("witness",),
            registry=registry,
        )  # fmt: skip
        self.quorum = Gauge(
            "tongbao_registration_log_quorum_entries", "Entries that a quorum of witnesses cosigned.", registry=registry
        )
        self.failures = Counter(
            "tongbao_registration_log_witness_failures", "Checkpoints that the witness did not cosign.", ("witness",),
            registry=registry,
        )  # fmt: skip


@dataclass(slots=True)
class _Known:
    """What the centre knows of a witness.

    Attributes:
        size: of the last checkpoint that it cosigned.
        line: its last cosignature.
        rest_s: how long it is left alone after the next failure.
        free_at_ms: when it is asked again.
    """

    size: int = 0
    line: SignatureLine | None = None
    rest_s: float = EVERY_S
    free_at_ms: int = 0


class Cosigning:
    """Asks the witnesses of a policy.

    Attributes:
        policy: whom to ask, and who suffices.
    """

    def __init__(
        self,
        policy: Policy,
        log: CosignedLog,
        *,
        network: Network,
        clock: Clock,
        spawn: Spawn,
        metrics: CosigningMetrics | None = None,
    ) -> None:
        self.policy = policy
        self._log = log
        self._network = network
        self._clock = clock
        self._spawn = spawn
        self._metrics = metrics or CosigningMetrics()
        self._known: Mapping[str, _Known] = {name: _Known() for name, each in policy.witnesses.items() if each.url}
        self._text = ""
        self._asked_ms = 0

    async def run(self) -> None:
        """Rounds, for ever."""
        while True:
            await self.round()
            await self._clock.sleep(EVERY_S)

    async def round(self) -> None:
        """Ask whoever has not cosigned the published checkpoint, and publish it with what came."""
        try:
            content = await self._log.checkpoint()
            if content is not None:
                await self._ask_all(SignedText.decode(content))
        except (WorldError, RequestError) as error:
            _log.warning("the log's checkpoint is not cosigned: %s", error)

    async def _ask_all(self, signed: SignedText) -> None:
        now_ms = self._clock.now_ms()
        if signed.text != self._text or now_ms - self._asked_ms >= AGAIN_S * MS_PER_S:
            self._text, self._asked_ms = signed.text, now_ms
            for known in self._known.values():
                known.line = None
        asked = [
            self._spawn.task(self._ask(self.policy.witnesses[name], known, signed), name=f"witness {name}")
            for name, known in self._known.items()
            if known.line is None and known.free_at_ms <= now_ms
        ]
        await asyncio.gather(*asked)
        if any([await each for each in asked]):
            await self._publish(signed)

    async def _publish(self, signed: SignedText) -> None:
        lines = [known.line for known in self._known.values() if known.line is not None]
        cosigned = signed.with_signatures(*lines)
        standing = self.policy.judge(cosigned)
        if standing.is_quorum:
            await self._log.publish_cosigned(cosigned.encode())
            self._metrics.quorum.set(standing.checkpoint.size)

    async def _ask(self, witness: PolicyWitness, known: _Known, signed: SignedText) -> bool:
        """Whether the witness cosigned the checkpoint."""
        size = Checkpoint.decode(signed.text).size
        try:
            known.line = await self._hand_in(witness, known, signed)
        except TongbaoError as error:
            self._metrics.failures.labels(witness.name).inc()
            level = logging.WARNING if known.rest_s >= MISSED_S else logging.INFO
            known.free_at_ms = self._clock.now_ms() + int(known.rest_s * MS_PER_S)
            known.rest_s = min(2 * known.rest_s, BACK_OFF_S_MAX)
            _log.log(level, "the witness %s does not cosign: %s", witness.name, error)
            return False
        known.size, known.rest_s = size, EVERY_S
        self._metrics.cosigned.labels(witness.name).set(size)
        return True

    async def _hand_in(self, witness: PolicyWitness, known: _Known, signed: SignedText) -> SignatureLine:
        status, body = await self._post(witness, known, signed)
        if status == CONFLICT:
            # The witness knows another size, as after a start of this centre, or another root.
            known.size = read_size(body.decode("ascii", "replace").strip())
            status, body = await self._post(witness, known, signed)
        if status == CONFLICT and known.size == Checkpoint.decode(signed.text).size:
            raise PeerError(f"it cosigned another root of {known.size} entries: the log has forked")
        if status != OK:
            raise PeerError(f"it answered {status}")
        cosigned = SignedText(signed.text, read_cosignatures(body))
        return verify(cosigned, [witness.key])[0].line

    async def _post(self, witness: PolicyWitness, known: _Known, signed: SignedText) -> tuple[int, bytes]:
        size = Checkpoint.decode(signed.text).size
        if known.size > size:
            raise PeerError(f"it cosigned {known.size} entries, and the log has {size}")
        proof = await self._log.consistency(known.size, size) if 0 < known.size < size else ()
        submission = CheckpointSubmission.of(signed, old_size=known.size, proof=proof)
        answer = await self._network.request(
            "POST",
            f"{witness.url.rstrip('/')}/add-checkpoint",
            headers={"content-type": "text/plain; charset=utf-8"},
            body=submission.encode(),
            timeout_s=WITNESS_S_MAX,
        )
        return answer.status, answer.body
