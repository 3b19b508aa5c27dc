"""The auditor: a second opinion on a whole journal, by code that shares no rule with the kernel. Pure.

Written from the documentation alone. It knows the formats by `coin`; which transactions settle it decides for itself:

    history = History.begin(genesis_record, place)
    for record, batch in zip(records, open_batches(records, domain, limits, verify_by_coin)):
        history.follow(batch, place)      # or raises DivergenceError
"""

from tongbao.audit.divergence import DivergenceError, Place
from tongbao.audit.history import Applied, History
from tongbao.audit.log import OwnLog, statement_entry, tiles_of_size, verdict_entries
from tongbao.audit.opened import OpenedBatch, Signature
from tongbao.audit.opening import Unreadable, chain_head_of, open_batches, verify_by_coin
from tongbao.audit.report import AuditReport, Checked, Holding, demand_supply
from tongbao.audit.resuming import Standing, resumed, standing_bytes
from tongbao.audit.segments import Record, Segment, TornTail, first_sequence_of, segment_name
from tongbao.audit.snapshot import demand_same_snapshot, snapshot_sequence_of
from tongbao.audit.statements import demand_standing, demand_statement
from tongbao.audit.words import SETTLED

__all__ = [
    "SETTLED",
    "Applied",
    "AuditReport",
    "Checked",
    "DivergenceError",
    "History",
    "Holding",
    "OpenedBatch",
    "OwnLog",
    "Place",
    "Record",
    "Segment",
    "Signature",
    "Standing",
    "TornTail",
    "Unreadable",
    "chain_head_of",
    "demand_same_snapshot",
    "demand_standing",
    "demand_statement",
    "demand_supply",
    "first_sequence_of",
    "open_batches",
    "resumed",
    "segment_name",
    "snapshot_sequence_of",
    "standing_bytes",
    "statement_entry",
    "tiles_of_size",
    "verdict_entries",
    "verify_by_coin",
]
