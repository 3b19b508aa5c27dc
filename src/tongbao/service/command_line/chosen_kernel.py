"""The kernel that `TONGBAO_KERNEL` names, and how it is called beside everything that it does."""

import os

from tongbao.kernel import Kernel, has_native_kernel, select_kernel

__all__ = ["chosen_kernel", "kernel_text"]


def chosen_kernel() -> type[Kernel]:
    """The kernel class.

    Raises:
        ConfigurationError: there is no such kernel in this installation.
    """
    return select_kernel(os.environ.get("TONGBAO_KERNEL", "auto"))


def kernel_text(kernel: type[Kernel]) -> str:
    """Its name and what verifies its signatures; also said where there is no native one to choose."""
    missing = "" if has_native_kernel() else "; this installation has no native kernel, which is far faster"
    return f"{kernel.name}, {kernel.crypto}{missing}"
