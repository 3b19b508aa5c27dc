"""What an institution measures about itself, for Prometheus; looked up when asked for, so that nothing is slower."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from tongbao.institutions.premises import Premises
from tongbao.institutions.settlement.submitter import Submitter

__all__ = ["InstitutionMetrics"]


class InstitutionMetrics:
    """Gauges in `registry`; amounts are sums of the whole institution, never of a customer."""

    def __init__(self, registry: CollectorRegistry, premises: Premises, submitter: Submitter) -> None:
        ledger, purse = premises.ledger, premises.vault.purse
        gauges: dict[str, tuple[str, Callable[[], float]]] = {
            "transactions_in_flight": ("Transactions without a final outcome.", lambda: submitter.in_flight),
            "transactions_queued": ("Of these, those that wait to be sent.", lambda: submitter.queued),
            "ledger_sequence": ("The latest batch that is known.", lambda: ledger.sequence),
            "coins_sequence": ("The batch up to which all coins made here are known.", lambda: ledger.seen_sequence),
            "ledger_time_seconds": (
                "Ledger time as it is known, since 1970 UTC; 0 before the centre has answered.",
                lambda: ledger.time_ms / 1000 if ledger.is_known else 0,
            ),
            "vault_fen": ("Worth of the vault's coins in the currency.", lambda: purse.value),
            "vault_coins": ("Coins of the vault.", lambda: len(purse)),
            "vault_reservations": ("Exchanges and redemptions that hold coins.", lambda: len(purse.reservations)),
        }
        for name, (words, look_up) in gauges.items():
            Gauge(f"tongbao_institution_{name}", words, registry=registry).set_function(look_up)
