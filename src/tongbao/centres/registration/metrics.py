"""What the registration centre measures about itself, for Prometheus."""

from collections import Counter as Tally
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from tongbao.centres.registration.pulse import PulseCounter
from tongbao.coin.batch import BatchKind
from tongbao.kernel import AppliedBatch, Status

__all__ = ["RegistrationMetrics"]

_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)


class RegistrationMetrics:
    """Counters and gauges in `registry`.

    Attributes:
        pulse: what is counted for anybody who looks, beside them.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        self.pulse = PulseCounter()
        self._batches = Counter("tongbao_registration_batches", "Batches written.", ("kind",), registry=registry)
        self._transactions = Counter(
            "tongbao_registration_transactions", "Transactions settled or refused in a batch.", ("status",),
            registry=registry,
        )  # fmt: skip
        self.refused = Counter(
            "tongbao_registration_submissions_refused", "Submissions refused before ordering.", ("code",),
            registry=registry,
        )  # fmt: skip
        self.waiting = Gauge(
            "tongbao_registration_waiting_transactions", "Transactions on their way through the centre.",
            registry=registry,
        )  # fmt: skip
        self.settle_seconds = Histogram(
            "tongbao_registration_settle_seconds", "From a group's forming until it is durable, applied and indexed.",
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self.append_seconds = Histogram(
            "tongbao_registration_append_seconds", "Until a group is durable.", registry=registry, buckets=_SECONDS
        )
        self.apply_seconds = Histogram(
            "tongbao_registration_apply_seconds", "Until a durable group is applied.", registry=registry,
            buckets=_SECONDS,
        )  # fmt: skip
        self.index_seconds = Histogram(
            "tongbao_registration_index_seconds", "Until an applied group is in the index.", registry=registry,
            buckets=_SECONDS,
        )  # fmt: skip
        self._ledger_time = Gauge(
            "tongbao_registration_ledger_time_seconds", "Ledger time, since 1970 UTC.", registry=registry
        )
        self._sequence = Gauge("tongbao_registration_sequence", "The last batch.", registry=registry)
        self.log_entries = Gauge(
            "tongbao_registration_log_entries", "Entries that the log's published checkpoint covers.", registry=registry
        )
        self.log_round_seconds = Histogram(
            "tongbao_registration_log_round_seconds", "From a round of the log until its checkpoint is published.",
            registry=registry, buckets=_SECONDS,
        )  # fmt: skip
        self.log_failures = Counter(
            "tongbao_registration_log_failures", "Rounds of the log that the disk refused.", registry=registry
        )
        self.disk_free = Gauge("tongbao_registration_disk_free_bytes", "Room left for the journal.", registry=registry)

    def count(self, batches: Sequence[AppliedBatch], *, time_ms: int, now_s: float) -> None:
        """Count batches that were settled at `now_s` of the event loop; ledger time is `time_ms` after them."""
        for applied in batches:
            self._batches.labels(BatchKind(applied.header.kind).name.lower()).inc()
            for status, count in Tally(applied.statuses).items():
                self._transactions.labels(Status(status).name).inc(count)
                if status == Status.SETTLED:
                    self.pulse.count_settled(count, now_s=now_s)
            self._sequence.set(applied.header.sequence)
        self._ledger_time.set(time_ms / 1000)
