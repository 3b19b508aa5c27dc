"""Which kernel runs. The service reads `TONGBAO_KERNEL` and passes the choice in."""

from importlib.util import find_spec

from tongbao.errors import ConfigurationError
from tongbao.kernel.interface import Kernel
from tongbao.kernel.reference import ReferenceKernel

__all__ = ["KERNEL_CHOICES", "has_native_kernel", "select_kernel"]

KERNEL_CHOICES = ("auto", "native", "reference")


def has_native_kernel() -> bool:
    """Whether this installation was built with the native kernel."""
    return find_spec("tongbao._native") is not None


def select_kernel(choice: str) -> type[Kernel]:
    """The kernel class for `auto` (the native one where it was built), `native` or `reference`.

    Raises:
        ConfigurationError: the choice is unknown, or names a kernel that this installation lacks or cannot load.
    """
    if choice not in KERNEL_CHOICES:
        raise ConfigurationError(f"TONGBAO_KERNEL must be one of {', '.join(KERNEL_CHOICES)}, was {choice!r}")
    if choice == "reference" or (choice == "auto" and not has_native_kernel()):
        return ReferenceKernel
    if not has_native_kernel():
        raise ConfigurationError(
            "TONGBAO_KERNEL=native, but this build has no native kernel: use TONGBAO_KERNEL=reference or auto, or "
            "install Rust and then Tongbao again with TONGBAO_BUILD_NATIVE=require, which says what is missing"
        )
    try:
        from tongbao.kernel.native import NativeKernel  # noqa: PLC0415 - not every installation has it
    except ImportError as error:
        # A hundred times slower without a word would be worse than not starting.
        raise ConfigurationError(
            f"the native kernel was built and cannot be loaded ({error}): install Tongbao again, or use "
            "TONGBAO_KERNEL=reference"
        ) from None
    return NativeKernel
