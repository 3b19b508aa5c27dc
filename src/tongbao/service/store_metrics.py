"""What Prometheus learns of a role's database and of its redo log."""

from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tongbao.adapters.redo import database_file
from tongbao.adapters.store import SqlStore

__all__ = ["StoreMetrics"]


class StoreMetrics(Collector):
    """Looks when somebody asks; `register` it once."""

    def __init__(self, store: SqlStore, url: str, redo_log: Path | None = None) -> None:
        self._store = store
        self._database = database_file(url) if url.startswith("sqlite") else None
        self._redo_log = redo_log

    def register(self, registry: CollectorRegistry) -> None:
        """Answer to whoever reads this registry."""
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        """The figures of this moment."""
        yield CounterMetricFamily("tongbao_store_commits", "Commits of the database.", self._store.commits)
        yield CounterMetricFamily(
            "tongbao_store_operations", "Operations in these commits, which they share.", self._store.operations
        )
        yield GaugeMetricFamily(
            "tongbao_store_operations_waiting", "Operations that wait for a commit.", self._store.waiting
        )
        if self._database is not None:
            yield GaugeMetricFamily(
                "tongbao_store_bytes", "Size of the database with what SQLite keeps beside it.", _bytes(self._database)
            )
        if self._redo_log is not None:
            size = sum(_size(path) for path in self._redo_log.glob("redo-*.log"))
            yield GaugeMetricFamily("tongbao_redo_log_bytes", "Size of the redo log without its base.", size)


def _bytes(database: Path) -> int:
    return sum(_size(database.with_name(database.name + ending)) for ending in ("", "-wal"))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
