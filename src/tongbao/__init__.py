"""Tongbao: an open, complete two-tier digital currency."""
