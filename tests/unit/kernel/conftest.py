"""Tests of what any kernel answers use `each_kernel` and so run with each that there is."""

import pytest

from tests import kernel_builders
from tests.kernel_builders import EACH_KERNEL
from tongbao.kernel import Kernel, select_kernel


@pytest.fixture(params=EACH_KERNEL)
def each_kernel(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type[Kernel]:
    """The kernel class; ledgers that do not say which have it, too."""
    kernel_class = select_kernel(request.param)
    monkeypatch.setattr(kernel_builders, "KERNEL", kernel_class)
    return kernel_class
