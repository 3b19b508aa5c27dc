"""Between institution and ledger: what was submitted, what arrived, and what both come to."""
