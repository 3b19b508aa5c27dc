"""Codes: what a shop shows to its payers, and what a payer shows to a shop."""
