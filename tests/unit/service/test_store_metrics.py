"""What is told of a database is what there is at that moment."""

from pathlib import Path

import sqlalchemy as sa
from prometheus_client import CollectorRegistry

from tongbao.adapters.store import SqlStore
from tongbao.service.store_metrics import StoreMetrics


def _insert(connection: sa.Connection) -> None:
    connection.exec_driver_sql("INSERT INTO t VALUES (1)")


def _size_of(database: Path) -> int:
    return database.stat().st_size + database.with_name("bank.sqlite-wal").stat().st_size


async def test_commits_operations_and_sizes_are_told(tmp_path: Path) -> None:
    url, registry, log = f"sqlite:///{tmp_path}/bank.sqlite", CollectorRegistry(), tmp_path / "redo"
    log.mkdir()
    (log / "redo-1.log").write_bytes(b"12345")
    (log / "base-1.sqlite").write_bytes(b"is not counted")
    store = SqlStore.open(url)
    StoreMetrics(store, url, log).register(registry)
    await store.write(lambda connection: connection.exec_driver_sql("CREATE TABLE t (v)").close())
    for _ in range(3):
        await store.write(_insert)

    assert registry.get_sample_value("tongbao_store_commits_total") == 4
    assert registry.get_sample_value("tongbao_store_operations_total") == 4
    assert registry.get_sample_value("tongbao_store_operations_waiting") == 0
    assert registry.get_sample_value("tongbao_redo_log_bytes") == 5
    assert registry.get_sample_value("tongbao_store_bytes") == _size_of(tmp_path / "bank.sqlite")
    await store.close()


async def test_of_a_database_elsewhere_no_size_is_told(tmp_path: Path) -> None:
    registry, store = CollectorRegistry(), SqlStore.open(f"sqlite:///{tmp_path}/stand-in.sqlite")
    StoreMetrics(store, "postgresql://elsewhere/bank").register(registry)

    assert registry.get_sample_value("tongbao_store_commits_total") == 0
    assert registry.get_sample_value("tongbao_store_bytes") is None
    await store.close()
