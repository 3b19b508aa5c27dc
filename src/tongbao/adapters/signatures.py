"""Checking many signatures at once, by the native extension where this installation has it."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec

from tongbao.errors import ConfigurationError

__all__ = ["Signature", "has_native_signatures", "native_signatures"]

Signature = tuple[int, bytes, bytes, bytes]
"""Suite, key, signature, and what was signed."""


def has_native_signatures() -> bool:
    """Whether this installation was built with the native extension."""
    return find_spec("tongbao._native") is not None


def native_signatures() -> Callable[[Sequence[Signature]], list[bool]]:
    """What says of each signature whether it is valid.

    Raises:
        ConfigurationError: the extension is not there, or cannot be loaded.
    """
    try:
        from tongbao import _native  # noqa: PLC0415 - not every installation has it
    except ImportError as error:
        raise ConfigurationError(
            f"the native extension cannot be loaded ({error}): use --signatures coin, or install Tongbao again with "
            "TONGBAO_BUILD_NATIVE=require"
        ) from None
    return _native.verify_batch
