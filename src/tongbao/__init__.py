"""Tongbao: an open, complete two-tier digital currency."""

__all__ = ["__version__"]

__version__ = "0.1.0"
