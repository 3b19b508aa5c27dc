"""What a witness measures."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from tongbao.evidence.checkpoint import Checkpoint

__all__ = ["WitnessMetrics"]


class WitnessMetrics:
    """Registered with `registry`, or with one of their own.

    Attributes:
        refused: checkpoints that were not cosigned although their log signed them, by reason.
        forks: forks that were shown and kept.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        self._size = Gauge(
            "tongbao_witness_log_entries", "Entries of the last cosigned checkpoint.", ("origin",), registry=registry
        )
        self.refused = Counter(
            "tongbao_witness_refused",
            "Checkpoints signed by their log that were not cosigned.",
            ("reason",),
            registry=registry,
        )
        self.forks = Gauge("tongbao_witness_forks", "Forks that a log was shown to have signed.", registry=registry)

    def cosigned(self, origin: str, checkpoint: Checkpoint | None) -> None:
        """A checkpoint is the last now, or none is."""
        self._size.labels(origin).set(0 if checkpoint is None else checkpoint.size)
