"""Which kernel runs. The service reads `TONGBAO_KERNEL` and passes the choice in."""

from tongbao.errors import ConfigurationError
from tongbao.kernel.interface import Kernel
from tongbao.kernel.reference import ReferenceKernel

__all__ = ["KERNEL_CHOICES", "select_kernel"]

KERNEL_CHOICES = ("auto", "native", "reference")


def select_kernel(choice: str) -> type[Kernel]:
    """The kernel class for `auto`, `native` or `reference`.

    Raises:
        ConfigurationError: the choice is unknown, or names a kernel that this build lacks.
    """
    if choice not in KERNEL_CHOICES:
        raise ConfigurationError(f"TONGBAO_KERNEL must be one of {', '.join(KERNEL_CHOICES)}, was {choice!r}")
    if choice == "native":
        raise ConfigurationError(
            "TONGBAO_KERNEL=native, but this build has no native kernel: use TONGBAO_KERNEL=reference or auto"
        )
    return ReferenceKernel
