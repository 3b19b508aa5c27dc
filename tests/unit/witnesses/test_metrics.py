from prometheus_client import CollectorRegistry

from tests.log_histories import ORIGIN, LogHistory
from tongbao.evidence import Checkpoint
from tongbao.witnesses.metrics import WitnessMetrics


def test_the_size_of_the_last_checkpoint_of_each_log_is_measured() -> None:
    registry = CollectorRegistry()
    metrics = WitnessMetrics(registry)

    metrics.cosigned("tongbao/other", None)
    metrics.cosigned(ORIGIN, Checkpoint.decode(LogHistory().checkpoint(7).text))

    assert registry.get_sample_value("tongbao_witness_log_entries", {"origin": ORIGIN}) == 7
    assert registry.get_sample_value("tongbao_witness_log_entries", {"origin": "tongbao/other"}) == 0
