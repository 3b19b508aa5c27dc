"""Tongbao: an open, complete two-tier digital currency."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("tongbao")
