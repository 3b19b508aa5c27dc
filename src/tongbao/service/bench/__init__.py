"""How fast the ledger is, on seeded money: each stage by itself, the whole way, and the machine's own ceilings."""

from tongbao.service.bench.ledger import LedgerPlan, measure_ledger
from tongbao.service.bench.signers import SuiteChoice

__all__ = ["LedgerPlan", "SuiteChoice", "measure_ledger"]
