"""The rules as a table: one row per version. Old versions stay, so that old batches can be replayed."""

from dataclasses import dataclass, replace

from tongbao.coin.suites import Suite

__all__ = ["RULES", "Rules"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What one version of the rules allows.

    Attributes:
        version: its number; a batch header names it.
        suites: the signature suites that it verifies.
        batch_step_max_ms: how far a batch with money may step beyond the ledger time before it.
        heartbeat_step_max_ms: how far a heartbeat may; on a test network any amount.
        applied_lag_max: how many batches the writer may be ahead of what it has applied.
    """

    version: int
    suites: frozenset[Suite]
    batch_step_max_ms: int
    heartbeat_step_max_ms: int
    applied_lag_max: int


_FIRST = Rules(
    version=1,
    suites=frozenset({Suite.ED25519}),
    batch_step_max_ms=60_000,  # a clock that is wrong by more must not expire anybody's payment
    heartbeat_step_max_ms=86_400_000,  # a night and a day of stand-still; more is for officers to confirm
    applied_lag_max=8,  # a replica that diverges is found within 8 batches
)

RULES = {
    1: _FIRST,
    2: replace(_FIRST, version=2, suites=frozenset({Suite.ED25519, Suite.P256, Suite.PASSKEY, Suite.SM2})),
}
"""Every version that this software can execute."""
